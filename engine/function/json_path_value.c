/* Predicates, arithmetic and methods of jsonpath (see json_path_exec.h). */
#include "engine/types/json_order.h"
#include "engine/function/json_path_int.h"
#include "engine/function/json_value.h"
#include "engine/function/regex_compile.h"
#include "engine/types/datetime.h"

#include <math.h>

/* ---- predicates ---- */

static enum jp_truth truth(bool b) { return b ? JP_TRUE : JP_FALSE; }

static bool is_moment(const struct jp_value *v) { return v->moment.type.id != TYPE_VOID; }

static int64_t day_start(int32_t day) { return (int64_t)day * USEC_PER_DAY; }

/* Orders two dates or times; false when they can't be compared. What needs a zone is an error without one. */
static bool compare_moments(struct jp_context *x, const struct value *a, const struct value *b, int *order)
{
	enum type_id s = a->type.id, t = b->type.id;
	bool zoned_a = s == TYPE_TIMESTAMPTZ || s == TYPE_TIMETZ, zoned_b = t == TYPE_TIMESTAMPTZ || t == TYPE_TIMETZ;
	bool time_a = s == TYPE_TIME || s == TYPE_TIMETZ, time_b = t == TYPE_TIME || t == TYPE_TIMETZ;
	int64_t u, v;

	if (time_a != time_b)
		return false;
	if (zoned_a != zoned_b && !x->run->zoned) {
		(void)err_set(x->run->err, ERR_FEATURE_NOT_SUPPORTED, "cannot convert value from %s to %s without time zone usage",
					  zoned_a ? type_infos[t].name : type_infos[s].name, zoned_a ? type_infos[s].name : type_infos[t].name);
		return false;
	}
	if (s == t) {
		*order = value_compare(a, b);
		return true;
	}
	if (time_a)
		return false;
	u = s == TYPE_DATE ? day_start(a->i32) : a->i64;
	v = t == TYPE_DATE ? day_start(b->i32) : b->i64;
	if (zoned_a != zoned_b) {
		int64_t *local = zoned_a ? &v : &u, instant;
		if (!zone_to_utc(x->run->text->timezone, *local, &instant, x->run->err))
			return false;
		*local = instant;
	}
	*order = (u > v) - (u < v);
	return true;
}

static enum jp_truth by_order(enum jp_kind op, int c)
{
	switch (op) {
	case JP_EQ: return truth(c == 0);
	case JP_NE: return truth(c != 0);
	case JP_LT: return truth(c < 0);
	case JP_GT: return truth(c > 0);
	case JP_LE: return truth(c <= 0);
	default: return truth(c >= 0);
	}
}

static int compare_strings(struct jp_context *x, struct str a, struct str b)
{
	struct strbuf s, t;
	int c;

	(void)x;
	strbuf_init(&s, 0);
	strbuf_init(&t, 0);
	c = json_unescape(a, &s, NULL) && json_unescape(b, &t, NULL) ? str_compare(strbuf_str(&s), strbuf_str(&t)) : str_compare(a, b);
	strbuf_release(&s);
	strbuf_release(&t);
	return c;
}

static enum jp_truth compare(struct jp_context *x, enum jp_kind op, const struct jp_value *a, const struct jp_value *b)
{
	enum json_kind k = jp_kind_of(a), l = jp_kind_of(b);
	int c = 0;

	if (k != l || is_moment(a) != is_moment(b)) {
		if (k == JSON_NULL || l == JSON_NULL)
			return truth(op == JP_NE);
		return JP_UNDECIDED;
	}
	if (is_moment(a))
		return compare_moments(x, &a->moment, &b->moment, &c) ? by_order(op, c) : JP_UNDECIDED;
	switch (k) {
	case JSON_NULL: break;
	case JSON_BOOLEAN: c = (a->json.data[0] == 't') - (b->json.data[0] == 't'); break;
	case JSON_NUMBER: c = json_number_compare(a->json, b->json); break;
	case JSON_STRING: c = compare_strings(x, a->json, b->json); break;
	case JSON_ARRAY: case JSON_OBJECT: return JP_UNDECIDED;
	}
	return by_order(op, c);
}

static bool plain_text(const struct jp_value *v, struct strbuf *out)
{
	return jp_kind_of(v) == JSON_STRING && !is_moment(v) && json_unescape(v->json, out, NULL);
}

static enum jp_truth starts_with(const struct jp_value *whole, const struct jp_value *start)
{
	struct strbuf s, t;
	enum jp_truth r = JP_UNDECIDED;

