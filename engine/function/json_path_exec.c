/*
 * See the header. Every step takes one item and hands what it makes to the item's accessor chain; a list that is NULL
 * asks only for existence, and the first item ends the work.
 *
 * Arithmetic, comparisons and methods are in json_path_value.c. Depth of recursion follows the path's and the value's
 * nesting, both bounded where they were read.
 */
#include "engine/function/json_path_int.h"

enum jp_result jp_fail(struct jp_context *x, enum errcode code, const char *message)
{
	if (x->throwing)
		(void)err_set(x->run->err, code, "%s", message);
	return JP_ERROR;
}

void jp_append(struct jp_context *x, struct jp_list *list, const struct jp_value *v)
{
	list->items = mem_grow(x->run->mem, list->items, sizeof *list->items, list->count, &list->cap);
	list->items[list->count++] = *v;
}

struct jp_value jp_json(struct str json)
{
	return (struct jp_value){.json = json_trim(json), .moment = {.type = {TYPE_VOID, 0, 0, 0, -1}}};
}

enum json_kind jp_kind_of(const struct jp_value *v)
{
	return v->moment.type.id != TYPE_VOID ? JSON_STRING : json_kind(v->json);
}

static bool is_array(const struct jp_value *v) { return v->moment.type.id == TYPE_VOID && json_kind(v->json) == JSON_ARRAY; }
static bool is_container(const struct jp_value *v) { return v->moment.type.id == TYPE_VOID && json_kind(v->json) >= JSON_ARRAY; }

enum jp_result jp_next(struct jp_context *x, const struct jp_item *cur, const struct jp_value *v, struct jp_list *found)
{
	if (cur->next)
		return jp_item_run(x, cur->next, v, found, x->run->path->lax);
	if (found)
		jp_append(x, found, v);
	return JP_OK;
}

/* Runs `item` (NULL: takes the values themselves) for the values first … last levels below v. */
static enum jp_result any_item(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, struct jp_list *found,
							   uint32_t level, uint32_t first, uint32_t last, bool ignore, bool unwrap)
{
	enum jp_result res = JP_NOT_FOUND;
	struct json_member m;

	if (level > last)
		return res;
	for (size_t at = 0; json_next(v->json, &at, &m);) {
		struct jp_value child = jp_json(m.value);
		if (level >= first || (first == JP_TO_LAST && last == JP_TO_LAST && !is_container(&child))) {
			if (item) {
				bool saved = x->ignore_structure;
				x->ignore_structure |= ignore;
				res = jp_item_run(x, item, &child, found, unwrap);
				x->ignore_structure = saved;
				if (res == JP_ERROR || (res == JP_OK && !found))
					return res;
			} else if (found) {
				jp_append(x, found, &child);
			} else {
				return JP_OK;
			}
		}
		if (level < last && is_container(&child)) {
			res = any_item(x, item, &child, found, level + 1, first, last, ignore, unwrap);
			if (res == JP_ERROR || (res == JP_OK && !found))
				return res;
		}
	}
	return res;
}

enum jp_result jp_unwrap(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, struct jp_list *found)
{
	return any_item(x, item, v, found, 1, 1, 1, false, false);
}

enum jp_result jp_unwrapped(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, bool unwrap,
							struct jp_list *found)
{
	struct jp_list seq = {NULL, 0, 0};
	enum jp_result res;

	if (!unwrap || !x->run->path->lax)
		return jp_item_run(x, item, v, found, x->run->path->lax);
	res = jp_item_run(x, item, v, &seq, true);
	if (res == JP_ERROR)
		return res;
	for (size_t i = 0; i < seq.count; i++) {
		if (is_array(&seq.items[i]))
			(void)any_item(x, NULL, &seq.items[i], found, 1, 1, 1, false, false);
		else
			jp_append(x, found, &seq.items[i]);
	}
	return JP_OK;
}

/* ---- accessors ---- */

static enum jp_result run_key(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, struct jp_list *found,
							  bool unwrap)
{
	struct json_member m;

	if (jp_kind_of(v) == JSON_OBJECT) {
		for (size_t at = 0; json_next(v->json, &at, &m);)
			if (json_string_is(m.key, item->text)) {
				struct jp_value child = jp_json(m.value);
				return jp_next(x, item, &child, found);
			}
		return x->ignore_structure ? JP_NOT_FOUND : jp_fail(x, ERR_JSON_MEMBER_NOT_FOUND, "JSON object does not contain that key");
	}
	if (unwrap && is_array(v))
		return jp_unwrap(x, item, v, found);
	return x->ignore_structure ? JP_NOT_FOUND
							   : jp_fail(x, ERR_JSON_MEMBER_NOT_FOUND, "jsonpath member accessor can only be applied to an object");
}

