/* From SQL over tpch_catalog.h to a plan's text or an error's: what tests of the binder and the optimizer
 * compare. One static arena, reset by each call. */
#ifndef HOPLUU_TESTS_PLAN_OF_H
#define HOPLUU_TESTS_PLAN_OF_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "engine/bind/bind.h"
#include "engine/optimize/optimize.h"
#include "parser/parser.h"
#include "tests/unit/tpch_catalog.h"

static struct mem *plan_mem;
static struct err plan_error;
static const struct principal plan_user = {.user = "tester", .agency = "", .purpose = "", .is_administrator = true};

/* Parses and binds the one statement; NULL with plan_error set. */
static struct plan *plan_bind(const char *sql, const struct settings *settings)
{
	struct parse_result parsed;
	struct bind_context c = {.snapshot = &test_snapshot, .principal = &plan_user, .settings = settings,
							 .text = &text_context_default, .sql = sql};
	struct plan *p;

	mem_free(plan_mem);
	plan_mem = mem_new(NULL, MEM_PLAN, "test", 0);
	err_clear(&plan_error);
	if (!parse_sql(plan_mem, str_of(sql), &parsed, &plan_error))
		return NULL;
	return bind_query(&c, parsed.statements[0].node, plan_mem, &p, &plan_error) ? p : NULL;
}

static struct settings plan_settings(void)
{
	struct settings s;

	settings_init(&s);
	snprintf(s.text[SET_search_path], sizeof s.text[SET_search_path], "tpch, misc");
	return s;
}

static const char *plan_text(const struct plan *p)
{
	struct strbuf out;
	const char *text;

	strbuf_init(&out, 0);
	plan_print(p, p->root, &out);
	text = mem_strdup(plan_mem, strbuf_cstr(&out));
	strbuf_release(&out);
	return text;
}

/* "CODE at POSITION: message" */
static const char *plan_failure(void)
{
	return mem_printf(plan_mem, "%s at %d: %s", errcode_sqlstate(plan_error.code), plan_error.position,
					  plan_error.message);
}

/* The bound plan as text, or the error's. */
static UNUSED const char *bound(const char *sql)
{
	struct settings s = plan_settings();
	struct plan *p = plan_bind(sql, &s);

	return p ? plan_text(p) : plan_failure();
}

/* The optimized plan without its estimates. */
static UNUSED const char *optimized_with(const char *sql, const char *disabled)
{
	struct settings s = plan_settings();
	struct plan *p = plan_bind(sql, &s);
	char *text, *to;

	snprintf(s.text[SET_disabled_passes], sizeof s.text[SET_disabled_passes], "%s", disabled);
	if (!p || !optimize_plan(p, &s, &text_context_default, NULL, NULL, &plan_error))
		return plan_failure();
	text = mem_strdup(plan_mem, plan_text(p));
	to = text;
	for (const char *from = text; *from; from++) {
		if (strncmp(from, "  [rows ", 8) == 0) {
			from = strchr(from, ']');
			continue;
		}
		*to++ = *from;
	}
	*to = 0;
	return text;
}
static UNUSED const char *optimized(const char *sql)
{
	return optimized_with(sql, "");
}

/* Names and types of the result: "name type, …". */
static UNUSED const char *columns_of(const char *sql)
{
	struct settings s = plan_settings();
	struct plan *p = plan_bind(sql, &s);
	const char *text = "";

	if (!p)
		return plan_failure();
	for (uint32_t i = 0; i < p->ncols; i++)
		text = mem_printf(plan_mem, "%s%s%s %s", text, i ? ", " : "", p->names[i], type_name(p->root->cols[i].type, plan_mem));
	return text;
}

#endif
