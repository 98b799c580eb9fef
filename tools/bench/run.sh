#!/bin/bash
# Speed: private PostgreSQL and MariaDB servers in a temporary directory, TPC-H tables of our own generator, then
#   fetch       lineitem through each connector against a bare loop over the same API
#   federation  nine TPC-H queries over three kinds of source, beside PostgreSQL with foreign data wrappers
#   executor    the 22 TPC-H queries over temporary tables, beside PostgreSQL over indexed tables and DuckDB
#   run.sh BUILDDIR        e.g. build/bench
# BENCH_ONLY=fetch|federation|executor   one of the three
# BENCH_SF=N                    scale of both (default: fetch and executor 1, federation 0.2; ODBC by driver BENCH_ODBC_SF, default 0.1)
# BENCH_RUNS=N                  runs of each side of a fetch (default 3; over ODBC, whose runs are short, 5)
# BENCH_QUERIES="Q3 Q9"         only these; BENCH_EXPLAIN=1 prints our plans
# BENCH_DIR=DIR                 where the data goes (default: a new directory in /tmp, removed at the end)
set -u
B=$1
cd "$(dirname "$0")/../.." || exit 1
BENCH=$B/tools/bench/bench
PGBIN=${PGBIN:-/usr/lib/postgresql/15/bin}
FETCH_SF=${BENCH_SF:-1} ODBC_SF=${BENCH_ODBC_SF:-0.1} FEDERATION_SF=${BENCH_SF:-0.2}
EXECUTOR_SF=${BENCH_SF:-1}
ONLY=${BENCH_ONLY:-fetch,federation,executor}
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
	BENCH_RUNS=${BENCH_RUNS:-5} "$BENCH" fetch "odbc-sqlite:$DIR/fetch.db" "odbc-postgresql:$PG=test" "odbc-mariadb:$MY" || return 1
	pg -d test -c "DROP SCHEMA tpch CASCADE" 2>/dev/null
	my tpch -e "DROP TABLE lineitem"
	rm -f "$DIR/fetch.db"
}

# Our catalog: lineitem and orders in PostgreSQL, the small tables in MariaDB, part and partsupp behind ODBC.
write_setup() {
	cat <<-SQL
		CREATE SCHEMA tpch;
		CREATE SERVER pg TYPE 'postgresql' OPTIONS (host '127.0.0.1', port '$PG_PORT', dbname 'test');
		CREATE USER MAPPING FOR PUBLIC SERVER pg OPTIONS (user 'hopluu', password 'hopluu');
		CREATE SERVER mariadb TYPE 'mariadb' OPTIONS (host '127.0.0.1', port '$MY_PORT', database 'tpch');
		CREATE USER MAPPING FOR PUBLIC SERVER mariadb OPTIONS (user 'hopluu', password 'hopluu');
		CREATE SERVER odbc TYPE 'odbc' OPTIONS (driver '${HOPLUU_TEST_ODBC_SQLITE:-SQLite3}', database '$DIR/parts.db');
		CREATE USER MAPPING FOR PUBLIC SERVER odbc;
		IMPORT FOREIGN SCHEMA tpch LIMIT TO (lineitem, orders) FROM SERVER pg INTO tpch;
		IMPORT FOREIGN SCHEMA tpch LIMIT TO (customer, supplier, nation, region) FROM SERVER mariadb INTO tpch;
		IMPORT FOREIGN SCHEMA main LIMIT TO (part, partsupp) FROM SERVER odbc INTO tpch;
	SQL
}

# The peer's: the same servers, but part and partsupp in a second PostgreSQL database (there is no sqlite_fdw in Debian).
# fetch_size as large as is of use; statistics of the tables that can have them.
write_peer() {
	cat <<-SQL
		CREATE EXTENSION postgres_fdw; CREATE EXTENSION mysql_fdw;
		CREATE SCHEMA tpch;
		CREATE SERVER pg FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '$PG_PORT', dbname 'test', fetch_size '10000');
		CREATE SERVER parts FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '$PG_PORT', dbname 'parts', fetch_size '10000');
		CREATE SERVER mariadb FOREIGN DATA WRAPPER mysql_fdw OPTIONS (host '127.0.0.1', port '$MY_PORT', fetch_size '10000');
		CREATE USER MAPPING FOR hopluu SERVER pg OPTIONS (user 'hopluu', password 'hopluu');
		CREATE USER MAPPING FOR hopluu SERVER parts OPTIONS (user 'hopluu', password 'hopluu');
		CREATE USER MAPPING FOR hopluu SERVER mariadb OPTIONS (username 'hopluu', password 'hopluu');
		IMPORT FOREIGN SCHEMA tpch LIMIT TO (lineitem, orders) FROM SERVER pg INTO tpch;
		IMPORT FOREIGN SCHEMA tpch LIMIT TO (part, partsupp) FROM SERVER parts INTO tpch;
		IMPORT FOREIGN SCHEMA tpch LIMIT TO (customer, supplier, nation, region) FROM SERVER mariadb INTO tpch;
		ANALYZE tpch.lineitem; ANALYZE tpch.orders; ANALYZE tpch.part; ANALYZE tpch.partsupp;
	SQL
}

