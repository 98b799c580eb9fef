/*
 * Names to columns: which FROM item a column reference means (PostgreSQL's rules: innermost query first,
 * 42702 when two items offer it, 42P01 for a missing table name, hints for near misses), and stars.
 * Only names of items that authorize has let into the scope are ever compared or hinted.
 */
#include "engine/bind/bind_int.h"

struct column_info *column_info(struct binder *b, uint32_t id)
{
	if (id >= b->ninfos) {
		size_t n = b->ninfos ? b->ninfos : 256;
		struct column_info *grown;
		while (n <= id)
			n *= 2;
		grown = mem_new_array(b->m, struct column_info, n);
		if (b->ninfos)
			memcpy(grown, b->infos, b->ninfos * sizeof *grown);
		b->infos = grown;
		b->ninfos = n;
	}
	return &b->infos[id];
}

void scope_own(struct binder *b, const struct scope *s, struct ns_item *item)
{
	for (uint32_t i = 0; i < item->ncols; i++) {
		struct column_info *info;
		if (item->cols[i].value->kind != EXPR_COLUMN)
			continue;
		info = column_info(b, item->cols[i].value->column);
		info->owner = s;
		if (info->item) /* the table's own item says more than a join's */
			continue;
		info->item = item;
		info->name = item->cols[i].name;
		if (item->cols[i].source)
			info->column = *item->cols[i].source;
	}
}

struct ns_item *ns_item_new(struct binder *b, const char *name, const struct rel *rel, const char *const *names)
{
	struct ns_item *item = mem_new_object(b->m, struct ns_item);

	item->name = name;
	item->ncols = rel->ncols;
	item->cols = mem_new_array(b->m, struct ns_column, rel->ncols ? rel->ncols : 1);
	item->rel_visible = item->cols_visible = true;
	for (uint32_t i = 0; i < rel->ncols; i++) {
		item->cols[i].name = names ? names[i] : rel->cols[i].name;
		item->cols[i].value = column_of(b, &rel->cols[i]);
		item->cols[i].source = &rel->cols[i];
	}
	return item;
}

enum found { FOUND_NONE, FOUND_ONE, FOUND_MANY };

static enum found find_in_item(const struct ns_item *item, const char *name, struct expr **out)
{
	enum found found = FOUND_NONE;

	for (uint32_t i = 0; i < item->ncols; i++) {
		if (strcmp(item->cols[i].name, name) != 0)
			continue;
		if (found != FOUND_NONE)
			return FOUND_MANY;
		found = FOUND_ONE;
		*out = item->cols[i].value;
	}
	return found;
}

static enum found find_plain(const struct scope *s, const char *name, struct expr **out)
{
	enum found all = FOUND_NONE;

	for (size_t i = 0; i < s->ns.count; i++) {
		enum found f;
		if (!s->ns.items[i]->cols_visible)
			continue;
		f = find_in_item(s->ns.items[i], name, out);
		if (f == FOUND_MANY || (f == FOUND_ONE && all == FOUND_ONE))
			return FOUND_MANY;
		if (f == FOUND_ONE)
			all = FOUND_ONE;
	}
	return all;
}

struct expr *scope_own_column(struct scope *s, const char *name)
{
	struct expr *x;

	return find_plain(s, name, &x) == FOUND_ONE ? x : NULL;
}

static enum found find_item(const struct scope *s, const char *schema, const char *name, struct ns_item **out)
{
	enum found found = FOUND_NONE;

	for (size_t i = 0; i < s->ns.count; i++) {
		struct ns_item *item = s->ns.items[i];
		if (!item->rel_visible || !item->name || strcmp(item->name, name) != 0)
			continue;
		if (schema && (!item->schema || strcmp(item->schema, schema) != 0))
			continue;
		if (found == FOUND_ONE)
			return FOUND_MANY;
		found = FOUND_ONE;
		*out = item;
	}
	return found;
}

/* ---- errors ---- */

struct near {
	const char *wanted, *item, *column;
	int limit;
};

static void near_offer(struct near *n, const struct ns_item *item)
{
	for (uint32_t i = 0; i < item->ncols; i++) {
		int d = n->limit < 0 ? 1 : str_distance(n->wanted, item->cols[i].name, n->limit);
		if (d > n->limit)
			continue;
		n->item = item->name;
		n->column = item->cols[i].name;
		n->limit = d - 1;
	}
}

static bool hint_column(struct binder *b, const struct near *n)
{
	if (!n->column)
		return false;
	if (!n->item)
		return err_hint(b->e, "Did you mean the column \"%s\"?", n->column);
	return err_hint(b->e, "Did you mean the column \"%s.%s\"?", n->item, n->column);
}

static struct near near_new(const char *wanted)
{
	size_t len = strlen(wanted);

	return (struct near){wanted, NULL, NULL, len <= 3 ? 1 : len <= 6 ? 2 : 3};
}

static bool missing_column(struct binder *b, struct scope *s, const char *name, int pos)
{
	struct near n = near_new(name);

	err_at(b->e, pos, ERR_UNDEFINED_COLUMN, "column \"%s\" does not exist", name);
	for (const struct scope *i = s; i; i = i->parent)
		for (size_t k = 0; k < i->ns.count; k++)
			if (i->ns.items[k]->rel_visible || i->ns.items[k]->cols_visible)
				near_offer(&n, i->ns.items[k]);
	return hint_column(b, &n);
}

