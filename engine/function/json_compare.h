/* PostgreSQL's total order of jsonb values: by kind, then size, then member by member; numbers by value. */
#ifndef HOPLUU_FUNCTION_JSON_COMPARE_H
#define HOPLUU_FUNCTION_JSON_COMPARE_H

#include "engine/base/str.h"

int jsonb_compare(struct str a, struct str b); /* texts in jsonb's printed form */
int json_number_compare(struct str a, struct str b); /* as numeric prints them, of any length */

#endif
