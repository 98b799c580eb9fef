/*
 * Arithmetic loops, named k_OPERATION_TYPE. i16 is smallint in its int32 slots, f32 real in its double
 * slots, i128 a scaled decimal of up to 38 digits. NULL slots hold zero: callers of anything that can
 * fail keep them out (a zero divisor there would be seen).
 */
#ifndef HOPLUU_KERNEL_ARITH_H
#define HOPLUU_KERNEL_ARITH_H

#include "engine/vector/vec.h"

/* What a loop returns: 0 or a negative number for overflow; loops that divide set the first bit, and
 * floating point ones the second, besides. Only loops of such kind give those bits a meaning. */
enum arith_bad { ARITH_ZERO_DIVISOR = 1, ARITH_UNDERFLOW = 2 };
typedef int64_t binary_fn(const struct view *a, const struct view *b, uint32_t n, void *restrict out);
typedef int64_t unary_fn(const struct view *a, uint32_t n, void *restrict out);

binary_fn k_add_i16, k_add_i32, k_add_i64, k_add_i128, k_sub_i16, k_sub_i32, k_sub_i64,
	k_sub_i128, k_mul_i16, k_mul_i32, k_mul_i64, k_mul_i128, k_mul_i64_i128, k_div_i16, k_div_i32,
	k_div_i64, k_mod_i32, k_mod_i64, k_mod_i128, k_and_i32, k_and_i64, k_or_i32, k_or_i64,
	k_xor_i32, k_xor_i64, k_shl_i16, k_shr_i32, k_shl_i32, k_shl_i64, k_shr_i64, k_add_f64,
	k_add_f32, k_sub_f64, k_sub_f32, k_mul_f64, k_mul_f32, k_div_f64, k_div_f32;
unary_fn k_neg_i16, k_neg_i32, k_neg_i64, k_neg_i128, k_abs_i16, k_abs_i32, k_abs_i64,
	k_abs_i128, k_not_i32, k_not_i64, k_neg_f64, k_abs_f64;

#endif
