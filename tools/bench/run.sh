#!/bin/bash
# Speed: private PostgreSQL and MariaDB servers in a temporary directory, TPC-H tables of our own generator, then
#   fetch       lineitem through each connector against a bare loop over the same API
#   federation  nine TPC-H queries over three kinds of source, beside PostgreSQL with foreign data wrappers
#   run.sh BUILDDIR        e.g. build/bench
# BENCH_ONLY=fetch|federation   one of the two
# BENCH_SF=N                    scale of both (default: fetch 1, federation 0.2; ODBC by driver BENCH_ODBC_SF, default 0.1)
# BENCH_DIR=DIR                 where the data goes (default: a new directory in /tmp, removed at the end)
set -u
B=$1
cd "$(dirname "$0")/../.." || exit 1
BENCH=$B/tools/bench/bench
PGBIN=${PGBIN:-/usr/lib/postgresql/15/bin}
FETCH_SF=${BENCH_SF:-1} ODBC_SF=${BENCH_ODBC_SF:-0.1} FEDERATION_SF=${BENCH_SF:-0.2}
ONLY=${BENCH_ONLY:-fetch,federation}
DIR=${BENCH_DIR:-$(mktemp -d /tmp/hopluu-bench.XXXXXX)} || exit 1
mkdir -p "$DIR" && chmod 755 "$DIR"
SERVERS=$DIR/servers

finish() { bash tests/servers.sh stop "$SERVERS" >/dev/null 2>&1; [ -n "${BENCH_DIR:-}" ] || rm -rf "$DIR"; }
trap finish EXIT
trap 'exit 130' INT TERM

as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
pg() { PGPASSWORD=hopluu psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$PG_PORT" -U hopluu "$@"; }
my() { mariadb --no-defaults -h 127.0.0.1 -P "$MY_PORT" -u hopluu -phopluu "$@"; }

# Buffers for data of a few hundred MB, which the tests' servers don't need; the same servers serve both sides.
start_servers() {
	eval "$(bash tests/servers.sh start "$SERVERS")"
	[ -n "${HOPLUU_TEST_PG:-}" ] || { echo "the servers did not start"; exit 1; }
	PG_PORT=$(cat "$SERVERS/pg.port") MY_PORT=$(cat "$SERVERS/my.port")
	export PG_PORT MY_PORT
	pg -d postgres -c "ALTER SYSTEM SET shared_buffers = '1GB'" -c "ALTER SYSTEM SET work_mem = '64MB'" \
		-c "ALTER SYSTEM SET effective_cache_size = '4GB'" -c "ALTER SYSTEM SET random_page_cost = 1.1" || exit 1
	(cd / && as_postgres "$PGBIN/pg_ctl" -D "$SERVERS/pg/data" -l "$SERVERS/pg/log" -w -t 60 -m fast restart >/dev/null </dev/null)
	mariadb --no-defaults -S "$SERVERS/my/sock" -u root -e "SET GLOBAL innodb_buffer_pool_size = 1073741824; CREATE DATABASE tpch" ||
		exit 1
	PG="host=127.0.0.1 port=$PG_PORT user=hopluu password=hopluu dbname"
	MY="host=127.0.0.1 port=$MY_PORT user=hopluu password=hopluu database=tpch"
}

fetch() {
	echo "== fetch: lineitem into batches, one thread, against a bare loop over the same API (scale $FETCH_SF; ODBC $ODBC_SF)"
	"$BENCH" generate "$FETCH_SF" lineitem "postgresql:$PG=test" || return 1
	"$BENCH" generate "$FETCH_SF" lineitem "mariadb:$MY" || return 1
	"$BENCH" generate "$FETCH_SF" lineitem "sqlite:$DIR/fetch.db" || return 1
	"$BENCH" fetch "postgresql:$PG=test" "mariadb:$MY" "sqlite:$DIR/fetch.db" || return 1
	"$BENCH" generate "$ODBC_SF" lineitem "postgresql:$PG=test" || return 1
	"$BENCH" generate "$ODBC_SF" lineitem "mariadb:$MY" || return 1
	rm -f "$DIR/fetch.db"
	"$BENCH" generate "$ODBC_SF" lineitem "sqlite:$DIR/fetch.db" || return 1
	"$BENCH" fetch "odbc-sqlite:$DIR/fetch.db" "odbc-postgresql:$PG=test" "odbc-mariadb:$MY" || return 1
	pg -d test -c "DROP SCHEMA tpch CASCADE" 2>/dev/null
	my tpch -e "DROP TABLE lineitem"
	rm -f "$DIR/fetch.db"
}

federation() { :; }

start_servers
status=0
case $ONLY in *fetch*) fetch || status=1 ;; esac
case $ONLY in *federation*) federation || status=1 ;; esac
exit $status
