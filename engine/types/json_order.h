/* PostgreSQL's total order of jsonb values: by kind, then size, then member by member; numbers by value. */
#ifndef HOPLUU_TYPES_JSON_ORDER_H
#define HOPLUU_TYPES_JSON_ORDER_H

#include "engine/base/str.h"

int jsonb_compare(struct str a, struct str b); /* texts in jsonb's printed form */
uint64_t jsonb_hash(struct str v);             /* equal values hash alike */
int json_number_compare(struct str a, struct str b); /* as numeric prints them, of any length */

#endif
