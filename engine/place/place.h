/*
 * Placement: decides who computes what. Takes the optimized plan and gives one in which every REL_SCAN has
 * become part of a REL_REMOTE, whose cols keep their ids. The largest exact part above the scans of one
 * server goes into its fragment (filter, projection, limit, sort+limit, aggregate, join, DISTINCT), as far as
 * the setting pushdown and the dialect's rules (reference/pushdown-semantics.md) allow; superset filters are
 * sent and stay above.
 */
#ifndef HOPLUU_PLACE_PLACE_H
#define HOPLUU_PLACE_PLACE_H

#include "engine/base/settings.h"
#include "engine/place/remote.h"

MUST_CHECK bool place_plan(struct plan *p, const struct settings *settings, struct err *e);

#endif
