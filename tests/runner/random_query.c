/*
 * Makes random queries over the fixture's tables: typed expressions by the rules of random_rules.def, so that nearly all
 * are valid; weights lean to NULLs, duplicates and boundary values. Where LIMIT or DISTINCT ON cuts rows, the order is
 * total over the output, so that there is one right answer. Running them is random.c's.
 */
#include <stdio.h>

#include "tests/runner/random.h"

const char *const kind_types[KINDS] = {"integer", "bigint", "numeric", "float8", "text", "date", "timestamp", "time", "interval", "boolean"};

struct col {
	const char *name;
	enum kind kind;
};
struct tab {
	const char *name;
	struct col cols[9];
	int ncols;
};
static const struct tab tables[] = {
	{"nums", {{"id", INT}, {"s", INT}, {"i", INT}, {"b", BIGINT}, {"n", NUMERIC}, {"m", NUMERIC}, {"f", FLOAT}, {"r", FLOAT}}, 8},
	{"texts", {{"id", INT}, {"t", TEXT}, {"u", TEXT}, {"c::text", TEXT}}, 4},
	{"dates", {{"id", INT}, {"d", DATE}, {"ts", TIMESTAMP}, {"tm", TIME}}, 4},
	{"dept", {{"id", INT}, {"name", TEXT}, {"city", TEXT}}, 3},
	{"emp", {{"id", INT}, {"name", TEXT}, {"dept_id", INT}, {"boss", INT}, {"salary", NUMERIC}, {"hired", DATE}, {"grade", INT}}, 7},
	{"kv", {{"k", INT}, {"v", TEXT}}, 2},
	{"hollow", {{"id", INT}, {"t", TEXT}, {"n", NUMERIC}}, 3},
};

struct item { /* something in FROM */
	char alias[8];
	struct col cols[9];
	int ncols;
};
struct scope {
	struct item items[8];
	int n;
	const struct scope *parent;
};
struct shape {
	enum kind kinds[6];
	int n;
};
struct cte {
	char name[8];
	struct shape shape;
};
struct maker {
	struct mem *m;
	uint64_t state;
	int aliases, budget; /* nodes that may still be made of rules */
	struct cte ctes[3];
	int nctes;
};

/* ---- random numbers: SplitMix64 ---- */
static uint64_t rnd(struct maker *x)
{
	uint64_t z = (x->state += 0x9e3779b97f4a7c15ull);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}
static int below(struct maker *x, int n)
{
	return (int)(rnd(x) % (uint64_t)n);
}
static bool chance(struct maker *x, int percent)
{
	return below(x, 100) < percent;
}
#define PICK(x, a) ((a)[below((x), (int)ARRAY_LEN(a))])

/* ---- nodes ---- */

static struct node *node(struct maker *x, enum kind kind, const char *text)
{
	struct node *n = mem_new_object(x->m, struct node);

	n->kind = kind;
	n->text = text;
	return n;
}

static struct node *add(struct maker *x, struct node *n, struct node *kid)
{
	MEM_PUSH(x->m, n->kids, n->nkids, n->cap, kid);
	return n;
}

static struct node *list(struct maker *x, const char *lead, const char *sep)
{
	struct node *n = node(x, PART, NULL);

	n->lead = lead;
	n->sep = sep;
	return n;
}

static struct node *optional(struct node *n)
{
	n->optional = true;
	return n;
}

static void write_node(struct strbuf *b, const struct node *n, const char *const *sources, int nsources)
{
	bool first = true;

	if (n->gone)
		return;
	if (!n->text) {
		for (size_t i = 0; i < n->nkids; i++) {
			if (n->kids[i]->gone)
				continue;
			strbuf_adds(b, first ? n->lead : n->sep);
			write_node(b, n->kids[i], sources, nsources);
			first = false;
		}
		return;
	}
	for (const char *p = n->text; *p; p++) {
		if (*p != '$') {
			strbuf_addc(b, *p);
			continue;
		}
		p++;
		if (*p >= '0' && *p <= '9') {
			write_node(b, n->kids[*p - '0'], sources, nsources);
		} else if (*p == 'S') {
			if (sources)
				strbuf_addf(b, "%s.", sources[(p[1] - '0') % nsources]);
			p += 2;
		} else if (*p == 'N') {
			static const char *const ways[] = {"", " DESC", " NULLS FIRST", " DESC NULLS LAST"};
			int at = 0;
			for (size_t i = 0; i < n->counted->nkids; i++)
				if (!n->counted->kids[i]->gone) {
					strbuf_addf(b, "%s%d%s", at ? ", " : "", at + 1, ways[(n->choices >> (2 * at)) & 3]);
					at++;
				}
		} else {
			strbuf_addc(b, *p);
		}
	}
}

