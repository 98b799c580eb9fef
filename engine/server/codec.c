/* Protocol messages as bytes. Knows fields, not sequences: those are conn.c's. */
#include "engine/server/codec.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/utf8.h"

void wire_init(struct wire_out *w)
{
	strbuf_init(&w->buf, 0);
	w->start = 0;
}

void wire_release(struct wire_out *w) { strbuf_release(&w->buf); }

void wire_begin(struct wire_out *w, char type)
{
	w->start = w->buf.len;
	strbuf_addc(&w->buf, type);
	wire_i32(w, 0);
}

void wire_byte(struct wire_out *w, uint8_t v) { strbuf_addc(&w->buf, (char)v); }

void wire_i16(struct wire_out *w, int v)
{
	char b[2] = {(char)(v >> 8), (char)v};

	strbuf_add(&w->buf, b, sizeof b);
}

void wire_i32(struct wire_out *w, int64_t v)
{
	char b[4] = {(char)(v >> 24), (char)(v >> 16), (char)(v >> 8), (char)v};

	strbuf_add(&w->buf, b, sizeof b);
}

void wire_i64(struct wire_out *w, int64_t v)
{
	wire_i32(w, v >> 32);
	wire_i32(w, v);
}

void wire_bytes(struct wire_out *w, const void *data, size_t len) { strbuf_add(&w->buf, data, len); }

void wire_text(struct wire_out *w, const char *s) { strbuf_add(&w->buf, s, strlen(s) + 1); }

static void put_length(struct wire_out *w, size_t at, size_t len)
{
	if (w->buf.overflow)
		return;
	w->buf.data[at] = (char)(len >> 24);
	w->buf.data[at + 1] = (char)(len >> 16);
	w->buf.data[at + 2] = (char)(len >> 8);
	w->buf.data[at + 3] = (char)len;
}

size_t wire_length_begin(struct wire_out *w)
{
	size_t at = w->buf.len;

	wire_i32(w, 0);
	return at;
}

void wire_length_end(struct wire_out *w, size_t at) { put_length(w, at, w->buf.len - at - 4); }

void wire_drop(struct wire_out *w)
{
	w->buf.len = w->start;
	w->buf.overflow = false;
}

bool wire_end(struct wire_out *w, struct err *e)
{
	size_t len = w->buf.len - w->start - 1;

	if (w->buf.overflow || len > 0x3fffffff) {
		wire_drop(w);
		return err_set(e, ERR_PROGRAM_LIMIT, "a message to the client would be over 1 GiB");
	}
	put_length(w, w->start + 1, len);
	return true;
}

static void field(struct wire_out *w, char code, const char *text)
{
	if (!text[0])
		return;
	wire_byte(w, (uint8_t)code);
	wire_text(w, text);
}

/* A byte offset as PostgreSQL counts positions: characters, from 1. */
static int64_t position_of(const char *sql, int offset)
{
	int64_t n = 1;

	for (int i = 0; i < offset && sql[i]; i++)
		n += ((unsigned char)sql[i] & 0xc0) != 0x80 && i + 1 <= offset;
	return n;
}

void wire_error(struct wire_out *w, char type, const char *severity, const struct err *e, const char *sql)
{
	char number[24];
	struct err ignored;

	wire_begin(w, type);
	field(w, 'S', severity);
	field(w, 'V', severity);
	field(w, 'C', errcode_sqlstate(e->code));
	field(w, 'M', e->message[0] ? e->message : errcode_name(e->code));
	field(w, 'D', e->detail);
	field(w, 'H', e->hint);
	if (e->position > 0 && sql) {
		snprintf(number, sizeof number, "%lld", (long long)position_of(sql, e->position - 1));
		field(w, 'P', number);
	}
	field(w, 'W', e->context);
	wire_byte(w, 0);
	err_clear(&ignored);
	(void)!wire_end(w, &ignored);
}

void wire_parameter(struct wire_out *w, const char *name, const char *value)
{
	struct err ignored;

	wire_begin(w, 'S');
	wire_text(w, name);
	wire_text(w, value);
	err_clear(&ignored);
	(void)!wire_end(w, &ignored);
}

void wire_ready(struct wire_out *w, char transaction)
{
	struct err ignored;

	wire_begin(w, 'Z');
	wire_byte(w, (uint8_t)transaction);
	err_clear(&ignored);
	(void)!wire_end(w, &ignored);
}

/* ---- reading ---- */

struct wire_in wire_in_of(const void *data, size_t len)
{
	return (struct wire_in){data, (const unsigned char *)data + len, false};
}

static bool has(struct wire_in *in, size_t n)
{
	if (!in->bad && (size_t)(in->end - in->at) >= n)
		return true;
	in->bad = true;
	return false;
}

uint8_t wire_take_byte(struct wire_in *in) { return has(in, 1) ? *in->at++ : 0; }

int wire_take_i16(struct wire_in *in)
{
	int v;

	if (!has(in, 2))
		return 0;
	v = (int16_t)((uint16_t)in->at[0] << 8 | in->at[1]);
	in->at += 2;
	return v;
}

int32_t wire_take_i32(struct wire_in *in)
{
	int32_t v;

	if (!has(in, 4))
		return 0;
	v = (int32_t)((uint32_t)in->at[0] << 24 | (uint32_t)in->at[1] << 16 | (uint32_t)in->at[2] << 8 | in->at[3]);
	in->at += 4;
	return v;
}

const char *wire_take_text(struct wire_in *in)
{
	const unsigned char *start = in->at, *zero = in->bad ? NULL : memchr(in->at, 0, (size_t)(in->end - in->at));

	if (!zero) {
		in->bad = true;
		return "";
	}
	in->at = zero + 1;
	return (const char *)start;
}

struct str wire_take_bytes(struct wire_in *in, size_t len)
{
	struct str s = {(const char *)in->at, len};

	if (!has(in, len))
		return str_make("", 0);
	in->at += len;
	return s;
}

bool wire_at_end(const struct wire_in *in, struct err *e)
{
	if (!in->bad && in->at == in->end)
		return true;
	return err_set(e, ERR_PROTOCOL_VIOLATION, "a message of the client does not have the length of its fields");
}
