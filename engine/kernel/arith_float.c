/*
 * Arithmetic kernels over floating point. Results are PostgreSQL's, mistakes included: an infinite
 * result of finite operands is an overflow, a zero result of operands that are not zero an underflow,
 * a zero divisor an error unless the dividend is NaN. real is computed as float and kept in a double.
 */
#include "engine/kernel/arith.h"

#include <math.h>

#define SUFFIX(op) op##_f64
#define REAL double
#include "engine/kernel/float_ops.inc"
#define SUFFIX(op) op##_f32
#define REAL float
#include "engine/kernel/float_ops.inc"
#define NEG(a, bad) ((void)(bad), -(a))
#define ABS(a, bad) ((void)(bad), fabs(a))

#define NAME k_add_f64
#define IN double
#define OUT double
#define APPLY(a, b, bad) add_one_f64(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_add_f32
#define IN double
#define OUT double
#define APPLY(a, b, bad) add_one_f32((float)(a), (float)(b), &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_sub_f64
#define IN double
#define OUT double
#define APPLY(a, b, bad) sub_one_f64(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_sub_f32
#define IN double
#define OUT double
#define APPLY(a, b, bad) sub_one_f32((float)(a), (float)(b), &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_mul_f64
#define IN double
#define OUT double
#define APPLY(a, b, bad) mul_one_f64(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_mul_f32
#define IN double
#define OUT double
#define APPLY(a, b, bad) mul_one_f32((float)(a), (float)(b), &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_div_f64
#define IN double
#define OUT double
#define APPLY(a, b, bad) div_one_f64(a, b, &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_div_f32
#define IN double
#define OUT double
#define APPLY(a, b, bad) div_one_f32((float)(a), (float)(b), &(bad))
#include "engine/kernel/binary.inc"

#define NAME k_neg_f64
#define IN double
#define OUT double
#define APPLY(a, bad) NEG(a, &(bad))
#include "engine/kernel/unary.inc"

#define NAME k_abs_f64
#define IN double
#define OUT double
#define APPLY(a, bad) ABS(a, &(bad))
#include "engine/kernel/unary.inc"
