/*
 * Conversion kernels between integers, floating point and scaled decimals. Rounding is PostgreSQL's:
 * floats to the nearest even integer, decimals half away from zero. The loops come from unary.inc and
 * scale.inc.
 */
#include "engine/kernel/convert.h"
#include "engine/types/decimal.h"

#include <math.h>

#define FIT(r, fits, bad) ((bad) |= -(int64_t) !(fits), (fits) ? (r) : 0)

#define NAME k_i32_to_i16
#define IN int32_t
#define OUT int32_t
#define APPLY(a, bad) FIT(a, (a) == (int16_t)(a), bad)
#include "engine/kernel/unary.inc"

#define NAME k_i64_to_i16
#define IN int64_t
#define OUT int32_t
#define APPLY(a, bad) FIT((int32_t)(a), (a) == (int16_t)(a), bad)
#include "engine/kernel/unary.inc"

#define NAME k_i64_to_i32
#define IN int64_t
#define OUT int32_t
#define APPLY(a, bad) FIT((int32_t)(a), (a) == (int32_t)(a), bad)
#include "engine/kernel/unary.inc"

#define NAME k_i32_to_i64
#define IN int32_t
#define OUT int64_t
#define APPLY(a, bad) ((void)(bad), (a))
#include "engine/kernel/unary.inc"

#define NAME k_i32_to_f64
#define IN int32_t
#define OUT double
#define APPLY(a, bad) ((void)(bad), (a))
#include "engine/kernel/unary.inc"

#define NAME k_i32_to_f32
#define IN int32_t
#define OUT double
#define APPLY(a, bad) ((void)(bad), (float)(a))
#include "engine/kernel/unary.inc"

#define NAME k_i64_to_f64
#define IN int64_t
#define OUT double
#define APPLY(a, bad) ((void)(bad), (double)(a))
#include "engine/kernel/unary.inc"

#define NAME k_i64_to_f32
#define IN int64_t
#define OUT double
#define APPLY(a, bad) ((void)(bad), (float)(a))
#include "engine/kernel/unary.inc"

TEMPLATE double f64_to_f32(double a, int64_t *bad)
{
	float r = (float)a;
	*bad |= isinf(r) && !isinf(a) ? INT64_MIN : 0;
	*bad |= r == 0 && a != 0 ? ARITH_UNDERFLOW : 0;
	return r;
}
#define NAME k_f64_to_f32
#define IN double
#define OUT double
#define APPLY(a, bad) f64_to_f32(a, &(bad))
#include "engine/kernel/unary.inc"

/* NaN fails both comparisons, so it does not fit. */
TEMPLATE int64_t f64_to_int(double a, double least, double above, int64_t *bad)
{
	double r = rint(a);
	bool fits = (r >= least) & (r < above);
	*bad |= -(int64_t)!fits;
	return fits ? (int64_t)r : 0;
}
#define NAME k_f64_to_i16
#define IN double
#define OUT int32_t
#define APPLY(a, bad) (int32_t) f64_to_int(a, -32768.0, 32768.0, &(bad))
#include "engine/kernel/unary.inc"

#define NAME k_f64_to_i32
#define IN double
#define OUT int32_t
#define APPLY(a, bad) (int32_t) f64_to_int(a, -2147483648.0, 2147483648.0, &(bad))
#include "engine/kernel/unary.inc"

#define NAME k_f64_to_i64
#define IN double
#define OUT int64_t
#define APPLY(a, bad) f64_to_int(a, -9223372036854775808.0, 9223372036854775808.0, &(bad))
#include "engine/kernel/unary.inc"

/* integer and oid share bits in PostgreSQL: -1 is 4294967295. */
#define NAME k_i32_to_oid
#define IN int32_t
#define OUT int64_t
#define APPLY(a, bad) ((void)(bad), (int64_t)(uint32_t)(a))
#include "engine/kernel/unary.inc"

#define NAME k_oid_to_i32
#define IN int64_t
#define OUT int32_t
#define APPLY(a, bad) ((void)(bad), (int32_t)(uint32_t)(a))
#include "engine/kernel/unary.inc"

#define NAME k_i64_to_oid
#define IN int64_t
#define OUT int64_t
#define APPLY(a, bad) FIT(a, (a) == (int64_t)(uint32_t)(a), bad)
#include "engine/kernel/unary.inc"

#define NAME k_i32_to_bool
#define IN int32_t
#define OUT uint8_t
#define APPLY(a, bad) ((void)(bad), (a) != 0)
#include "engine/kernel/unary.inc"

#define NAME k_bool_to_i32
#define IN uint8_t
#define OUT int32_t
#define APPLY(a, bad) ((void)(bad), (a))
#include "engine/kernel/unary.inc"

#define NAME k_scale_i32_i64
#define IN int32_t
#define OUT int64_t
#include "engine/kernel/scale.inc"

#define NAME k_scale_i32_i128
#define IN int32_t
#define OUT int128
#include "engine/kernel/scale.inc"

#define NAME k_scale_i64_i64
#define IN int64_t
#define OUT int64_t
#include "engine/kernel/scale.inc"

#define NAME k_scale_i64_i128
#define IN int64_t
#define OUT int128
#include "engine/kernel/scale.inc"

#define NAME k_scale_i128_i64
#define IN int128
#define OUT int64_t
#include "engine/kernel/scale.inc"

#define NAME k_scale_i128_i128
#define IN int128
#define OUT int128
#include "engine/kernel/scale.inc"