static enum jp_result run_any_key(struct jp_context *x, const struct jp_item *item, const struct jp_value *v,
								  struct jp_list *found, bool unwrap)
{
	if (jp_kind_of(v) == JSON_OBJECT)
		return any_item(x, item->next, v, found, 1, 1, 1, false, x->run->path->lax);
	if (unwrap && is_array(v))
		return jp_unwrap(x, item, v, found);
	return x->ignore_structure ? JP_NOT_FOUND
							   : jp_fail(x, ERR_JSON_OBJECT_NOT_FOUND, "jsonpath wildcard member accessor can only be applied to an object");
}

static enum jp_result run_any_element(struct jp_context *x, const struct jp_item *item, const struct jp_value *v,
									  struct jp_list *found)
{
	if (is_array(v))
		return any_item(x, item->next, v, found, 1, 1, 1, false, x->run->path->lax);
	if (x->run->path->lax)
		return jp_next(x, item, v, found);
	return x->ignore_structure ? JP_NOT_FOUND
							   : jp_fail(x, ERR_JSON_ARRAY_NOT_FOUND, "jsonpath wildcard array accessor can only be applied to an array");
}

static int64_t array_size(const struct jp_value *v)
{
	struct json_member m;
	int64_t n = 0;

	for (size_t at = 0; json_next(v->json, &at, &m);)
		n++;
	return n;
}

static bool element(const struct jp_value *array, int64_t index, struct jp_value *out)
{
	struct json_member m;

	for (size_t at = 0; json_next(array->json, &at, &m); index--)
		if (index == 0) {
			*out = jp_json(m.value);
			return true;
		}
	return false;
}

static enum jp_result subscript(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, int64_t *out)
{
	struct jp_list list = {NULL, 0, 0};
	struct num n, whole;
	enum jp_result res = jp_item_run(x, item, v, &list, x->run->path->lax);

	if (res == JP_ERROR)
		return res;
	if (list.count != 1 || jp_kind_of(&list.items[0]) != JSON_NUMBER)
		return jp_fail(x, ERR_INVALID_JSON_SUBSCRIPT, "jsonpath array subscript is not a single numeric value");
	if (!num_parse(list.items[0].json, &n, NULL) || !num_round(&n, 0, true, &whole, NULL) || !num_to_i64(&whole, out, NULL) ||
		*out < INT32_MIN || *out > INT32_MAX)
		return jp_fail(x, ERR_INVALID_JSON_SUBSCRIPT, "jsonpath array subscript is out of integer range");
	return JP_OK;
}

static enum jp_result run_range(struct jp_context *x, const struct jp_item *item, const struct jp_range *range,
								const struct jp_value *v, int64_t size, struct jp_list *found)
{
	bool array = is_array(v);
	int64_t from, to;
	enum jp_result res = subscript(x, range->from, v, &from);

	if (res == JP_ERROR)
		return res;
	to = from;
	if (range->to && subscript(x, range->to, v, &to) == JP_ERROR)
		return JP_ERROR;
	if (!x->ignore_structure && (from < 0 || from > to || to >= size))
		return jp_fail(x, ERR_INVALID_JSON_SUBSCRIPT, "jsonpath array subscript is out of bounds");
	from = from < 0 ? 0 : from;
	to = to >= size ? size - 1 : to;
	res = JP_NOT_FOUND;
	for (int64_t i = from; i <= to; i++) {
		struct jp_value child = *v;
		if (array && !element(v, i, &child))
			continue;
		if (!item->next && !found)
			return JP_OK;
		res = jp_next(x, item, &child, found);
		if (res == JP_ERROR || (res == JP_OK && !found))
			return res;
	}
	return res;
}

static enum jp_result run_index(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, struct jp_list *found)
{
	int64_t saved = x->innermost_size, size = is_array(v) ? array_size(v) : 1;
	enum jp_result res = JP_NOT_FOUND, one;

	if (!is_array(v) && !x->run->path->lax)
		return x->ignore_structure ? JP_NOT_FOUND
								   : jp_fail(x, ERR_JSON_ARRAY_NOT_FOUND, "jsonpath array accessor can only be applied to an array");
	for (uint32_t k = 0; k < item->nranges; k++) {
		x->innermost_size = size;
		one = run_range(x, item, &item->ranges[k], v, size, found);
		x->innermost_size = saved;
		res = one == JP_NOT_FOUND && res == JP_OK ? res : one;
		if (one == JP_ERROR || (one == JP_OK && !found))
			return one;
	}
	return res;
}

static enum jp_result run_any(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, struct jp_list *found)
{
	enum jp_result res = JP_NOT_FOUND;

	if (item->first == 0) {
		bool saved = x->ignore_structure;
		x->ignore_structure = true;
		res = jp_next(x, item, v, found);
		x->ignore_structure = saved;
		if (res == JP_ERROR || (res == JP_OK && !found))
			return res;
	}
	if (is_container(v)) {
		enum jp_result below = any_item(x, item->next, v, found, 1, item->first, item->last, true, x->run->path->lax);
		res = below == JP_NOT_FOUND && res == JP_OK ? res : below;
	}
	return res;
}

static enum jp_result run_filter(struct jp_context *x, const struct jp_item *item, const struct jp_value *v,
								 struct jp_list *found, bool unwrap)
{
	const struct jp_value *saved = x->current;
	enum jp_truth truth;

