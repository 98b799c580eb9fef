/*
 * Casts of arrays: to another type of element by that type's own cast, element by element; to and from text by the
 * input and output functions. They have no table rows of their own: the registry asks func_array_cast.
 */
#include "engine/function/array_call.h"
#include "engine/function/rows.h"

bool array_elements(const struct array *a, struct type t, const uint32_t *rows, uint32_t n, struct mem *m, struct vec *out,
					struct err *e)
{
	if (!vec_init_flat(out, t, n, m, e))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		struct value v = array_get(a, rows[i]);
		v.type = t;
		if (!vec_put(out, i, &v, m, e)) {
			vec_release(out);
			return false;
		}
	}
	return true;
}

/* One cast of up to BATCH_ROWS elements. */
static bool cast_piece(struct fncall *c, const struct func *f, struct type from, struct type to, const struct array *a,
					   const uint32_t *rows, uint32_t n, struct vec *out)
{
	struct fncall inner = *c;
	struct vec in;
	struct view view;
	bool ok;

	inner.fn = f;
	inner.arg_types = &from;
	inner.result = to;
	inner.const_args = NULL;
	inner.state = NULL;
	inner.scratch = mem_new(c->mem, MEM_EXPRESSION, "array cast", 0);
	ok = array_elements(a, from, rows, n, c->mem, &in, c->err);
	if (ok) {
		view = vec_view(&in);
		ok = vec_init_flat(out, to, n, c->mem, c->err);
		if (ok && !f->fn(&inner, &view, n, out)) {
			vec_release(out);
			ok = false;
		}
		vec_release(&in);
	}
	mem_free(inner.scratch);
	return ok;
}

/* Elements from … of a cast and added, NULLs as they are. */
static bool cast_run(struct fncall *c, const struct func *f, struct type from, struct type to, const struct array *a,
					 uint32_t at, uint32_t n, struct array_builder *b)
{
	uint32_t rows[BATCH_ROWS], m = 0, k = 0;
	struct vec out = {0};

	for (uint32_t i = 0; i < n; i++)
		if (!array_is_null(a, at + i))
			rows[m++] = at + i;
	if (m && !cast_piece(c, f, from, to, a, rows, m, &out))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		struct value v;
		if (array_is_null(a, at + i)) {
			array_builder_null(b);
			continue;
		}
		v = vec_get(&out, k++);
		array_builder_add(b, &v);
	}
	if (m)
		vec_release(&out);
	return true;
}

/* Every element through f; NULL: the bytes are the same, only the element's id changes. */
static bool cast_elements(struct fncall *c, const struct func *f, struct type from, struct type to, struct str s,
						  struct strbuf *out)
{
	struct array_builder b;
	struct array a;
	bool ok = true;

	array_open(s, &a);
	array_builder_init(&b, to);
	for (uint32_t i = 0; ok && i < a.n; i += BATCH_ROWS) {
		uint32_t n = a.n - i < BATCH_ROWS ? a.n - i : BATCH_ROWS;
		if (f && f->fn)
			ok = cast_run(c, f, from, to, &a, i, n, &b);
		else
			array_builder_copy(&b, &a, i, n);
	}
	ok = ok && array_builder_finish(&b, a.ndim, a.dims, a.lower, out, c->err);
	array_builder_release(&b);
	return ok;
}

/* To another element type, then to its declared length. */
static bool cast_row(struct row *r)
{
	struct fncall *c = r->call;
	struct type from = type_elem(c->arg_types[0]), to = type_make((enum type_id)c->result.id);
	struct type declared = type_with_mod((enum type_id)c->result.id, c->result.mod);
	struct strbuf first;
	bool ok = true;

	from.mod = -1;
	if (from.id == to.id || c->result.mod < 0)
		return cast_elements(c, from.id == to.id ? func_cast(declared, declared) : func_cast(from, to), from,
							 from.id == to.id ? declared : to, row_str(r, 0), r->buf);
	strbuf_init(&first, 0);
	ok = cast_elements(c, func_cast(from, to), from, to, row_str(r, 0), &first) &&
		 cast_elements(c, func_cast(declared, declared), to, declared, strbuf_str(&first), r->buf);
	strbuf_release(&first);
	return ok;
}
ROWS(cast_fn, cast_row, ROWS_BUILD)

static bool print_row(struct row *r)
{
	array_print(r->call->arg_types[0], row_str(r, 0), r->call->text, r->buf);
	return true;
}
ROWS(print_fn, print_row, ROWS_BUILD)

static bool parse_row(struct row *r)
{
	struct mem *m = mem_new(r->call->mem, MEM_EXPRESSION, "array", 0);
	struct value v;
	bool ok = array_parse(m, r->call->result, row_str(r, 0), r->call->text, &v, r->call->err);

	if (ok)
		strbuf_add(r->buf, text_data(&v.text), v.text.len);
	mem_free(m);
	return ok;
}
ROWS(parse_fn, parse_row, ROWS_BUILD)

#define CAST(f, fl) {.name = "", .kind = FUNC_CAST, .nargs = 1, .fn = (f), .flags = (fl), .volatility = FUNC_STABLE, .help = "array"}
static const struct func casts[] = {
	CAST(cast_fn, FUNC_CAN_FAIL), CAST(cast_fn, FUNC_CAN_FAIL | FUNC_ASSIGNMENT),
	CAST(cast_fn, FUNC_CAN_FAIL | FUNC_ASSIGNMENT | FUNC_IMPLICIT),
};
static const struct func print_cast = CAST(print_fn, FUNC_ASSIGNMENT);
static const struct func parse_cast = CAST(parse_fn, FUNC_CAN_FAIL);

static bool is_string(struct type t)
{
	return !t.array && type_infos[t.id].category == 'S';
}

const struct func *func_array_cast(struct type from, struct type to)
{
	const struct func *f;
	struct type a = from, b = to;

	if (from.array && is_string(to))
		return &print_cast;
	if (to.array && is_string(from))
		return &parse_cast;
	if (from.array != 1 || to.array != 1)
		return NULL;
	a.array = b.array = 0;
	if (from.id == to.id)
		return &casts[2];
	f = func_cast(a, b);
	if (!f)
		return NULL;
	return &casts[f->flags & FUNC_IMPLICIT ? 2 : f->flags & FUNC_ASSIGNMENT ? 1 : 0];
}
