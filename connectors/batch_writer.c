/*
 * Storing decoded values and judging the ones that don't fit. See batch_writer.h.
 *
 * Leaves the text forms to text_decode.c and the driver's formats to the connectors. Invariants: a slot
 * is written once per row, by one of the writer_ functions or by the connector itself; NULL slots are zero;
 * messages never hold a value, except of key columns.
 */
#include "connectors/batch_writer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "connectors/text_decode.h"
#include "engine/base/utf8.h"
#include "engine/types/decimal.h"

static void column_open(struct writer_col *c, const struct stream_column *spec, bool json_checked)
{
	struct type t = spec->type;

	c->spec = spec;
	c->phys = type_phys(t);
	c->is_bytes = t.id == TYPE_BYTEA;
	c->check_json = !json_checked && (t.id == TYPE_JSON || t.id == TYPE_JSONB);
	c->strip_spaces = t.id == TYPE_BPCHAR;
	if ((t.id == TYPE_VARCHAR || t.id == TYPE_BPCHAR) && t.mod > 4)
		c->max_chars = (uint32_t)t.mod - 4;
	if (t.id == TYPE_NUMERIC && t.precision && t.scale >= 0 && t.scale <= 18) {
		c->unit = (int64_t)decimal_pow10[t.scale];
		c->limit = t.precision <= 18 ? (int64_t)decimal_pow10[t.precision] : INT64_MAX;
	}
	c->whole_limit = c->unit ? c->limit / c->unit : 0;
	c->plain_text = spec->encoding == ENCODING_UTF8 && !spec->nfc && !t.array;
	c->quick_text = c->plain_text && c->phys == PHYS_STR && !c->is_bytes && !c->check_json;
}

void writer_open(struct batch_writer *w, const struct stream_request *request, struct mem *m,
				 struct stream_progress *progress, enum transport transport, bool json_checked)
{
	memset(w, 0, sizeof *w);
	w->request = request;
	w->mem = m;
	w->scratch = mem_new(m, MEM_FETCH, "decode", 0);
	w->progress = progress;
	w->transport = transport;
	w->cols = mem_new_array(m, struct writer_col, request->ncols);
	for (uint32_t i = 0; i < request->ncols; i++)
		column_open(&w->cols[i], &request->cols[i], json_checked);
	strbuf_init(&w->text, 0);
	strbuf_init(&w->bytes, 0);
}

void writer_close(struct batch_writer *w)
{
	strbuf_release(&w->text);
	strbuf_release(&w->bytes);
	mem_free(w->scratch);
	w->scratch = NULL;
}

bool writer_begin(struct batch_writer *w, struct batch *out, struct err *e)
{
	w->batch = out;
	w->e = e;
	w->row = 0;
	mem_reset(w->scratch);
	for (uint32_t i = 0; i < w->request->ncols; i++) {
		struct writer_col *c = &w->cols[i];
		c->vec = &out->cols[i];
		if (!vec_init_flat(c->vec, c->spec->type, w->request->batch_rows, w->mem, e))
			return writer_fail(w);
		c->data = c->vec->data;
	}
	return true;
}

void writer_end(struct batch_writer *w)
{
	struct stream_progress *p = w->progress;

	if (w->row == 0)
		batch_release(w->batch);
	w->batch->rows = w->row;
	w->rows_before += w->row;
	__atomic_store_n(&p->rows, w->rows_before, __ATOMIC_RELAXED);
	__atomic_store_n(&p->bytes, w->nbytes, __ATOMIC_RELAXED);
	w->batch = NULL;
}

bool writer_fail(struct batch_writer *w)
{
	if (w->batch)
		batch_release(w->batch);
	w->batch = NULL;
	return false;
}

/* ---- NULL and bad values ---- */

static bool set_null(struct batch_writer *w, struct writer_col *c)
{
	if (!c->vec->valid && !vec_want_nulls(c->vec, w->request->batch_rows, w->mem, w->e))
		return false;
	vec_set_null(c->vec, w->row);
	return true;
}

