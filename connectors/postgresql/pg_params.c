/*
 * Parameters of a query: as texts for the extended protocol, or written into the query as literals, since COPY
 * takes none. The session has standard_conforming_strings on, so doubling quotes is all the escaping there is.
 */
#include "connectors/postgresql/pg_int.h"

#include <stdlib.h>

const char *pg_param_text(struct mem *m, const struct value *v)
{
	struct strbuf b;
	const char *out;

	if (v->is_null)
		return NULL;
	strbuf_init(&b, 0);
	value_print(v, &text_context_default, &b);
	out = mem_strndup(m, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	return out;
}

static void add_literal(struct strbuf *b, struct mem *m, const struct value *v)
{
	const char *text = pg_param_text(m, v);

	if (!text) {
		strbuf_addf(b, "NULL::%s", type_name(v->type, m));
		return;
	}
	strbuf_addc(b, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			strbuf_addc(b, '\'');
		strbuf_addc(b, *text);
	}
	strbuf_addf(b, "'::%s", type_name(v->type, m));
}

/* The end of the quoted run that starts at s with its quote. */
static const char *quoted_end(const char *s)
{
	char quote = *s++;

	for (; *s; s++)
		if (*s == quote) {
			if (s[1] != quote)
				return s + 1;
			s++;
		}
	return s;
}

const char *pg_inline_params(struct mem *m, const char *sql, uint32_t nparams, const struct value *params)
{
	struct strbuf b;
	const char *out, *p = sql;

	strbuf_init(&b, 0);
	while (*p) {
		if (*p == '\'' || *p == '"') {
			const char *end = quoted_end(p);
			strbuf_add(&b, p, (size_t)(end - p));
			p = end;
		} else if (*p == '$' && p[1] >= '1' && p[1] <= '9') {
			char *end;
			unsigned long n = strtoul(p + 1, &end, 10);
			if (n <= nparams)
				add_literal(&b, m, &params[n - 1]);
			p = end;
		} else {
			strbuf_addc(&b, *p++);
		}
	}
	out = mem_strndup(m, strbuf_cstr(&b), b.len);
	strbuf_release(&b);
	return out;
}
