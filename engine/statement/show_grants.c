/*
 * SHOW GRANTS (what agreements say), SHOW ACCESS FOR USER (what a user gets by them), PREVIEW (who would gain and lose what).
 * Texts of row conditions and masks are for the providing side; the other learns that there are some.
 */
#include <string.h>

#include "engine/statement/sharing.h"
#include "engine/statement/statement_int.h"

void sharing_columns(struct statement_env *env, struct statement_result *out, uint32_t n, const char *const *names)
{
	struct statement_column *cols = mem_new_array(env->mem, struct statement_column, n);

	for (uint32_t i = 0; i < n; i++)
		cols[i] = (struct statement_column){names[i], type_make(TYPE_TEXT)};
	out->cols = cols;
	out->ncols = n;
}

/* "id, name, phone masked (mask_last_four(phone))" */
static const char *column_list(struct statement_env *env, const struct catalog_grant *g, bool rules)
{
	struct strbuf b;
	const char *s;

	strbuf_init(&b, 0);
	for (size_t i = 0; i < g->ncols; i++) {
		strbuf_addf(&b, "%s%s", i ? ", " : "", g->cols[i].name);
		if (g->cols[i].mask)
			strbuf_adds(&b, " masked");
		if (g->cols[i].mask && rules)
			strbuf_addf(&b, " (%s)", g->cols[i].mask);
	}
	s = mem_strdup(env->mem, strbuf_cstr(&b));
	strbuf_release(&b);
	return s;
}

static const char *limit_list(struct statement_env *env, const struct catalog_grant *g)
{
	struct strbuf b;
	const char *s;

	strbuf_init(&b, 0);
	if (g->minimum)
		strbuf_addf(&b, "; aggregates over %lld and more", (long long)g->minimum);
	if (g->max_rows >= 0)
		strbuf_addf(&b, "; at most %lld rows", (long long)g->max_rows);
	if (g->hours_from >= 0)
		strbuf_addf(&b, "; from %02d:%02d to %02d:%02d", g->hours_from / 60, g->hours_from % 60, g->hours_until / 60, g->hours_until % 60);
	s = b.len ? mem_strdup(env->mem, strbuf_cstr(&b) + 2) : NULL;
	strbuf_release(&b);
	return s;
}

static const char *state_of(const struct catalog_agreement *a, int64_t now)
{
	return a->suspended ? "suspended" : now < a->valid_from ? "to come" : now >= a->valid_until ? "expired" : "in force";
}

static void add_grant(struct statement_env *env, struct statement_result *out, const struct catalog_agreement *a,
					  const struct catalog_grant *g)
{
	bool rules = authorize_sees_rules(env->principal, a);
	const char *texts[9] = {a->name, a->provider, a->consumer, a->purpose, state_of(a, env->principal->now)};

	if (g) {
		texts[5] = mem_printf(env->mem, "%s.%s", g->schema, g->table);
		texts[6] = column_list(env, g, rules);
		texts[7] = !g->row_condition ? NULL : rules ? g->row_condition : "(some rows)";
		texts[8] = limit_list(env, g);
	}
	statement_add_texts(env, out, texts);
}

bool run_show_grants(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const char *wanted = AST_AS(SHOW_GRANTS, show_grants, node)->agreement;
	bool found = false;

	sharing_columns(env, out, 9, (const char *const[]){"agreement", "from", "to", "purpose", "state", "table", "columns", "rows", "limits"});
	for (size_t i = 0; i < env->snapshot->nagreements; i++) {
		const struct catalog_agreement *a = env->snapshot->agreements[i];

		if (!authorize_sees_agreement(env->principal, a) || (wanted && strcmp(wanted, a->name) != 0))
			continue;
		found = true;
		for (size_t k = 0; k < a->ngrants; k++)
			add_grant(env, out, a, a->grants[k]);
		if (!a->ngrants)
			add_grant(env, out, a, NULL);
	}
	return found || !wanted || err_at(e, node->pos, ERR_UNDEFINED_OBJECT, "agreement \"%s\" does not exist", wanted);
}

/* ---- what a user gets ---- */

/* May the asker look at what `user` gets from `provider`? Users at their own, stewards at what their agency gives. */
static bool may_look(const struct principal *who, const char *user, const char *provider)
{
	return who->is_operator || who->is_administrator || strcmp(who->user, user) == 0 ||
		   (who->role == ROLE_STEWARD && *who->agency && strcmp(who->agency, provider) == 0);
}

