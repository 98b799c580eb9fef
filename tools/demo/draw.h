/*
 * Random numbers by counter: a value depends only on (seed, stream, index, how many were drawn before
 * for that index), so any row can be made at any time by any thread, always the same. The mixing is
 * part of the demo's contract (the same seed gives the same nation in every version), so it is here
 * and not taken from engine/base/hash.h.
 */
#ifndef HOPLUU_TOOLS_DEMO_DRAW_H
#define HOPLUU_TOOLS_DEMO_DRAW_H

#include "engine/base/compiler.h"

static inline uint64_t draw_mix(uint64_t x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9ull;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

/* What the numbers are for: each purpose has its own stream. */
enum draw_stream {
	STREAM_HOUSEHOLD, STREAM_PERSON, STREAM_LINK, STREAM_NAME, STREAM_BIRTHPLACE, STREAM_CONTACT,
	STREAM_JOB, STREAM_OWNER, STREAM_ENTERPRISE, STREAM_POPULATION, STREAM_CARD, STREAM_RESIDENCE,
	STREAM_CIVIL, STREAM_INSURANCE, STREAM_CONTRIBUTION, STREAM_HEALTH_CARD, STREAM_BENEFIT, STREAM_FACILITY,
	STREAM_VISIT, STREAM_LAND, STREAM_VEHICLE, STREAM_LICENCE, STREAM_SCHOOL, STREAM_PUPIL, STREAM_SERVANT,
	STREAM_ASSISTANCE, STREAM_CREDIT, STREAM_TAX, STREAM_PROVINCIAL, STREAM_GENERIC, STREAM_DIRT = 1000
};

struct draw {
	uint64_t state;
};

static inline struct draw draw_start(uint64_t seed, uint64_t stream, uint64_t index)
{
	return (struct draw){draw_mix(seed * 0x9e3779b97f4a7c15ull + stream) ^ draw_mix(index + 0x632be59bd9b4e019ull)};
}
static inline uint64_t draw_next(struct draw *d)
{
	d->state += 0x9e3779b97f4a7c15ull;
	return draw_mix(d->state);
}
/* 0 … n-1; n > 0 */
static inline uint64_t draw_below(struct draw *d, uint64_t n)
{
	return (uint64_t)(((unsigned __int128)draw_next(d) * n) >> 64);
}
static inline int64_t draw_between(struct draw *d, int64_t low, int64_t high)
{
	return low + (int64_t)draw_below(d, (uint64_t)(high - low) + 1);
}
/* True in `share` of 10,000 cases. */
static inline bool draw_chance(struct draw *d, unsigned share)
{
	return draw_below(d, 10000) < share;
}
/* Skewed towards 0: half of the values lie in the lowest quarter. */
static inline uint64_t draw_skewed(struct draw *d, uint64_t n)
{
	uint64_t a = draw_below(d, n), b = draw_below(d, n);
	return a < b ? a : b;
}
/* The i-th element of a fixed permutation of 0 … n-1, for n that is no multiple of the prime factor. */
static inline uint64_t draw_permute(uint64_t i, uint64_t n, uint64_t salt)
{
	return (uint64_t)(((unsigned __int128)(i % n) * 387420489u + salt) % n); /* 3^18: coprime to powers of 2 and 5 */
}

#endif
