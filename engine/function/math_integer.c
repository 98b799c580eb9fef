/* Functions on smallint, integer and bigint: abs, mod, gcd, lcm, and factorial into numeric. Overflow is 22003. */
#include "engine/function/rows.h"
#include "engine/function/tables.h"
#include "engine/types/decimal.h"

static bool out_of_range(struct row *r, const char *type)
{
	return row_error(r, ERR_NUMERIC_OUT_OF_RANGE, "%s out of range", type);
}

static bool abs2_row(struct row *r)
{
	int32_t x = row_i32(r, 0);

	return x == INT16_MIN ? out_of_range(r, "smallint") : row_set_i32(r, x < 0 ? -x : x);
}
ROWS(abs2_fn, abs2_row, ROWS_PLAIN)

static bool abs4_row(struct row *r)
{
	int32_t x = row_i32(r, 0);

	return x == INT32_MIN ? out_of_range(r, "integer") : row_set_i32(r, x < 0 ? -x : x);
}
ROWS(abs4_fn, abs4_row, ROWS_PLAIN)

static bool abs8_row(struct row *r)
{
	int64_t x = row_i64(r, 0);

	return x == INT64_MIN ? out_of_range(r, "bigint") : row_set_i64(r, x < 0 ? -x : x);
}
ROWS(abs8_fn, abs8_row, ROWS_PLAIN)

/* The remainder takes the dividend's sign; by -1 it is 0 without dividing, which could trap. */
static bool mod4_row(struct row *r)
{
	int32_t x = row_i32(r, 0), y = row_i32(r, 1);

	if (y == 0)
		return row_error(r, ERR_DIVISION_BY_ZERO, "division by zero");
	return row_set_i32(r, y == -1 ? 0 : x % y);
}
ROWS(mod4_fn, mod4_row, ROWS_PLAIN)

static bool mod8_row(struct row *r)
{
	int64_t x = row_i64(r, 0), y = row_i64(r, 1);

	if (y == 0)
		return row_error(r, ERR_DIVISION_BY_ZERO, "division by zero");
	return row_set_i64(r, y == -1 ? 0 : x % y);
}
ROWS(mod8_fn, mod8_row, ROWS_PLAIN)

static uint64_t magnitude(int64_t x) { return x < 0 ? -(uint64_t)x : (uint64_t)x; }
static uint64_t gcd_u64(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t t = a % b;
		a = b;
		b = t;
	}
	return a;
}
static uint128 lcm_u64(uint64_t a, uint64_t b) { return a && b ? (uint128)(a / gcd_u64(a, b)) * b : 0; }

static bool gcd4_row(struct row *r)
{
	uint64_t g = gcd_u64(magnitude(row_i32(r, 0)), magnitude(row_i32(r, 1)));

	return g > INT32_MAX ? out_of_range(r, "integer") : row_set_i32(r, (int32_t)g);
}
ROWS(gcd4_fn, gcd4_row, ROWS_PLAIN)

static bool gcd8_row(struct row *r)
{
	uint64_t g = gcd_u64(magnitude(row_i64(r, 0)), magnitude(row_i64(r, 1)));

	return g > INT64_MAX ? out_of_range(r, "bigint") : row_set_i64(r, (int64_t)g);
}
ROWS(gcd8_fn, gcd8_row, ROWS_PLAIN)

static bool lcm4_row(struct row *r)
{
	uint128 m = lcm_u64(magnitude(row_i32(r, 0)), magnitude(row_i32(r, 1)));

	return m > INT32_MAX ? out_of_range(r, "integer") : row_set_i32(r, (int32_t)m);
}
ROWS(lcm4_fn, lcm4_row, ROWS_PLAIN)

static bool lcm8_row(struct row *r)
{
	uint128 m = lcm_u64(magnitude(row_i64(r, 0)), magnitude(row_i64(r, 1)));

	return m > INT64_MAX ? out_of_range(r, "bigint") : row_set_i64(r, (int64_t)m);
}
ROWS(lcm8_fn, lcm8_row, ROWS_PLAIN)

/* 33! is the last with at most 38 digits. */
static bool factorial_row(struct row *r)
{
	int64_t n = row_i64(r, 0);
	int128 f = 1;

	if (n < 0)
		return row_error(r, ERR_NUMERIC_OUT_OF_RANGE, "factorial of a negative number is undefined");
	if (n > 33)
		return row_error(r, ERR_NUMERIC_OUT_OF_RANGE, "value overflows numeric format");
	for (int64_t i = 2; i <= n; i++)
		f *= i;
	*row_out_num(r) = num_from_scaled(f, 0);
	return true;
}
ROWS(factorial_fn, factorial_row, ROWS_PLAIN)

const struct func functions_math_integer[] = {
	FN("abs", INT2, abs2_fn, FAIL, "absolute value", T(INT2)),
	FN("abs", INT4, abs4_fn, FAIL, "absolute value", T(INT4)),
	FN("abs", INT8, abs8_fn, FAIL, "absolute value", T(INT8)),
	FN("mod", INT2, mod4_fn, FAIL, "remainder of the division", T(INT2), T(INT2)),
	FN("mod", INT4, mod4_fn, FAIL, "remainder of the division", T(INT4), T(INT4)),
	FN("mod", INT8, mod8_fn, FAIL, "remainder of the division", T(INT8), T(INT8)),
	FN("gcd", INT4, gcd4_fn, FAIL, "greatest common divisor", T(INT4), T(INT4)),
	FN("gcd", INT8, gcd8_fn, FAIL, "greatest common divisor", T(INT8), T(INT8)),
	FN("lcm", INT4, lcm4_fn, FAIL, "least common multiple", T(INT4), T(INT4)),
	FN("lcm", INT8, lcm8_fn, FAIL, "least common multiple", T(INT8), T(INT8)),
	FN("factorial", NUMERIC, factorial_fn, FAIL, "n!", T(INT8)),
	FN_END,
};
