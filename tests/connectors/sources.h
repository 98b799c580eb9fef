/*
 * The sources that the connector tests run on: how to reach each, how to set tables up behind the connector's back,
 * and what is declared to be different there.
 */
#ifndef HOPLUU_TESTS_CONNECTORS_SOURCES_H
#define HOPLUU_TESTS_CONNECTORS_SOURCES_H

#include "connectors/connector.h"

enum backend { BACKEND_SQLITE, BACKEND_POSTGRESQL, BACKEND_MARIADB, BACKEND_MOCK };

struct source_case {
	const char *name;
	const char *type;          /* of the connector */
	enum backend backend;
	struct options server, user;
	const char *schema;        /* remote schema of the tables */
	char quote;
	/* quirks */
	bool no_uuid, no_timestamptz, no_interval;
	bool no_password;          /* the source knows none */
	bool no_network;
	bool dynamic_types;        /* a column may hold anything */
	bool pads_text;            /* default comparison pads or folds */
	bool no_sql;               /* evaluates no SQL but column lists */
	bool odbc;
	bool buffers_results;      /* the driver keeps whole results: nothing can be cut off or killed mid-way */
};

/* The sources whose servers the environment names; *count of them. Fails the test run when one is named but
 * can't be reached. */
struct source_case *sources_open(struct mem *m, size_t *count);
/* Runs SQL at the source by its native client; aborts the test with the reason when it fails. */
void source_exec(const struct source_case *s, const char *sql);
/* Ends all connections of hopluu at a server, as an administrator would; false where that can't be. */
bool source_kill(const struct source_case *s);

#endif
