/* Time readings. */
#ifndef HOPLUU_BASE_CLOCK_H
#define HOPLUU_BASE_CLOCK_H

#include "engine/base/compiler.h"

int64_t clock_monotonic_us(void); /* for durations and deadlines */
int64_t clock_wall_us(void);      /* microseconds since 1970-01-01 UTC */
int64_t clock_thread_cpu_us(void);

#endif
