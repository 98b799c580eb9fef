/*
 * Record values (ROW(…), whole rows): the fields' names, then each field's type, nullness and value, so that a record can
 * be shown, compared and made JSON of wherever it comes by. Fields are read from the first to the last. While a statement
 * is bound, the mod of a record's type says what is known of its fields (engine/bind/record.c); elsewhere it means nothing.
 *
 * Bytes: number of fields, length of the names (0: they are f1, f2 …), the names with a zero byte behind each; the fields.
 */
#ifndef HOPLUU_TYPES_RECORD_H
#define HOPLUU_TYPES_RECORD_H

#include "engine/types/value.h"

#define RECORD_NAME_MAX 16 /* of a name that is made */

struct record_reader {
	struct str s;
	size_t at;
	uint32_t n, i;          /* fields; those read */
	const char *name, *end; /* of the field read last; NULL: it has none. Then the end of the names */
};
void record_open(struct str s, struct record_reader *r);
bool record_next(struct record_reader *r, struct value *out); /* text borrowed; false at the end */
/* The name of the field that was read last, in the record or in made. */
struct str record_name(const struct record_reader *r, char made[RECORD_NAME_MAX]);

/* names: as they stand in a record, empty for none. Then n fields have to be added. */
void record_begin(struct strbuf *out, uint32_t n, struct str names);
void record_add(struct strbuf *out, const struct value *v);
/* The fields' bytes of a record: what record_add appended. */
struct str record_fields(struct str s);
/* '(1,"a b",)' */
void record_print(struct str s, const struct text_context *tc, struct strbuf *out);
/* By fields, NULLs last and equal; of differing types by their ids. */
int record_compare(struct str a, struct str b);

#endif
