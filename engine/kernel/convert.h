/*
 * Conversion loops between the physical forms of numbers, named k_FROM_to_TO as in arith.h: i16 smallint in
 * int32 slots, f32 real in double slots, oid in int64 slots. They return 0, or a negative number when
 * some value does not fit; float ones set ARITH_UNDERFLOW besides.
 */
#ifndef HOPLUU_KERNEL_CONVERT_H
#define HOPLUU_KERNEL_CONVERT_H

#include "engine/kernel/arith.h"

unary_fn k_i32_to_i16, k_i64_to_i16, k_i64_to_i32, k_i32_to_i64, k_i32_to_f64, k_i32_to_f32;
unary_fn k_i64_to_f64, k_i64_to_f32, k_f64_to_f32, k_f64_to_i16, k_f64_to_i32, k_f64_to_i64;
unary_fn k_i32_to_oid, k_i64_to_oid, k_oid_to_i32, k_i32_to_bool, k_bool_to_i32;

/* Scaled decimals to another scale and width: see scale.inc. From i64 the difference d is at least -18
 * and from i128 at least -38. */
typedef int64_t scale_fn(const struct view *a, uint32_t n, void *restrict out, int d, int128 limit);
scale_fn k_scale_i32_i64, k_scale_i32_i128, k_scale_i64_i64, k_scale_i64_i128, k_scale_i128_i64, k_scale_i128_i128;

#endif
