#!/bin/bash
# Ctrl-C and statement_timeout on every kind of source: the statement ends soon, the source stops working, the session
# goes on. Limits are generous; the measured times are printed.
. "$(dirname "$0")/check.inc"
LIMIT=10000
make_servers
check_clean() {
	pg -c 'DROP SCHEMA IF EXISTS slow CASCADE' 2>/dev/null
	maria -e 'DROP VIEW IF EXISTS slow_v, slow_s'
}
check_clean
pg -c 'CREATE SCHEMA slow;
	CREATE VIEW slow.v AS SELECT a.i::int AS i, (a.i + b.i)::int AS j FROM generate_series(1, 100000) a(i), generate_series(1, 100000) b(i);
	CREATE VIEW slow.s AS SELECT 1 AS i, pg_sleep(60)::text AS t'
maria -e 'CREATE VIEW slow_v AS SELECT a.ordinal_position AS i, b.ordinal_position AS j FROM information_schema.columns a,
	information_schema.columns b, information_schema.columns c; CREATE VIEW slow_s AS SELECT 1 AS i, sleep(60) AS t'
sqlite3 "$DIR/lite.db" 'CREATE TABLE big AS WITH RECURSIVE a(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM a WHERE i < 3000) SELECT CAST(i AS integer) AS i FROM a;
	CREATE VIEW slow_v AS SELECT a.i, b.i AS j FROM big a, big b, big c, big d'
ODBC=$(sql "CREATE SERVER olite TYPE 'odbc' OPTIONS (driver '${HOPLUU_TEST_ODBC_SQLITE:-SQLite3}', database '$DIR/lite.db');
	CREATE SERVER opg TYPE 'odbc' OPTIONS (driver '${HOPLUU_TEST_ODBC_PG:-PostgreSQL Unicode}', server '127.0.0.1', port '$PG_PORT', database 'test');
	CREATE USER MAPPING FOR PUBLIC SERVER opg OPTIONS (user 'hopluu', password 'hopluu');
	CREATE SERVER omaria TYPE 'odbc' OPTIONS (driver '${HOPLUU_TEST_ODBC_MARIADB:-MariaDB Unicode}', server '127.0.0.1', port '$MARIADB_PORT', database 'test');
	CREATE USER MAPPING FOR PUBLIC SERVER omaria OPTIONS (user 'hopluu', password 'hopluu')")
check_no_match "ODBC servers" "ERROR" "$ODBC"
START=$(now_ms)
check "import reads no view" "" "$(sql "CREATE SCHEMA s; IMPORT FOREIGN SCHEMA slow FROM SERVER pg INTO s")"
check_under "import" $LIMIT $(($(now_ms) - START))
check_no_match "tables" ERROR "$(sql "CREATE FOREIGN TABLE s.mv (i int, j int) SERVER maria OPTIONS (table_name 'slow_v');
	CREATE FOREIGN TABLE s.ms (i int, t text) SERVER maria OPTIONS (table_name 'slow_s');
	CREATE FOREIGN TABLE s.lv (i int, j int) SERVER lite OPTIONS (table_name 'slow_v');
	CREATE FOREIGN TABLE s.big (i int) SERVER lite;
	CREATE FOREIGN TABLE s.opg (i int, t text) SERVER opg OPTIONS (schema_name 'slow', table_name 's');
	CREATE FOREIGN TABLE s.omaria (i int, t text) SERVER omaria OPTIONS (table_name 'slow_s');
	CREATE FOREIGN TABLE s.olite (i int, j int) SERVER olite OPTIONS (table_name 'slow_v')")"

working() { # what the servers are still doing for us
	pg -c "SELECT query FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%slow%' AND pid <> pg_backend_pid()"
	maria -e "SELECT info FROM information_schema.processlist WHERE info LIKE '%slow%' AND info NOT LIKE '%processlist%'"
}
gone() { # name
	local i
	for i in $(seq 50); do
		[ -z "$(working)" ] && break
		sleep 0.1
	done
	check "$1: nothing goes on at the source" "" "$(working)"
}
try() { # name, statement, options…
	local name=$1 statement=$2 start pid took
	shift 2
	start=$(now_ms)
	run "$HOPLUU" shell --catalog "$CATALOG" "$@" --set statement_timeout=700 --keep-going --no-header --format csv -c "$statement" -c 'SELECT 7'
	took=$(($(now_ms) - start - 700))
	check_match "$name: timeout" 'ERROR 57014: canceling statement due to statement timeout' "$ERRORS"
	check "$name: the session goes on" 7 "$OUT"
	check_under "$name, timeout" $LIMIT "$took"
	gone "$name, timeout"
	"$HOPLUU" shell --catalog "$CATALOG" "$@" -c "$statement" >"$DIR/out" 2>&1 &
	pid=$!
	sleep 0.7
	start=$(now_ms)
	kill -INT $pid
	wait $pid
	check "$name: interrupt, exit status" 1 $?
	took=$(($(now_ms) - start))
	check_match "$name: interrupt" 'ERROR 57014: canceling statement due to user request' "$(cat "$DIR/out")"
	check_under "$name, interrupt" $LIMIT "$took"
	gone "$name, interrupt"
}
try "PostgreSQL, aggregate there" 'SELECT count(*) FROM s.v WHERE i < 0 OR j < 0'
try "PostgreSQL, asleep" 'SELECT * FROM s.s'
try "PostgreSQL, rows arriving" 'SELECT sum(i) FROM s.v' --set pushdown=off
try "MariaDB, aggregate there" 'SELECT count(*) FROM s.mv WHERE i < 0'
try "MariaDB, asleep" 'SELECT * FROM s.ms'
try "MariaDB, rows arriving" 'SELECT sum(i) FROM s.mv' --set pushdown=off
try "SQLite, aggregate there" 'SELECT count(*) FROM s.lv'
try "SQLite, rows arriving" 'SELECT sum(i) FROM s.lv' --set pushdown=off
try "ODBC to PostgreSQL" 'SELECT * FROM s.opg'
try "ODBC to MariaDB" 'SELECT * FROM s.omaria'
try "ODBC to SQLite" 'SELECT count(*) FROM s.olite'
try "here: join" 'SELECT count(*) FROM s.big a, s.big b, s.big c WHERE a.i + b.i + c.i < 0' --set pushdown=off
try "here: sort" 'SELECT a.i FROM s.big a, s.big b, s.big c ORDER BY a.i * b.i' --set pushdown=off
try "analyze PostgreSQL" 'ANALYZE s.v'
try "analyze MariaDB" 'ANALYZE s.mv'
try "analyze SQLite" 'ANALYZE s.lv'

# told to end, the process takes its queries along
timeout 2 "$HOPLUU" shell --catalog "$CATALOG" -c 'SELECT * FROM s.ms' >/dev/null 2>&1
gone "terminated"
# a session that was cancelled many times still has connections
for i in $(seq 12); do echo 'SELECT * FROM s.s; SELECT * FROM s.ms;'; done >"$DIR/many.sql"
echo 'SET statement_timeout = 0; SELECT count(*) FROM information_schema.tables WHERE false; SELECT 7;' >>"$DIR/many.sql"
check "cancelled 24 times" "24 of 57014, 0
7" "$(ask --keep-going --set statement_timeout=60 --no-header --format csv -f "$DIR/many.sql" | awk '/ERROR 57014/ {n++; next} NR > 1 && !s {printf "%d of 57014, ", n; s = 1} {print}')"
finish