static void add_own(struct statement_env *env, struct statement_result *out, const struct principal *user,
					const struct catalog_table *t)
{
	const char *table = mem_printf(env->mem, "%s.%s", t->schema, t->name);

	if (authorize_access(user, t) == ACCESS_FULL && may_look(env->principal, user->user, catalog_table_agency(t)))
		statement_add_texts(env, out, (const char *const[]){table, "all", NULL, NULL, NULL, NULL, "of its own agency"});
}

static void add_shared(struct statement_env *env, struct statement_result *out, const struct principal *user,
					   const struct catalog_table *t)
{
	for (size_t i = 0; i < t->ngrants; i++) {
		const struct catalog_grant *g = t->grants[i];
		struct principal as = *user;
		bool rules = authorize_sees_rules(env->principal, g->agreement);

		as.purpose = g->agreement->purpose;
		if (!may_look(env->principal, user->user, g->agreement->provider) || authorize_access(&as, t) != ACCESS_SHARED ||
			!authorize_grant_in_force(g, &as))
			continue;
		statement_add_texts(env, out, (const char *const[]){
			mem_printf(env->mem, "%s.%s", t->schema, t->name), column_list(env, g, rules),
			!g->row_condition ? NULL : rules ? g->row_condition : "(some rows)", limit_list(env, g), g->agreement->purpose,
			g->agreement->name, g->agreement->reference});
	}
}

bool run_show_access(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const char *name = AST_AS(SHOW_ACCESS, show_access, node)->user;
	const struct principal *who = env->principal;
	struct principal login = {.user = name, .agency = "", .purpose = "", .is_listed = true}, user;
	bool steward = who->role == ROLE_STEWARD && *who->agency;

	if (!who->is_operator && !who->is_administrator && !steward && strcmp(who->user, name) != 0)
		return err_at(e, node->pos, ERR_INSUFFICIENT_PRIVILEGE, "permission denied: SHOW ACCESS FOR another USER");
	user = principal_now(env->snapshot, &login, NULL);
	if (user.is_gone)
		return err_at(e, node->pos, ERR_UNDEFINED_OBJECT, "user \"%s\" does not exist", name);
	sharing_columns(env, out, 7, (const char *const[]){"table", "columns", "rows", "limits", "purpose", "agreement", "reference"});
	for (size_t i = 0; i < env->snapshot->nschemas; i++)
		for (size_t k = 0; k < env->snapshot->schemas[i]->ntables; k++) {
			add_own(env, out, &user, env->snapshot->schemas[i]->tables[k]);
			add_shared(env, out, &user, env->snapshot->schemas[i]->tables[k]);
		}
	return true;
}

/* ---- previews ---- */

/* Every form in which the agency's users see the column for the purpose; NULL = not at all. */
static const char *form_of(struct statement_env *env, const struct catalog_table *t, const char *column, const struct principal *as)
{
	struct strbuf b;
	const char *s;
	bool first = true;

	strbuf_init(&b, 0);
	for (size_t i = 0; t && i < t->ngrants; i++) {
		const struct catalog_grant *g = t->grants[i];

		for (size_t k = 0; k < g->ncols && authorize_grant_in_force(g, as); k++) {
			const char *limits = limit_list(env, g);

			if (strcmp(g->cols[k].name, column) != 0)
				continue;
			strbuf_addf(&b, "%s%s", first ? "" : " | ", g->cols[k].mask ? g->cols[k].mask : "as it is");
			if (g->row_condition)
				strbuf_addf(&b, " WHERE %s", g->row_condition);
			if (limits)
				strbuf_addf(&b, " (%s)", limits);
			first = false;
		}
	}
	s = first ? NULL : mem_strdup(env->mem, strbuf_cstr(&b));
	strbuf_release(&b);
	return s;
}

