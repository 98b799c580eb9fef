/* Tab-separated text with a header line, split into cells: for the data files compiled into the program. */
#ifndef HOPLUU_CATALOG_VIETNAM_TSV_H
#define HOPLUU_CATALOG_VIETNAM_TSV_H

#include "engine/base/compiler.h"

struct tsv {
	size_t ncols, nrows;
	const char **columns; /* ncols */
	const char **cells;   /* nrows * ncols */
	char *text;           /* owns the bytes of all cells */
};
/* Splits text (copied). A row with another number of cells than the header aborts: the files are part
 * of the program. Lines that are empty are skipped. */
void tsv_parse(struct tsv *t, const char *text);
void tsv_release(struct tsv *t);

#endif
