/* Byte hashing by xxHash's XXH3, inlined from its header; see hash.h. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "engine/base/hash.h"

uint64_t hash_bytes(const void *data, size_t len, uint64_t seed)
{
	return XXH3_64bits_withSeed(data, len, seed);
}
