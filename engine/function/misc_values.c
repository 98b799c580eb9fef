/* What fits nowhere else: counting NULLs, random UUIDs. */
#include "engine/function/rows.h"
#include "engine/function/tables.h"

#include <openssl/rand.h>

static int nulls(const struct row *r)
{
	int n = 0;

	for (uint32_t a = 0; a < r->call->nargs; a++)
		n += row_is_null(r, a);
	return n;
}
static bool num_nulls_row(struct row *r) { return row_set_i32(r, nulls(r)); }
static bool num_nonnulls_row(struct row *r) { return row_set_i32(r, (int)r->call->nargs - nulls(r)); }
ROWS(num_nulls_fn, num_nulls_row, ROWS_PLAIN)
ROWS(num_nonnulls_fn, num_nonnulls_row, ROWS_PLAIN)

/* Version 4 (RFC 4122). */
static bool random_uuid_row(struct row *r)
{
	unsigned char b[16];
	uint128 v = 0;

	if (RAND_bytes(b, sizeof b) != 1)
		return row_error(r, ERR_INTERNAL, "could not generate random values");
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	for (int i = 0; i < 16; i++)
		v = v << 8 | b[i];
	return row_set_i128(r, (int128)(v ^ (uint128)1 << 127));
}
ROWS(random_uuid_fn, random_uuid_row, ROWS_PLAIN)

const struct func functions_misc_values[] = {
	FN("num_nulls", INT4, num_nulls_fn, FUNC_NOT_STRICT | FUNC_VARIADIC | SURE, "number of NULLs among the arguments", T(TEXT)),
	FN("num_nonnulls", INT4, num_nonnulls_fn, FUNC_NOT_STRICT | FUNC_VARIADIC | SURE, "number of arguments that are not NULL", T(TEXT)),
	FN0("gen_random_uuid", UUID, random_uuid_fn, FAIL, VOLATILE, "random UUID, version 4"),
	FN_END,
};