const char *node_sql(struct mem *m, const struct node *root, const char *const *sources, int n)
{
	struct strbuf b;
	const char *text;

	strbuf_init(&b, 0);
	write_node(&b, root, sources, n);
	text = mem_strndup(m, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	return text;
}

/* ---- leaves ---- */

static const char *const int_values[] = {"0", "1", "-1", "2", "7", "100", "42", "2147483647", "NULL", "3"};
static const char *const numeric_values[] = {"0.00", "1.5", "-1.50", "2.25", "100.10", "0.01", "NULL", "1000.0", "9999999999.99", "2.5"};
static const char *const text_values[] = {"'a'", "'A'", "'a '", "''", "'abc'", "'Hà Nội'", "'zebra'", "'x'", "NULL", "'Nguyễn Văn An'", "'á'", "'B'", "'100%'"};
static const char *const date_values[] = {"date '2000-01-01'", "date '2024-02-29'", "date '1999-12-31'", "date '2020-01-11'", "NULL", "date '2026-11-23'"};
static const char *const timestamp_values[] = {"timestamp '2000-01-01 00:00:00'", "timestamp '2021-05-05 12:00:00'", "timestamp '2024-02-29 12:34:56.789'", "NULL"};
static const char *const float_values[] = {"0::float8", "1.5::float8", "-1.5::float8", "2.5::float8", "1e10::float8", "NULL", "0.1::float8"};
static const char *const time_values[] = {"time '00:00:00'", "time '12:00:00'", "time '23:59:59.999999'", "NULL", "time '08:30'"};
static const char *const interval_values[] = {"interval '1 day'", "interval '1 month -3 days'", "interval '-2 hours 30 minutes'", "NULL", "interval '400 days'", "interval '24 hours'"};
static const char *const bool_values[] = {"true", "true", "false", "false", "NULL"};

static const char *literal(struct maker *x, enum kind k)
{
	const char *v = "NULL";

	switch (k) {
	case INT:
	case BIGINT:
		v = PICK(x, int_values);
		break;
	case NUMERIC:
		v = PICK(x, numeric_values);
		break;
	case FLOAT:
		v = PICK(x, float_values);
		break;
	case TEXT:
		v = PICK(x, text_values);
		break;
	case DATE:
		v = PICK(x, date_values);
		break;
	case TIMESTAMP:
		v = PICK(x, timestamp_values);
		break;
	case TIME:
		v = PICK(x, time_values);
		break;
	case INTERVAL:
		v = PICK(x, interval_values);
		break;
	case BOOL:
		v = PICK(x, bool_values);
		break;
	case PART:
	case QUERY:
		break;
	}
	return strcmp(v, "NULL") == 0 ? mem_printf(x->m, "NULL::%s", kind_types[k]) : v[0] == '-' ? mem_printf(x->m, "(%s)", v) : v;
}

/* A column of that kind, sometimes of an outer query; a literal when there is none. */
static const char *column(struct maker *x, const struct scope *s, enum kind k)
{
	const char *found[72];
	int n = 0;

	if (s->parent && chance(x, s->n ? 20 : 100))
		return column(x, s->parent, k);
	for (int i = 0; i < s->n; i++)
		for (int c = 0; c < s->items[i].ncols; c++)
			if (s->items[i].cols[c].kind == k && n < 72)
				found[n++] = mem_printf(x->m, "%s.%s", s->items[i].alias, s->items[i].cols[c].name);
	if (n)
		return found[below(x, n)];
	return s->parent ? column(x, s->parent, k) : literal(x, k);
}

static struct node *leaf(struct maker *x, const struct scope *s, enum kind k)
{
	return node(x, k, chance(x, 78) ? column(x, s, k) : literal(x, k));
}

/* ---- expressions ---- */

struct rule {
	enum kind kind;
	int weight;
	const char *text;
	enum kind args[5];
};
#define RULE(kind, weight, text, ...) {kind, weight, text, {__VA_ARGS__}},
static const struct rule rules[] = {
#include "tests/runner/random_rules.def"
};
#undef RULE

static int arity(const char *text)
{
	int n = 0;

	for (const char *p = text; (p = strchr(p, '$')); p += 2)
		if (p[1] >= '0' && p[1] <= '9' && p[1] - '0' >= n)
			n = p[1] - '0' + 1;
	return n;
}

/* The rule's text with everything but its kids chosen. */
static const char *fill(struct maker *x, const char *text)
{
	static const char *const patterns[] = {"a%", "%a%", "_", "%ễ%", "a_c", "", "%", "A%", "%n", "% %", "x"};
	static const char *const units[] = {"year", "month", "day", "hour", "quarter", "week", "decade", "minute"};
	static const char *const fields[] = {"year", "month", "day", "dow", "doy", "quarter", "week", "isodow", "isoyear"};
	static const char *const compare[] = {"=", "=", "<>", "<", "<=", ">", ">="};
	struct strbuf b;
	const char *out;

	strbuf_init(&b, 0);
	for (const char *p = text; *p; p++) {
		if (*p != '$' || (p[1] >= '0' && p[1] <= '9') || p[1] == '$') {
			strbuf_addc(&b, *p);
			if (*p == '$')
				strbuf_addc(&b, *++p);
			continue;
		}
		p++;
		if (*p == 'i')
			strbuf_addf(&b, "%d", below(x, 5));
		else
			strbuf_adds(&b, *p == 'p' ? PICK(x, patterns) : *p == 'u' ? PICK(x, units) : *p == 'e' ? PICK(x, fields) : PICK(x, compare));
	}
	out = mem_strndup(x->m, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	return out;
}

static struct node *value(struct maker *x, const struct scope *s, enum kind k, int depth);
static struct node *query(struct maker *x, const struct scope *parent, const struct shape *shape, int depth);
static struct node *one_row(struct maker *x, const struct scope *parent, enum kind k);

static enum kind some_kind(struct maker *x)
{
	static const enum kind kinds[] = {INT, INT, INT, BIGINT, NUMERIC, NUMERIC, TEXT, TEXT, TEXT, DATE, DATE, TIMESTAMP, FLOAT, BOOL, TIME, INTERVAL};

	return PICK(x, kinds);
}

static struct node *by_rule(struct maker *x, const struct scope *s, enum kind k, int depth)
{
	const struct rule *r = NULL;
	struct node *n;
	int total = 0, at;

	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		total += rules[i].kind == k ? rules[i].weight : 0;
	at = below(x, total);
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].kind == k && (at -= rules[i].weight) < 0) {
			r = &rules[i];
			break;
		}
	n = node(x, k, fill(x, r->text));
	for (int i = 0; i < arity(r->text); i++)
		add(x, n, value(x, s, r->args[i], depth - 1));
	return n;
}