	strbuf_init(&s, 0);
	strbuf_init(&t, 0);
	if (plain_text(whole, &s) && plain_text(start, &t))
		r = truth(s.len >= t.len && (t.len == 0 || memcmp(s.data, t.data, t.len) == 0));
	strbuf_release(&s);
	strbuf_release(&t);
	return r;
}

static enum jp_truth like_regex(struct jp_context *x, const struct jp_item *item, const struct jp_value *v)
{
	struct regex_flags flags = {0};
	struct regex *re;
	struct strbuf s;
	bool found = false, ok;

	for (size_t i = 0; i < item->flags.len; i++) {
		flags.icase |= item->flags.data[i] == 'i';
		flags.line_anchors |= item->flags.data[i] == 'm';
		flags.literal |= item->flags.data[i] == 'q';
	}
	flags.dot_stops = !flags.literal && !(item->flags.len && memchr(item->flags.data, 's', item->flags.len));
	if (flags.literal)
		flags.line_anchors = false;
	strbuf_init(&s, 0);
	if (!plain_text(v, &s)) {
		strbuf_release(&s);
		return JP_UNDECIDED;
	}
	re = regex_new(item->text, flags, x->run->err);
	ok = re && regex_find(re, strbuf_str(&s), 0, &found, NULL, x->run->err);
	if (re)
		regex_free(re);
	strbuf_release(&s);
	return ok ? truth(found) : JP_UNDECIDED;
}

/* The operand's items, arrays unwrapped in lax mode; an error is no error of the statement. */
static enum jp_result operand(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, bool unwrap,
							  struct jp_list *out)
{
	bool saved = x->throwing;
	enum jp_result res;

	x->throwing = false;
	res = jp_unwrapped(x, item, v, unwrap, out);
	x->throwing = saved;
	return res;
}

static enum jp_truth over_pairs(struct jp_context *x, const struct jp_item *item, const struct jp_value *v)
{
	static const struct jp_value none;
	struct jp_list left = {NULL, 0, 0}, right = {NULL, 0, 0};
	bool lax = x->run->path->lax, unknown = false, found = false;

	if (operand(x, item->left, v, true, &left) == JP_ERROR ||
		(item->right && operand(x, item->right, v, item->kind != JP_STARTS, &right) == JP_ERROR))
		return JP_UNDECIDED;
	for (size_t i = 0; i < left.count; i++)
		for (size_t k = 0; k < (item->right ? right.count : 1); k++) {
			const struct jp_value *a = &left.items[i], *b = item->right ? &right.items[k] : &none;
			enum jp_truth one = item->kind == JP_STARTS	 ? starts_with(a, b)
								: item->kind == JP_REGEX ? like_regex(x, item, a)
														 : compare(x, item->kind, a, b);
			if (err_is_set(x->run->err) || (one == JP_UNDECIDED && !lax))
				return JP_UNDECIDED;
			if (one == JP_TRUE && lax)
				return JP_TRUE;
			unknown |= one == JP_UNDECIDED;
			found |= one == JP_TRUE;
		}
	return found ? JP_TRUE : unknown ? JP_UNDECIDED : JP_FALSE;
}

static enum jp_truth exists(struct jp_context *x, const struct jp_item *item, const struct jp_value *v)
{
	struct jp_list all = {NULL, 0, 0};
	bool saved = x->throwing, lax = x->run->path->lax;
	enum jp_result res;

	x->throwing = false;
	res = jp_item_run(x, item->left, v, lax ? NULL : &all, lax);
	x->throwing = saved;
	if (res == JP_ERROR)
		return JP_UNDECIDED;
	return truth(lax ? res == JP_OK : all.count > 0);
}

enum jp_truth jp_truth_of(struct jp_context *x, const struct jp_item *item, const struct jp_value *v)
{
	enum jp_truth a, b;

	switch (item->kind) {
	case JP_AND:
		a = jp_truth_of(x, item->left, v);
		if (a == JP_FALSE)
			return a;
		b = jp_truth_of(x, item->right, v);
		return b == JP_TRUE ? a : b;
	case JP_OR:
		a = jp_truth_of(x, item->left, v);
		if (a == JP_TRUE)
			return a;
		b = jp_truth_of(x, item->right, v);
		return b == JP_FALSE ? a : b;
	case JP_NOT:
		a = jp_truth_of(x, item->left, v);
		return a == JP_UNDECIDED ? a : truth(a == JP_FALSE);
	case JP_UNKNOWN:
		return truth(jp_truth_of(x, item->left, v) == JP_UNDECIDED);
	case JP_EXISTS:
		return exists(x, item, v);
	default:
		return over_pairs(x, item, v);
	}
}

