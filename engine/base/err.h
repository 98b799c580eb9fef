/*
 * The one error idiom. A fallible function returns bool (or NULL for a constructor), is marked
 * MUST_CHECK, and puts the reason into a caller-owned struct err. The first error wins; unwinding
 * only adds context. No longjmp anywhere.
 *
 * An err is plain memory with inline texts (long ones are cut at a UTF-8 boundary), so it needs no
 * release and can be copied by assignment. It is not locked: each task has its own.
 */
#ifndef HOPLUU_BASE_ERR_H
#define HOPLUU_BASE_ERR_H

#include "engine/base/compiler.h"

enum errcode {
#define ERRCODE(name, sqlstate, condition) ERR_##name,
#include "engine/base/errcodes.def"
#undef ERRCODE
	ERRCODE_COUNT
};

struct err {
	enum errcode code;  /* ERR_NONE while nothing has gone wrong */
	int position;       /* byte offset in the statement's text plus 1; 0 = none */
	int vendor_code;    /* the source's own number; 0 = none */
	char vendor_state[6]; /* the source's SQLSTATE, "" = none */
	char message[1024];
	char detail[1024];
	char hint[512];
	char context[512]; /* lines "while …", innermost first */
	char source[128];  /* server name at fault, "" = none */
};

/* Clears e for a new use. */
void err_clear(struct err *e);
static inline bool err_is_set(const struct err *e) { return e->code != ERR_NONE; }

/* Sets code and message unless an error is already there. e may be NULL (the reason is dropped).
 * Always returns false, so that callers write `return err_set(…)`. */
bool err_set(struct err *e, enum errcode code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The same with a position: byte offset (0-based) in the statement; negative = unknown. */
bool err_at(struct err *e, int offset, enum errcode code, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Additions to the error just set; ignored when none is set. All return false. */
bool err_detail(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
bool err_hint(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
bool err_context(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
bool err_source(struct err *e, const char *server);
/* Moves `from` to `to` unless `to` has one already; returns false when an error is there. */
bool err_copy(struct err *to, const struct err *from);

/* "22012" for ERR_DIVISION_BY_ZERO; the condition name "division_by_zero". Static strings. */
const char *errcode_sqlstate(enum errcode code);
const char *errcode_name(enum errcode code);
/* The code with that SQLSTATE, else ERR_INTERNAL. */
enum errcode errcode_from_sqlstate(const char *sqlstate);

#endif
