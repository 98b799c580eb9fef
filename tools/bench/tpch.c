/*
 * The rows of the eight tables. See tpch.h.
 *
 * Invariants that the queries rest on: a line's supplier is one of its part's four; its price is quantity × the part's
 * retail price; an order's total and status follow from its lines; a third of the customers has no orders; dates run
 * from 1992-01-01 to 1998-12-31 with 1995-06-17 as "now".
 */
#include "tools/bench/tpch.h"

#include <stdio.h>
#include <string.h>

#define FIRST_DAY 8035  /* 1992-01-01 */
#define LAST_DAY 10591  /* 1998-12-31 */
#define TODAY 9298      /* 1995-06-17 */

#define I(name) {name, TPCH_INTEGER, 0}
#define M(name) {name, TPCH_MONEY, 0}
#define D(name) {name, TPCH_DATE, 0}
#define C(name, n) {name, TPCH_CHAR, n}
#define V(name, n) {name, TPCH_VARCHAR, n}
const struct tpch_schema tpch_schemas[TPCH_TABLES] = {
	[TPCH_REGION] = {"region", "r_regionkey", 3, {I("r_regionkey"), C("r_name", 25), V("r_comment", 152)}},
	[TPCH_NATION] = {"nation", "n_nationkey", 4,
					 {I("n_nationkey"), C("n_name", 25), I("n_regionkey"), V("n_comment", 152)}},
	[TPCH_SUPPLIER] = {"supplier", "s_suppkey", 7,
					   {I("s_suppkey"), C("s_name", 25), V("s_address", 40), I("s_nationkey"), C("s_phone", 15),
						M("s_acctbal"), V("s_comment", 101)}},
	[TPCH_CUSTOMER] = {"customer", "c_custkey", 8,
					   {I("c_custkey"), V("c_name", 25), V("c_address", 40), I("c_nationkey"), C("c_phone", 15),
						M("c_acctbal"), C("c_mktsegment", 10), V("c_comment", 117)}},
	[TPCH_PART] = {"part", "p_partkey", 9,
				   {I("p_partkey"), V("p_name", 55), C("p_mfgr", 25), C("p_brand", 10), V("p_type", 25), I("p_size"),
					C("p_container", 10), M("p_retailprice"), V("p_comment", 23)}},
	[TPCH_PARTSUPP] = {"partsupp", "ps_partkey, ps_suppkey", 5,
					   {I("ps_partkey"), I("ps_suppkey"), I("ps_availqty"), M("ps_supplycost"), V("ps_comment", 199)}},
	[TPCH_ORDERS] = {"orders", "o_orderkey", 9,
					 {I("o_orderkey"), I("o_custkey"), C("o_orderstatus", 1), M("o_totalprice"), D("o_orderdate"),
					  C("o_orderpriority", 15), C("o_clerk", 15), I("o_shippriority"), V("o_comment", 79)}},
	[TPCH_LINEITEM] = {"lineitem", "l_orderkey, l_linenumber", 16,
					   {I("l_orderkey"), I("l_partkey"), I("l_suppkey"), I("l_linenumber"), M("l_quantity"),
						M("l_extendedprice"), M("l_discount"), M("l_tax"), C("l_returnflag", 1), C("l_linestatus", 1),
						D("l_shipdate"), D("l_commitdate"), D("l_receiptdate"), C("l_shipinstruct", 25),
						C("l_shipmode", 10), V("l_comment", 44)}},
};

enum tpch_table tpch_table_find(const char *name, size_t len)
{
	enum tpch_table t = TPCH_REGION;

	while (t < TPCH_TABLES && (strlen(tpch_schemas[t].name) != len || strncmp(tpch_schemas[t].name, name, len) != 0))
		t++;
	return t;
}

int64_t tpch_rows(enum tpch_table table, double scale)
{
	static const int64_t rows[TPCH_TABLES] = {5, 25, 10000, 150000, 200000, 200000, 1500000, 1500000};
	int64_t n;

	if (table <= TPCH_NATION)
		return rows[table];
	n = (int64_t)((double)rows[table] * scale + 0.5);
	return (n < 10 ? 10 : n) * (table == TPCH_PARTSUPP ? 4 : 1);
}

void tpch_open(struct tpch_cursor *c, enum tpch_table table, double scale)
{
	memset(c, 0, sizeof *c);
	c->table = table;
	c->scale = scale;
	c->rows = tpch_rows(table, scale);
}

static struct tpch_random random_of(enum tpch_table table, int64_t row)
{
	return (struct tpch_random){tpch_mix((uint64_t)row * UINT64_C(0xd1342543de82ef95) + (uint64_t)table + 1)};
}

