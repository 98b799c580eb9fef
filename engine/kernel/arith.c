/*
 * Arithmetic kernels over integers and scaled decimals: add, subtract, multiply, divide, modulo, sign,
 * bits. The algorithms are inline functions; binary.inc and unary.inc make the loops. Overflow is
 * collected in the sign bit of `bad`, so that the loops stay free of branches; what a row holds after
 * an overflow does not matter, the statement fails. Floating point is in arith_float.c.
 */
#include "engine/kernel/arith.h"
#include "engine/types/decimal.h"

/* smallint lives in int32 slots: computed there, then checked against its own range. */
TEMPLATE int32_t check_i16(int32_t r, int64_t *bad)
{
	*bad |= -(int64_t)(r != (int16_t)r) & INT64_MIN;
	return r;
}
TEMPLATE int32_t add_one_i16(int32_t a, int32_t b, int64_t *bad) { return check_i16(a + b, bad); }
TEMPLATE int32_t sub_one_i16(int32_t a, int32_t b, int64_t *bad) { return check_i16(a - b, bad); }
TEMPLATE int32_t mul_one_i16(int32_t a, int32_t b, int64_t *bad) { return check_i16(a * b, bad); }
TEMPLATE int32_t neg_one_i16(int32_t a, int64_t *bad) { return check_i16(-a, bad); }
TEMPLATE int32_t abs_one_i16(int32_t a, int64_t *bad) { return check_i16(a < 0 ? -a : a, bad); }

TEMPLATE int32_t check_i32(int64_t r, int64_t *bad)
{
	*bad |= -(int64_t)(r != (int32_t)r) & INT64_MIN;
	return (int32_t)r;
}
TEMPLATE int32_t add_one_i32(int32_t a, int32_t b, int64_t *bad)
{
	int32_t r = (int32_t)((uint32_t)a + (uint32_t)b);
	*bad |= (int64_t)((a ^ r) & (b ^ r));
	return r;
}
TEMPLATE int32_t sub_one_i32(int32_t a, int32_t b, int64_t *bad)
{
	int32_t r = (int32_t)((uint32_t)a - (uint32_t)b);
	*bad |= (int64_t)((a ^ b) & (a ^ r));
	return r;
}
TEMPLATE int32_t mul_one_i32(int32_t a, int32_t b, int64_t *bad) { return check_i32((int64_t)a * b, bad); }
TEMPLATE int32_t neg_one_i32(int32_t a, int64_t *bad) { return check_i32(-(int64_t)a, bad); }
TEMPLATE int32_t abs_one_i32(int32_t a, int64_t *bad) { return check_i32(a < 0 ? -(int64_t)a : a, bad); }

TEMPLATE int64_t add_one_i64(int64_t a, int64_t b, int64_t *bad)
{
	int64_t r = (int64_t)((uint64_t)a + (uint64_t)b);
	*bad |= (a ^ r) & (b ^ r);
	return r;
}
TEMPLATE int64_t sub_one_i64(int64_t a, int64_t b, int64_t *bad)
{
	int64_t r = (int64_t)((uint64_t)a - (uint64_t)b);
	*bad |= (a ^ b) & (a ^ r);
	return r;
}
TEMPLATE int64_t mul_one_i64(int64_t a, int64_t b, int64_t *bad)
{
	int64_t r;
	*bad |= -(int64_t)__builtin_mul_overflow(a, b, &r);
	return r;
}
TEMPLATE int64_t neg_one_i64(int64_t a, int64_t *bad)
{
	int64_t r = (int64_t)(0 - (uint64_t)a);
	*bad |= a & r; /* negative before and after: only the smallest */
	return r;
}
TEMPLATE int64_t abs_one_i64(int64_t a, int64_t *bad)
{
	int64_t r = a < 0 ? (int64_t)(0 - (uint64_t)a) : a;
	*bad |= r;
	return r;
}

/* Decimals in 128 bits: |a|, |b| < 10^38, and so must the result be. */
#define DECIMAL_MAX (decimal_pow10[DECIMAL_DIGITS] - 1)
TEMPLATE int128 check_decimal(int128 r, int64_t *bad)
{
	*bad |= -(int64_t)((r > DECIMAL_MAX) | (r < -DECIMAL_MAX));
	return r;
}
TEMPLATE int128 add_one_i128(int128 a, int128 b, int64_t *bad)
{
	int128 r = (int128)((uint128)a + (uint128)b);
	*bad |= (int64_t)(((a ^ r) & (b ^ r)) >> 64);
	return check_decimal(r, bad);
}
TEMPLATE int128 sub_one_i128(int128 a, int128 b, int64_t *bad)
{
	int128 r = (int128)((uint128)a - (uint128)b);
	*bad |= (int64_t)(((a ^ b) & (a ^ r)) >> 64);
	return check_decimal(r, bad);
}
TEMPLATE int128 mul_one_i128(int128 a, int128 b, int64_t *bad)
{
	int128 r;
	if (LIKELY(a == (int64_t)a && b == (int64_t)b))
		return check_decimal((int128)(int64_t)a * (int64_t)b, bad);
	*bad |= -(int64_t)__builtin_mul_overflow(a, b, &r);
	return check_decimal(r, bad);
}
TEMPLATE int128 mul_one_i64_i128(int64_t a, int64_t b, int64_t *bad)
{
	(void)bad;
	return (int128)a * b;
}
TEMPLATE int128 neg_one_i128(int128 a, int64_t *bad)
{
	(void)bad;
	return -a;
}
TEMPLATE int128 abs_one_i128(int128 a, int64_t *bad)
{
	(void)bad;
	return a < 0 ? -a : a;
}

