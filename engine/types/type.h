/*
 * SQL types and how their values stand in memory.
 *
 * A struct type is passed by value. `mod` is PostgreSQL's typmod (-1 = none): what clients are told.
 * For numeric, `precision` > 0 says more: *every* value of this expression has exactly `scale`
 * fraction digits and at most `precision` digits, and stands as a scaled integer: I64 when precision
 * <= 18, I128 when <= 38. precision == 0 is the general numeric with a scale per value (PHYS_NUM).
 * So numeric(12,2) * numeric(12,2) is I128 with precision 24, scale 4 although its mod is -1.
 * The general numeric prints with its own scale; the fixed one with `scale` digits: the same text.
 *
 * Physical values:
 *   BOOL      uint8_t 0/1                 boolean
 *   I32       int32_t                     smallint, integer, date (days since 2000-01-01)
 *   I64       int64_t                     bigint, oid, numeric p<=18, time (us), timestamp[tz] (us since
 *                                         2000-01-01; INT64_MIN/MAX = -infinity/infinity; for date
 *                                         INT32_MIN/MAX)
 *   I128      int128                      numeric p<=38, uuid (big-endian value with its top bit flipped,
 *                                         so that signed order is uuid order)
 *   F64       double                      real (always rounded to float after each operation), double
 *   NUM       struct num                  general numeric
 *   INTERVAL  struct interval             interval; timetz (usec = local time, days = zone seconds west
 *                                         of UTC, months = 0)
 *   STR       struct text                 text, varchar, char(n) (without its padding), name, bytea,
 *                                         json, jsonb, unknown
 *
 * char(n) is kept without trailing spaces, compared so, and padded to n only where its text leaves
 * the engine or is concatenated like PostgreSQL shows it (output functions pad; casts to text do not).
 */
#ifndef HOPLUU_TYPES_TYPE_H
#define HOPLUU_TYPES_TYPE_H

#include "engine/base/str.h"

enum type_id {
#define TYPE(name, sql, oid, array_oid, physical, category, preferred, typlen) TYPE_##name,
#include "engine/types/types.def"
#undef TYPE
	TYPE_COUNT
};

enum phys { PHYS_BOOL, PHYS_I32, PHYS_I64, PHYS_I128, PHYS_F64, PHYS_NUM, PHYS_INTERVAL, PHYS_STR, PHYS_COUNT };

struct type {
	uint8_t id;        /* enum type_id */
	uint8_t array;     /* 1: an array of id (STR, engine/types/array.h); more: enum poly, in function rows only */
	uint8_t precision; /* numeric only, 0 = general */
	int8_t scale;      /* numeric with precision > 0 */
	int32_t mod;       /* PostgreSQL's typmod, -1 = none */
};

/* PostgreSQL's polymorphic types, as type VOID with this in `array`: they stand in the rows of functions. The
 * first three are one type in all of a call's arguments, the others what the arguments have in common. */
enum poly { POLY_ANYARRAY = 2, POLY_ANYELEMENT, POLY_ANYNONARRAY, POLY_COMPATARRAY, POLY_COMPAT, POLY_COMPATNONARRAY };

struct num {
	int128 coef;   /* value = coef / 10^scale; |coef| < 10^38 */
	int16_t scale; /* 0 … 38 digits shown behind the point */
	uint8_t kind;  /* enum num_kind; coef and scale are 0 unless NUM_FINITE */
};
enum num_kind { NUM_FINITE, NUM_NAN, NUM_INFINITY, NUM_NEG_INFINITY };

struct interval {
	int64_t usec;
	int32_t days;
	int32_t months;
};

/* 16-byte text view: up to 12 bytes inline, else prefix and pointer into the vector's heap.
 * Unused inline bytes are zero, so equal inline texts are equal as two 64-bit words. */
#define TEXT_INLINE 12
struct text {
	uint32_t len;
	union {
		char inlined[TEXT_INLINE];
		struct {
			char prefix[4];
			char ptr[8]; /* a const char *, unaligned on purpose: read with text_data */
		} out;
	};
};
_Static_assert(sizeof(struct text) == 16, "text views are 16 bytes");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "text_make puts characters together as words");

