/*
 * Execution of jsonpath over jsonb in its printed form: SQL/JSON path semantics as PostgreSQL 15 has them (lax and
 * strict mode, errors that make a predicate unknown).
 */
#ifndef HOPLUU_FUNCTION_JSON_PATH_EXEC_H
#define HOPLUU_FUNCTION_JSON_PATH_EXEC_H

#include "engine/function/func.h"
#include "engine/types/jsonpath.h"

/* One item: its JSON text; and its value, when .datetime() made it. */
struct jp_value {
	struct str json;
	struct value moment; /* type VOID unless it is one */
};
struct jp_list {
	struct jp_value *items; /* in the mem of the run */
	size_t count, cap;
};
enum jp_result { JP_OK, JP_NOT_FOUND, JP_ERROR };

struct jp_run {
	const struct jsonpath *path;
	struct str target, vars;   /* vars: an object */
	bool silent;               /* errors of the path are no errors of the statement */
	bool zoned;                /* the _tz functions */
	const struct text_context *text;
	struct mem *mem;           /* what is made on the way */
	struct err *err;
};

/* found NULL: only whether there is something. JP_ERROR: err is set unless the run is silent (and it may be set even
 * then, by what is never silent). Items borrow from the target, vars, path and mem. */
enum jp_result jp_execute(const struct jp_run *run, struct jp_list *found);
#endif