/* Division: a zero divisor is noted and replaced; the smallest number over -1 overflows. */
TEMPLATE int32_t div_one_i16(int32_t a, int32_t b, int64_t *bad)
{
	*bad |= b == 0 ? ARITH_ZERO_DIVISOR : 0;
	return check_i16(a / (b == 0 ? 1 : b), bad);
}
TEMPLATE int32_t div_one_i32(int32_t a, int32_t b, int64_t *bad)
{
	*bad |= b == 0 ? ARITH_ZERO_DIVISOR : 0;
	return check_i32((int64_t)a / (b == 0 ? 1 : b), bad);
}
TEMPLATE int64_t div_one_i64(int64_t a, int64_t b, int64_t *bad)
{
	*bad |= b == 0 ? ARITH_ZERO_DIVISOR : 0;
	*bad |= a == INT64_MIN && b == -1 ? INT64_MIN : 0;
	return b == 0 || b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b;
}
/* Anything modulo -1 is 0, without the overflow that the processor would see. */
TEMPLATE int32_t mod_one_i32(int32_t a, int32_t b, int64_t *bad)
{
	*bad |= b == 0 ? ARITH_ZERO_DIVISOR : 0;
	return (int32_t)((int64_t)a % (b == 0 ? 1 : b));
}
TEMPLATE int64_t mod_one_i64(int64_t a, int64_t b, int64_t *bad)
{
	*bad |= b == 0 ? ARITH_ZERO_DIVISOR : 0;
	return b == 0 || b == -1 ? 0 : a % b;
}
TEMPLATE int128 mod_one_i128(int128 a, int128 b, int64_t *bad)
{
	*bad |= b == 0 ? ARITH_ZERO_DIVISOR : 0;
	return b == 0 || b == -1 ? 0 : a % b;
}

/* Shift counts are taken modulo the width of the number computed in, as PostgreSQL on x86 does. */
TEMPLATE int32_t shl_one_i16(int32_t a, int32_t b, int64_t *bad)
{
	(void)bad;
	return (int16_t)((uint32_t)a << (b & 31));
}
TEMPLATE int32_t shr_one_i32(int32_t a, int32_t b, int64_t *bad)
{
	(void)bad;
	return a >> (b & 31);
}
TEMPLATE int32_t shl_one_i32(int32_t a, int32_t b, int64_t *bad)
{
	(void)bad;
	return (int32_t)((uint32_t)a << (b & 31));
}
TEMPLATE int64_t shl_one_i64(int64_t a, int32_t b, int64_t *bad)
{
	(void)bad;
	return (int64_t)((uint64_t)a << (b & 63));
}
TEMPLATE int64_t shr_one_i64(int64_t a, int32_t b, int64_t *bad)
{
	(void)bad;
	return a >> (b & 63);
}
#define AND_BITS(a, b, bad) ((void)(bad), (a) & (b))
#define OR_BITS(a, b, bad) ((void)(bad), (a) | (b))
#define XOR_BITS(a, b, bad) ((void)(bad), (a) ^ (b))
#define NOT_BITS(a, bad) ((void)(bad), ~(a))

