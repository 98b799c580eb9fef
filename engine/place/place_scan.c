/* From a guarded table of the catalog to an open query block: remote names, per-column facts, decoding rules. */
#include <string.h>

#include "engine/place/place_int.h"

static const char *option_of(const struct catalog_table *t, const struct catalog_column *c, const char *name)
{
	const char *v = c ? options_get(&c->options, name) : NULL;

	if (!v)
		v = options_get(&t->options, name);
	return v ? v : options_get(&t->server->options, name);
}

struct stream_column place_stream_column(const struct catalog_table *t, const struct catalog_column *c)
{
	struct stream_column s = {.name = c->remote_name, .type = c->type, .not_null = c->not_null, .is_key = c->key_position > 0};
	const char *encoding = option_of(t, c, "encoding"), *nfc = option_of(t, c, "nfc"), *bad = option_of(t, c, "bad_value");

	if (!encoding || !encoding_find(encoding, &s.encoding))
		s.encoding = ENCODING_UTF8;
	s.nfc = nfc && (cstr_eq_nocase(nfc, "on") || cstr_eq_nocase(nfc, "true") || cstr_eq_nocase(nfc, "yes"));
	s.bad_value = bad && cstr_eq_nocase(bad, "null") ? BAD_VALUE_NULL : BAD_VALUE_ERROR;
	/* a replaced value is NULL even in a column that the source calls NOT NULL */
	if (s.bad_value == BAD_VALUE_NULL)
		s.not_null = false;
	return s;
}

/* What the column's remote type and decoding leave of comparing at the source. */
static struct remote_facts facts_of(struct mem *m, const struct catalog_table *t, const struct catalog_column *c,
									const struct stream_column *s, const struct dialect *d)
{
	struct column_form form = {.comparable = true};
	bool text = type_is_text(c->type), view = t->remote_kind && strstr(t->remote_kind, "view");
	struct remote_facts f = {
		.text_equal_exact = c->text_equal_exact,
		.text_order_exact = c->text_order_exact,
		.bad_is_null = s->bad_value == BAD_VALUE_NULL,
		.collation = c->collation ? c->collation : "",
	};

	if (!c->cast_to_text)
		d->column(c->remote_type ? c->remote_type : "", c->type, view, m, &form);
	f.clean = form.clean;
	f.raw_differs = form.raw_differs;
	f.may_be_null = form.doubtful;
	if (text && (s->nfc || s->encoding != ENCODING_UTF8))
		f.why = "the column's text is decoded or normalised here";
	else if (!form.comparable)
		f.why = c->remote_type && *c->remote_type ? "the column's type there isn't proved to compare as the one here"
												  : "the column's type there isn't known";
	else if (c->type.id == TYPE_BPCHAR && !d->char_as_ours)
		f.why = "char(n) is padded there in another way";
	f.changes = f.why != NULL;
	return f;
}

bool place_scan(struct placer *p, struct rel *scan, struct placed *out)
{
	struct mem *m = p->plan->mem;
	const struct catalog_table *t = scan->scan.table;
	struct source_facts *facts = mem_new_object(m, struct source_facts);
	struct block_column *cols = mem_new_array(m, struct block_column, scan->ncols);
	const char **remote = mem_new_array(m, const char *, scan->ncols);
	bool *cast = mem_new_array(m, bool, scan->ncols);
	const struct guard *g = scan->scan.guard;
	const struct dialect *d;
	struct stream_column *stream;

	if (!g || g->table != t || !t->server)
		return err_set(p->err, ERR_INTERNAL, "a scan reached placement without its guard");
	memset(out, 0, sizeof *out);
	out->table = mem_printf(m, "%s.%s", t->schema, t->name);
	facts_from_options(facts, &t->server->facts);
	d = dialect_for(t->server->type, options_get(&t->server->options, "dialect"), facts);
	for (uint32_t i = 0; i < scan->ncols; i++) {
		const struct catalog_column *c = &t->columns[scan->scan.columns[i]];

		/* conditions and masks may need what the reader may not see; without any, nothing does */
		if (g->readable && !g->readable[scan->scan.columns[i]] && !g->row_condition && !g->masks && !g->minimum)
			return err_set(p->err, ERR_INTERNAL, "a column outside the access proof reached placement");
		stream = mem_new_object(m, struct stream_column);
		*stream = place_stream_column(t, c);
		stream->table = out->table;
		cols[i] = (struct block_column){.id = scan->cols[i].id, .type = scan->cols[i].type, .stream = stream,
										.facts = facts_of(m, t, c, stream, d)};
		remote[i] = c->remote_name;
		cast[i] = c->cast_to_text;
	}
	out->block = block_table(m, d, facts, t->remote_schema ? t->remote_schema : "", t->remote_name, scan->ncols, cols, remote, cast,
							 &p->aliases, g);
	out->server = t->server;
	out->plain_scan = true;
	out->cols = scan->cols;
	out->ncols = scan->ncols;
	out->subtree = scan;
	MEM_PUSH(m, out->guards.list, out->guards.count, out->guards.cap, g);
	return true;
}