/* "an, bình and 3 more": analysts and applications of the agency. */
static const char *users_of(struct statement_env *env, const char *agency)
{
	struct strbuf b;
	const char *s;
	size_t n = 0;

	strbuf_init(&b, 0);
	for (size_t i = 0; i < env->snapshot->nusers; i++) {
		const struct catalog_user *u = &env->snapshot->users[i];

		if (strcmp(u->agency, agency) != 0 || u->is_administrator || u->role == ROLE_AUDITOR)
			continue;
		if (n++ < 10)
			strbuf_addf(&b, "%s%s", n > 1 ? ", " : "", u->name);
	}
	if (n > 10)
		strbuf_addf(&b, " and %zu more", n - 10);
	s = n ? mem_strdup(env->mem, strbuf_cstr(&b)) : NULL;
	strbuf_release(&b);
	return s;
}

static void compare(struct statement_env *env, struct statement_result *out, const struct catalog_snapshot *before,
					const struct catalog_snapshot *after, const struct principal *as)
{
	for (size_t i = 0; i < after->nschemas; i++)
		for (size_t k = 0; k < after->schemas[i]->ntables; k++) {
			const struct catalog_table *t = after->schemas[i]->tables[k], *old = catalog_find_table(before, t->schema, t->name);

			if (!t->ngrants && !(old && old->ngrants))
				continue;
			for (uint32_t c = 0; c < t->ncols; c++) {
				const char *then = form_of(env, old, t->columns[c].name, as), *now = form_of(env, t, t->columns[c].name, as);

				if ((!then && !now) || (then && now && strcmp(then, now) == 0))
					continue;
				statement_add_texts(env, out, (const char *const[]){
					then ? now ? "changes" : "loses" : "gains", as->agency, users_of(env, as->agency), as->purpose,
					mem_printf(env->mem, "%s.%s", t->schema, t->name), t->columns[c].name, then, now});
			}
		}
}

/* The agreement alone, without and with it in force. */
static bool preview_agreement(struct statement_env *env, struct catalog_edit *x, const struct catalog_agreement *a,
							  struct statement_result *out, struct principal *as, struct err *e)
{
	struct catalog_agreement with = *a, without = *a;
	const struct catalog_snapshot *before, *after;

	with.suspended = false;
	without.suspended = true;
	with.valid_from = without.valid_from = INT64_MIN;
	with.valid_until = without.valid_until = INT64_MAX;
	if (!catalog_alter_agreement(x, a->name, &without, e) || !(before = catalog_edit_view(x, e)))
		return false;
	catalog_snapshot_ref(before);
	if (!catalog_alter_agreement(x, a->name, &with, e) || !(after = catalog_edit_view(x, e))) {
		catalog_snapshot_unref(before);
		return false;
	}
	compare(env, out, before, after, as);
	catalog_snapshot_unref(before);
	return true;
}

static const char *agreement_named(const struct ast *node)
{
	if (node->kind == AST_CREATE_AGREEMENT)
		return AST_AS(CREATE_AGREEMENT, create_agreement, node)->name;
	if (node->kind == AST_ALTER_AGREEMENT)
		return AST_AS(ALTER_AGREEMENT, alter_agreement, node)->name;
	return node->kind == AST_GRANT ? AST_AS(GRANT, grant, node)->agreement : AST_AS(REVOKE, revoke, node)->agreement;
}

bool run_preview(struct statement_env *env, const struct ast *node, struct statement_result *out, struct err *e)
{
	const struct ast_preview *p = AST_AS(PREVIEW, preview, node);
	const char *name = p->agreement ? p->agreement : agreement_named(p->statement);
	bool creates = p->statement && p->statement->kind == AST_CREATE_AGREEMENT;
	const struct catalog_agreement *a = creates ? NULL : sharing_agreement(env, name, "PREVIEW", node->pos, e);
	const struct catalog_snapshot *after;
	struct principal as = {.user = "", .role = ROLE_ANALYST, .now = env->principal->now};
	struct catalog_edit *x;
	bool ok;

	if (!a && !creates)
		return false;
	sharing_columns(env, out, 8, (const char *const[]){"effect", "agency", "users", "purpose", "table", "column", "before", "after"});
	if (a) {
		as.agency = a->consumer;
		as.purpose = a->purpose;
	}
	x = catalog_begin(env->catalog, e);
	if (!x)
		return false;
	if (p->agreement)
		ok = preview_agreement(env, x, a, out, &as, e);
	else {
		ok = sharing_apply(env, x, p->statement, e) && (after = catalog_edit_view(x, e));
		if (ok && a)
			compare(env, out, env->snapshot, after, &as);
	}
	catalog_rollback(x);
	return ok;
}
