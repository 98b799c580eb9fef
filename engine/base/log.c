/*
 * Log records: one line each, written with a single write under the stream's lock, so that lines of
 * several threads don't mix. Control characters in the message become spaces: remote text can't
 * forge a second record.
 */
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "engine/base/clock.h"
#include "engine/base/log.h"

static atomic_int max_level = LOG_WARNING;
static _Atomic(FILE *) target; /* NULL: stderr */

void log_set_level(enum log_level level)
{
	atomic_store_explicit(&max_level, (int)level, memory_order_relaxed);
}

bool log_open(const char *path)
{
	FILE *f = path ? fopen(path, "ae") : NULL;
	if (path && !f)
		return false;
	/* an earlier file stays open: another thread may be writing to it */
	atomic_store(&target, f);
	return true;
}

static const char *level_name(enum log_level level)
{
	switch (level) {
	case LOG_ERROR:
		return "ERROR";
	case LOG_WARNING:
		return "WARNING";
	case LOG_INFO:
		return "INFO";
	case LOG_DEBUG:
		return "DEBUG";
	}
	return "?";
}

void log_message(enum log_level level, const char *fmt, ...)
{
	char text[2048];
	va_list ap;
	int64_t now;
	time_t seconds;
	struct tm tm;
	FILE *f;

	if ((int)level > atomic_load_explicit(&max_level, memory_order_relaxed))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	now = clock_wall_us();
	seconds = (time_t)(now / 1000000);
	gmtime_r(&seconds, &tm);
	f = atomic_load(&target);
	if (!f)
		f = stderr;
	flockfile(f);
	fprintf(f, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ %s %s\n", tm.tm_year + 1900, tm.tm_mon + 1,
			tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(now / 1000 % 1000),
			level_name(level), text);
	fflush(f);
	funlockfile(f);
}