/* "column "x" of table "t" at server "s"" into w->text. */
static const char *column_place(struct batch_writer *w, const struct writer_col *c)
{
	struct strbuf *b = &w->text;
	const char *table = c->spec->table ? c->spec->table : w->request->table;

	strbuf_reset(b);
	if (*c->spec->name)
		strbuf_addf(b, "column \"%s\"", c->spec->name);
	else
		strbuf_addf(b, "output column %d", (int)(c - w->cols) + 1);
	if (table && *table)
		strbuf_addf(b, " of table \"%s\"", table);
	strbuf_addf(b, " at server \"%s\"", w->request->server);
	return strbuf_cstr(b);
}

/* The row by its key as far as decoded, and by its number. */
static void name_row(struct batch_writer *w, const struct writer_col *bad)
{
	struct strbuf b;
	struct value v;

	strbuf_init(&b, 400);
	for (uint32_t i = 0; i < w->request->ncols; i++) {
		const struct writer_col *c = &w->cols[i];
		if (!c->spec->is_key || c >= bad)
			continue;
		v = vec_get(c->vec, w->row);
		strbuf_addf(&b, "%s%s = ", b.len ? ", " : "key ", c->spec->name);
		if (v.is_null)
			strbuf_adds(&b, "NULL");
		else
			value_print(&v, &text_context_default, &b);
	}
	err_detail(w->e, "row %lld of the result%s%s", (long long)(w->rows_before + w->row + 1), b.len ? ": " : "",
			   strbuf_cstr(&b));
	strbuf_release(&b);
}

bool writer_bad(struct batch_writer *w, struct writer_col *c, enum errcode code, const char *what, ...)
{
	char text[256];
	va_list ap;

	if (c->spec->bad_value == BAD_VALUE_NULL) {
		__atomic_store_n(&w->progress->values_replaced, w->progress->values_replaced + 1, __ATOMIC_RELAXED);
		return set_null(w, c);
	}
	va_start(ap, what);
	vsnprintf(text, sizeof text, what, ap);
	va_end(ap);
	err_set(w->e, code, "%s in %s", text, column_place(w, c));
	err_source(w->e, w->request->server);
	name_row(w, c);
	return err_hint(w->e, "The column's option bad_value 'null' reads such values as NULL.");
}

bool writer_null(struct batch_writer *w, struct writer_col *c)
{
	if (UNLIKELY(c->spec->not_null)) {
		err_set(w->e, ERR_NOT_NULL_VIOLATION, "NULL in %s, which is declared NOT NULL", column_place(w, c));
		err_source(w->e, w->request->server);
		name_row(w, c);
		return false;
	}
	return set_null(w, c);
}

static bool wrong_type(struct batch_writer *w, struct writer_col *c, const char *got)
{
	return writer_bad(w, c, ERR_INVALID_TEXT_REPRESENTATION, "%s where %s is expected", got,
					  type_name(c->spec->type, w->scratch));
}

static bool out_of_range(struct batch_writer *w, struct writer_col *c)
{
	return writer_bad(w, c, ERR_NUMERIC_OUT_OF_RANGE, "value out of range for type %s",
					  type_name(c->spec->type, w->scratch));
}

/* ---- numbers ---- */

#define SLOT(type) (((type *)c->data)[w->row])

static inline void put_coefficient(struct batch_writer *w, struct writer_col *c, int64_t coef)
{
	if (c->phys == PHYS_I64)
		SLOT(int64_t) = coef;
	else
		SLOT(int128) = coef;
}

static bool put_scaled(struct batch_writer *w, struct writer_col *c, int128 coef)
{
	int128 limit = decimal_limit(c->spec->type.precision);

	if (coef >= limit || coef <= -limit)
		return out_of_range(w, c);
	if (c->phys == PHYS_I64)
		SLOT(int64_t) = (int64_t)coef;
	else
		SLOT(int128) = coef;
	return true;
}

