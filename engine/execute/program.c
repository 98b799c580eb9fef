/*
 * Compiles expressions into programs: registers, blocks of steps, shared subexpressions.
 *
 * An expression is looked up among those already computed in its block or in a block around it (volatile
 * ones are never shared); what an outer block computed is imported at the inner block's rows. What a row
 * might not reach gets a block of its own, except constants, columns and cheap comparisons that can't
 * fail. Running is program_run.c's. Programs are read-only after compilation.
 */
#include "engine/execute/program_int.h"
#include "engine/execute/lower.h"

struct compiler {
	struct lowering *l;
	struct op *op;
	struct program *p;
	struct mem *mem;
	const struct column *cols;
	uint32_t ncols;
	struct err *err;
	int depth;
};

#define COMPILE_DEPTH 2000 /* with WORKER_STACK in scheduler.c: running nests as deep */

static bool compile(struct compiler *c, struct block *b, const struct expr *e, uint32_t *out);

static uint32_t new_reg(struct compiler *c, enum reg_kind kind, struct type type, struct block *home)
{
	struct program *p = c->p;
	struct reg r = {.kind = kind, .type = type, .home = home};
	size_t n = p->nregs;

	MEM_PUSH(c->mem, p->regs, n, p->regs_cap, r);
	p->nregs = (uint32_t)n;
	return p->nregs - 1;
}

static struct block *new_block(struct compiler *c, struct block *parent)
{
	struct block *b = mem_new_object(c->mem, struct block);

	b->parent = parent;
	b->number = c->p->nblocks++;
	return b;
}

static struct step *new_step(struct compiler *c, struct block *b, enum step_kind kind, struct type type)
{
	struct step s = {.kind = kind, .dst = new_reg(c, REG_TEMP, type, b)};
	size_t n = b->nsteps;

	MEM_PUSH(c->mem, b->steps, n, b->steps_cap, s);
	b->nsteps = (uint32_t)n;
	return &b->steps[n - 1];
}

/* The register that holds `reg`'s value in block b: itself, or an import through the blocks between. */
static uint32_t bring(struct compiler *c, struct block *b, uint32_t reg)
{
	struct block *home = c->p->regs[reg].home;
	struct import imp;
	struct step *s;
	size_t n;

	if (!home || home == b)
		return reg;
	for (uint32_t i = 0; i < b->nimports; i++)
		if (b->imports[i].from == reg)
			return b->imports[i].to;
	imp.from = reg;
	reg = bring(c, b->parent, reg);
	s = new_step(c, b, STEP_IMPORT, c->p->regs[reg].type);
	s->nargs = 1;
	s->args = mem_new_array(c->mem, uint32_t, 1);
	s->args[0] = reg;
	imp.to = s->dst;
	n = b->nimports;
	MEM_PUSH(c->mem, b->imports, n, b->imports_cap, imp);
	b->nimports = (uint32_t)n;
	return imp.to;
}

static bool find_known(struct compiler *c, struct block *b, const struct expr *e, uint32_t *out)
{
	for (struct block *k = b; k; k = k->parent)
		for (uint32_t i = 0; i < k->nknown; i++)
			if (expr_equal(k->known[i].expr, e)) {
				*out = bring(c, b, k->known[i].reg);
				return true;
			}
	return false;
}

static void remember(struct compiler *c, struct block *b, const struct expr *e, uint32_t reg)
{
	struct known k = {e, reg};
	size_t n = b->nknown;

	MEM_PUSH(c->mem, b->known, n, b->known_cap, k);
	b->nknown = (uint32_t)n;
}

static uint32_t const_reg(struct compiler *c, struct value v, struct type type)
{
	uint32_t reg = new_reg(c, REG_CONST, type, NULL);

	v.type = type;
	c->p->regs[reg].value = v;
	return reg;
}

static bool compile_column(struct compiler *c, struct block *b, const struct expr *e, uint32_t *out)
{
	for (uint32_t i = 0; i < c->ncols; i++)
		if (c->cols[i].id == e->column) {
			*out = bring(c, b, i); /* the first registers are the input columns */
			return true;
		}
	return err_at(c->err, e->pos, ERR_INTERNAL, "column %u is not in the operator's input", (unsigned)e->column);
}

