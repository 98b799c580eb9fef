/* One-line log records to stderr (or a file set by log_open). Never with passwords or data values. */
#ifndef HOPLUU_BASE_LOG_H
#define HOPLUU_BASE_LOG_H

#include "engine/base/compiler.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };
void log_set_level(enum log_level level);
/* Appends records to that file from now on (NULL: stderr again); false, with errno, when it can't be
 * opened. */
bool log_open(const char *path);
void log_message(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
