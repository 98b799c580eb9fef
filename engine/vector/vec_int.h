/* What the files of this room share with each other only. */
#ifndef HOPLUU_VECTOR_VEC_INT_H
#define HOPLUU_VECTOR_VEC_INT_H

#include "engine/vector/vec.h"

/* Bytes held by the heap and the heaps it keeps directly. */
size_t heap_bytes(const struct heap *h);

/* Bytes of a value, as constants that the compiler can specialise copying loops for. */
#define EACH_VALUE_SIZE(size, DO)                                                                  \
	switch (size) {                                                                                \
	case 1: DO(1); break;                                                                          \
	case 4: DO(4); break;                                                                          \
	case 8: DO(8); break;                                                                          \
	case 16: DO(16); break;                                                                        \
	case 32: DO(32); break;                                                                        \
	default: UNREACHABLE();                                                                        \
	}

#endif