static bool compile_param(struct compiler *c, const struct expr *e, uint32_t *out)
{
	const struct execute_env *env = &c->p->x->env;

	if (e->param == 0 || e->param > env->nparams)
		return err_at(c->err, e->pos, ERR_UNDEFINED_PARAMETER, "there is no parameter $%u", (unsigned)e->param);
	*out = const_reg(c, env->params[e->param - 1], e->type);
	return true;
}

static bool compile_subquery(struct compiler *c, const struct expr *e, uint32_t *out)
{
	uint32_t index;

	if (!lower_init_plan(c->l, c->op, e, &index, c->err))
		return false;
	*out = new_reg(c, REG_INIT, e->type, NULL);
	c->p->regs[*out].index = index;
	return true;
}

/* Whether evaluating e for rows that do not need it costs little and can't fail. */
static bool is_cheap(const struct expr *e)
{
	switch (e->kind) {
	case EXPR_CONST:
	case EXPR_COLUMN:
	case EXPR_PARAM:
		return true;
	case EXPR_IS_NULL:
	case EXPR_NOT:
		return is_cheap(e->args[0]);
	case EXPR_CALL:
		if (!expr_is_comparison(e, &(int){0}) || type_phys(e->args[0]->type) >= PHYS_NUM)
			return false;
		return is_cheap(e->args[0]) && is_cheap(e->args[1]);
	case EXPR_CAST:
	case EXPR_AND:
	case EXPR_OR:
	case EXPR_IS_TRUE:
	case EXPR_DISTINCT:
	case EXPR_CASE:
	case EXPR_COALESCE:
	case EXPR_NULLIF:
	case EXPR_GREATEST:
	case EXPR_LEAST:
	case EXPR_IN:
	case EXPR_AGG:
	case EXPR_WINDOW:
	case EXPR_SUBQUERY:
		return false;
	}
	UNREACHABLE();
}

static bool compile_arm(struct compiler *c, struct block *b, const struct expr *e, bool reached, struct arm *arm)
{
	*arm = (struct arm){0};
	if (!reached && !is_cheap(e))
		arm->block = new_block(c, b);
	return compile(c, arm->block ? arm->block : b, e, &arm->reg);
}

static bool compile_arms(struct compiler *c, struct block *b, const struct expr *e, enum step_kind kind, uint32_t *out)
{
	struct arm *arms = mem_new_array(c->mem, struct arm, e->nargs);
	struct step *s;

	for (uint32_t i = 0; i < e->nargs; i++)
		if (!compile_arm(c, b, e->args[i], i == 0, &arms[i]))
			return false;
	s = new_step(c, b, kind, e->type);
	s->arms = arms;
	s->narms = e->nargs;
	*out = s->dst;
	return true;
}

/* A step whose arguments are all evaluated on every row of the block. */
static bool compile_plain(struct compiler *c, struct block *b, const struct expr *e, enum step_kind kind,
						  const struct func *fn, uint32_t *out)
{
	uint32_t *args = mem_new_array(c->mem, uint32_t, e->nargs + 1);
	struct type *types = mem_new_array(c->mem, struct type, e->nargs + 1);
	struct value *consts = mem_new_array(c->mem, struct value, e->nargs + 1);
	struct step *s;

	for (uint32_t i = 0; i < e->nargs; i++) {
		const struct reg *r;
		if (!compile(c, b, e->args[i], &args[i]))
			return false;
		r = &c->p->regs[args[i]];
		types[i] = e->args[i]->type;
		consts[i] = r->kind == REG_CONST ? r->value : value_null(type_make(TYPE_VOID));
	}
	s = new_step(c, b, kind, e->type);
	s->fn = fn;
	s->nargs = e->nargs;
	s->args = args;
	s->arg_types = types;
	s->const_args = consts;
	s->invariant = expr_is_constant(e);
	if (kind == STEP_CALL)
		s->site = c->p->nsites++;
	*out = s->dst;
	return true;
}

