/*
 * json and jsonb as rows: *_array_elements, *_each and *_object_keys.
 *
 * A set walks in the argument's own text, which stays until the set ends; nothing is kept but a position.
 */
#include "engine/types/json_scan.h"
#include "engine/function/rows.h"
#include "engine/function/tables.h"

struct walk {
	struct str container;
	size_t at;
	bool object;
};

static bool start(struct fncall *c, const struct view *args, uint32_t row, struct walk *w, enum json_kind want)
{
	struct str v = json_trim(text_str((const struct text *)args[0].data + view_index(&args[0], row)));
	enum json_kind kind = json_kind(v);

	if (kind != want)
		return err_set(c->err, ERR_INVALID_PARAMETER_VALUE, "cannot call %s on %s", c->fn->name,
					   kind == JSON_OBJECT ? "an object" : kind == JSON_ARRAY ? "an array" : "a scalar");
	w->container = v;
	w->object = want == JSON_OBJECT;
	return true;
}

static bool elements_start(struct fncall *c, const struct view *args, uint32_t row, void *state)
{
	return start(c, args, row, state, JSON_ARRAY);
}

static bool object_start(struct fncall *c, const struct view *args, uint32_t row, void *state)
{
	return start(c, args, row, state, JSON_OBJECT);
}

/* The part into row i; as text strings lose their quotes and null is NULL. */
static bool put_part(struct fncall *c, struct vec *out, uint32_t i, uint32_t rows, struct str part, bool as_text)
{
	struct text *slot = (struct text *)out->data + i;
	struct strbuf buf;
	bool ok;

	if (as_text && json_kind(part) == JSON_NULL) {
		if (!vec_want_nulls(out, rows, c->mem, c->err))
			return false;
		vec_set_null(out, i);
		return true;
	}
	if (!as_text || json_kind(part) != JSON_STRING)
		return heap_add(out->heap, part.data, part.len, slot, c->err);
	strbuf_init(&buf, 0);
	ok = json_unescape(part, &buf, c->err) && heap_add(out->heap, strbuf_str(&buf).data, buf.len, slot, c->err);
	strbuf_release(&buf);
	return ok;
}

enum shape { ELEMENTS, ELEMENTS_TEXT, KEYS, EACH, EACH_TEXT };

TEMPLATE bool next(struct fncall *c, void *state, struct vec *out, uint32_t at, uint32_t max, uint32_t *made, enum shape shape)
{
	struct walk *w = state;
	struct json_member m;
	bool ok = true;

	for (*made = 0; ok && *made < max && json_next(w->container, &w->at, &m); ++*made) {
		uint32_t i = at + *made;
		bool keyed = shape == KEYS || shape == EACH || shape == EACH_TEXT;
		if (keyed)
			ok = put_part(c, &out[0], i, at + max, m.key, true);
		if (shape != KEYS)
			ok = ok && put_part(c, &out[keyed], i, at + max, m.value, shape == ELEMENTS_TEXT || shape == EACH_TEXT);
	}
	return ok;
}

#define NEXT(name, shape)                                                                          \
	static bool name##_next(struct fncall *c, void *state, struct vec *out, uint32_t at, uint32_t max, uint32_t *made) \
	{                                                                                             \
		return next(c, state, out, at, max, made, shape);                                         \
	}
NEXT(elements, ELEMENTS)
NEXT(elements_text, ELEMENTS_TEXT)
NEXT(keys, KEYS)
NEXT(each, EACH)
NEXT(each_text, EACH_TEXT)

static const struct table_column json_value[] = {{"value", T(JSON)}}, jsonb_value[] = {{"value", T(JSONB)}},
								 text_value[] = {{"value", T(TEXT)}};
static const struct table_column json_pair[] = {{"key", T(TEXT)}, {"value", T(JSON)}},
								 jsonb_pair[] = {{"key", T(TEXT)}, {"value", T(JSONB)}},
								 text_pair[] = {{"key", T(TEXT)}, {"value", T(TEXT)}};

#define WALK(name, n, c, s, f) static const struct table_ops name = {.state_size = sizeof(struct walk), .ncols = n, .cols = c, .start = s, .next = f}
WALK(json_elements, 1, json_value, elements_start, elements_next);
WALK(jsonb_elements, 1, jsonb_value, elements_start, elements_next);
WALK(text_elements, 1, text_value, elements_start, elements_text_next);
WALK(json_each, 2, json_pair, object_start, each_next);
WALK(jsonb_each, 2, jsonb_pair, object_start, each_next);
WALK(text_each, 2, text_pair, object_start, each_text_next);
WALK(object_keys, 0, NULL, object_start, keys_next);

#define BOTH(kind, type)                                                                           \
	TABLE_FN(kind "_array_elements_text", TEXT, text_elements, FAIL, "the elements as texts", T(type)), \
	TABLE_FN(kind "_each_text", RECORD, text_each, FAIL, "the members: keys, and values as texts", T(type)), \
	TABLE_FN(kind "_object_keys", TEXT, object_keys, FAIL, "the keys of an object", T(type))

const struct func functions_json_rows[] = {
	BOTH("json", JSON),
	BOTH("jsonb", JSONB),
	TABLE_FN("json_array_elements", JSON, json_elements, FAIL, "the elements of an array", T(JSON)),
	TABLE_FN("jsonb_array_elements", JSONB, jsonb_elements, FAIL, "the elements of an array", T(JSONB)),
	TABLE_FN("json_each", RECORD, json_each, FAIL, "the members of an object", T(JSON)),
	TABLE_FN("jsonb_each", RECORD, jsonb_each, FAIL, "the members of an object", T(JSONB)),
	FN_END,
};