	if (unwrap && is_array(v))
		return jp_unwrap(x, item, v, found);
	x->current = v;
	truth = jp_truth_of(x, item->left, v);
	x->current = saved;
	if (err_is_set(x->run->err))
		return JP_ERROR;
	return truth == JP_TRUE ? jp_next(x, item, v, found) : JP_NOT_FOUND;
}

static enum jp_result run_variable(struct jp_context *x, const struct jp_item *item, struct jp_list *found)
{
	struct json_member m;

	for (size_t at = 0; x->run->vars.len && json_next(x->run->vars, &at, &m);)
		if (json_string_is(m.key, item->text)) {
			struct jp_value v = jp_json(m.value);
			return jp_next(x, item, &v, found);
		}
	/* never silent */
	(void)err_set(x->run->err, ERR_UNDEFINED_OBJECT, "could not find jsonpath variable \"%.*s\"",
				  (int)(item->text.len > 100 ? 100 : item->text.len), item->text.data);
	return JP_ERROR;
}

static enum jp_result run_literal(struct jp_context *x, const struct jp_item *item, struct jp_list *found)
{
	struct strbuf b;
	struct jp_value v;
	struct num n;

	strbuf_init(&b, 0);
	switch (item->kind == JP_STRING ? 3 : item->kind == JP_NUMBER ? 2 : item->kind == JP_BOOL) {
	case 3: json_print_string(item->text, &b); break;
	case 2:
		if (num_parse(item->text, &n, NULL))
			num_print(&n, &b);
		else
			strbuf_add(&b, item->text.data, item->text.len);
		break;
	case 1: strbuf_adds(&b, item->flag ? "true" : "false"); break;
	default: strbuf_adds(&b, "null"); break;
	}
	v = jp_json(str_make(mem_strndup(x->run->mem, strbuf_cstr(&b), b.len), b.len));
	strbuf_release(&b);
	return jp_next(x, item, &v, found);
}

static enum jp_result run_last(struct jp_context *x, const struct jp_item *item, struct jp_list *found)
{
	const char *s = mem_printf(x->run->mem, "%lld", (long long)x->innermost_size - 1);
	struct jp_value v = jp_json(str_of(s));

	return jp_next(x, item, &v, found);
}

enum jp_result jp_item_run(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, struct jp_list *found,
						   bool unwrap)
{
	struct jp_value root;

	switch (item->kind) {
	case JP_NULL: case JP_BOOL: case JP_NUMBER: case JP_STRING:
		return run_literal(x, item, found);
	case JP_VARIABLE:
		return run_variable(x, item, found);
	case JP_ROOT:
		root = jp_json(x->run->target);
		return jp_next(x, item, &root, found);
	case JP_CURRENT:
		return jp_next(x, item, x->current, found);
	case JP_LAST:
		return run_last(x, item, found);
	case JP_OR: case JP_AND: case JP_NOT: case JP_EQ: case JP_NE: case JP_LT: case JP_GT: case JP_LE: case JP_GE:
	case JP_STARTS: case JP_REGEX: case JP_EXISTS: case JP_UNKNOWN:
		return jp_run_predicate(x, item, v, found);
	case JP_ADD: case JP_SUB: case JP_MUL: case JP_DIV: case JP_MOD:
		return jp_run_binary(x, item, v, found);
	case JP_PLUS: case JP_MINUS:
		return jp_run_unary(x, item, v, found);
	case JP_KEY:
		return run_key(x, item, v, found, unwrap);
	case JP_ANY_KEY:
		return run_any_key(x, item, v, found, unwrap);
	case JP_ANY_ELEMENT:
		return run_any_element(x, item, v, found);
	case JP_INDEX:
		return run_index(x, item, v, found);
	case JP_ANY:
		return run_any(x, item, v, found);
	case JP_FILTER:
		return run_filter(x, item, v, found, unwrap);
	case JP_TYPE: case JP_SIZE: case JP_ABS: case JP_FLOOR: case JP_CEILING: case JP_DOUBLE: case JP_DATETIME: case JP_KEYVALUE:
		return jp_run_method(x, item, v, found, unwrap);
	}
	UNREACHABLE();
}

enum jp_result jp_execute(const struct jp_run *run, struct jp_list *found)
{
	struct jp_value root = jp_json(run->target);
	struct jp_context x = {.run = run, .current = &root, .throwing = !run->silent, .ignore_structure = run->path->lax,
						   .innermost_size = -1};
	struct jp_list all = {NULL, 0, 0};
	enum jp_result res;

	if (!run->path->lax && !found) { /* errors may be anywhere */
		res = jp_item_run(&x, run->path->top, &root, &all, false);
		return res == JP_ERROR ? res : all.count ? JP_OK : JP_NOT_FOUND;
	}
	res = jp_item_run(&x, run->path->top, &root, found, run->path->lax);
	return err_is_set(run->err) ? JP_ERROR : res;
}
