/* Compiler attributes and assertions used in every room. Nothing here allocates or fails. */
#ifndef HOPLUU_BASE_COMPILER_H
#define HOPLUU_BASE_COMPILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The result tells whether the call worked; ignoring it is a bug. */
#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt_arg, first_arg) __attribute__((format(printf, fmt_arg, first_arg)))
#define NORETURN __attribute__((noreturn))
#define UNUSED __attribute__((unused))
#define FALLTHROUGH __attribute__((fallthrough))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* The body of an algorithm that a template include instantiates with constant parameters. */
#define TEMPLATE static inline __attribute__((always_inline))

/* A loop over vectors: one portable binary with a second clone for newer CPUs. Sanitizer builds
 * can't use ifunc resolvers this early, so they get the plain function. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(HOPLUU_SANITIZE)
#define KERNEL __attribute__((target_clones("default", "arch=x86-64-v3")))
#else
#define KERNEL
#endif

typedef __int128 int128;
typedef unsigned __int128 uint128;

/* A programmer's mistake, never a user's input: prints the place and aborts. Kept in all builds but
 * release ones with -DNDEBUG. */
void assert_failed(const char *file, int line, const char *what) NORETURN;
#ifdef NDEBUG
#define ASSERT(x) ((void)sizeof(!(x)))
#else
#define ASSERT(x) ((x) ? (void)0 : assert_failed(__FILE__, __LINE__, #x))
#endif
/* A state that can't be reached; aborts in all builds. */
#define UNREACHABLE() assert_failed(__FILE__, __LINE__, "unreachable")

#endif
