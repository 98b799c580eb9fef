/*
 * The SQL face of jsonpath: jsonb_path_exists, _match, _query (rows), _query_array, _query_first, their _tz forms, and
 * the operators @? and @@. The parsed path is kept in the call's state while its text stays the same.
 */
#include "engine/function/json_path_exec.h"
#include "engine/types/json_scan.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"

struct kept {
	struct mem *mem;       /* holds the path */
	struct str text;
	struct jsonpath path;
};

static const struct jsonpath *path_of(struct fncall *c, struct str text)
{
	struct kept *k = c->state;

	if (k && str_eq(k->text, text))
		return &k->path;
	if (!k)
		c->state = k = mem_new_object(c->scratch, struct kept);
	else
		mem_free(k->mem);
	k->mem = mem_new(c->scratch, MEM_EXPRESSION, "jsonpath", 0);
	k->text = str_make(mem_strndup(k->mem, text.data, text.len), text.len);
	if (jsonpath_parse(k->mem, text, &k->path, c->err))
		return &k->path;
	k->text = str_make("", 0);
	return NULL;
}

static bool is_zoned(const struct func *f) { return strstr(f->name, "_tz") != NULL; }

/* Fills the run from the row's arguments: target, path[, vars[, silent]]; operators are silent. */
static bool prepare(struct fncall *c, const struct view *args, uint32_t i, struct mem *m, struct jp_run *run)
{
#define TEXT_AT(a) text_str((const struct text *)args[a].data + view_index(&args[a], i))
	*run = (struct jp_run){.target = json_trim(TEXT_AT(0)), .mem = m, .err = c->err, .zoned = is_zoned(c->fn),
						   .text = c->text ? c->text : &text_context_default, .silent = c->fn->kind == FUNC_OPERATOR};
	if (!(run->path = path_of(c, TEXT_AT(1))))
		return false;
	if (c->nargs > 2)
		run->vars = json_trim(TEXT_AT(2));
	if (c->nargs > 2 && json_kind(run->vars) != JSON_OBJECT)
		return err_set(c->err, ERR_INVALID_PARAMETER_VALUE, "\"vars\" argument is not an object");
	if (c->nargs > 3)
		run->silent = *((const uint8_t *)args[3].data + view_index(&args[3], i)) != 0;
	return true;
#undef TEXT_AT
}

enum question { EXISTS, MATCH, ARRAY, FIRST };

static bool answer(struct row *r, enum question q, const struct jp_run *run, const struct jp_list *found, enum jp_result res)
{
	if (q == EXISTS)
		return res == JP_ERROR ? row_set_null(r) : row_set_bool(r, res == JP_OK);
	if (q == MATCH) {
		enum json_kind k = found->count == 1 && found->items[0].moment.type.id == TYPE_VOID ? json_kind(found->items[0].json) : JSON_OBJECT;
		if (res != JP_ERROR && k == JSON_BOOLEAN)
			return row_set_bool(r, found->items[0].json.data[0] == 't');
		if (!run->silent && k != JSON_NULL)
			return row_error(r, ERR_SINGLETON_JSON_ITEM_REQUIRED, "single boolean result is expected");
		return row_set_null(r);
	}
	if (q == FIRST) {
		if (!found->count)
			return row_set_null(r);
		strbuf_add(r->buf, found->items[0].json.data, found->items[0].json.len);
		return true;
	}
	strbuf_addc(r->buf, '[');
	for (size_t k = 0; k < found->count; k++) {
		strbuf_adds(r->buf, k ? ", " : "");
		strbuf_add(r->buf, found->items[k].json.data, found->items[k].json.len);
	}
	strbuf_addc(r->buf, ']');
	return true;
}