static bool missing_in_item(struct binder *b, const struct ns_item *item, const char *name, int pos)
{
	struct near n = near_new(name);

	err_at(b->e, pos, ERR_UNDEFINED_COLUMN, "column %s.%s does not exist", item->name, name);
	near_offer(&n, item);
	return hint_column(b, &n);
}

static bool missing_item(struct binder *b, struct scope *s, const char *name, int pos)
{
	const char *best = NULL;
	int limit = strlen(name) <= 3 ? 1 : 2;

	err_at(b->e, pos, ERR_UNDEFINED_TABLE, "missing FROM-clause entry for table \"%s\"", name);
	for (const struct scope *i = s; i; i = i->parent)
		for (size_t k = 0; k < i->ns.count; k++) {
			const struct ns_item *item = i->ns.items[k];
			if (item->table && strcmp(item->table->name, name) == 0 && item->rel_visible)
				return err_hint(b->e, "Perhaps you meant to reference the table alias \"%s\".", item->name);
			if (!item->rel_visible || !item->name || limit < 0 || str_distance(name, item->name, limit) > limit)
				continue;
			limit = str_distance(name, item->name, limit) - 1;
			best = item->name;
		}
	return best ? err_hint(b->e, "Did you mean \"%s\"?", best) : false;
}

/* ---- references ---- */

static bool bind_qualified(struct binder *b, struct scope *s, const char *schema, const char *table, const char *name,
						   int pos, struct expr **out)
{
	for (struct scope *i = s; i; i = i->parent) {
		struct ns_item *item;
		switch (find_item(i, schema, table, &item)) {
		case FOUND_NONE:
			continue;
		case FOUND_MANY:
			return err_at(b->e, pos, ERR_DUPLICATE_ALIAS, "table reference \"%s\" is ambiguous", table);
		case FOUND_ONE:
			break;
		}
		switch (find_in_item(item, name, out)) {
		case FOUND_ONE:
			note_column_scope(b, i);
			return true;
		case FOUND_MANY:
			return err_at(b->e, pos, ERR_AMBIGUOUS_COLUMN, "column reference \"%s\" is ambiguous", name);
		case FOUND_NONE:
			return missing_in_item(b, item, name, pos);
		}
	}
	return missing_item(b, s, table, pos);
}

bool bind_column_ref(struct binder *b, struct scope *s, const struct ast *node, struct expr **out)
{
	const struct ast_column_ref *ref = AST_AS(COLUMN_REF, column_ref, node);
	const char **n = ref->names.items;
	uint32_t count = ref->names.count;
	int pos = at(b, node);

	if (ref->star)
		return err_at(b->e, pos, ERR_SYNTAX_ERROR, "row expansion via \"*\" is not supported here");
	if (count > 4)
		return err_at(b->e, pos, ERR_SYNTAX_ERROR, "improper qualified name (too many dotted names)");
	if (count >= 2)
		return bind_qualified(b, s, count >= 3 ? n[count - 3] : NULL, n[count - 2], n[count - 1], pos, out);
	for (struct scope *i = s; i; i = i->parent) {
		struct ns_item *item;
		switch (find_plain(i, n[0], out)) {
		case FOUND_ONE:
			note_column_scope(b, i);
			return true;
		case FOUND_MANY:
			return err_at(b->e, pos, ERR_AMBIGUOUS_COLUMN, "column reference \"%s\" is ambiguous", n[0]);
		case FOUND_NONE:
			break;
		}
		if (find_item(i, NULL, n[0], &item) == FOUND_ONE) {
			struct expr **fields = mem_new_array(b->m, struct expr *, item->ncols + 1);
			for (uint32_t c = 0; c < item->ncols; c++)
				fields[c] = item->cols[c].value;
			note_column_scope(b, i);
			return bind_row_value(b, fields, item->ncols, pos, out);
		}
	}
	return missing_column(b, s, n[0], pos);
}

/* ---- stars ---- */

static void expand_item(struct binder *b, const struct ns_item *item, const struct ast *node, struct target_list *out)
{
	for (uint32_t i = 0; i < item->ncols; i++) {
		struct target t = {item->cols[i].value, item->cols[i].name, item->cols[i].source, node, true};
		MEM_PUSH(b->m, out->items, out->count, out->cap, t);
	}
}

bool scope_expand_star(struct binder *b, struct scope *s, const struct ast_column_ref *ref, struct target_list *out)
{
	const char **n = ref->names.items;
	uint32_t count = ref->names.count;
	int pos = at(b, &ref->base);
	struct ns_item *item;

	if (count == 0) {
		bool any = false;
		for (size_t i = 0; i < s->ns.count; i++) {
			if (!s->ns.items[i]->cols_visible)
				continue;
			expand_item(b, s->ns.items[i], &ref->base, out);
			any = true;
		}
		return any || err_at(b->e, pos, ERR_SYNTAX_ERROR, "SELECT * with no tables specified is not valid");
	}
	for (struct scope *i = s; i; i = i->parent)
		switch (find_item(i, count >= 2 ? n[count - 2] : NULL, n[count - 1], &item)) {
		case FOUND_NONE:
			continue;
		case FOUND_MANY:
			return err_at(b->e, pos, ERR_DUPLICATE_ALIAS, "table reference \"%s\" is ambiguous", n[count - 1]);
		case FOUND_ONE:
			expand_item(b, item, &ref->base, out);
			note_column_scope(b, i);
			return true;
		}
	return missing_item(b, s, n[count - 1], pos);
}