static bool compile_call(struct compiler *c, struct block *b, const struct expr *e, uint32_t *out)
{
	const struct func *fn = e->fn;

	if (e->kind == EXPR_CAST && (!fn || !fn->fn))
		return compile_plain(c, b, e, STEP_RETYPE, NULL, out);
	if (!fn || !fn->fn)
		return err_at(c->err, e->pos, ERR_FEATURE_NOT_SUPPORTED, "function %s cannot be evaluated here",
					  fn ? fn->name : "?");
	return compile_plain(c, b, e, STEP_CALL, fn, out);
}

static bool compile_nullif(struct compiler *c, struct block *b, const struct expr *e, uint32_t *out)
{
	struct expr *equal = expr_call(c->mem, e->fn, type_make(TYPE_BOOL), e->args, 2, e->pos);
	uint32_t *args = mem_new_array(c->mem, uint32_t, 2);
	struct step *s;

	if (!compile(c, b, e->args[0], &args[0]) || !compile(c, b, equal, &args[1]))
		return false;
	s = new_step(c, b, STEP_NULLIF, e->type);
	s->nargs = 2;
	s->args = args;
	*out = s->dst;
	return true;
}

static bool compile_in(struct compiler *c, struct block *b, const struct expr *e, uint32_t *out)
{
	struct constset *set;
	struct step *s;
	uint32_t arg;

	for (uint32_t i = 1; i < e->nargs; i++)
		if (e->args[i]->kind != EXPR_CONST)
			return compile_arms(c, b, e, STEP_IN, out);
	if (!compile(c, b, e->args[0], &arg) || !constset_new(c->p->x, e->args + 1, e->nargs - 1, &set, c->err))
		return false;
	s = new_step(c, b, STEP_IN_SET, e->type);
	s->set = set;
	s->nargs = 1;
	s->args = mem_new_array(c->mem, uint32_t, 1);
	s->args[0] = arg;
	*out = s->dst;
	return true;
}

static bool compile_kind(struct compiler *c, struct block *b, const struct expr *e, uint32_t *out)
{
	switch (e->kind) {
	case EXPR_CONST:
		*out = const_reg(c, e->value, e->type);
		return true;
	case EXPR_COLUMN:
		return compile_column(c, b, e, out);
	case EXPR_PARAM:
		return compile_param(c, e, out);
	case EXPR_CALL:
	case EXPR_CAST:
		return compile_call(c, b, e, out);
	case EXPR_AND:
		return compile_arms(c, b, e, STEP_AND, out);
	case EXPR_OR:
		return compile_arms(c, b, e, STEP_OR, out);
	case EXPR_NOT:
		return compile_plain(c, b, e, STEP_NOT, NULL, out);
	case EXPR_IS_NULL:
		return compile_plain(c, b, e, STEP_IS_NULL, NULL, out);
	case EXPR_IS_TRUE:
		return compile_plain(c, b, e, STEP_IS_TRUE, NULL, out);
	case EXPR_DISTINCT:
		return compile_plain(c, b, e, STEP_DISTINCT, NULL, out);
	case EXPR_CASE:
		return compile_arms(c, b, e, STEP_CASE, out);
	case EXPR_COALESCE:
		return compile_arms(c, b, e, STEP_COALESCE, out);
	case EXPR_NULLIF:
		return compile_nullif(c, b, e, out);
	case EXPR_GREATEST:
		return compile_plain(c, b, e, STEP_GREATEST, NULL, out);
	case EXPR_LEAST:
		return compile_plain(c, b, e, STEP_LEAST, NULL, out);
	case EXPR_IN:
		return compile_in(c, b, e, out);
	case EXPR_SUBQUERY:
		return compile_subquery(c, e, out);
	case EXPR_AGG:
	case EXPR_WINDOW:
		return err_at(c->err, e->pos, ERR_INTERNAL, "aggregate or window call outside its node");
	}
	UNREACHABLE();
}