/* ---- pieces of rows ---- */

static void set(struct tpch_cell *cell, const char *text)
{
	cell->text = text;
	cell->len = (uint32_t)strlen(text);
}

#define ONE_OF(r, list) ((list)[tpch_between((r), 0, (int64_t)(sizeof(list) / sizeof((list)[0])) - 1)])

/* "Customer#000000012" */
static void set_numbered(struct tpch_cell *cell, char *buf, const char *what, int64_t n)
{
	size_t len = strlen(what), at = len + 9;

	memcpy(buf, what, len);
	for (; at > len; n /= 10)
		buf[--at] = (char)('0' + n % 10);
	cell->text = buf;
	cell->len = (uint32_t)len + 9;
}

static void set_address(struct tpch_cell *cell, char *buf, struct tpch_random *r)
{
	static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ, ";
	uint32_t n = (uint32_t)tpch_between(r, 10, 40);

	for (uint32_t i = 0; i < n; i++)
		buf[i] = letters[tpch_between(r, 0, i == 0 || i == n - 1 ? 61 : 63)];
	cell->text = buf;
	cell->len = n;
}

static void set_phone(struct tpch_cell *cell, char *buf, struct tpch_random *r, int64_t nation)
{
	int a = (int)tpch_between(r, 100, 999), b = (int)tpch_between(r, 100, 999), d = (int)tpch_between(r, 1000, 9999);

	cell->len = (uint32_t)snprintf(buf, 128, "%02d-%03d-%03d-%04d", (int)nation + 10, a, b, d);
	cell->text = buf;
}

/* The i-th (0 … 3) supplier of a part. */
static int64_t supplier_of(int64_t part, int64_t i, double scale)
{
	int64_t s = tpch_rows(TPCH_SUPPLIER, scale);

	return (part + i * (s / 4 + (part - 1) / s)) % s + 1;
}

static int64_t retail_price(int64_t part) { return 90000 + part / 10 % 20001 + 100 * (part % 1000); }

/* Eight keys of every 32 are in use. */
static int64_t order_key(int64_t n) { return n >> 3 << 5 | (n & 7); }

/* ---- the tables ---- */

static void make_region(int64_t row, struct tpch_cell *v)
{
	struct tpch_random r = random_of(TPCH_REGION, row);

	v[0].number = row;
	set(&v[1], tpch_regions[row]);
	tpch_comment(&r, 31, 115, &v[2]);
}

static void make_nation(int64_t row, struct tpch_cell *v)
{
	struct tpch_random r = random_of(TPCH_NATION, row);

	v[0].number = row;
	set(&v[1], tpch_nations[row].name);
	v[2].number = tpch_nations[row].region;
	tpch_comment(&r, 31, 114, &v[3]);
}

static void make_supplier(struct tpch_cursor *c, int64_t row, struct tpch_cell *v)
{
	struct tpch_random r = random_of(TPCH_SUPPLIER, row);
	int64_t nation = tpch_between(&r, 0, 24), remark = tpch_between(&r, 0, 1999);
	struct tpch_cell comment;

	v[0].number = row + 1;
	set_numbered(&v[1], c->text[0], "Supplier#", row + 1);
	set_address(&v[2], c->text[1], &r);
	v[3].number = nation;
	set_phone(&v[4], c->text[2], &r, nation);
	v[5].number = tpch_between(&r, -99999, 999999);
	tpch_comment(&r, 30, 100, &comment);
	v[6] = comment;
	if (remark <= 1) { /* ten in 10,000, half of them complaints */
		memcpy(c->text[3], comment.text, comment.len);
		memcpy(c->text[3] + 2, "Customer ", 9);
		memcpy(c->text[3] + 15, remark ? "Recommends" : "Complaints", 10);
		v[6].text = c->text[3];
	}
}

static void make_customer(struct tpch_cursor *c, int64_t row, struct tpch_cell *v)
{
	struct tpch_random r = random_of(TPCH_CUSTOMER, row);
	int64_t nation = tpch_between(&r, 0, 24);

	v[0].number = row + 1;
	set_numbered(&v[1], c->text[0], "Customer#", row + 1);
	set_address(&v[2], c->text[1], &r);
	v[3].number = nation;
	set_phone(&v[4], c->text[2], &r, nation);
	v[5].number = tpch_between(&r, -99999, 999999);
	set(&v[6], ONE_OF(&r, tpch_segments));
	tpch_comment(&r, 29, 116, &v[7]);
}

