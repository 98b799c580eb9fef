/*
 * The optimizer: an ordered list of passes (passes.def), each one file. opt_run wraps each with a cancel
 * check, its off-switch (setting disabled_passes), timing, and plan_verify in debug builds or when asked.
 */
#ifndef HOPLUU_OPTIMIZE_OPTIMIZE_H
#define HOPLUU_OPTIMIZE_OPTIMIZE_H

#include "engine/base/cancel.h"
#include "engine/base/settings.h"
#include "engine/plan/rel.h"

struct optimize_trace { /* for EXPLAIN (PASSES): called after each pass that changed the plan; may be NULL */
	void (*after)(const char *pass, const struct plan *p, int64_t us, void *arg);
	void *arg;
};
MUST_CHECK bool optimize_plan(struct plan *p, const struct settings *settings, const struct text_context *text,
							  const struct cancel *cancel, const struct optimize_trace *trace, struct err *e);
/* Row, width and distinct estimates of every node, from the catalog's statistics (also used by EXPLAIN). */
void optimize_estimate(struct plan *p, struct rel *r);
size_t optimize_pass_count(void);
const char *optimize_pass_name(size_t i);

#endif