static struct node *with(struct maker *x, enum kind k, const char *text, struct node *a, struct node *b, struct node *c)
{
	struct node *n = node(x, k, text);

	add(x, n, a);
	if (b)
		add(x, n, b);
	if (c)
		add(x, n, c);
	return n;
}

static struct node *subquery_condition(struct maker *x, const struct scope *s, int depth)
{
	struct shape one = {{some_kind(x)}, 1};
	static const char *const forms[] = {"$0 IN ($1)", "$0 IN ($1)", "$0 NOT IN ($1)", "$0 = ANY ($1)", "$0 < ANY ($1)", "$0 >= ALL ($1)", "$0 <> ALL ($1)"};

	if (chance(x, 45))
		return with(x, BOOL, chance(x, 70) ? "EXISTS ($0)" : "NOT EXISTS ($0)", query(x, s, &one, 0), NULL, NULL);
	if (one.kinds[0] == BOOL)
		one.kinds[0] = INT;
	return with(x, BOOL, PICK(x, forms), value(x, s, one.kinds[0], depth - 1), query(x, s, &one, 0), NULL);
}

static struct node *value(struct maker *x, const struct scope *s, enum kind k, int depth)
{
	int what = below(x, 100);

	if (depth <= 0 || x->budget-- <= 0)
		return k == BOOL && depth > -2 ? by_rule(x, s, k, depth - 2) : leaf(x, s, k);
	if (what < 28 && k != BOOL)
		return leaf(x, s, k);
	if (what < 34)
		return with(x, k, "CASE WHEN $0 THEN $1 ELSE $2 END", value(x, s, BOOL, depth - 1), value(x, s, k, depth - 1), value(x, s, k, depth - 1));
	if (what < 36 && k != BOOL)
		return with(x, k, "CASE $0 WHEN 1 THEN $1 WHEN 2 THEN $2 END", value(x, s, INT, depth - 1), value(x, s, k, depth - 1), value(x, s, k, depth - 1));
	if (what < 40)
		return with(x, k, "coalesce($0, $1)", value(x, s, k, depth - 1), value(x, s, k, depth - 1), NULL);
	if (what < 43)
		return with(x, k, "nullif($0, $1)", value(x, s, k, depth - 1), value(x, s, k, depth - 1), NULL);
	if (what < 45)
		return with(x, k, chance(x, 50) ? "greatest($0, $1)" : "least($0, $1)", value(x, s, k, depth - 1), value(x, s, k, depth - 1), NULL);
	if (what < 48 && x->budget > 10)
		return with(x, k, "($0)", one_row(x, s, k), NULL, NULL);
	if (what < 58 && k == BOOL && x->budget > 10)
		return subquery_condition(x, s, depth);
	return by_rule(x, s, k, depth);
}