static void make_part(struct tpch_cursor *c, int64_t row, struct tpch_cell *v)
{
	struct tpch_random r = random_of(TPCH_PART, row);
	int maker = (int)tpch_between(&r, 1, 5), brand = (int)tpch_between(&r, 1, 5), at[5], n = 0;
	char *p = c->text[0];

	v[0].number = row + 1;
	while (n < 5) { /* five colours, all different */
		bool fresh = true;

		at[n] = (int)tpch_between(&r, 0, 91);
		for (int i = 0; i < n; i++)
			fresh = fresh && at[i] != at[n];
		if (!fresh)
			continue;
		p = stpcpy(p, n ? " " : "");
		p = stpcpy(p, tpch_colours[at[n++]]);
	}
	v[1].text = c->text[0];
	v[1].len = (uint32_t)(p - c->text[0]);
	snprintf(c->text[1], sizeof c->text[1], "Manufacturer#%d", maker);
	set(&v[2], c->text[1]);
	snprintf(c->text[1] + 32, 32, "Brand#%d%d", maker, brand);
	set(&v[3], c->text[1] + 32);
	p = stpcpy(stpcpy(c->text[2], ONE_OF(&r, tpch_type1)), " ");
	p = stpcpy(stpcpy(p, ONE_OF(&r, tpch_type2)), " ");
	stpcpy(p, ONE_OF(&r, tpch_type3));
	set(&v[4], c->text[2]);
	v[5].number = tpch_between(&r, 1, 50);
	p = stpcpy(stpcpy(c->text[3], ONE_OF(&r, tpch_container1)), " ");
	stpcpy(p, ONE_OF(&r, tpch_container2));
	set(&v[6], c->text[3]);
	v[7].number = retail_price(row + 1);
	tpch_comment(&r, 5, 22, &v[8]);
}

static void make_partsupp(struct tpch_cursor *c, int64_t row, struct tpch_cell *v)
{
	struct tpch_random r = random_of(TPCH_PARTSUPP, row);

	v[0].number = row / 4 + 1;
	v[1].number = supplier_of(row / 4 + 1, row % 4, c->scale);
	v[2].number = tpch_between(&r, 1, 9999);
	v[3].number = tpch_between(&r, 100, 100000);
	tpch_comment(&r, 49, 198, &v[4]);
}

/* The order's date, customer and lines; r goes on to its other values. */
static int32_t make_order(struct tpch_cursor *c, int64_t row, struct tpch_random *r, int64_t *customer)
{
	int64_t parts = tpch_rows(TPCH_PART, c->scale), key;
	int32_t day;

	*r = random_of(TPCH_ORDERS, row);
	key = tpch_between(r, 1, tpch_rows(TPCH_CUSTOMER, c->scale));
	*customer = key % 3 == 0 ? key - 1 : key;
	day = (int32_t)tpch_between(r, FIRST_DAY, LAST_DAY - 151);
	c->nlines = (uint32_t)tpch_between(r, 1, 7);
	for (uint32_t i = 0; i < c->nlines; i++) {
		struct tpch_line *l = &c->lines[i];

		l->part = tpch_between(r, 1, parts);
		l->supplier = supplier_of(l->part, tpch_between(r, 0, 3), c->scale);
		l->quantity = tpch_between(r, 1, 50);
		l->price = l->quantity * retail_price(l->part);
		l->discount = tpch_between(r, 0, 10);
		l->tax = tpch_between(r, 0, 8);
		l->ship = day + (int32_t)tpch_between(r, 1, 121);
		l->commit = day + (int32_t)tpch_between(r, 30, 90);
		l->receipt = l->ship + (int32_t)tpch_between(r, 1, 30);
		l->seed = tpch_draw(r);
	}
	return day;
}

static void make_orders(struct tpch_cursor *c, int64_t row, struct tpch_cell *v)
{
	struct tpch_random r;
	int64_t customer, total = 0;
	int32_t day = make_order(c, row, &r, &customer);
	uint32_t open = 0;

	for (uint32_t i = 0; i < c->nlines; i++) {
		const struct tpch_line *l = &c->lines[i];

		total += l->price * (100 - l->discount) / 100 * (100 + l->tax) / 100;
		open += l->ship > TODAY;
	}
	v[0].number = order_key(row + 1);
	v[1].number = customer;
	set(&v[2], open == 0 ? "F" : open == c->nlines ? "O" : "P");
	v[3].number = total;
	v[4].number = day;
	set(&v[5], ONE_OF(&r, tpch_priorities));
	set_numbered(&v[6], c->text[0], "Clerk#", tpch_between(&r, 1, c->scale < 0.01 ? 10 : (int64_t)(c->scale * 1000)));
	v[7].number = 0;
	tpch_comment(&r, 19, 78, &v[8]);
}

