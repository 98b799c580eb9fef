/*
 * hopluu serve: command line, signals (SIGTERM and SIGINT drain, a second one stops), the line that says where it listens.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/server/server.h"
#include "tools/cli/options.h"
#include "tools/serve/serve.h"

struct arguments {
	const char *catalog;
	const char *listen[16];
	struct server_options options;
};

static const struct option_row rows[] = {
	{"catalog", 'C', OPTION_TEXT, "DIR", "the catalog's directory (default: $HOPLUU_CATALOG or ./hopluu-catalog)"},
	{"listen", 'l', OPTION_LIST, "HOST:PORT", "where to listen, several times (default 127.0.0.1:5433)"},
	{"tls-cert", 0, OPTION_TEXT, "FILE", "certificate chain (PEM): clients may then use TLS"},
	{"tls-key", 0, OPTION_TEXT, "FILE", "its private key (default: in the same file)"},
	{"trust", 0, OPTION_FLAG, NULL, "no passwords for log-ins from loopback: for demos"},
	{"allow-plain", 0, OPTION_FLAG, NULL, "listen beyond loopback without TLS"},
	{"max-connections", 0, OPTION_TEXT, "N", "log-ins at a time (default 2000)"},
};

static bool take_option(void *arg, const struct option_row *row, const char *value)
{
	struct arguments *a = arg;

	if (!row) {
		fprintf(stderr, "hopluu serve: what is '%s'? It takes options only.\n", value);
		return false;
	}
	if (strcmp(row->name, "catalog") == 0)
		a->catalog = value;
	else if (strcmp(row->name, "listen") == 0 && a->options.nlisten < ARRAY_LEN(a->listen))
		a->listen[a->options.nlisten++] = value;
	else if (strcmp(row->name, "tls-cert") == 0)
		a->options.certificate = value;
	else if (strcmp(row->name, "tls-key") == 0)
		a->options.key = value;
	else if (strcmp(row->name, "trust") == 0)
		a->options.trust = true;
	else if (strcmp(row->name, "allow-plain") == 0)
		a->options.allow_plain = true;
	else if (strcmp(row->name, "max-connections") == 0)
		a->options.max_connections = atoi(value);
	return true;
}

/* Signals are taken by a thread that waits for them, so that nothing has to be safe in a handler. */
static void *wait_for_signals(void *arg)
{
	struct server *s = arg;
	sigset_t set;
	int got, times = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	while (sigwait(&set, &got) == 0)
		server_stop(s, ++times > 1);
	return NULL;
}

static int complain(const struct err *e)
{
	fprintf(stderr, "hopluu serve: %s: %s\n", errcode_sqlstate(e->code), e->message);
	if (e->hint[0])
		fprintf(stderr, "HINT: %s\n", e->hint);
	return 1;
}

int serve_main(int argc, char **argv)
{
	struct arguments a = {.options = {.max_connections = 2000, .authentication_timeout_ms = 60000}};
	struct engine *g;
	struct server *s;
	pthread_t signals;
	sigset_t set;
	struct err e;
	int rc = options_parse(argc, argv, rows, ARRAY_LEN(rows), "serves PostgreSQL's protocol 3", take_option, &a);

	if (rc)
		return rc == 1 ? 0 : 2;
	a.options.listen = a.listen;
	if (!a.catalog)
		a.catalog = getenv("HOPLUU_CATALOG");
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	err_clear(&e);
	g = engine_open(a.catalog ? a.catalog : "hopluu-catalog", 0, &e);
	if (!g)
		return complain(&e);
	s = server_new(g, &a.options, &e);
	if (!s) {
		engine_close(g);
		return complain(&e);
	}
	printf("hopluu serves at port %d%s\n", server_port(s), a.options.trust ? " (no passwords from loopback)" : "");
	fflush(stdout);
	pthread_create(&signals, NULL, wait_for_signals, s);
	server_run(s);
	pthread_cancel(signals);
	pthread_join(signals, NULL);
	server_free(s);
	engine_close(g);
	return 0;
}