TEMPLATE bool ask_row(struct row *r, enum question q)
{
	struct mem *m = mem_new(r->call->scratch, MEM_EXPRESSION, "jsonpath run", 0);
	struct jp_list found = {NULL, 0, 0};
	struct jp_run run;
	bool ok = prepare(r->call, r->args, r->i, m, &run);

	if (ok) {
		enum jp_result res = jp_execute(&run, q == EXISTS ? NULL : &found);
		ok = !err_is_set(r->call->err) && mem_check(m, r->call->err) && answer(r, q, &run, &found, res);
	}
	mem_free(m);
	return ok;
}
static bool exists_row(struct row *r) { return ask_row(r, EXISTS); }
static bool match_row(struct row *r) { return ask_row(r, MATCH); }
static bool array_row(struct row *r) { return ask_row(r, ARRAY); }
static bool first_row(struct row *r) { return ask_row(r, FIRST); }
ROWS(exists_fn, exists_row, ROWS_NULLABLE)
ROWS(match_fn, match_row, ROWS_NULLABLE)
ROWS(array_fn, array_row, ROWS_BUILD | ROWS_NULLABLE)
ROWS(first_fn, first_row, ROWS_BUILD | ROWS_NULLABLE)

/* ---- rows ---- */

struct query {
	struct mem *mem;
	struct jp_list found;
	size_t at;
};

static bool query_start(struct fncall *c, const struct view *args, uint32_t row, void *state)
{
	struct query *q = state;
	struct jp_run run;

	q->mem = mem_new(c->mem, MEM_EXPRESSION, "jsonpath run", 0);
	if (!prepare(c, args, row, q->mem, &run))
		return false;
	(void)jp_execute(&run, &q->found);
	if (err_is_set(c->err))
		return false;
	return mem_check(q->mem, c->err);
}

static bool query_next(struct fncall *c, void *state, struct vec *out, uint32_t at, uint32_t max, uint32_t *made)
{
	struct query *q = state;
	bool ok = true;

	for (*made = 0; ok && *made < max && q->at < q->found.count; ++*made, q->at++) {
		struct str item = q->found.items[q->at].json;
		ok = heap_add(out->heap, item.data, item.len, (struct text *)out->data + at + *made, c->err);
	}
	return ok;
}

static void query_stop(struct fncall *c, void *state)
{
	struct query *q = state;

	(void)c;
	if (q->mem)
		mem_free(q->mem);
}

static const struct table_ops query_ops = {.state_size = sizeof(struct query), .start = query_start, .next = query_next, .stop = query_stop};

#define OP(symbol, f, h)                                                                           \
	{.name = symbol, .kind = FUNC_OPERATOR, .nargs = 2, .args = {T(JSONB), T(JSONPATH)}, .result = T(BOOL), .fn = f, \
	 .flags = SOME_NULL | FAIL, .help = h}
#define FORMS(name, type, f, vol, h)                                                               \
	FNV(name, type, f, SOME_NULL | FAIL, vol, h, T(JSONB), T(JSONPATH)),                           \
	FNV(name, type, f, SOME_NULL | FAIL, vol, h, T(JSONB), T(JSONPATH), T(JSONB)),                 \
	FNV(name, type, f, SOME_NULL | FAIL, vol, h, T(JSONB), T(JSONPATH), T(JSONB), T(BOOL))
#define BOTH(name, type, f, h) FORMS(name, type, f, IMMUTABLE, h), FORMS(name "_tz", type, f, STABLE, h)
#define QUERY(name)                                                                                \
	TABLE_FN(name, JSONB, query_ops, FAIL, "what the path finds, one row each", T(JSONB), T(JSONPATH)), \
	TABLE_FN(name, JSONB, query_ops, FAIL, "what the path finds, one row each", T(JSONB), T(JSONPATH), T(JSONB)), \
	TABLE_FN(name, JSONB, query_ops, FAIL, "what the path finds, one row each", T(JSONB), T(JSONPATH), T(JSONB), T(BOOL))

const struct func functions_json_path[] = {
	BOTH("jsonb_path_exists", BOOL, exists_fn, "whether the path finds anything"),
	BOTH("jsonb_path_match", BOOL, match_fn, "the result of the path's predicate"),
	BOTH("jsonb_path_query_array", JSONB, array_fn, "what the path finds, as an array"),
	BOTH("jsonb_path_query_first", JSONB, first_fn, "the first item that the path finds"),
	QUERY("jsonb_path_query"),
	QUERY("jsonb_path_query_tz"),
	OP("@?", exists_fn, "whether the path finds anything"),
	OP("@@", match_fn, "the result of the path's predicate"),
	FN_END,
};