/* ---- aggregates ---- */

static struct node *filtered(struct maker *x, const struct scope *s, struct node *n)
{
	return chance(x, 85) ? n : with(x, n->kind, "$0 FILTER (WHERE $1)", n, value(x, s, BOOL, 1), NULL);
}

static struct node *aggregate(struct maker *x, const struct scope *s, enum kind k)
{
	static const char *const bools[] = {"bool_or($0)", "bool_and($0)", "every($0)"};
	static const char *const ordered[] = {"string_agg($0, ',' ORDER BY $0)", "string_agg(DISTINCT $0, ',' ORDER BY $0)", "string_agg($0, '' ORDER BY $0 DESC)"};
	struct node *n = NULL;
	enum kind any = some_kind(x);
	struct scope own = *s;

	/* an aggregate of outer columns alone would be the outer query's */
	if (chance(x, 90))
		own.parent = NULL;
	s = &own;
	if (k == BIGINT && chance(x, 30))
		n = node(x, k, "count(*)");
	else if (k == BIGINT && chance(x, 50))
		n = with(x, k, chance(x, 40) ? "count(DISTINCT $0)" : "count($0)", value(x, s, any, 1), NULL, NULL);
	else if (k == BIGINT)
		n = with(x, k, chance(x, 20) ? "sum(DISTINCT $0)" : "sum($0)", value(x, s, INT, 1), NULL, NULL);
	else if (k == NUMERIC && chance(x, 35))
		n = with(x, k, chance(x, 20) ? "sum(DISTINCT $0)" : "sum($0)", value(x, s, chance(x, 30) ? BIGINT : NUMERIC, 1), NULL, NULL);
	else if (k == NUMERIC && chance(x, 60))
		n = with(x, k, "avg($0)", value(x, s, chance(x, 50) ? INT : NUMERIC, 1), NULL, NULL);
	else if (k == INT && chance(x, 40))
		return with(x, k, "count($0)::integer", value(x, s, any, 1), NULL, NULL);
	else if (k == BOOL)
		n = with(x, k, PICK(x, bools), value(x, s, BOOL, 1), NULL, NULL);
	else if (k == TEXT && chance(x, 40))
		n = with(x, k, PICK(x, ordered), value(x, s, TEXT, 1), NULL, NULL);
	else
		n = with(x, k, chance(x, 50) ? "min($0)" : "max($0)", value(x, s, k, 1), NULL, NULL);
	n = filtered(x, s, n);
	if (chance(x, 12))
		return with(x, k, "coalesce($0, $1)", n, node(x, k, literal(x, k)), NULL);
	return n;
}

