/* Operators that lowering does not know yet: they answer 0A000 by name until their file exists. */
#include "engine/execute/lower.h"
bool lower_aggregate(struct lowering *l, const struct rel *r, const struct chain *up)
{ (void)r;(void)up; return err_set(l->err, ERR_FEATURE_NOT_SUPPORTED, "aggregates are not supported yet"); }
bool lower_sort(struct lowering *l, const struct rel *r, const struct chain *up)
{ (void)r;(void)up; return err_set(l->err, ERR_FEATURE_NOT_SUPPORTED, "sorting is not supported yet"); }
bool lower_setop(struct lowering *l, const struct rel *r, const struct chain *up)
{ (void)r;(void)up; return err_set(l->err, ERR_FEATURE_NOT_SUPPORTED, "set operations are not supported yet"); }
