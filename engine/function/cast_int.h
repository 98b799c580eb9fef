/* What the cast tables share with each other. */
#ifndef HOPLUU_FUNCTION_CAST_INT_H
#define HOPLUU_FUNCTION_CAST_INT_H

#include "engine/function/func.h"

/* A cast that is used implicitly is used in assignments too. */
#define CAST_IMPLICIT (FUNC_IMPLICIT | FUNC_ASSIGNMENT)

#endif
