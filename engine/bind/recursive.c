/*
 * WITH RECURSIVE: which of the WITH queries use which (they may stand in any order), what a recursive one must
 * look like (PostgreSQL's rules and words), and its plan: a set operation over the non-recursive and the recursive
 * term whose scans of the query itself read the working table, see rel.h.
 *
 * SEARCH and CYCLE are refused in with.c. Common table expressions that the recursive term needs only for itself
 * stay inside it, since they may read the working table.
 */
#include "engine/bind/bind_int.h"
#include "engine/types/collation.h"

/* ---- what a reference may stand in ---- */

enum place { PLACE_OK, PLACE_NON_RECURSIVE, PLACE_SUBLINK, PLACE_OUTER_JOIN, PLACE_INTERSECT, PLACE_EXCEPT };

struct form_check {
	struct binder *b;
	const char *name;
	enum place place;
	uint32_t refs, shadowed;
};

static const char *const place_names[] = {
	[PLACE_NON_RECURSIVE] = "its non-recursive term", [PLACE_SUBLINK] = "a subquery", [PLACE_OUTER_JOIN] = "an outer join",
	[PLACE_INTERSECT] = "INTERSECT", [PLACE_EXCEPT] = "EXCEPT",
};

static bool check_form(struct ast *node, void *arg);

static bool check_in(struct form_check *c, struct ast *node, enum place place)
{
	enum place saved = c->place;
	bool ok;

	c->place = place;
	ok = !node || check_form(node, c);
	c->place = saved;
	return ok;
}

static bool check_reference(struct form_check *c, const struct ast_table_ref *t)
{
	struct binder *b = c->b;

	if (t->names.count != 1 || c->shadowed || strcmp(t->names.items[0], c->name) != 0)
		return true;
	if (c->place != PLACE_OK) {
		return err_at(b->e, at(b, &t->base), ERR_INVALID_RECURSION,
					  "recursive reference to query \"%s\" must not appear within %s", c->name, place_names[c->place]);
	}
	if (++c->refs > 1)
		return err_at(b->e, at(b, &t->base), ERR_INVALID_RECURSION,
					  "recursive reference to query \"%s\" must not appear more than once", c->name);
	return true;
}

static bool check_join(struct form_check *c, const struct ast_join *j)
{
	bool left_null = j->type == AST_JOIN_RIGHT || j->type == AST_JOIN_FULL;
	bool right_null = j->type == AST_JOIN_LEFT || j->type == AST_JOIN_FULL;
	enum place outer = c->place == PLACE_OK ? PLACE_OUTER_JOIN : c->place;

	return check_in(c, j->left, left_null ? outer : c->place) && check_in(c, j->right, right_null ? outer : c->place) &&
		   check_in(c, j->on, c->place);
}

static bool check_set_op(struct form_check *c, const struct ast_set_op *s)
{
	for (uint32_t i = 0; i < s->arms.count; i++) {
		enum place place = c->place;

		if (s->op == AST_SET_INTERSECT && s->all)
			place = PLACE_INTERSECT;
		if (s->op == AST_SET_EXCEPT && (s->all || i > 0))
			place = PLACE_EXCEPT;
		if (!check_in(c, s->arms.items[i], place))
			return false;
	}
	return true;
}

/* A query with a WITH of its own, which may hide the name. */
static bool check_query(struct form_check *c, const struct ast_query *q)
{
	const struct ast_with *with = AST_AS(WITH, with, q->with);
	uint32_t shadowed = c->shadowed;
	bool ok = true;

	for (uint32_t i = 0; with->recursive && i < with->ctes.count; i++)
		c->shadowed += strcmp(AST_AS(CTE, cte, with->ctes.items[i])->name, c->name) == 0;
	for (uint32_t i = 0; ok && i < with->ctes.count; i++) {
		const struct ast_cte *n = AST_AS(CTE, cte, with->ctes.items[i]);
		ok = check_form(n->query, c);
		c->shadowed += !with->recursive && strcmp(n->name, c->name) == 0;
	}
	if (ok) {
		struct ast_query rest = *q;
		rest.with = NULL;
		ok = ast_children(&rest.base, check_form, c);
	}
	c->shadowed = shadowed;
	return ok;
}

static bool check_form(struct ast *node, void *arg)
{
	struct form_check *c = arg;

	if (node->kind == AST_TABLE_REF)
		return check_reference(c, AST_AS(TABLE_REF, table_ref, node));
	if (node->kind == AST_JOIN)
		return check_join(c, AST_AS(JOIN, join, node));
	if (node->kind == AST_SET_OP)
		return check_set_op(c, AST_AS(SET_OP, set_op, node));
	if (node->kind == AST_QUERY && AST_AS(QUERY, query, node)->with)
		return check_query(c, AST_AS(QUERY, query, node));
	if (node->kind == AST_SUBLINK) {
		const struct ast_sublink *s = AST_AS(SUBLINK, sublink, node);
		return check_in(c, s->arg, c->place) && check_in(c, s->query, c->place == PLACE_OK ? PLACE_SUBLINK : c->place);
	}
	return ast_children(node, check_form, c);
}