/* A window function. Peers are told apart by nothing, so what differs among them (row_number, lag, ROWS) is only for a
 * query that shows nothing else (alone), where it is a matter of the bag of rows. */
static struct node *window(struct maker *x, const struct scope *s, bool alone, enum kind *k)
{
	static const struct {
		enum kind kind;
		const char *text;
	} calls[] = {
		{BIGINT, "rank() OVER $0"}, {BIGINT, "dense_rank() OVER $0"}, {BIGINT, "count(*) OVER $0"}, {FLOAT, "percent_rank() OVER $0"},
		{FLOAT, "cume_dist() OVER $0"}, {BIGINT, "count($1) OVER $0"}, {BIGINT, "sum($1) OVER $0"}, {NUMERIC, "avg($1) OVER $0"},
		{INT, "min($1) OVER $0"}, {INT, "max($1) OVER $0"}, {INT, "first_value($2) OVER $0"}, {INT, "last_value($2) OVER $0"},
		{BOOL, "bool_or($1 > 1) OVER $0"}, {BIGINT, "count(*) FILTER (WHERE $1 > 1) OVER $0"},
		/* alone */
		{INT, "lag($2) OVER $0"}, {INT, "lead($2, 2, 0) OVER $0"}, {BIGINT, "row_number() OVER $0"}, {INT, "ntile(3) OVER $0"},
		{INT, "nth_value($2, 2) OVER $0"}, {BIGINT, "sum($2) OVER $0"}, {INT, "min($2) OVER $0"}, {BIGINT, "count($2) OVER $0"},
	};
	static const char *const frames[] = {"", "", "", " RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
		" RANGE BETWEEN 1 PRECEDING AND CURRENT ROW", " GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
		" RANGE BETWEEN CURRENT ROW AND 10 FOLLOWING", " GROUPS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE GROUP",
		" RANGE BETWEEN 5 FOLLOWING AND 10 FOLLOWING", " GROUPS BETWEEN 2 PRECEDING AND 1 PRECEDING",
		" RANGE BETWEEN 10 PRECEDING AND 1 FOLLOWING EXCLUDE TIES",
		/* alone */
		" ROWS BETWEEN 2 PRECEDING AND CURRENT ROW", " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW",
		" ROWS BETWEEN 1 FOLLOWING AND 3 FOLLOWING", " ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING EXCLUDE TIES"};
	size_t peers = 14, ncalls = alone ? ARRAY_LEN(calls) : peers, nframes = alone ? ARRAY_LEN(frames) : 11;
	size_t i = (size_t)below(x, (int)ncalls);
	struct node *order = value(x, s, INT, chance(x, 70) ? 0 : 1);
	struct node *spec;

	if (alone && i < peers) /* their arguments are not what is ordered by */
		nframes = 11;
	spec = node(x, PART, mem_printf(x->m, chance(x, 50) ? "(ORDER BY $0%s%s)" : "(PARTITION BY $1 ORDER BY $0%s%s)",
		chance(x, 70) ? "" : " DESC NULLS LAST", frames[below(x, (int)nframes)]));
	add(x, add(x, spec, order), value(x, s, some_kind(x), 0));
	*k = calls[i].kind;
	return add(x, with(x, *k, calls[i].text, spec, value(x, s, INT, 0), NULL), order);
}

/* ---- FROM ---- */

static void random_shape(struct maker *x, struct shape *shape, int most)
{
	shape->n = 1 + below(x, most);
	for (int i = 0; i < shape->n; i++)
		shape->kinds[i] = some_kind(x);
}

static void shape_columns(struct maker *x, struct item *it, const struct shape *shape)
{
	it->ncols = shape->n;
	for (int i = 0; i < shape->n; i++)
		it->cols[i] = (struct col){mem_printf(x->m, "c%d", i + 1), shape->kinds[i]};
}

static struct node *values_list(struct maker *x, struct item *it)
{
	struct shape shape;
	struct strbuf b;
	struct node *n;

