/*
 * A fragment: a subtree of the plan that one source computes, with the SQL text it will be asked. Made by
 * placement, read by the executor. Lives in the plan's arena.
 */
#ifndef HOPLUU_PLACE_REMOTE_H
#define HOPLUU_PLACE_REMOTE_H

#include "connectors/connector.h"
#include "engine/plan/rel.h"

struct remote_fragment {
	const struct catalog_server *server;
	struct rel *subtree;            /* what it stands for: guarded scans and what was pushed */
	const char *table;              /* for messages: "schema.table", or "" for a join */
	const char *sql;                /* with the dialect's parameter marks */
	uint32_t nparams;
	struct expr **params;           /* constants or EXPR_PARAM/uncorrelated subquery results: evaluated at start */
	struct stream_column *columns;  /* per output col of the REL_REMOTE node */
	/* Why each conjunct went or stayed, for EXPLAIN. */
	uint32_t nnotes;
	struct remote_note {
		const char *text;           /* the expression */
		enum { NOTE_EXACT, NOTE_SUPERSET, NOTE_LOCAL } sent;
		const char *why;
	} *notes;
	uint32_t nguards;
	const struct guard **guards;    /* of the scans inside: re-checked against the access proof */
	/* Parallel scan of one table: conditions that together make it whole; NULL = one stream. */
	bool splittable;                /* a plain scan with filter and projection only */
};

#endif
