/*
 * Error values: setting (first one wins), adding to them, and the SQLSTATE table from errcodes.def.
 * All texts are cut at a UTF-8 boundary when they don't fit. Nothing here allocates.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/err.h"

static const struct {
	const char *sqlstate, *name;
} errcodes[ERRCODE_COUNT] = {
#define ERRCODE(name, sqlstate, condition) [ERR_##name] = {sqlstate, condition},
#include "engine/base/errcodes.def"
#undef ERRCODE
};

void err_clear(struct err *e)
{
	e->code = ERR_NONE;
	e->position = 0;
	e->vendor_code = 0;
	e->vendor_state[0] = '\0';
	e->message[0] = '\0';
	e->detail[0] = '\0';
	e->hint[0] = '\0';
	e->context[0] = '\0';
	e->source[0] = '\0';
}

/* Shortens a text that was cut at size - 1 bytes so that it does not end inside a character. */
static void cut_at_character(char *text, size_t len)
{
	size_t i = len;
	while (i > 0 && len - i < 4) {
		unsigned char c = (unsigned char)text[--i];
		if (c < 0x80)
			return;
		if (c >= 0xc0) {
			size_t need = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
			if (len - i < need)
				text[i] = '\0';
			return;
		}
	}
}

static void put(char *text, size_t size, const char *fmt, va_list ap) PRINTF_LIKE(3, 0);
static void put(char *text, size_t size, const char *fmt, va_list ap)
{
	int n = vsnprintf(text, size, fmt, ap);
	if (n < 0)
		text[0] = '\0';
	else if ((size_t)n >= size)
		cut_at_character(text, size - 1);
}

bool err_set(struct err *e, enum errcode code, const char *fmt, ...)
{
	va_list ap;
	if (!e || err_is_set(e))
		return false;
	err_clear(e);
	e->code = code;
	va_start(ap, fmt);
	put(e->message, sizeof e->message, fmt, ap);
	va_end(ap);
	return false;
}

bool err_at(struct err *e, int offset, enum errcode code, const char *fmt, ...)
{
	va_list ap;
	if (!e || err_is_set(e))
		return false;
	err_clear(e);
	e->code = code;
	e->position = offset < 0 ? 0 : offset + 1;
	va_start(ap, fmt);
	put(e->message, sizeof e->message, fmt, ap);
	va_end(ap);
	return false;
}

bool err_detail(struct err *e, const char *fmt, ...)
{
	va_list ap;
	if (!e || !err_is_set(e))
		return false;
	va_start(ap, fmt);
	put(e->detail, sizeof e->detail, fmt, ap);
	va_end(ap);
	/* drivers' texts come with line ends */
	for (size_t n = strlen(e->detail); n && (e->detail[n - 1] == '\n' || e->detail[n - 1] == ' '); n--)
		e->detail[n - 1] = '\0';
	return false;
}

bool err_hint(struct err *e, const char *fmt, ...)
{
	va_list ap;
	if (!e || !err_is_set(e))
		return false;
	va_start(ap, fmt);
	put(e->hint, sizeof e->hint, fmt, ap);
	va_end(ap);
	return false;
}

bool err_context(struct err *e, const char *fmt, ...)
{
	va_list ap;
	size_t len;
	if (!e || !err_is_set(e))
		return false;
	len = strlen(e->context);
	if (len + 2 >= sizeof e->context)
		return false;
	if (len)
		e->context[len++] = '\n';
	va_start(ap, fmt);
	put(e->context + len, sizeof e->context - len, fmt, ap);
	va_end(ap);
	return false;
}

bool err_source(struct err *e, const char *server)
{
	if (!e || !err_is_set(e) || e->source[0])
		return false;
	if (snprintf(e->source, sizeof e->source, "%s", server) >= (int)sizeof e->source)
		cut_at_character(e->source, sizeof e->source - 1);
	return false;
}

bool err_copy(struct err *to, const struct err *from)
{
	if (to && !err_is_set(to) && err_is_set(from))
		*to = *from;
	return false;
}

const char *errcode_sqlstate(enum errcode code)
{
	return (unsigned)code < ERRCODE_COUNT ? errcodes[code].sqlstate : "XX000";
}

const char *errcode_name(enum errcode code)
{
	return (unsigned)code < ERRCODE_COUNT ? errcodes[code].name : "internal_error";
}

enum errcode errcode_from_sqlstate(const char *sqlstate)
{
	for (int i = 0; i < ERRCODE_COUNT; i++)
		if (strcmp(errcodes[i].sqlstate, sqlstate) == 0)
			return (enum errcode)i;
	return ERR_INTERNAL;
}
