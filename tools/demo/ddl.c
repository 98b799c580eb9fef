/* Definitions of the demo's tables in the dialects of the servers that can hold them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/demo/sink.h"

static void add_name(struct strbuf *out, enum ddl_dialect dialect, const char *name)
{
	char q = dialect == DDL_MARIADB ? '`' : '"';
	strbuf_addc(out, q);
	for (; *name; name++) {
		if (*name == q)
			strbuf_addc(out, q);
		strbuf_addc(out, *name);
	}
	strbuf_addc(out, q);
}

static void add_literal(struct strbuf *out, const char *s)
{
	strbuf_addc(out, '\'');
	for (; *s; s++) {
		if (*s == '\'')
			strbuf_addc(out, '\'');
		strbuf_addc(out, *s);
	}
	strbuf_addc(out, '\'');
}

static void add_type(struct strbuf *out, enum ddl_dialect dialect, const char *type)
{
	int width = 0;
	if (strcmp(type, "double") == 0)
		strbuf_adds(out, dialect == DDL_POSTGRESQL ? "double precision" : "double");
	else if (dialect == DDL_MARIADB && strcmp(type, "timestamp") == 0)
		strbuf_adds(out, "datetime");
	else if (dialect == DDL_MARIADB && sscanf(type, "varchar(%d)", &width) == 1)
		/* codes compare byte by byte; names and texts as people expect */
		strbuf_addf(out, "%s CHARACTER SET utf8mb4 COLLATE %s", type, width <= 20 ? "utf8mb4_nopad_bin" : "utf8mb4_vietnamese_ci");
	else
		strbuf_adds(out, type);
}

static bool is_key(const struct vietnam_column *c, const char *what) { return strstr(c->key, what) != NULL; }

void ddl_create_table(struct strbuf *out, enum ddl_dialect dialect, const struct demo_table *t)
{
	strbuf_adds(out, "CREATE TABLE ");
	if (dialect != DDL_SQLITE) {
		add_name(out, dialect, t->database);
		strbuf_addc(out, '.');
	}
	add_name(out, dialect, t->name);
	strbuf_adds(out, " (");
	for (size_t i = 0; i < t->ncols; i++) {
		const struct vietnam_column *c = &t->columns[i];
		strbuf_adds(out, i ? ", " : "");
		add_name(out, dialect, c->name);
		strbuf_addc(out, ' ');
		add_type(out, dialect, c->type);
		strbuf_adds(out, strcmp(c->nullable, "no") == 0 ? " NOT NULL" : "");
		if (dialect == DDL_MARIADB) {
			strbuf_adds(out, " COMMENT ");
			add_literal(out, c->comment_vi);
		}
	}
	const char *before = ", PRIMARY KEY (";
	for (size_t i = 0; i < t->ncols; i++) {
		if (!is_key(&t->columns[i], "primary"))
			continue;
		strbuf_adds(out, before);
		add_name(out, dialect, t->columns[i].name);
		before = ", ";
	}
	strbuf_adds(out, before[2] == 'P' ? ")" : "))");
	if (dialect == DDL_MARIADB) {
		strbuf_adds(out, " CHARACTER SET utf8mb4 COMMENT ");
		add_literal(out, t->title_vi);
	}
}

bool ddl_create_index(struct strbuf *out, enum ddl_dialect dialect, const struct demo_table *t, size_t column)
{
	const struct vietnam_column *c = &t->columns[column];
	char name[160];
	if (!is_key(c, "index"))
		return false;
	snprintf(name, sizeof(name), "%s_%s", t->name, c->name);
	strbuf_adds(out, "CREATE INDEX ");
	add_name(out, dialect, name);
	strbuf_adds(out, " ON ");
	if (dialect != DDL_SQLITE) {
		add_name(out, dialect, t->database);
		strbuf_addc(out, '.');
	}
	add_name(out, dialect, t->name);
	strbuf_adds(out, " (");
	add_name(out, dialect, c->name);
	strbuf_addc(out, ')');
	return true;
}

/* Copies [from, to) with %XX decoded. */
static bool url_piece(const char *from, const char *to, char *out, size_t cap, struct err *e)
{
	size_t n = 0;
	for (; from < to; from++) {
		char c = *from;
		if (c == '%' && to - from > 2) {
			char hex[3] = {from[1], from[2], 0}, *end;
			long v = strtol(hex, &end, 16);
			if (*end || v == 0)
				return err_set(e, ERR_INVALID_PARAMETER_VALUE, "bad %%-escape in a URL");
			c = (char)v;
			from += 2;
		}
		if (n + 1 >= cap)
			return err_set(e, ERR_INVALID_PARAMETER_VALUE, "a part of a URL is too long");
		out[n++] = c;
	}
	out[n] = '\0';
	return true;
}

bool url_parse(const char *url, struct url_parts *out, struct err *e)
{
	*out = (struct url_parts){.host = "127.0.0.1"};
	const char *p = strstr(url, "://");
	if (!p || (strncmp(url, "mariadb", 7) != 0 && strncmp(url, "mysql", 5) != 0))
		return err_set(e, ERR_INVALID_PARAMETER_VALUE, "not a URL like mariadb://user:password@host:port/");
	p += 3;
	const char *end = p + strcspn(p, "/?"), *at = NULL;
	for (const char *q = p; q < end; q++)
		at = *q == '@' ? q : at;
	if (at) {
		const char *colon = memchr(p, ':', (size_t)(at - p));
		if (!url_piece(p, colon ? colon : at, out->user, sizeof(out->user), e) ||
			(colon && !url_piece(colon + 1, at, out->password, sizeof(out->password), e)))
			return false;
		p = at + 1;
	}
	const char *colon = memchr(p, ':', (size_t)(end - p));
	if ((colon ? colon : end) > p && !url_piece(p, colon ? colon : end, out->host, sizeof(out->host), e))
		return false;
	if (colon && !url_piece(colon + 1, end, out->port, sizeof(out->port), e))
		return false;
	const char *query = end + strcspn(end, "?");
	if (*end == '/' && !url_piece(end + 1, query, out->database, sizeof(out->database), e))
		return false;
	if (strncmp(query, "?socket=", 8) == 0)
		return url_piece(query + 8, query + strlen(query), out->socket, sizeof(out->socket), e);
	return true;
}
