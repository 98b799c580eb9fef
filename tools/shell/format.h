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
/* For a pager: will the next call (of format_rows with b; NULL: of format_end) write anything? How many lines there are at
 * least after it, how wide a table is as far as seen (0: not a table), and another stream for all that wasn't written yet. */
bool format_writes(const struct formatter *f, const struct batch *b);
size_t format_lines(const struct formatter *f, const struct batch *b);
size_t format_columns(const struct formatter *f);
void format_redirect(struct formatter *f, FILE *out);
/* Writes what is held back and frees. `complete`: the result came to its end. */
MUST_CHECK bool format_end(struct formatter *f, bool complete, int64_t *rows);
/* Frees, and forgets what is held back. */
void format_drop(struct formatter *f);

#endif
