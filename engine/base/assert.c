/*
 * Failed assertions: one line on stderr, then abort, so that a core or a sanitizer's report shows the
 * place. User input never gets here; that is what struct err is for.
 */
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/compiler.h"

void assert_failed(const char *file, int line, const char *what)
{
	fprintf(stderr, "hopluu: %s:%d: assertion failed: %s\n", file, line, what);
	fflush(NULL);
	abort();
}