federation() {
	echo "== federation: TPC-H at scale $FEDERATION_SF; lineitem, orders in PostgreSQL; customer, supplier, nation, region in MariaDB;"
	echo "   part, partsupp behind ODBC (SQLite). Peer: PostgreSQL 15 with postgres_fdw + mysql_fdw over the same two servers,"
	echo "   and part, partsupp in another PostgreSQL database by postgres_fdw (Debian has no sqlite_fdw)."
	"$BENCH" generate "$FEDERATION_SF" lineitem,orders "postgresql:$PG=test" || return 1
	"$BENCH" generate "$FEDERATION_SF" customer,supplier,nation,region "mariadb:$MY" || return 1
	"$BENCH" generate "$FEDERATION_SF" part,partsupp "sqlite:$DIR/parts.db" || return 1
	pg -d postgres -c "CREATE DATABASE parts TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'" \
		-c "CREATE DATABASE peer TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'" || return 1
	"$BENCH" generate "$FEDERATION_SF" part,partsupp "postgresql:$PG=parts" || return 1
	write_setup >"$DIR/setup.sql"
	write_peer | pg -d peer >/dev/null || return 1
	"$BENCH" federation "$DIR/setup.sql" "$PG=peer" ${BENCH_QUERIES:-}
}

# DuckDB from PyPI, in an environment of its own that stays; without network it is left out.
duckdb() {
	local venv=$B/venv
	[ -x "$venv/bin/python" ] || python3 -m venv "$venv" >/dev/null 2>&1
	"$venv/bin/python" -c "import duckdb" 2>/dev/null || timeout 300 "$venv/bin/pip" install -q duckdb >/dev/null 2>&1
	"$venv/bin/python" -c "import duckdb" 2>/dev/null
}

executor() {
	local tables="region nation supplier customer part partsupp orders lineitem" csv=- python=python3 t
	echo "== executor: the 22 TPC-H queries at scale $EXECUTOR_SF over temporary tables; PostgreSQL 15 over local indexed tables, DuckDB"
	pg -d postgres -c "CREATE DATABASE executor TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'" -c "ALTER SYSTEM SET work_mem = '256MB'" \
		-c "SELECT pg_reload_conf()" >/dev/null || return 1
	"$BENCH" generate "$EXECUTOR_SF" "${tables// /,}" "postgresql:$PG=executor" || return 1
	pg -d executor <<-SQL || return 1
		CREATE INDEX ON tpch.lineitem (l_partkey, l_suppkey); CREATE INDEX ON tpch.lineitem (l_shipdate);
		CREATE INDEX ON tpch.orders (o_custkey); CREATE INDEX ON tpch.orders (o_orderdate);
		CREATE INDEX ON tpch.partsupp (ps_suppkey); CREATE INDEX ON tpch.supplier (s_nationkey);
		CREATE INDEX ON tpch.customer (c_nationkey);
		VACUUM ANALYZE;
	SQL
	if duckdb; then
		csv=$DIR/csv python=$B/venv/bin/python
		mkdir -p "$csv"
		for t in $tables; do "$BENCH" generate "$EXECUTOR_SF" "$t" csv: >"$csv/$t.csv" 2>/dev/null || return 1; done
		PGPASSWORD=hopluu pg_dump -s -t 'tpch.*' -h 127.0.0.1 -p "$PG_PORT" -U hopluu executor |
			sed -n '/CREATE TABLE/,/);/p' | sed 's/tpch\.//' >"$csv/schema.sql"
	fi
	"$B/hopluu" catalog init --catalog "$DIR/catalog" >/dev/null || return 1
	"$B/hopluu" shell --catalog "$DIR/catalog" -q -f - <<-SQL || return 1
		CREATE SERVER pg TYPE 'postgresql' OPTIONS (host '127.0.0.1', port '$PG_PORT', dbname 'executor');
		CREATE USER MAPPING FOR PUBLIC SERVER pg OPTIONS (user 'hopluu', password 'hopluu');
		IMPORT FOREIGN SCHEMA tpch FROM SERVER pg INTO public;
	SQL
	"$python" tools/bench/executor.py "$B/hopluu" "$DIR/catalog" "$PG=executor" "$csv" ${BENCH_QUERIES:-}
}

echo "$(nproc) processors, load average $(cut -d' ' -f1-3 /proc/loadavg): other work makes the times mean little, the ratios less"
start_servers
status=0
case $ONLY in *fetch*) fetch || status=1 ;; esac
case $ONLY in *federation*) federation || status=1 ;; esac
case $ONLY in *executor*) executor || status=1 ;; esac
exit $status