	random_shape(x, &shape, 3);
	shape_columns(x, it, &shape);
	strbuf_init(&b, 0);
	strbuf_adds(&b, "(VALUES ");
	for (int r = 0, rows = 1 + below(x, 4); r < rows; r++) {
		strbuf_adds(&b, r ? ", (" : "(");
		for (int c = 0; c < shape.n; c++)
			strbuf_addf(&b, "%s%s", c ? ", " : "", literal(x, shape.kinds[c]));
		strbuf_addc(&b, ')');
	}
	strbuf_addf(&b, ") %s(", it->alias);
	for (int c = 0; c < shape.n; c++)
		strbuf_addf(&b, "%sc%d", c ? ", " : "", c + 1);
	strbuf_addc(&b, ')');
	n = node(x, PART, mem_strndup(x->m, strbuf_cstr(&b), b.len));
	strbuf_release(&b);
	return n;
}

/* One relation; left: what a LATERAL one may see, NULL = not lateral. */
static struct node *relation(struct maker *x, const struct scope *outer, const struct scope *left, int source, int depth, struct item *it)
{
	int what = below(x, 100);
	const struct tab *t;

	snprintf(it->alias, sizeof it->alias, "a%d", x->aliases++);
	if (depth > 0 && what < 12) {
		struct shape shape;
		random_shape(x, &shape, 3);
		shape_columns(x, it, &shape);
		return with(x, PART, mem_printf(x->m, "($0) %s", it->alias), query(x, outer, &shape, depth - 1), NULL, NULL);
	}
	if (depth > 0 && left && what < 18) {
		struct shape shape;
		random_shape(x, &shape, 2);
		shape_columns(x, it, &shape);
		return with(x, PART, mem_printf(x->m, "LATERAL ($0) %s", it->alias), query(x, left, &shape, 0), NULL, NULL);
	}
	if (what < 23)
		return values_list(x, it);
	if (x->nctes && what < 50) {
		const struct cte *c = &x->ctes[below(x, x->nctes)];
		shape_columns(x, it, &c->shape);
		return node(x, PART, mem_printf(x->m, "%s %s", c->name, it->alias));
	}
	t = &tables[below(x, (int)ARRAY_LEN(tables))];
	memcpy(it->cols, t->cols, sizeof it->cols);
	it->ncols = t->ncols;
	return node(x, PART, mem_printf(x->m, "$S%d.%s %s", source, t->name, it->alias));
}

static struct node *column_of(struct maker *x, const struct item *it, enum kind k)
{
	const char *found = NULL;
	int n = 0;

	for (int c = 0; c < it->ncols; c++)
		if (it->cols[c].kind == k && below(x, ++n) == 0)
			found = mem_printf(x->m, "%s.%s", it->alias, it->cols[c].name);
	return node(x, k, found ? found : literal(x, k));
}

static bool has_kind(const struct item *it, enum kind k)
{
	for (int c = 0; c < it->ncols; c++)
		if (it->cols[c].kind == k)
			return true;
	return false;
}

static struct node *from(struct maker *x, struct scope *s, int depth, int most)
{
	static const char *const words[] = {"JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN"};
	int n = chance(x, 50) ? 1 : chance(x, 70) ? 2 : 3, source = below(x, 8);
	struct node *out = list(x, " FROM ", " ");

	if (n > most)
		n = most;
	for (int i = 0; i < n; i++) {
		const char *word = PICK(x, words);
		bool full = strcmp(word, "FULL JOIN") == 0, right = strcmp(word, "RIGHT JOIN") == 0;
		struct scope left = *s;
		struct item it = {.ncols = 0};
		enum kind k = chance(x, 65) ? INT : chance(x, 60) ? TEXT : some_kind(x);
		int other = 0;
		struct node *r = relation(x, s->parent, i && !full && !right ? &left : NULL, chance(x, 55) ? source : below(x, 8), depth, &it), *on;
		s->items[s->n++] = it;
		if (full) {
			k = it.cols[below(x, it.ncols)].kind;
			for (other = 0; other < i && !has_kind(&s->items[other], k); other++)
				;
			if (other == i) {
				full = false;
				word = "LEFT JOIN";
			}
		}
		if (i == 0) {
			add(x, out, r);
			continue;
		}
		if (strcmp(word, "CROSS JOIN") == 0) {
			add(x, out, optional(with(x, PART, "CROSS JOIN $0", r, NULL, NULL)));
			continue;
		}
		if (full || chance(x, 75)) {
			on = with(x, BOOL, "$0 = $1", full ? column_of(x, &s->items[other], k) : value(x, &left, k, chance(x, 80) ? 0 : 1), column_of(x, &it, k), NULL);
			if (!full && chance(x, 20))
				on = with(x, BOOL, "$0 AND $1", on, value(x, s, BOOL, 1), NULL);
		} else {
			on = value(x, s, BOOL, 1);
		}
		add(x, out, optional(with(x, PART, mem_printf(x->m, "%s $0 ON $1", word), r, on, NULL)));
	}
	return out;
}

