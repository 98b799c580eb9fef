/* Declarations of all function tables that function_tables.def lists; each table ends with a row whose
 * name is NULL. Included by the files that define one (so that the definition is checked) and by the
 * registry. */
#ifndef HOPLUU_FUNCTION_TABLES_H
#define HOPLUU_FUNCTION_TABLES_H

#include "engine/function/func.h"

#define FUNCTIONS(name) extern const struct func functions_##name[];
#include "engine/function/function_tables.def"
#undef FUNCTIONS

#endif
