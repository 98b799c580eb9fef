/* Test aid behind SET verify_vectors: the same rows in another kind of vector. */
#ifndef HOPLUU_EXECUTE_RECODE_H
#define HOPLUU_EXECUTE_RECODE_H

#include "engine/vector/vec.h"

enum recode { RECODE_OFF, RECODE_DICT, RECODE_CONST }; /* values of the setting */

/* DICT: every column becomes a selection over a reversed copy. CONST: columns whose rows are all equal
 * become constants. */
MUST_CHECK bool batch_recode(struct batch *b, int mode, struct mem *m, struct err *e);

#endif