static bool compile(struct compiler *c, struct block *b, const struct expr *e, uint32_t *out)
{
	bool shared = e->kind != EXPR_CONST && e->kind != EXPR_COLUMN && expr_volatility(e) != FUNC_VOLATILE;
	bool ok;

	if (shared && find_known(c, b, e, out))
		return true;
	if (++c->depth > COMPILE_DEPTH)
		return err_at(c->err, e->pos, ERR_STATEMENT_TOO_COMPLEX, "expression is nested too deeply");
	ok = compile_kind(c, b, e, out);
	c->depth--;
	if (ok && shared)
		remember(c, b, e, *out);
	return ok;
}

static struct compiler begin(struct lowering *l, struct op *op, const struct column *cols, uint32_t ncols,
							 struct err *e)
{
	struct mem *m = op->x->mem;
	struct compiler c = {.l = l, .op = op, .mem = m, .cols = cols, .ncols = ncols, .err = e};

	c.p = mem_new_object(m, struct program);
	c.p->x = op->x;
	c.p->ninput = ncols;
	c.p->root = new_block(&c, NULL);
	for (uint32_t i = 0; i < ncols; i++) {
		uint32_t reg = new_reg(&c, REG_INPUT, cols[i].type, c.p->root);
		c.p->regs[reg].index = i;
	}
	return c;
}

bool program_compile(struct lowering *l, struct op *op, const struct column *cols, uint32_t ncols,
					 struct expr *const *exprs, uint32_t n, struct program **out, struct err *e)
{
	struct compiler c = begin(l, op, cols, ncols, e);

	c.p->nout = n;
	c.p->out = mem_new_array(c.mem, uint32_t, n + 1);
	for (uint32_t i = 0; i < n; i++)
		if (!compile(&c, c.p->root, exprs[i], &c.p->out[i]))
			return false;
	*out = c.p;
	return true;
}

bool expr_is_comparison(const struct expr *e, int *op)
{
	static const char *const names[] = {"=", "<>", "<", "<=", ">", ">="}; /* as enum compare_op */

	if (e->kind != EXPR_CALL || e->nargs != 2 || e->fn->kind != FUNC_OPERATOR || e->type.id != TYPE_BOOL)
		return false;
	if (!type_same(e->args[0]->type, e->args[1]->type))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(e->fn->name, names[i]) == 0) {
			*op = (int)i;
			return true;
		}
	return false;
}

static bool compile_conjunct(struct compiler *c, const struct expr *e, bool first, struct conjunct *out)
{
	int op;

	*out = (struct conjunct){0};
	if (expr_is_comparison(e, &op) && is_cheap(e->args[0]) && is_cheap(e->args[1])) {
		out->compare = true;
		out->op = (enum compare_op)op;
		return compile(c, c->p->root, e->args[0], &out->a) && compile(c, c->p->root, e->args[1], &out->b);
	}
	return compile_arm(c, c->p->root, e, first, &out->arm);
}

bool program_compile_filter(struct lowering *l, struct op *op, const struct column *cols, uint32_t ncols,
							struct expr *predicate, struct program **out, struct err *e)
{
	struct compiler c = begin(l, op, cols, ncols, e);
	struct expr **list;
	uint32_t n = expr_conjuncts(c.mem, predicate, &list), at = 0;

	c.p->nconjuncts = n;
	c.p->conjuncts = mem_new_array(c.mem, struct conjunct, n + 1);
	/* Cheap comparisons that can't fail go first; the rest keeps its order. */
	for (int pass = 0; pass < 2; pass++)
		for (uint32_t i = 0; i < n; i++) {
			int cmp;
			bool fast = expr_is_comparison(list[i], &cmp) && is_cheap(list[i]->args[0]) && is_cheap(list[i]->args[1]);
			if (fast != (pass == 0))
				continue;
			if (!compile_conjunct(&c, list[i], at == 0, &c.p->conjuncts[at]))
				return false;
			at++;
		}
	*out = c.p;
	return true;
}
