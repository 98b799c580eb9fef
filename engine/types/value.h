/* One boxed SQL value: constants in plans, parameters, settings, statistics. Never on a hot path. */
#ifndef HOPLUU_TYPES_VALUE_H
#define HOPLUU_TYPES_VALUE_H

#include "engine/types/type.h"

struct value {
	struct type type;
	bool is_null;
	union {
		bool b;
		int32_t i32;
		int64_t i64;
		int128 i128;
		double f64;
		struct num num;
		struct interval interval;
		struct text text; /* bytes borrowed from the mem that the maker names */
	};
};

struct value value_null(struct type t);
struct value value_bool(bool b);
struct value value_int4(int32_t i);
struct value value_int8(int64_t i);
struct value value_float8(double f);
struct value value_text(struct mem *m, struct str s); /* copies */
struct value value_copy(struct mem *m, const struct value *v);
/* From/to a slot of a vector of v's physical type. */
void value_store(const struct value *v, void *slot);
struct value value_load(struct type t, const void *slot);

/* PostgreSQL's order of non-null values of one type (NaN largest, text by bytes). */
int value_compare(const struct value *a, const struct value *b);
bool value_same(const struct value *a, const struct value *b); /* types, nullness and value */

/* Settings that text conversion depends on; plain data, borrowed for the call. */
struct text_context {
	const char *timezone;    /* IANA name or "UTC" or POSIX-style "+07" as SET takes it */
	int extra_float_digits;
	enum { ORDER_YMD, ORDER_DMY, ORDER_MDY } date_order;
	int64_t now;             /* start of the transaction, us since 2000-01-01 UTC */
};
extern const struct text_context text_context_default; /* UTC, 1, YMD */

/* PostgreSQL's input function of type t for text s (typmod applied: rounding, length check 22001,
 * numeric overflow 22003). Errors 22P02, 22007, 22008, 22003. The value's bytes are in m. */
MUST_CHECK bool value_parse(struct mem *m, struct type t, struct str s, const struct text_context *tc,
							struct value *out, struct err *e);
/* PostgreSQL's output function; appends. NULL appends nothing. char(n) is padded. */
void value_print(const struct value *v, const struct text_context *tc, struct strbuf *out);

/* float8 and float4 text: shortest exact form when extra_float_digits > 0, else that many digits fewer
 * than 15 (6). `real` says that d is a float4's value. */
void float_print(double d, bool real, int extra_float_digits, struct strbuf *out);
MUST_CHECK bool float_parse(struct str s, bool real, double *out, struct err *e);

#endif
