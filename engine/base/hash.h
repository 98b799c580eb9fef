/* Hashing (xxHash's XXH3) for hash tables; not stable across versions, never stored. */
#ifndef HOPLUU_BASE_HASH_H
#define HOPLUU_BASE_HASH_H

#include "engine/base/compiler.h"

uint64_t hash_bytes(const void *data, size_t len, uint64_t seed);
/* Finaliser of SplitMix64: a good 64-bit mix of an integer. */
static inline uint64_t hash_u64(uint64_t x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9ull;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}
static inline uint64_t hash_combine(uint64_t a, uint64_t b)
{
	return hash_u64(a * 0x9e3779b97f4a7c15ull + b);
}

#endif