static bool put_printed(struct batch_writer *w, struct writer_col *c, const char *text)
{
	if (c->is_bytes)
		return wrong_type(w, c, "a number");
	return heap_add(c->vec->heap, text, strlen(text), &SLOT(struct text), w->e);
}

static bool put_i128(struct batch_writer *w, struct writer_col *c, int128 v)
{
	char text[24];

	switch ((enum type_id)c->spec->type.id) {
	case TYPE_BOOL:
		if (v != 0 && v != 1)
			return writer_bad(w, c, ERR_INVALID_TEXT_REPRESENTATION, "a number other than 0 and 1 where boolean is expected");
		SLOT(uint8_t) = (uint8_t)v;
		return true;
	case TYPE_INT2:
		if (v < INT16_MIN || v > INT16_MAX)
			return out_of_range(w, c);
		SLOT(int32_t) = (int32_t)v;
		return true;
	case TYPE_INT4:
		if (v < INT32_MIN || v > INT32_MAX)
			return out_of_range(w, c);
		SLOT(int32_t) = (int32_t)v;
		return true;
	case TYPE_INT8:
	case TYPE_OID:
		if (v > INT64_MAX || (c->spec->type.id == TYPE_OID && (v < 0 || v > UINT32_MAX)))
			return out_of_range(w, c);
		SLOT(int64_t) = (int64_t)v;
		return true;
	case TYPE_NUMERIC:
		if (!c->spec->type.precision) {
			SLOT(struct num) = num_from_scaled(v, 0);
			return true;
		}
		if (!decimal_mul_pow10(v, c->spec->type.scale, &v))
			return out_of_range(w, c);
		return put_scaled(w, c, v);
	case TYPE_FLOAT4:
		SLOT(double) = (double)(float)v;
		return true;
	case TYPE_FLOAT8:
		SLOT(double) = (double)v;
		return true;
	case TYPE_UNKNOWN:
	case TYPE_TEXT:
	case TYPE_VARCHAR:
	case TYPE_BPCHAR:
	case TYPE_NAME:
	case TYPE_JSON:
	case TYPE_JSONB:
	case TYPE_JSONPATH:
		if (v < 0)
			snprintf(text, sizeof text, "%lld", (long long)v);
		else
			snprintf(text, sizeof text, "%llu", (unsigned long long)v);
		return put_printed(w, c, text);
	case TYPE_BYTEA:
	case TYPE_DATE:
	case TYPE_TIME:
	case TYPE_TIMETZ:
	case TYPE_TIMESTAMP:
	case TYPE_TIMESTAMPTZ:
	case TYPE_INTERVAL:
	case TYPE_UUID:
	case TYPE_RECORD:
	case TYPE_VOID:
	case TYPE_COUNT:
		return wrong_type(w, c, "a number");
	}
	UNREACHABLE();
}

bool writer_i64(struct batch_writer *w, struct writer_col *c, int64_t v)
{
	if (c->phys == PHYS_I64 && c->spec->type.id == TYPE_INT8) {
		SLOT(int64_t) = v;
		return true;
	}
	if (v < c->whole_limit && v > -c->whole_limit) {
		put_coefficient(w, c, v * c->unit);
		return true;
	}
	return put_i128(w, c, v);
}

bool writer_u64(struct batch_writer *w, struct writer_col *c, uint64_t v)
{
	return put_i128(w, c, (int128)v);
}

/* A double in numeric(p, s): the value of its shortest text of up to 15 digits, as PostgreSQL casts it;
 * fraction digits beyond s would be lost, so they are bad. */
