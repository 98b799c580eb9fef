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
	else
		*known = false;
	return true;
}
