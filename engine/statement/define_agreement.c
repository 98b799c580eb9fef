/* CREATE, ALTER, SUSPEND, RESUME AGREEMENT: who shares with whom, for what purpose, for how long. */
#include <string.h>

#include "engine/statement/sharing.h"
#include "engine/statement/statement_int.h"
#include "engine/types/datetime.h"

const struct catalog_agreement *sharing_agreement(struct statement_env *env, const char *name, const char *tag, int pos,
												  struct err *e)
{
	const struct catalog_agreement *a = catalog_find_agreement(env->snapshot, name);
	const struct principal *who = env->principal;

	/* whom it doesn't concern can't tell it from one that isn't there */
	if (a && !who->is_operator && !who->is_administrator && strcmp(who->agency, a->provider) != 0 &&
		strcmp(who->agency, a->consumer) != 0)
		a = NULL;
	if (!a) {
		err_at(e, pos, ERR_UNDEFINED_OBJECT, "agreement \"%s\" does not exist", name);
		return NULL;
	}
	return authorize_share_definition(who, a->provider, a->consumer, tag, e) ? a : NULL;
}

/* A date or a time, in the session's zone. A date as the end means that day's end. */
static bool read_bound(struct statement_env *env, const struct ast_option *o, bool end, int64_t *out, struct err *e)
{
	struct err inner;
	int64_t t;
	bool date_only = strlen(o->value) == 10 && o->value[4] == '-' && o->value[7] == '-';

	err_clear(&inner);
	if (!timestamptz_parse(str_of(o->value), -1, env->text, &t, &inner)) {
		err_at(e, o->base.pos, inner.code, "%s", inner.message);
		return err_hint(e, "VALID FROM and UNTIL take dates or times: '2027-01-31', '2027-01-31 12:00+07'.");
	}
	if (end && date_only)
		t += USEC_PER_DAY;
	*out = t + (int64_t)EPOCH_SHIFT_DAYS * USEC_PER_DAY;
	return true;
}

static bool agreement_options(struct statement_env *env, const struct ast_list *options, struct catalog_agreement *a,
							  struct err *e)
{
	for (uint32_t i = 0; i < options->count; i++) {
		const struct ast_option *o = AST_AS(OPTION, option, options->items[i]);

		if (strcmp(o->name, "from") == 0) {
			a->valid_from = INT64_MIN;
			if (o->value && !read_bound(env, o, false, &a->valid_from, e))
				return false;
		} else if (strcmp(o->name, "until") == 0) {
			a->valid_until = INT64_MAX;
			if (o->value && !read_bound(env, o, true, &a->valid_until, e))
				return false;
		} else if (strcmp(o->name, "reference") == 0) {
			a->reference = o->value;
		} else if (strcmp(o->name, "comment") == 0) {
			a->comment = o->value;
		} else {
			err_at(e, o->base.pos, ERR_SYNTAX_ERROR, "an agreement has no option \"%s\"", o->name);
			return err_hint(e, "Options are VALID FROM, VALID UNTIL, REFERENCE, COMMENT.");
		}
	}
	if (a->valid_from >= a->valid_until)
		return err_set(e, ERR_INVALID_PARAMETER_VALUE, "the agreement would end before it begins");
	return true;
}

static bool create_apply(struct statement_env *env, struct catalog_edit *x, const struct ast *node, struct err *e)
{
	const struct ast_create_agreement *a = AST_AS(CREATE_AGREEMENT, create_agreement, node);
	struct catalog_agreement g = {.name = a->name, .provider = a->provider, .consumer = a->consumer, .purpose = a->purpose,
		.valid_from = INT64_MIN, .valid_until = INT64_MAX};

	const struct catalog_agency *provider = catalog_find_agency(env->snapshot, a->provider);
	const struct catalog_agency *consumer = catalog_find_agency(env->snapshot, a->consumer);

	g.provider = provider ? provider->code : a->provider;
	g.consumer = consumer ? consumer->code : a->consumer;
	if (strcmp(g.provider, g.consumer) == 0)
		return err_at(e, node->pos, ERR_INVALID_PARAMETER_VALUE, "an agreement is between two agencies");
	return authorize_share_definition(env->principal, g.provider, g.consumer, "CREATE AGREEMENT", e) &&
		   agreement_options(env, &a->options, &g, e) && catalog_create_agreement(x, &g, e);
}

static bool alter_apply(struct statement_env *env, struct catalog_edit *x, const struct ast *node, struct err *e)
{
	const struct ast_alter_agreement *a = AST_AS(ALTER_AGREEMENT, alter_agreement, node);
	const struct catalog_agreement *old = sharing_agreement(env, a->name, "ALTER AGREEMENT", node->pos, e);
	struct catalog_agreement g;

	if (!old)
		return false;
	g = *old;
	switch (a->action) {
	case AST_AGREEMENT_SET:
		if (!agreement_options(env, &a->options, &g, e))
			return false;
		break;
	case AST_AGREEMENT_SUSPEND:
		g.suspended = true;
		break;
	case AST_AGREEMENT_RESUME:
		g.suspended = false;
		break;
	case AST_AGREEMENT_RENAME:
		g.name = a->new_name;
		break;
	}
	return catalog_alter_agreement(x, a->name, &g, e);
}

bool sharing_apply(struct statement_env *env, struct catalog_edit *x, const struct ast *node, struct err *e)
{
	if (node->kind == AST_CREATE_AGREEMENT)
		return create_apply(env, x, node, e);
	if (node->kind == AST_ALTER_AGREEMENT)
		return alter_apply(env, x, node, e);
	return node->kind == AST_GRANT ? grant_apply(env, x, node, e) : revoke_apply(env, x, node, e);
}

bool run_create_agreement(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_create_agreement *a = AST_AS(CREATE_AGREEMENT, create_agreement, node);
	struct catalog_edit *x;

	(void)out;
	if (a->if_not_exists && catalog_find_agreement(env->snapshot, a->name)) {
		env->warn(env->warn_arg, ERR_DUPLICATE_OBJECT, mem_printf(env->mem, "agreement \"%s\" already exists, skipping", a->name));
		return true;
	}
	x = catalog_begin(env->catalog, e);
	return x && statement_end_edit(x, sharing_apply(env, x, node, e), e);
}

bool run_alter_agreement(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	enum ast_agreement_action action = AST_AS(ALTER_AGREEMENT, alter_agreement, node)->action;
	struct catalog_edit *x = catalog_begin(env->catalog, e);

	out->tag = action == AST_AGREEMENT_SUSPEND ? "SUSPEND AGREEMENT" : action == AST_AGREEMENT_RESUME ? "RESUME AGREEMENT" : out->tag;
	return x && statement_end_edit(x, sharing_apply(env, x, node, e), e);
}
