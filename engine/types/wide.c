/*
 * Multi-limb unsigned arithmetic: schoolbook multiplication and Knuth's algorithm D (The Art of
 * Computer Programming, volume 2, 4.3.1) with 64-bit limbs. Used by decimal arithmetic only.
 */
#include "engine/types/wide_int.h"

void wide_set(uint64_t *x, int n, uint128 value)
{
	memset(x, 0, (size_t)n * sizeof *x);
	x[0] = (uint64_t)value;
	x[1] = (uint64_t)(value >> 64);
}

int wide_len(const uint64_t *x, int n)
{
	while (n > 0 && x[n - 1] == 0)
		n--;
	return n;
}

int wide_cmp(const uint64_t *a, const uint64_t *b, int n)
{
	while (n-- > 0)
		if (a[n] != b[n])
			return a[n] < b[n] ? -1 : 1;
	return 0;
}

uint64_t wide_add(uint64_t *a, const uint64_t *b, int n)
{
	uint128 carry = 0;
	for (int i = 0; i < n; i++) {
		carry += (uint128)a[i] + b[i];
		a[i] = (uint64_t)carry;
		carry >>= 64;
	}
	return (uint64_t)carry;
}

uint64_t wide_sub(uint64_t *a, const uint64_t *b, int n)
{
	uint64_t borrow = 0;
	for (int i = 0; i < n; i++) {
		uint128 d = (uint128)a[i] - b[i] - borrow;
		a[i] = (uint64_t)d;
		borrow = (uint64_t)(d >> 64) & 1;
	}
	return borrow;
}

void wide_mul(uint64_t *out, const uint64_t *a, int na, const uint64_t *b, int nb)
{
	memset(out, 0, (size_t)(na + nb) * sizeof *out);
	for (int i = 0; i < na; i++) {
		uint64_t carry = 0;
		if (a[i] == 0)
			continue;
		for (int j = 0; j < nb; j++) {
			uint128 t = (uint128)a[i] * b[j] + out[i + j] + carry;
			out[i + j] = (uint64_t)t;
			carry = (uint64_t)(t >> 64);
		}
		out[i + nb] = carry;
	}
}

/* Division by one limb. */
static uint64_t divide_small(uint64_t *q, const uint64_t *u, int nu, uint64_t v)
{
	uint64_t rest = 0;
	for (int i = nu - 1; i >= 0; i--) {
		uint128 t = (uint128)rest << 64 | u[i];
		q[i] = (uint64_t)(t / v);
		rest = (uint64_t)(t % v);
	}
	return rest;
}

/* One quotient limb of algorithm D: u[0 … n] divided by v[0 … n-1], both normalised; u gets the rest. */
static uint64_t quotient_limb(uint64_t *u, const uint64_t *v, int n)
{
	uint128 top = (uint128)u[n] << 64 | u[n - 1];
	uint128 guess, rest;
	uint64_t borrow = 0, carry = 0;

	if (u[n] >= v[n - 1]) {
		guess = UINT64_MAX;
		rest = top - guess * v[n - 1];
	} else {
		guess = top / v[n - 1];
		rest = top % v[n - 1];
	}
	while (rest >> 64 == 0 && guess * v[n - 2] > (rest << 64 | u[n - 2])) {
		guess--;
		rest += v[n - 1];
	}
	for (int i = 0; i < n; i++) {
		uint128 product = (uint128)(uint64_t)guess * v[i] + carry;
		uint128 d = (uint128)u[i] - (uint64_t)product - borrow;
		carry = (uint64_t)(product >> 64);
		u[i] = (uint64_t)d;
		borrow = (uint64_t)(d >> 64) & 1;
	}
	{
		uint128 d = (uint128)u[n] - carry - borrow;
		u[n] = (uint64_t)d;
		borrow = (uint64_t)(d >> 64) & 1;
	}
	if (borrow) { /* the guess was one too large */
		guess--;
		u[n] += wide_add(u, v, n);
	}
	return (uint64_t)guess;
}

void wide_divmod(uint64_t *q, uint64_t *r, const uint64_t *u, int nu, const uint64_t *v, int nv)
{
	uint64_t a[WIDE_MAX + 1], b[WIDE_MAX];
	int n = wide_len(v, nv), m = wide_len(u, nu), shift;

	ASSERT(n > 0 && nu <= WIDE_MAX);
	memset(a, 0, sizeof a);
	if (n == 1) {
		uint64_t rest = divide_small(q, u, nu, v[0]);
		memset(r, 0, (size_t)nv * sizeof *r);
		r[0] = rest;
		return;
	}
	if (m < n) {
		memcpy(a, u, (size_t)m * sizeof *a);
		memset(q, 0, (size_t)nu * sizeof *q);
		memcpy(r, a, (size_t)nv * sizeof *r);
		return;
	}
	shift = __builtin_clzll(v[n - 1]);
	for (int i = n - 1; i >= 0; i--)
		b[i] = v[i] << shift | (shift && i ? v[i - 1] >> (64 - shift) : 0);
	a[m] = shift ? u[m - 1] >> (64 - shift) : 0;
	for (int i = m - 1; i >= 0; i--)
		a[i] = u[i] << shift | (shift && i ? u[i - 1] >> (64 - shift) : 0);
	memset(q, 0, (size_t)nu * sizeof *q);
	for (int i = m - n; i >= 0; i--)
		q[i] = quotient_limb(a + i, b, n);
	memset(r, 0, (size_t)nv * sizeof *r);
	for (int i = 0; i < n; i++)
		r[i] = a[i] >> shift | (shift ? a[i + 1] << (64 - shift) : 0);
}

bool wide_mul_pow10(uint64_t *x, int n, int k)
{
	while (k > 0) {
		int step = k < 19 ? k : 19;
		uint64_t factor = (uint64_t)decimal_pow10[step], carry = 0;
		for (int i = 0; i < n; i++) {
			uint128 t = (uint128)x[i] * factor + carry;
			x[i] = (uint64_t)t;
			carry = (uint64_t)(t >> 64);
		}
		if (carry)
			return false;
		k -= step;
	}
	return true;
}

void wide_div_pow10(uint64_t *x, int n, int k)
{
	uint64_t rest = 0, one[WIDE_MAX] = {1};
	/* All digits but the last dropped one are cut; that one alone decides half away. */
	while (k > 1) {
		int step = k - 1 < 19 ? k - 1 : 19;
		divide_small(x, x, n, (uint64_t)decimal_pow10[step]);
		k -= step;
	}
	if (k == 1) {
		rest = divide_small(x, x, n, 10);
		if (rest >= 5)
			wide_add(x, one, n);
	}
}