/* The set operation that the query is; error unless it is a UNION. */
static const struct ast_set_op *recursive_union(struct binder *b, const struct ast_cte *n)
{
	const struct ast_query *q = n->query->kind == AST_QUERY ? AST_AS(QUERY, query, n->query) : NULL;
	const struct ast *body = q ? q->body : NULL;

	/* parentheses around the whole */
	while (body && body->kind == AST_QUERY && !AST_AS(QUERY, query, body)->with)
		body = AST_AS(QUERY, query, body)->body;
	if (body && body->kind == AST_SET_OP && AST_AS(SET_OP, set_op, body)->op == AST_SET_UNION)
		return AST_AS(SET_OP, set_op, body);
	err_at(b->e, at(b, &n->base), ERR_INVALID_RECURSION,
		   "recursive query \"%s\" does not have the form non-recursive-term UNION [ALL] recursive-term", n->name);
	return NULL;
}

static bool check_recursive(struct binder *b, const struct ast_cte *n, const struct ast_set_op *u)
{
	const struct ast_query *q = AST_AS(QUERY, query, n->query);
	struct form_check c = {.b = b, .name = n->name};

	for (uint32_t i = 0; i < u->arms.count; i++)
		if (!check_in(&c, u->arms.items[i], i + 1 < u->arms.count ? PLACE_NON_RECURSIVE : PLACE_OK))
			return false;
	if (q->with)
		for (uint32_t i = 0; i < AST_AS(WITH, with, q->with)->ctes.count; i++)
			if (!check_in(&c, AST_AS(CTE, cte, AST_AS(WITH, with, q->with)->ctes.items[i])->query, PLACE_SUBLINK))
				return false;
	if (q->order_by.count)
		return err_at(b->e, at(b, q->order_by.items[0]), ERR_FEATURE_NOT_SUPPORTED,
					  "ORDER BY in a recursive query is not implemented");
	if (q->offset)
		return err_at(b->e, at(b, q->offset), ERR_FEATURE_NOT_SUPPORTED, "OFFSET in a recursive query is not implemented");
	if (q->limit)
		return err_at(b->e, at(b, q->limit), ERR_FEATURE_NOT_SUPPORTED, "LIMIT in a recursive query is not implemented");
	if (q->locking.count)
		return err_at(b->e, at(b, q->locking.items[0]), ERR_FEATURE_NOT_SUPPORTED,
					  "FOR UPDATE/SHARE in a recursive query is not implemented");
	return true;
}

/* ---- binding ---- */

/* The non-recursive term with types that all rounds can have: numerics without a declared scale keep one per value. */
static bool widen_left(struct binder *b, struct query *left)
{
	struct expr **exprs = mem_new_array(b->m, struct expr *, left->ncols + 1);
	bool same = left->rel->ncols == left->ncols;

	for (uint32_t i = 0; i < left->ncols; i++) {
		struct type t = left->rel->cols[i].type;
		struct expr *x = column_of(b, &left->rel->cols[i]);

		exprs[i] = x;
		if (t.id == TYPE_NUMERIC && !t.array && t.precision && t.mod == -1 &&
			!coerce_form(b, x, type_make(TYPE_NUMERIC), &exprs[i]))
			return false;
		same &= exprs[i] == x;
	}
	if (!same)
		left->rel = new_project(b, left->rel, exprs, left->names, left->ncols);
	return true;
}

static bool check_types(struct binder *b, const struct ast_cte *n, const struct query *left, struct query *right,
						struct type *types)
{
	struct query arms[2] = {*left, *right};

	for (uint32_t i = 0; i < left->ncols; i++) {
		struct type want = left->rel->cols[i].type, all;

		if (!setop_column_type(b, arms, 2, i, "UNION", &all))
			return false;
		if (all.id != want.id || all.array != want.array || all.mod != want.mod) {
			want.precision = want.mod == -1 ? 0 : want.precision;
			err_at(b->e, at(b, &n->base), ERR_DATATYPE_MISMATCH,
				   "recursive query \"%s\" column %u has type %s in non-recursive term but type %s overall", n->name, i + 1,
				   type_name(want, b->m), type_name(all, b->m));
			return err_hint(b->e, "Cast the output of the non-recursive term to the correct type.");
		}
		if (type_collation(all) != type_collation(want))
			return err_at(b->e, at(b, &n->base), ERR_COLLATION_MISMATCH,
						  "recursive query \"%s\" column %u has another collation in its non-recursive term than overall",
						  n->name, i + 1);
		types[i] = want;
	}
	return true;
}