/* ---- SELECT ---- */

static struct node *order_limit(struct maker *x, struct node *targets, bool limit)
{
	struct node *n = node(x, PART, limit ? mem_printf(x->m, " ORDER BY $N LIMIT %d%s", below(x, 8), chance(x, 35) ? " OFFSET 2" : "") : " ORDER BY $N");

	n->counted = targets;
	n->choices = (uint32_t)rnd(x);
	return n;
}

static struct node *target(struct maker *x, struct node *v, int i)
{
	return with(x, PART, mem_printf(x->m, "$0 AS c%d", i + 1), v, NULL, NULL);
}

static struct node *grouped(struct maker *x, struct scope *s, const struct shape *shape, struct node *targets, struct node **having)
{
	static const char *const forms[] = {"%s", "%s", "%s", "ROLLUP (%s)", "CUBE (%s)", "GROUPING SETS ((%s), ())"};
	struct strbuf b;
	struct node *n, *group = NULL;
	int ngroups = 0;
	bool plain = true; /* PostgreSQL sorts constants of grouping sets as constants, NULLs or not */
	const char *form;

	strbuf_init(&b, 0);
	for (int i = 0; i < shape->n; i++) {
		bool key = chance(x, 45), over = !key && group && !group->nkids && group->kind == shape->kinds[i] && chance(x, 50);
		struct node *v = key	? value(x, s, shape->kinds[i], chance(x, 60) ? 0 : 1)
						 : over ? with(x, group->kind, "coalesce($0, $1)", group, node(x, group->kind, literal(x, group->kind)), NULL)
								: aggregate(x, s, shape->kinds[i]);
		if (key) {
			plain &= !v->nkids && strchr(v->text, '.') && strchr(v->text, 'a') == v->text;
			strbuf_addf(&b, "%s%d", ngroups++ ? ", " : "", i + 1);
			group = v;
		}
		add(x, targets, target(x, v, i));
	}
	if (chance(x, 25))
		*having = optional(with(x, PART, " HAVING $0 $1", aggregate(x, s, BIGINT), node(x, PART, chance(x, 50) ? "> 1" : "<= 3"), NULL));
	form = chance(x, 65) || !plain ? "%s" : PICK(x, forms);
	n = node(x, PART, "");
	if (ngroups) {
		const char *at = strstr(form, "%s");
		n->text = mem_printf(x->m, " GROUP BY %.*s%s%s", (int)(at - form), form, strbuf_cstr(&b), at + 2);
	}
	strbuf_release(&b);
	return n;
}

/* free: the number of columns may shrink. */
static struct node *select(struct maker *x, const struct scope *parent, const struct shape *shape, int depth, bool free, bool *ordered)
{
	struct scope s = {.parent = parent};
	struct node *n = node(x, QUERY, "SELECT $0$1$2$3$4$5$6"), *targets = list(x, "", ", "), *f, *where = list(x, " WHERE ", " AND ");
	struct node *group = node(x, PART, ""), *having = node(x, PART, ""), *word = node(x, PART, ""), *order = node(x, PART, "");
	bool limit = chance(x, 18), windows = chance(x, 20);