static inline const char *text_data(const struct text *t)
{
	const char *p;
	if (t->len <= TEXT_INLINE)
		return t->inlined;
	memcpy(&p, t->out.ptr, sizeof p);
	return p;
}
static inline struct str text_str(const struct text *t) { return str_make(text_data(t), t->len); }
/* A view of data (which must live long enough when len > 12). */
static inline struct text text_make(const char *data, size_t len)
{
	struct text t;
	uint64_t words[2], head = 0, tail = 0; /* little-endian: characters 0 … 7 and the last ones */
	uint32_t four, last;

	/* made in registers: a call of memcpy and partial writes that are read back at once would cost more than the rest */
	if (len > TEXT_INLINE) {
		memcpy(&four, data, 4);
		head = four;
		tail = (uint64_t)(uintptr_t)data;
	} else if (len >= 8) {
		memcpy(&head, data, 8);
		memcpy(&tail, data + len - 8, 8);
		tail = head >> 32 | (len > 8 ? tail >> (128 - 8 * len) << 32 : 0);
	} else if (len >= 4) {
		memcpy(&four, data, 4);
		memcpy(&last, data + len - 4, 4);
		head = four;
		tail = len > 4 ? last >> (64 - 8 * len) : 0;
	} else if (len) {
		head = (uint64_t)(unsigned char)data[0] | (uint64_t)(unsigned char)data[len >> 1] << (len >> 1) * 8 |
			   (uint64_t)(unsigned char)data[len - 1] << (len - 1) * 8;
	}
	words[0] = (uint32_t)len | head << 32;
	words[1] = tail;
	memcpy(&t, words, sizeof t);
	return t;
}

struct type_info {
	const char *name; /* SQL name */
	uint32_t oid, array_oid;
	enum phys physical; /* for numeric: of the general form; use type_phys */
	char category;      /* pg_type.typcategory */
	bool preferred;
	int16_t typlen;
};
extern const struct type_info type_infos[TYPE_COUNT];

static inline struct type type_make(enum type_id id) { return (struct type){(uint8_t)id, 0, 0, 0, -1}; }
/* Fixed numeric as computed (mod -1); precision 1…38, 0 <= scale <= precision. */
static inline struct type type_decimal(int precision, int scale)
{
	return (struct type){TYPE_NUMERIC, 0, (uint8_t)precision, (int8_t)scale, -1};
}
/* A declared type: numeric(p,s) becomes fixed when p <= 38 and 0 <= s <= p; varchar(n), char(n),
 * time(n) … keep the mod. */
struct type type_with_mod(enum type_id id, int32_t mod);
static inline int32_t typmod_numeric(int p, int s) { return ((p << 16) | (s & 0x7ff)) + 4; }
static inline int typmod_precision(int32_t mod) { return ((mod - 4) >> 16) & 0xffff; }
static inline int typmod_scale(int32_t mod) { return (((mod - 4) & 0x7ff) ^ 1024) - 1024; }
/* varchar(n), char(n): mod = n + 4. time/timestamp/interval(n): mod = n (interval: low 16 bits). */

static inline enum phys type_phys(struct type t)
{
	if (t.array)
		return PHYS_STR; /* the polymorphic ones never get here */
	if (t.id == TYPE_NUMERIC && t.precision)
		return t.precision <= 18 ? PHYS_I64 : PHYS_I128;
	return type_infos[t.id].physical;
}
static inline bool type_is_poly(struct type t) { return t.array > 1; }
static inline bool type_is_poly_array(struct type t) { return t.array == POLY_ANYARRAY || t.array == POLY_COMPATARRAY; }
static inline bool type_is_poly_common(struct type t) { return t.array >= POLY_COMPATARRAY; }
size_t phys_size(enum phys p); /* bytes of one value in a vector */
/* Same id, array and numeric form: a vector of one can be read as the other. mod is not looked at. */
bool type_same(struct type a, struct type b);
bool type_is_text(struct type t);    /* text, varchar, char, name, unknown */
bool type_is_number(struct type t);  /* category N */
/* "numeric(12,2)", "character varying(20)", "integer[]": format_type of PostgreSQL, in m. */
const char *type_name(struct type t, struct mem *m);
/* By any of PostgreSQL's spellings ("int4", "decimal", "timestamptz", "double precision", "char").
 * False when unknown. Lower case expected. "char"/"character" without length gives mod 5 = char(1). */
bool type_find(const char *name, enum type_id *out);
bool type_find_oid(uint32_t oid, struct type *out);

#endif