enum jp_result jp_run_predicate(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, struct jp_list *found)
{
	enum jp_truth t = jp_truth_of(x, item, v);
	struct jp_value made = jp_json(t == JP_TRUE ? STR("true") : t == JP_FALSE ? STR("false") : STR("null"));

	if (err_is_set(x->run->err))
		return JP_ERROR;
	return jp_next(x, item, &made, found);
}

/* ---- numbers ---- */

static struct jp_value number_value(struct jp_context *x, const struct num *n)
{
	struct strbuf b;
	struct jp_value v;

	strbuf_init(&b, 0);
	num_print(n, &b);
	v = jp_json(str_make(mem_strndup(x->run->mem, strbuf_cstr(&b), b.len), b.len));
	strbuf_release(&b);
	return v;
}

static enum jp_result one_number(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, const char *message,
								 struct num *out)
{
	struct jp_list list = {NULL, 0, 0};

	if (jp_unwrapped(x, item, v, true, &list) == JP_ERROR)
		return JP_ERROR;
	if (list.count != 1 || jp_kind_of(&list.items[0]) != JSON_NUMBER)
		return jp_fail(x, ERR_SINGLETON_JSON_ITEM_REQUIRED, message);
	return num_parse(list.items[0].json, out, x->throwing ? x->run->err : NULL) ? JP_OK : JP_ERROR;
}

enum jp_result jp_run_binary(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, struct jp_list *found)
{
	struct num a, b, r;
	struct jp_value made;
	struct err *e = x->throwing ? x->run->err : NULL;
	bool ok;

	if (one_number(x, item->left, v, "left operand of a jsonpath operator is not a single numeric value", &a) == JP_ERROR ||
		one_number(x, item->right, v, "right operand of a jsonpath operator is not a single numeric value", &b) == JP_ERROR)
		return JP_ERROR;
	ok = item->kind == JP_ADD	? num_add(&a, &b, &r, e)
		 : item->kind == JP_SUB ? num_sub(&a, &b, &r, e)
		 : item->kind == JP_MUL ? num_mul(&a, &b, &r, e)
		 : item->kind == JP_DIV ? num_div(&a, &b, &r, e)
								: num_mod(&a, &b, &r, e);
	if (!ok)
		return JP_ERROR;
	made = number_value(x, &r);
	return jp_next(x, item, &made, found);
}

enum jp_result jp_run_unary(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, struct jp_list *found)
{
	struct jp_list list = {NULL, 0, 0};
	enum jp_result res = JP_NOT_FOUND;

	if (jp_unwrapped(x, item->left, v, true, &list) == JP_ERROR)
		return JP_ERROR;
	for (size_t i = 0; i < list.count; i++) {
		struct num n;
		struct jp_value made;
		if (jp_kind_of(&list.items[i]) != JSON_NUMBER) {
			if (!found && !item->next)
				continue;
			return jp_fail(x, ERR_JSON_NUMBER_NOT_FOUND, "operand of unary jsonpath operator is not a numeric value");
		}
		if (!found && !item->next)
			return JP_OK;
		if (!num_parse(list.items[i].json, &n, x->throwing ? x->run->err : NULL))
			return JP_ERROR;
		n.coef = item->kind == JP_MINUS ? -n.coef : n.coef;
		made = number_value(x, &n);
		res = jp_next(x, item, &made, found);
		if (res == JP_ERROR || (res == JP_OK && !found))
			return res;
	}
	return res;
}

/* ---- methods ---- */

static struct jp_value string_value(struct jp_context *x, const char *s)
{
	return jp_json(str_of(mem_printf(x->run->mem, "\"%s\"", s)));
}

static enum jp_result run_type(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, struct jp_list *found)
{
	static const char *const names[] = {"null", "boolean", "number", "string", "array", "object"};
	struct jp_value made = string_value(x, is_moment(v) ? type_infos[v->moment.type.id].name : names[jp_kind_of(v)]);

	return jp_next(x, item, &made, found);
}

static enum jp_result run_size(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, struct jp_list *found)
{
	struct jp_value made;
	struct json_member m;
	long n = 0;

