/* Result sets as text: aligned tables, expanded records, CSV, TSV, JSON, JSON lines, Markdown. Streaming: only tables look
 * ahead (some thousand rows) to find their widths. */
#ifndef HOPLUU_TOOLS_SHELL_FORMAT_H
#define HOPLUU_TOOLS_SHELL_FORMAT_H

#include <stdio.h>

#include "engine/session/session.h"

enum output_format { FORMAT_TABLE, FORMAT_EXPANDED, FORMAT_CSV, FORMAT_TSV, FORMAT_JSON, FORMAT_JSONL, FORMAT_MARKDOWN };
bool format_find(const char *name, enum output_format *out);
#define FORMAT_NAMES "table, expanded, csv, tsv, json, jsonl, markdown"

struct formatter;
struct formatter *format_begin(FILE *out, enum output_format format, bool header, const char *null_text,
							   const struct result_column *cols, uint32_t ncols, const struct text_context *text);
/* False: the output can't be written (closed pipe, full disk); errno says why. */
MUST_CHECK bool format_rows(struct formatter *f, const struct batch *b);
/* Writes what is held back and frees. `complete`: the result came to its end. */
MUST_CHECK bool format_end(struct formatter *f, bool complete, int64_t *rows);

#endif
