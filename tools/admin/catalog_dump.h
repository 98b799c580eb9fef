/* The whole catalog as SQL: hopluu catalog dump. */
#ifndef HOPLUU_TOOLS_ADMIN_CATALOG_DUMP_H
#define HOPLUU_TOOLS_ADMIN_CATALOG_DUMP_H

#include <stdio.h>

#include "catalog/snapshot.h"

/* Statements that make the same catalog of an empty one, in an order that depends on nothing but what they define. Without
 * secrets: passwords and the agreements' salts (pseudonyms come out anew). false: it could not be written. */
MUST_CHECK bool catalog_dump(const struct catalog_snapshot *s, FILE *out);

/* One definition each, as the dump has it; the same text, the same definition. */
void catalog_dump_agency(struct strbuf *b, const struct catalog_agency *a);
void catalog_dump_purpose(struct strbuf *b, const struct catalog_purpose *p);
void catalog_dump_element(struct strbuf *b, const struct catalog_element *el);
void catalog_dump_server(struct strbuf *b, const struct catalog_server *s); /* with its mappings */
void catalog_dump_table(struct strbuf *b, const struct catalog_table *t, struct mem *m);
void catalog_dump_elements(struct strbuf *b, const struct catalog_table *t);
void catalog_dump_user(struct strbuf *b, const struct catalog_user *u);
void catalog_dump_agreement(struct strbuf *b, const struct catalog_agreement *a);

#endif