	*ordered = false;
	f = from(x, &s, depth, parent ? 2 : 3);
	for (int c = below(x, 3); c > 0; c--)
		add(x, where, optional(value(x, &s, BOOL, 2)));
	if (chance(x, 30)) {
		group = grouped(x, &s, shape, targets, &having);
	} else {
		for (int i = 0; i < shape->n; i++) {
			enum kind k = shape->kinds[i];
			bool over = windows && free && chance(x, 50);
			struct node *t = target(x, over ? window(x, &s, shape->n == 1, &k) : value(x, &s, k, parent ? 1 : 3), i);
			t->optional = free && i > 0;
			add(x, targets, t);
		}
		if (chance(x, 15))
			word = optional(node(x, PART, "DISTINCT "));
		else if (chance(x, 6)) {
			word = node(x, PART, "DISTINCT ON (1) ");
			*ordered = true;
		}
	}
	if (limit || *ordered || chance(x, parent ? 0 : 15)) {
		order = order_limit(x, targets, limit);
		*ordered = true;
	}
	add(x, n, word);
	add(x, n, targets);
	add(x, n, f);
	add(x, n, where);
	add(x, n, group);
	add(x, n, having);
	add(x, n, order);
	return n;
}

/* A subquery of one row at most. */
static struct node *one_row(struct maker *x, const struct scope *parent, enum kind k)
{
	struct scope s = {.parent = parent};
	struct node *n = node(x, QUERY, "SELECT $0$1$2$3"), *where = list(x, " WHERE ", " AND "), *f = from(x, &s, 0, chance(x, 80) ? 1 : 2), *targets = list(x, "", ", "), *order;

	if (chance(x, 85))
		add(x, where, optional(value(x, &s, BOOL, 1)));
	if (chance(x, 70)) {
		add(x, targets, aggregate(x, &s, k));
		order = node(x, PART, "");
	} else {
		add(x, targets, value(x, &s, k, 1));
		order = node(x, PART, " ORDER BY $N LIMIT 1");
		order->counted = targets;
		order->choices = (uint32_t)rnd(x);
	}
	add(x, n, targets);
	add(x, n, f);
	add(x, n, where);
	add(x, n, order);
	return n;
}

static struct node *query(struct maker *x, const struct scope *parent, const struct shape *shape, int depth)
{
	static const char *const ops[] = {"UNION", "UNION ALL", "UNION ALL", "INTERSECT", "EXCEPT", "EXCEPT ALL", "INTERSECT ALL"};
	bool ordered;

	if (chance(x, depth > 0 ? 15 : 6) && x->budget > 5)
		return with(x, QUERY, mem_printf(x->m, "($0) %s ($1)", PICK(x, ops)), select(x, parent, shape, depth, false, &ordered),
					select(x, parent, shape, depth, false, &ordered), NULL);
	return select(x, parent, shape, depth, false, &ordered);
}

void random_query_make(struct mem *m, uint64_t seed, struct random_query *out)
{
	struct maker x = {.m = m, .state = seed, .budget = 45};
	struct node *with_list = list(&x, "WITH ", ", ");
	struct shape shape;
	int nctes = chance(&x, 12) ? 1 + below(&x, 2) : 0;

	for (int i = 0; i < nctes; i++) {
		struct cte c;
		static const char *const ways[] = {"", "", "MATERIALIZED ", "NOT MATERIALIZED "};
		snprintf(c.name, sizeof c.name, "w%d", i + 1);
		random_shape(&x, &c.shape, 3);
		{
			struct strbuf b;
			strbuf_init(&b, 0);
			strbuf_addf(&b, "%s (", c.name);
			for (int k = 0; k < c.shape.n; k++)
				strbuf_addf(&b, "%sc%d", k ? ", " : "", k + 1);
			strbuf_addf(&b, ") AS %s($0)", PICK(&x, ways));
			add(&x, with_list, optional(with(&x, PART, mem_strndup(m, strbuf_cstr(&b), b.len), query(&x, NULL, &c.shape, 1), NULL, NULL)));
			strbuf_release(&b);
		}
		x.ctes[x.nctes++] = c;
	}
	random_shape(&x, &shape, 4);
	out->ordered = false;
	out->root = with(&x, PART, nctes ? "$0 $1" : "$0$1", with_list, chance(&x, 85) ? select(&x, NULL, &shape, 2, true, &out->ordered) : query(&x, NULL, &shape, 2), NULL);
}