	if (jp_kind_of(v) == JSON_ARRAY)
		for (size_t at = 0; json_next(v->json, &at, &m);)
			n++;
	else if (x->run->path->lax)
		n = 1;
	else
		return x->ignore_structure ? JP_NOT_FOUND
								   : jp_fail(x, ERR_JSON_ARRAY_NOT_FOUND, "jsonpath item method .size() can only be applied to an array");
	made = jp_json(str_of(mem_printf(x->run->mem, "%ld", n)));
	return jp_next(x, item, &made, found);
}

static enum jp_result run_rounding(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, struct jp_list *found)
{
	struct err *e = x->throwing ? x->run->err : NULL;
	struct jp_value made;
	struct num n, r;
	bool ok = true;

	if (jp_kind_of(v) != JSON_NUMBER)
		return jp_fail(x, ERR_NON_NUMERIC_JSON_ITEM, "jsonpath item method can only be applied to a numeric value");
	if (!num_parse(v->json, &n, e))
		return JP_ERROR;
	r = n;
	if (item->kind == JP_ABS)
		r.coef = n.coef < 0 ? -n.coef : n.coef;
	else
		ok = item->kind == JP_FLOOR ? num_floor(&n, &r, e) : num_ceil(&n, &r, e);
	if (!ok)
		return JP_ERROR;
	made = number_value(x, &r);
	return jp_next(x, item, &made, found);
}

static enum jp_result run_double(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, struct jp_list *found)
{
	enum json_kind k = jp_kind_of(v);
	struct jp_value made = *v;
	struct strbuf s;
	struct num n;
	double d;
	bool ok;

	if ((k != JSON_NUMBER && k != JSON_STRING) || is_moment(v))
		return jp_fail(x, ERR_NON_NUMERIC_JSON_ITEM, "jsonpath item method .double() can only be applied to a string or numeric value");
	if (k == JSON_NUMBER)
		return float_parse(v->json, false, &d, NULL)
				   ? jp_next(x, item, &made, found)
				   : jp_fail(x, ERR_NON_NUMERIC_JSON_ITEM, "the argument of .double() is out of range for type double precision");
	strbuf_init(&s, 0);
	ok = json_unescape(v->json, &s, NULL) && float_parse(strbuf_str(&s), false, &d, NULL) && isfinite(d) &&
		 num_from_double(d, 15, &n, NULL);
	strbuf_release(&s);
	if (!ok)
		return jp_fail(x, ERR_NON_NUMERIC_JSON_ITEM, "string argument of jsonpath item method .double() is not a valid representation of a double precision number");
	made = number_value(x, &n);
	return jp_next(x, item, &made, found);
}

static bool digits(struct str *s, int n)
{
	if (s->len < (size_t)n)
		return false;
	for (int i = 0; i < n; i++)
		if (s->data[i] < '0' || s->data[i] > '9')
			return false;
	s->data += n;
	s->len -= (size_t)n;
	return true;
}

static bool mark(struct str *s, char c)
{
	if (!s->len || s->data[0] != c)
		return false;
	s->data++;
	s->len--;
	return true;
}

/* Which type a text in ISO form is of; VOID = none. */
static enum type_id moment_type(struct str s)
{
	bool date = s.len > 4 && s.data[4] == '-', time, zone;

	if (date && !(digits(&s, 4) && mark(&s, '-') && digits(&s, 2) && mark(&s, '-') && digits(&s, 2)))
		return TYPE_VOID;
	if (date && s.len == 0)
		return TYPE_DATE;
	if (date && !mark(&s, 'T') && !mark(&s, ' '))
		return TYPE_VOID;
	time = digits(&s, 2) && mark(&s, ':') && digits(&s, 2) && mark(&s, ':') && digits(&s, 2);
	if (!time)
		return TYPE_VOID;
	if (mark(&s, '.')) {
		int n = 0;
		while (n < 6 && digits(&s, 1))
			n++;
		if (!n)
			return TYPE_VOID;
	}
	zone = s.len > 0;
	if (zone) {
		(void)mark(&s, ' ');
		if (!mark(&s, '+') && !mark(&s, '-'))
			return TYPE_VOID;
		if (!digits(&s, 1) || (digits(&s, 1), s.len && !(mark(&s, ':') && digits(&s, 2))) || s.len)
			return TYPE_VOID;
	}
	return date ? (zone ? TYPE_TIMESTAMPTZ : TYPE_TIMESTAMP) : zone ? TYPE_TIMETZ : TYPE_TIME;
}