static bool put_double_as_numeric(struct batch_writer *w, struct writer_col *c, double v)
{
	struct type t = c->spec->type;
	struct err e;
	struct num n, back;
	int128 coef;
	double scaled = v * (double)c->unit;

	if (c->unit && t.scale < 16 && fabs(scaled) < 1e15) {
		int64_t k = (int64_t)(scaled + (scaled < 0 ? -0.5 : 0.5));
		/* both operands exact, the quotient correctly rounded: the decimal stands for just this double */
		if ((double)k / (double)c->unit == v && k < c->limit && k > -c->limit) {
			put_coefficient(w, c, k);
			return true;
		}
	}
	err_clear(&e);
	if (!num_from_double(v, 15, &n, &e))
		return out_of_range(w, c);
	if (!t.precision) {
		SLOT(struct num) = n;
		return true;
	}
	if (!num_to_scaled(&n, t.precision, t.scale, &coef, &e))
		return out_of_range(w, c);
	back = num_from_scaled(coef, t.scale);
	if (num_compare(&n, &back) != 0)
		return writer_bad(w, c, ERR_NUMERIC_OUT_OF_RANGE, "more fraction digits than %s holds", type_name(t, w->scratch));
	return put_scaled(w, c, coef);
}

static bool put_double_as_text(struct batch_writer *w, struct writer_col *c, double v, bool is_f32)
{
	struct value x = value_float8(v);

	if (is_f32)
		x.type = type_make(TYPE_FLOAT4);
	strbuf_reset(&w->text);
	value_print(&x, &text_context_default, &w->text);
	return put_printed(w, c, strbuf_cstr(&w->text));
}

bool writer_f64(struct batch_writer *w, struct writer_col *c, double v)
{
	switch (c->phys) {
	case PHYS_F64:
		if (c->spec->type.id == TYPE_FLOAT4) {
			if (isinf((float)v) && !isinf(v))
				return out_of_range(w, c);
			v = (double)(float)v;
		}
		SLOT(double) = v;
		return true;
	case PHYS_BOOL:
	case PHYS_I32:
	case PHYS_I64:
	case PHYS_I128:
	case PHYS_NUM:
		if (c->spec->type.id == TYPE_NUMERIC)
			return put_double_as_numeric(w, c, v);
		if (v == floor(v) && fabs(v) < 0x1p63)
			return put_i128(w, c, (int128)v);
		return wrong_type(w, c, "a fraction");
	case PHYS_INTERVAL:
		return wrong_type(w, c, "a number");
	case PHYS_STR:
		return put_double_as_text(w, c, v, false);
	case PHYS_COUNT:
		break;
	}
	UNREACHABLE();
}

bool writer_f32(struct batch_writer *w, struct writer_col *c, float v)
{
	struct value x;

	if (c->phys == PHYS_F64) {
		SLOT(double) = (double)v;
		return true;
	}
	if (c->phys == PHYS_STR)
		return put_double_as_text(w, c, (double)v, true);
	/* by its own shortest text: 0.1f is 0.1 */
	x = value_float8((double)v);
	x.type = type_make(TYPE_FLOAT4);
	strbuf_reset(&w->bytes);
	value_print(&x, &text_context_default, &w->bytes);
	return writer_text(w, c, strbuf_cstr(&w->bytes), w->bytes.len);
}

/* ---- text ---- */

bool writer_text_valid(const char *s, size_t len)
{
	return utf8_is_valid(s, len);
}

/* The value's length in characters is known to be checked when its bytes are few enough. */
static bool too_long(const struct writer_col *c, const char *s, size_t len)
{
	return c->max_chars && len > c->max_chars && utf8_length(s, len) > c->max_chars;
}

/* UTF-8 that was made from single bytes, back to these; false when it can't have been. */
static bool undo_transport(struct batch_writer *w, struct str s)
{
	enum encoding enc = w->transport == TRANSPORT_LATIN1 ? ENCODING_LATIN1 : ENCODING_WINDOWS_1252;

	strbuf_reset(&w->bytes);
	return utf8_is_valid(s.data, s.len) && encoding_from_utf8(enc, s, &w->bytes);
}