#define NAME k_add_i16
#define IN int32_t
#define OUT int32_t
#define APPLY(a, b, bad) add_one_i16(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_add_i32
#define IN int32_t
#define OUT int32_t
#define APPLY(a, b, bad) add_one_i32(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_add_i64
#define IN int64_t
#define OUT int64_t
#define APPLY(a, b, bad) add_one_i64(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_add_i128
#define IN int128
#define OUT int128
#define APPLY(a, b, bad) add_one_i128(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_sub_i16
#define IN int32_t
#define OUT int32_t
#define APPLY(a, b, bad) sub_one_i16(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_sub_i32
#define IN int32_t
#define OUT int32_t
#define APPLY(a, b, bad) sub_one_i32(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_sub_i64
#define IN int64_t
#define OUT int64_t
#define APPLY(a, b, bad) sub_one_i64(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_sub_i128
#define IN int128
#define OUT int128
#define APPLY(a, b, bad) sub_one_i128(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_mul_i16
#define IN int32_t
#define OUT int32_t
#define APPLY(a, b, bad) mul_one_i16(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_mul_i32
#define IN int32_t
#define OUT int32_t
#define APPLY(a, b, bad) mul_one_i32(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_mul_i64
#define IN int64_t
#define OUT int64_t
#define APPLY(a, b, bad) mul_one_i64(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_mul_i128
#define IN int128
#define OUT int128
#define APPLY(a, b, bad) mul_one_i128(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_mul_i64_i128
#define IN int64_t
#define OUT int128
#define APPLY(a, b, bad) mul_one_i64_i128(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_div_i16
#define IN int32_t
#define OUT int32_t
#define APPLY(a, b, bad) div_one_i16(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_div_i32
#define IN int32_t
#define OUT int32_t
#define APPLY(a, b, bad) div_one_i32(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_div_i64
#define IN int64_t
#define OUT int64_t
#define APPLY(a, b, bad) div_one_i64(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_mod_i32
#define IN int32_t
#define OUT int32_t
#define APPLY(a, b, bad) mod_one_i32(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_mod_i64
#define IN int64_t
#define OUT int64_t
#define APPLY(a, b, bad) mod_one_i64(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_mod_i128
#define IN int128
#define OUT int128
#define APPLY(a, b, bad) mod_one_i128(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_and_i32
#define IN int32_t
#define OUT int32_t
#define APPLY(a, b, bad) AND_BITS(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_and_i64
#define IN int64_t
#define OUT int64_t
#define APPLY(a, b, bad) AND_BITS(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_or_i32
#define IN int32_t
#define OUT int32_t
#define APPLY(a, b, bad) OR_BITS(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_or_i64
#define IN int64_t
#define OUT int64_t
#define APPLY(a, b, bad) OR_BITS(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_xor_i32
#define IN int32_t
#define OUT int32_t
#define APPLY(a, b, bad) XOR_BITS(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_xor_i64
#define IN int64_t
#define OUT int64_t
#define APPLY(a, b, bad) XOR_BITS(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_shl_i16
#define IN int32_t
#define OUT int32_t
#define APPLY(a, b, bad) shl_one_i16(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_shr_i32
#define IN int32_t
#define OUT int32_t
#define APPLY(a, b, bad) shr_one_i32(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_shl_i32
#define IN int32_t
#define OUT int32_t
#define APPLY(a, b, bad) shl_one_i32(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_shl_i64
#define IN int64_t
#define IN2 int32_t
#define OUT int64_t
#define APPLY(a, b, bad) shl_one_i64(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_shr_i64
#define IN int64_t
#define IN2 int32_t
#define OUT int64_t
#define APPLY(a, b, bad) shr_one_i64(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_neg_i16
#define IN int32_t
#define OUT int32_t
#define APPLY(a, bad) neg_one_i16(a, &(bad))
#include "engine/kernel/unary.inc"

#define NAME k_neg_i32
#define IN int32_t
#define OUT int32_t
#define APPLY(a, bad) neg_one_i32(a, &(bad))
#include "engine/kernel/unary.inc"

#define NAME k_neg_i64
#define IN int64_t
#define OUT int64_t
#define APPLY(a, bad) neg_one_i64(a, &(bad))
#include "engine/kernel/unary.inc"

#define NAME k_neg_i128
#define IN int128
#define OUT int128
#define APPLY(a, bad) neg_one_i128(a, &(bad))
#include "engine/kernel/unary.inc"

#define NAME k_abs_i16
#define IN int32_t
#define OUT int32_t
#define APPLY(a, bad) abs_one_i16(a, &(bad))
#include "engine/kernel/unary.inc"

#define NAME k_abs_i32
#define IN int32_t
#define OUT int32_t
#define APPLY(a, bad) abs_one_i32(a, &(bad))
#include "engine/kernel/unary.inc"

#define NAME k_abs_i64
#define IN int64_t
#define OUT int64_t
#define APPLY(a, bad) abs_one_i64(a, &(bad))
#include "engine/kernel/unary.inc"

#define NAME k_abs_i128
#define IN int128
#define OUT int128
#define APPLY(a, bad) abs_one_i128(a, &(bad))
#include "engine/kernel/unary.inc"

#define NAME k_not_i32
#define IN int32_t
#define OUT int32_t
#define APPLY(a, bad) NOT_BITS(a, &(bad))
#include "engine/kernel/unary.inc"

#define NAME k_not_i64
#define IN int64_t
#define OUT int64_t
#define APPLY(a, bad) NOT_BITS(a, &(bad))
#include "engine/kernel/unary.inc"