/* How the item shows: in ISO form, an instant in the zone that it was written in. */
static struct str show_moment(struct jp_context *x, const struct value *moment, struct str written)
{
	struct value local = *moment;
	struct strbuf b;
	struct str shown;
	size_t sign = written.len;
	bool ok = true;

	strbuf_init(&b, 0);
	if (moment->type.id == TYPE_TIMESTAMPTZ) {
		while (sign > 0 && written.data[sign] != '+' && written.data[sign] != '-')
			sign--;
		ok = value_parse(x->run->mem, type_make(TYPE_TIMESTAMP), str_make(written.data, sign), x->run->text, &local, NULL);
	}
	if (ok && json_put_value(&local, x->run->text, &b, NULL) && moment->type.id == TYPE_TIMESTAMPTZ) {
		size_t len = written.len - sign;
		b.len--; /* the quote */
		strbuf_addc(&b, written.data[sign]);
		if (len == 2 || (len > 2 && written.data[sign + 2] == ':'))
			strbuf_addc(&b, '0');
		strbuf_add(&b, written.data + sign + 1, len - 1);
		strbuf_adds(&b, memchr(written.data + sign, ':', len) ? "\"" : ":00\"");
	}
	shown = str_make(mem_strndup(x->run->mem, strbuf_cstr(&b), b.len), b.len);
	strbuf_release(&b);
	return shown;
}

static enum jp_result run_datetime(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, struct jp_list *found)
{
	struct jp_value made = *v;
	struct strbuf s;
	enum type_id t;
	bool ok;

	if (jp_kind_of(v) != JSON_STRING || is_moment(v))
		return jp_fail(x, ERR_INVALID_JSON_DATETIME, "jsonpath item method .datetime() can only be applied to a string");
	if (item->left) {
		(void)err_set(x->run->err, ERR_FEATURE_NOT_SUPPORTED, "templates of .datetime() are not supported");
		return JP_ERROR;
	}
	strbuf_init(&s, 0);
	ok = json_unescape(v->json, &s, NULL);
	t = ok ? moment_type(strbuf_str(&s)) : TYPE_VOID;
	ok = ok && t != TYPE_VOID && value_parse(x->run->mem, type_make(t), strbuf_str(&s), x->run->text, &made.moment, NULL);
	if (ok)
		made.json = show_moment(x, &made.moment, strbuf_str(&s));
	strbuf_release(&s);
	if (!ok)
		return jp_fail(x, ERR_INVALID_JSON_DATETIME, "datetime format is not recognized");
	return jp_next(x, item, &made, found);
}

/* {"id": …, "key": …, "value": …} for each member. The id tells objects apart: 0 for the root. */
static enum jp_result run_keyvalue(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, struct jp_list *found)
{
	enum jp_result res = JP_NOT_FOUND;
	struct json_member m;
	const char *base = x->run->target.data;
	size_t id = v->json.data >= base && v->json.data < base + x->run->target.len ? (size_t)(v->json.data - base) : 0;

	if (jp_kind_of(v) != JSON_OBJECT)
		return jp_fail(x, ERR_JSON_OBJECT_NOT_FOUND, "jsonpath item method .keyvalue() can only be applied to an object");
	for (size_t at = 0; json_next(v->json, &at, &m);) {
		struct jp_value made;
		if (!item->next && !found)
			return JP_OK;
		made = jp_json(str_of(mem_printf(x->run->mem, "{\"id\": %zu, \"key\": %.*s, \"value\": %.*s}", id, (int)m.key.len,
										 m.key.data, (int)m.value.len, m.value.data)));
		res = jp_next(x, item, &made, found);
		if (res == JP_ERROR || (res == JP_OK && !found))
			return res;
	}
	return res;
}

enum jp_result jp_run_method(struct jp_context *x, const struct jp_item *item, const struct jp_value *v, struct jp_list *found,
							 bool unwrap)
{
	if (unwrap && item->kind != JP_TYPE && item->kind != JP_SIZE && jp_kind_of(v) == JSON_ARRAY)
		return jp_unwrap(x, item, v, found);
	switch (item->kind) {
	case JP_TYPE:
		return run_type(x, item, v, found);
	case JP_SIZE:
		return run_size(x, item, v, found);
	case JP_DOUBLE:
		return run_double(x, item, v, found);
	case JP_DATETIME:
		return run_datetime(x, item, v, found);
	case JP_KEYVALUE:
		return run_keyvalue(x, item, v, found);
	default:
		return run_rounding(x, item, v, found);
	}
}