static void make_lineitem(const struct tpch_cursor *c, int64_t row, struct tpch_cell *v)
{
	const struct tpch_line *l = &c->lines[c->line];
	struct tpch_random r = {l->seed};

	v[0].number = order_key(row + 1);
	v[1].number = l->part;
	v[2].number = l->supplier;
	v[3].number = c->line + 1;
	v[4].number = l->quantity * 100;
	v[5].number = l->price;
	v[6].number = l->discount;
	v[7].number = l->tax;
	set(&v[8], l->receipt > TODAY ? "N" : tpch_draw(&r) & 1 ? "R" : "A");
	set(&v[9], l->ship > TODAY ? "O" : "F");
	v[10].number = l->ship;
	v[11].number = l->commit;
	v[12].number = l->receipt;
	set(&v[13], ONE_OF(&r, tpch_instructions));
	set(&v[14], ONE_OF(&r, tpch_modes));
	tpch_comment(&r, 10, 43, &v[15]);
}

bool tpch_next(struct tpch_cursor *c, struct tpch_cell *v)
{
	int64_t row = c->row, customer;
	struct tpch_random r;

	if (row >= c->rows)
		return false;
	switch (c->table) {
	case TPCH_REGION: make_region(row, v); break;
	case TPCH_NATION: make_nation(row, v); break;
	case TPCH_SUPPLIER: make_supplier(c, row, v); break;
	case TPCH_CUSTOMER: make_customer(c, row, v); break;
	case TPCH_PART: make_part(c, row, v); break;
	case TPCH_PARTSUPP: make_partsupp(c, row, v); break;
	case TPCH_ORDERS: make_orders(c, row, v); break;
	case TPCH_LINEITEM:
		if (c->line == 0)
			make_order(c, row, &r, &customer);
		make_lineitem(c, row, v);
		if (++c->line < c->nlines)
			return true;
		c->line = 0;
		break;
	case TPCH_TABLES: break;
	}
	c->row++;
	return true;
}

/* ---- text ---- */

static char *print_number(char *p, int64_t n)
{
	char digits[24];
	int k = 0;

	if (n < 0) {
		*p++ = '-';
		n = -n;
	}
	do {
		digits[k++] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	while (k)
		*p++ = digits[--k];
	return p;
}

static char *print_money(char *p, int64_t n)
{
	if (n < 0) {
		*p++ = '-';
		n = -n;
	}
	p = print_number(p, n / 100);
	*p++ = '.';
	*p++ = (char)('0' + n / 10 % 10);
	*p++ = (char)('0' + n % 10);
	return p;
}

char *tpch_print_date(char *p, int32_t days)
{
	/* years count from March, eras of 400 years */
	int32_t z = days + 719468, era = z / 146097, doe = z - era * 146097;
	int32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int32_t mp = (5 * doy + 2) / 153, d = doy - (153 * mp + 2) / 5 + 1, m = mp < 10 ? mp + 3 : mp - 9;
	int32_t y = yoe + era * 400 + (m <= 2);

	p[0] = (char)('0' + y / 1000);
	p[1] = (char)('0' + y / 100 % 10);
	p[2] = (char)('0' + y / 10 % 10);
	p[3] = (char)('0' + y % 10);
	p[4] = p[7] = '-';
	p[5] = (char)('0' + m / 10);
	p[6] = (char)('0' + m % 10);
	p[8] = (char)('0' + d / 10);
	p[9] = (char)('0' + d % 10);
	return p + 10;
}

static char *print_text(char *p, const struct tpch_cell *v, char delimiter)
{
	bool quote = delimiter == ',' && memchr(v->text, ',', v->len);

	if (quote)
		*p++ = '"';
	memcpy(p, v->text, v->len);
	p += v->len;
	if (quote)
		*p++ = '"';
	return p;
}

size_t tpch_text(struct tpch_cursor *c, char *buf, size_t size, char delimiter)
{
	const struct tpch_schema *s = &tpch_schemas[c->table];
	struct tpch_cell v[TPCH_MAX_COLUMNS];
	char *p = buf;

	while (p + 1024 < buf + size && tpch_next(c, v)) {
		for (uint32_t i = 0; i < s->ncols; i++) {
			if (i)
				*p++ = delimiter;
			switch (s->cols[i].kind) {
			case TPCH_INTEGER: p = print_number(p, v[i].number); break;
			case TPCH_MONEY: p = print_money(p, v[i].number); break;
			case TPCH_DATE: p = tpch_print_date(p, (int32_t)v[i].number); break;
			case TPCH_CHAR:
			case TPCH_VARCHAR: p = print_text(p, &v[i], delimiter); break;
			}
		}
		*p++ = '\n';
	}
	return (size_t)(p - buf);
}
