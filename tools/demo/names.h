/* Vietnamese names by realistic frequencies, in NFC, and their decomposed form. */
#ifndef HOPLUU_TOOLS_DEMO_NAMES_H
#define HOPLUU_TOOLS_DEMO_NAMES_H

#include "tools/demo/draw.h"

/* A family name usual in the ethnic group (code of codes.tsv as a number). */
const char *name_family(struct draw *d, unsigned ethnicity);
/* "family middle given" into out[cap]; returns the length. */
size_t name_full(struct draw *d, const char *family, bool female, int birth_year, char *out, size_t cap);
/* Enterprise names: "Công ty TNHH …" by form. */
size_t name_enterprise(struct draw *d, const char *form, const char *industry, char *out, size_t cap);
/* NFC text to NFD (decomposed marks): what a careless Mac export looks like. Returns the length. */
size_t name_decompose(const char *nfc, char *out, size_t cap);

#endif
