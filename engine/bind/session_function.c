/*
 * Functions whose value is the session's and known when a statement is bound: version(), current_setting() and their kin.
 */
#include "engine/bind/bind_int.h"

#define SERVER_VERSION "15.0"

static struct expr *text_const(struct binder *b, const char *s, int pos)
{
	return expr_const(b->m, value_text(b->m, str_of(s)), pos);
}

static struct expr *name_const(struct binder *b, const char *s, int pos)
{
	struct value v = value_text(b->m, str_of(s));

	v.type = type_make(TYPE_NAME);
	return expr_const(b->m, v, pos);
}

/* What clients ask of PostgreSQL's settings that are no settings here. */
static const char *fixed_setting(const char *name)
{
	static const char *const rows[][2] = {{"server_version", SERVER_VERSION}, {"server_version_num", "150000"},
		{"server_encoding", "UTF8"}, {"integer_datetimes", "on"}, {"max_identifier_length", "63"}, {"max_index_keys", "32"},
		{"lc_collate", "C"}, {"lc_ctype", "C"}, {"is_superuser", "off"}, {"in_hot_standby", "off"}, {"block_size", "8192"}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (cstr_eq_nocase(rows[i][0], name))
			return rows[i][1];
	return NULL;
}

static bool current_setting(struct binder *b, struct expr **args, uint32_t n, int pos, struct expr **out)
{
	bool missing_ok = n == 2 && args[1]->kind == EXPR_CONST && !args[1]->value.is_null && args[1]->value.b;
	const char *name, *fixed;
	struct str s;
	int id;

	if (args[0]->kind != EXPR_CONST)
		return not_supported(b, pos, "current_setting of a name that is not written out");
	if (args[0]->value.is_null) {
		*out = expr_const(b->m, value_null(type_make(TYPE_TEXT)), pos);
		return true;
	}
	s = text_str(&args[0]->value.text);
	name = mem_strndup(b->m, s.data, s.len);
	fixed = fixed_setting(name);
	id = setting_find(name);
	if (!fixed && id < 0 && !missing_ok)
		return err_at(b->e, pos, ERR_UNDEFINED_OBJECT, "unrecognized configuration parameter \"%s\"", name);
	if (!fixed && id < 0)
		*out = expr_const(b->m, value_null(type_make(TYPE_TEXT)), pos);
	else
		*out = text_const(b, fixed ? fixed : setting_text(b->c->settings, (enum setting_id)id, b->m), pos);
	return true;
}

/* ---- masks' keys and session values ---- */

static const char *text_of_const(struct binder *b, const struct expr *e)
{
	struct str s = e->value.is_null ? STR("") : text_str(&e->value.text);

	return mem_strndup(b->m, s.data, s.len);
}

/* mask_hash(x): its key is not known here; "$salted" puts in the agreement's, outside masks it stays empty. */
static bool mask_hash(struct binder *b, struct expr *value, int pos, struct expr **out)
{
	struct expr *args[2] = {text_const(b, "", pos), value};

	return call_function(b, "mask_hash", args, 2, pos, out);
}

struct salting {
	struct mem *m;
	const struct expr *salt;
};

static struct expr *salt_step(struct expr *e, void *arg)
{
	const struct salting *s = arg;
	struct expr *c;

	if (e->kind != EXPR_CALL || strcmp(e->fn->name, "mask_hash") != 0 || e->args[0]->kind != EXPR_CONST ||
		e->args[0]->value.is_null || text_str(&e->args[0]->value.text).len > 0)
		return e;
	c = mem_dup(s->m, e, sizeof *e);
	c->args = mem_new_array(s->m, struct expr *, 2);
	c->args[0] = (struct expr *)s->salt;
	c->args[1] = e->args[1];
	return c;
}

/* Who reads: in what an agency wrote, that is not the agency. */
static const struct principal *reader_of(const struct binder *b)
{
	const struct principal *p = b->c->principal;

	return p && p->reader ? p->reader : p;
}

static const char *session_value(const struct principal *p, const char *name)
{
	const char *v = NULL;

	if (strcmp(name, "current_agency") == 0)
		v = p->agency;
	else if (strcmp(name, "current_purpose") == 0)
		v = p->purpose;
	else if (strcmp(name, "current_unit") == 0)
		v = p->unit;
	else if (strcmp(name, "current_province") == 0)
		v = p->province;
	else
		return NULL;
	return v ? v : "";
}

bool bind_session_function(struct binder *b, const char *name, struct expr **args, uint32_t n, int pos, bool *known,
						   struct expr **out)
{
	*known = true;
	if (n == 0 && strcmp(name, "version") == 0)
		*out = text_const(b, "PostgreSQL " SERVER_VERSION " (Hop Luu, a federated SQL engine)", pos);
	else if (n == 0 && strcmp(name, "current_database") == 0)
		*out = name_const(b, "hopluu", pos);
	else if (n == 0 && strcmp(name, "pg_is_in_recovery") == 0)
		*out = expr_bool(b->m, false);
	else if (n == 0 && strcmp(name, "current_schema") == 0)
		return bind_current_schema(b, pos, out);
	else if ((n == 1 || n == 2) && strcmp(name, "current_setting") == 0)
		return current_setting(b, args, n, pos, out);
	else if (n == 0 && reader_of(b) && session_value(reader_of(b), name))
		*out = text_const(b, session_value(reader_of(b), name), pos);
	else if (n == 1 && strcmp(name, "mask_hash") == 0)
		return mask_hash(b, args[0], pos, out);
	else if (n == 2 && strcmp(name, "$salted") == 0 && args[0]->kind == EXPR_CONST)
		*out = expr_rewrite(b->m, args[1], salt_step, &(struct salting){b->m, text_const(b, text_of_const(b, args[0]), pos)});
	else
		*known = false;
	return true;
}