static struct rel *recursion_rel(struct binder *b, const struct ast_cte *n, const struct query *left, bool all)
{
	struct rel *r = rel_new(b->m, REL_SETOP, 2);

	r->setop.kind = all ? SETOP_UNION_ALL : SETOP_UNION;
	r->setop.recursion = b->p->next_cte++;
	r->setop.name = n->name;
	r->in[0] = left->rel;
	r->ncols = left->ncols;
	r->cols = mem_new_array(b->m, struct column, r->ncols + 1);
	for (uint32_t i = 0; i < r->ncols; i++)
		r->cols[i] = (struct column){.id = plan_new_id(b->p), .name = left->names[i], .type = left->rel->cols[i].type};
	return r;
}

static const char **column_names(struct binder *b, const struct ast_cte *n, const struct query *q)
{
	const char **names = mem_new_array(b->m, const char *, q->ncols + 1);

	for (uint32_t i = 0; i < q->ncols; i++)
		names[i] = i < n->columns.count ? n->columns.items[i] : q->names[i];
	return names;
}

bool bind_recursive(struct binder *b, const struct ast_cte *n, struct scope *parent, struct cte_entry *ctes, struct query *out)
{
	const struct ast_set_op *u = recursive_union(b, n);
	const struct ast_query *whole;
	struct cte_entry *self = mem_new_object(b->m, struct cte_entry);
	struct ast_set_op head;
	struct query left, right;
	struct type *types;
	size_t shared;
	struct rel *r;

	if (!u || !check_recursive(b, n, u))
		return false;
	whole = AST_AS(QUERY, query, n->query);
	if (whole->with && !bind_with(b, AST_AS(WITH, with, whole->with), parent, n->query, &ctes))
		return false;
	head = *u;
	head.arms.count--;
	if (!bind_body(b, head.arms.count > 1 ? &head.base : head.arms.items[0], parent, ctes, false, &left) ||
		!widen_left(b, &left))
		return false;
	if (n->columns.count > left.ncols)
		return err_at(b->e, at(b, &n->base), ERR_INVALID_COLUMN_REFERENCE,
					  "WITH query \"%s\" has %u columns available but %u columns specified", n->name, left.ncols,
					  n->columns.count);
	r = recursion_rel(b, n, &left, u->all);
	*self = (struct cte_entry){.next = ctes, .name = n->name, .rel = r, .ncols = left.ncols,
							   .names = column_names(b, n, &left), .shared = true, .working = true,
							   .number = r->setop.recursion};
	shared = b->nshared;
	if (!bind_body(b, u->arms.items[u->arms.count - 1], parent, self, true, &right))
		return false;
	if (right.ncols != left.ncols)
		return err_at(b->e, at(b, u->arms.items[u->arms.count - 1]), ERR_SYNTAX_ERROR,
					  "each UNION query must have the same number of columns");
	types = mem_new_array(b->m, struct type, left.ncols + 1);
	if (!check_types(b, n, &left, &right, types) || !setop_conform(b, &right, types))
		return false;
	r->in[1] = wrap_shared(b, right.rel, shared);
	out->rel = r;
	out->ncols = left.ncols;
	out->names = self->names;
	return true;
}

/* ---- the order of the WITH queries ---- */

struct ordering {
	struct binder *b;
	const struct ast_with *with;
	const bool *uses;      /* [i * n + k]: query i uses query k */
	uint8_t *state;        /* 0 new, 1 on the way, 2 done */
	uint32_t *order, n;
};

static bool visit(struct ordering *o, uint32_t i)
{
	uint32_t n = o->with->ctes.count;

	if (o->state[i] == 2)
		return true;
	if (o->state[i] == 1)
		return err_at(o->b->e, at(o->b, o->with->ctes.items[i]), ERR_FEATURE_NOT_SUPPORTED,
					  "mutual recursion between WITH items is not implemented");
	o->state[i] = 1;
	for (uint32_t k = 0; k < n; k++)
		if (k != i && o->uses[i * n + k] && !visit(o, k))
			return false;
	o->state[i] = 2;
	o->order[o->n++] = i;
	return true;
}

bool order_with(struct binder *b, const struct ast_with *with, uint32_t *order)
{
	uint32_t n = with->ctes.count;
	bool *uses = mem_new_array(b->m, bool, (size_t)n * n + 1);
	struct ordering o = {.b = b, .with = with, .uses = uses, .order = order,
						 .state = mem_new_array(b->m, uint8_t, n + 1)};

	for (uint32_t i = 0; with->recursive && i < n; i++)
		for (uint32_t k = 0; k < n; k++)
			uses[i * n + k] = count_uses(AST_AS(CTE, cte, with->ctes.items[i])->query,
										 AST_AS(CTE, cte, with->ctes.items[k])->name) > 0;
	for (uint32_t i = 0; i < n; i++)
		if (!visit(&o, i))
			return false;
	return true;
}