static bool put_converted_text(struct batch_writer *w, struct writer_col *c, const char *s, size_t len)
{
	enum encoding enc = c->spec->encoding;
	struct str in = str_make(s, len);
	struct err why;

	if (enc != ENCODING_UTF8 && w->transport != TRANSPORT_BYTES && undo_transport(w, in))
		in = strbuf_str(&w->bytes);
	err_clear(&why);
	strbuf_reset(&w->text);
	if (!encoding_to_utf8(enc, c->spec->nfc, in, &w->text, &why))
		return writer_bad(w, c, ERR_CHARACTER_NOT_IN_REPERTOIRE, "text that is not valid %s", encoding_name(enc));
	s = strbuf_cstr(&w->text);
	len = w->text.len;
	if (c->strip_spaces)
		while (len && s[len - 1] == ' ')
			len--;
	if (too_long(c, s, len))
		return writer_bad(w, c, ERR_STRING_TRUNCATION, "text longer than %s holds", type_name(c->spec->type, w->scratch));
	return heap_add(c->vec->heap, s, len, &SLOT(struct text), w->e);
}

static bool json_is_valid(struct batch_writer *w, struct writer_col *c, const char *s, size_t len)
{
	struct value v;
	struct err e;

	err_clear(&e);
	return value_parse(w->scratch, c->spec->type, str_make(s, len), &text_context_default, &v, &e);
}

static bool put_text(struct batch_writer *w, struct writer_col *c, const char *s, size_t len)
{
	if (c->is_bytes)
		return writer_bytes(w, c, s, len);
	if (!c->plain_text && !(c->spec->encoding == ENCODING_UTF8 && utf8_is_ascii(s, len) && text_valid_quick(s, len)))
		return put_converted_text(w, c, s, len);
	if (UNLIKELY(!text_valid_quick(s, len)))
		return writer_bad(w, c, ERR_CHARACTER_NOT_IN_REPERTOIRE, "text that is not valid UTF-8");
	if (c->strip_spaces)
		while (len && s[len - 1] == ' ')
			len--;
	if (UNLIKELY(too_long(c, s, len)))
		return writer_bad(w, c, ERR_STRING_TRUNCATION, "text longer than %s holds", type_name(c->spec->type, w->scratch));
	if (UNLIKELY(c->check_json) && !json_is_valid(w, c, s, len))
		return writer_bad(w, c, ERR_INVALID_TEXT_REPRESENTATION, "invalid JSON");
	return heap_add(c->vec->heap, s, len, &SLOT(struct text), w->e);
}

bool writer_text(struct batch_writer *w, struct writer_col *c, const char *s, size_t len)
{
	void *slot;

	w->nbytes += (int64_t)len;
	if (c->phys == PHYS_STR)
		return put_text(w, c, s, len);
	if (c->spec->type.id == TYPE_DATE && len == 10 && date_quick(s, &SLOT(int32_t)))
		return true;
	if (c->unit && c->phys == PHYS_I64 && decimal_quick(s, len, c->spec->type.scale, c->limit, &SLOT(int64_t)))
		return true;
	slot = (char *)c->data + w->row * phys_size(c->phys);
	switch (text_decode(c->spec->type, s, len, slot, w->scratch)) {
	case DECODED:
		return true;
	case DECODE_SYNTAX:
		return wrong_type(w, c, "text");
	case DECODE_RANGE:
		return out_of_range(w, c);
	case DECODE_DATE:
		return writer_bad(w, c, ERR_INVALID_DATETIME_FORMAT, "text that is no valid %s", type_name(c->spec->type, w->scratch));
	case DECODE_ZERO_DATE:
		return writer_bad(w, c, ERR_INVALID_DATETIME_FORMAT, "a zero date or a date with a zero part");
	}
	UNREACHABLE();
}

bool writer_bytes(struct batch_writer *w, struct writer_col *c, const void *s, size_t len)
{
	if (c->is_bytes) {
		w->nbytes += (int64_t)len;
		return heap_add(c->vec->heap, s, len, &SLOT(struct text), w->e);
	}
	if (c->phys == PHYS_STR)
		return writer_text(w, c, s, len);
	return wrong_type(w, c, "bytes");
}
