#!/bin/bash
# Sources that are away, refuse us, changed behind our back, or die in the middle: a clear error with the SQLSTATE, naming
# server and table, soon; the next statement works.
. "$(dirname "$0")/check.inc"
PGBIN=${PGBIN:-/usr/lib/postgresql/15/bin}
OWN=
check_clean() {
	pg -c 'DROP SCHEMA IF EXISTS bad CASCADE' 2>/dev/null
	maria -e 'DROP TABLE IF EXISTS bad_a, bad_big; DROP VIEW IF EXISTS bad_stream'
	[ -n "$OWN" ] && kill -CONT "$OWN" 2>/dev/null && kill -QUIT "$OWN" 2>/dev/null
}
make_servers
check_clean 2>/dev/null

# ---- unreachable
ask -c "CREATE SCHEMA d;
	CREATE SERVER gone_pg TYPE 'postgresql' OPTIONS (host '127.0.0.1', port '1', dbname 'test');
	CREATE SERVER gone_maria TYPE 'mariadb' OPTIONS (host '127.0.0.1', port '1', database 'test');
	CREATE SERVER gone_lite TYPE 'sqlite' OPTIONS (path '$DIR/gone.db');
	CREATE SERVER gone_odbc TYPE 'odbc' OPTIONS (driver '${HOPLUU_TEST_ODBC_PG:-PostgreSQL Unicode}', server '127.0.0.1', port '1', database 'test');
	CREATE SERVER no_driver TYPE 'odbc' OPTIONS (driver 'No Such Driver', server '127.0.0.1')" >"$DIR/log"
for s in gone_pg gone_maria gone_odbc; do
	check_match "$s: a warning, no error, when defined" "WARNING.*cannot connect to server \"$s\"" \
		"$(sql "CREATE USER MAPPING FOR PUBLIC SERVER $s OPTIONS (user 'hopluu', password 'hopluu')")"
done
for s in gone_pg gone_maria gone_lite gone_odbc no_driver; do
	sql "CREATE FOREIGN TABLE d.$s (a int) SERVER $s" >"$DIR/log"
	START=$(now_ms)
	OUT=$(sql "SELECT * FROM d.$s")
	check_match "$s" "^ERROR 08001: .*$s" "$OUT"
	check_under "$s" 5000 $(($(now_ms) - START))
	check_match "$s: import" "^ERROR 08001: .*$s" "$(sql "IMPORT FOREIGN SCHEMA x FROM SERVER $s INTO d")"
done
check_match "no mapping" 'ERROR 42704: no user mapping' "$(sql "CREATE SERVER nobody TYPE 'postgresql' OPTIONS (host '127.0.0.1', port '1');
	CREATE FOREIGN TABLE d.nobody (a int) SERVER nobody; SELECT * FROM d.nobody")"
check "other servers still answer" 1 "$(sql 'SELECT 1')"

# ---- wrong password: nowhere to be seen
SECRET='Mật.khẩu-9Q7'
PASSWORD_OUT=$DIR/password.out
{
	ask -c "CREATE SERVER wrong_pg TYPE 'postgresql' OPTIONS (host '127.0.0.1', port '$PG_PORT', dbname 'test')"
	ask -c "CREATE SERVER wrong_maria TYPE 'mariadb' OPTIONS (host '127.0.0.1', port '$MARIADB_PORT', database 'test')"
	ask -c "CREATE SERVER wrong_odbc TYPE 'odbc' OPTIONS (driver '${HOPLUU_TEST_ODBC_MARIADB:-MariaDB Unicode}', server '127.0.0.1', port '$MARIADB_PORT', database 'test')"
	for s in pg maria odbc; do
		echo "CREATE USER MAPPING FOR PUBLIC SERVER wrong_$s OPTIONS (user 'hopluu', password '$SECRET'); CREATE FOREIGN TABLE d.wrong_$s (a int) SERVER wrong_$s;" >"$DIR/s.sql"
		ask -f "$DIR/s.sql"
	done
	echo "CREATE USER MAPPING FOR x SERVER wrong_pg OPTIONS (user 'x', password '$SECRET', passwrd '$SECRET')" >"$DIR/s.sql"
	ask -f "$DIR/s.sql"
	echo "CREATE USER MAPPING FOR x SERVER wrong_pg OPTIONS (user 'x', password '$SECRET' 5)" >"$DIR/s.sql"
	ask -f "$DIR/s.sql"
	echo "CREATE SERVER y TYPE 'postgresql' OPTIONS (host '127.0.0.1', password '$SECRET')" >"$DIR/s.sql"
	ask -f "$DIR/s.sql"
	rm "$DIR/s.sql"
} >"$PASSWORD_OUT" 2>&1
for s in pg maria odbc; do
	OUT=$(ask -c "SELECT * FROM d.wrong_$s")
	check_match "wrong password at wrong_$s" "ERROR 28P01: server \"wrong_$s\" did not accept" "$OUT"
	echo "$OUT" >>"$PASSWORD_OUT"
done
{
	ask -c 'SHOW SERVERS' -c 'SELECT * FROM hopluu.servers' -c '\des'
	"$HOPLUU" catalog dump --catalog "$CATALOG"
	"$HOPLUU" catalog list --catalog "$CATALOG"
	"$HOPLUU" catalog check --catalog "$CATALOG"
} >>"$PASSWORD_OUT" 2>&1
check "the password is in no output" "" "$(grep -F -e "$SECRET" -e 'khẩu' "$PASSWORD_OUT")"
check "the password is in no file of the catalog" "" "$(grep -rlaF -e "$SECRET" -e 'khẩu' "$CATALOG")"
check "the key and the catalog are private" "600 600" "$(stat -c %a "$CATALOG/catalog.db" "$CATALOG/catalog.key" | xargs)"
check_match "the mapping is in the dump, without it" "OPTIONS \(user 'hopluu'\)|OPTIONS \(\"user\" 'hopluu'\)" "$("$HOPLUU" catalog dump --catalog "$CATALOG")"
check_match "a mended password works" '^1$' "$(sql "CREATE FOREIGN TABLE d.mended (one int) SERVER wrong_pg OPTIONS (schema_name 'bad', table_name 'one')" >/dev/null
	pg -c 'CREATE SCHEMA bad; CREATE TABLE bad.one (one int); INSERT INTO bad.one VALUES (1)'
	sql "ALTER USER MAPPING FOR PUBLIC SERVER wrong_pg OPTIONS (SET password 'hopluu'); SELECT * FROM d.mended")"
# another key: the secrets can't be opened, and the error says so
cp -r "$CATALOG" "$DIR/copy"
head -c 32 /dev/urandom >"$DIR/copy/catalog.key"
check_match "a wrong key" '^ERROR .*(key|decrypt)' "$(CATALOG=$DIR/copy sql 'SELECT * FROM d.mended')"

# ---- changed since the import
pg -c "CREATE TABLE bad.a (id int PRIMARY KEY, t text, n numeric(10,2)); INSERT INTO bad.a VALUES (1, 'x', 1.5), (2, NULL, 2.5)"
maria -e "CREATE TABLE bad_a (id int PRIMARY KEY, t text, n numeric(10,2)); INSERT INTO bad_a VALUES (1, 'x', 1.5), (2, NULL, 2.5)"
sqlite3 "$DIR/lite.db" "CREATE TABLE bad_a (id int PRIMARY KEY, t text, n numeric(10,2)); INSERT INTO bad_a VALUES (1, 'x', 1.5), (2, NULL, 2.5)"
sql "CREATE SCHEMA pgbad; CREATE SCHEMA mabad; CREATE SCHEMA libad; IMPORT FOREIGN SCHEMA bad LIMIT TO (a) FROM SERVER pg INTO pgbad;
	IMPORT FOREIGN SCHEMA test LIMIT TO (bad_a) FROM SERVER maria INTO mabad; IMPORT FOREIGN SCHEMA main LIMIT TO (bad_a) FROM SERVER lite INTO libad"
drift() { # name, our table, HOW to change (function), expected SQLSTATEs, statement
	OUT=$(sql "$3")
	check_match "$1" "^ERROR $4: .*$2" "$OUT"
	check_match "$1: hint" '^HINT: ' "$OUT"
}
both() { # ALTER text on all three
	pg -c "${1//@/bad.a}"
	maria -e "${1//@/bad_a}"
	sqlite3 "$DIR/lite.db" "${1//@/bad_a}"
}
check "before" "1,x,1.50
2,,2.50
1,x,1.50
2,,2.50
1,x,1.50
2,,2.50" "$(sql 'SELECT * FROM pgbad.a ORDER BY id; SELECT * FROM mabad.bad_a ORDER BY id; SELECT * FROM libad.bad_a ORDER BY id')"
both 'ALTER TABLE @ DROP COLUMN n'
for q in 'SELECT * FROM @' 'SELECT id FROM @ WHERE n > 1' 'SELECT max(n) FROM @'; do
	drift "column dropped in PostgreSQL: $q" pgbad.a "${q//@/pgbad.a}" 'HV005'
	drift "column dropped in MariaDB: $q" mabad.bad_a "${q//@/mabad.bad_a}" 'HV005'
	drift "column dropped in SQLite: $q" libad.bad_a "${q//@/libad.bad_a}" 'HV005'
done
check "what doesn't read the column still works" "2
2
2" "$(sql 'SELECT count(*) FROM pgbad.a; SELECT count(*) FROM mabad.bad_a; SELECT count(*) FROM libad.bad_a')"
both "ALTER TABLE @ ADD COLUMN n text"
both "UPDATE @ SET n = 'abc'"
drift "column retyped in PostgreSQL" pgbad.a 'SELECT * FROM pgbad.a' 'HV00[45]|22P02'
drift "column retyped in MariaDB" mabad.bad_a 'SELECT * FROM mabad.bad_a' 'HV00[45]|22P02'
drift "column retyped in SQLite" libad.bad_a 'SELECT * FROM libad.bad_a' 'HV00[45]|22P02'
drift "column retyped in PostgreSQL, aggregate" pgbad.a 'SELECT sum(n) FROM pgbad.a' 'HV00[45]|22P02'
both 'ALTER TABLE @ DROP COLUMN n'
both 'ALTER TABLE @ ADD COLUMN n int'
both 'UPDATE @ SET n = 7'
check "another number type of the same values is read" "14.00
14.00
14.00" "$(sql 'SELECT sum(n) FROM pgbad.a; SELECT sum(n) FROM mabad.bad_a; SELECT sum(n) FROM libad.bad_a')"
both 'DROP TABLE @'
drift "table dropped in PostgreSQL" pgbad.a 'SELECT * FROM pgbad.a' HV00R
drift "table dropped in MariaDB" mabad.bad_a 'SELECT * FROM mabad.bad_a' HV00R
drift "table dropped in SQLite" libad.bad_a 'SELECT * FROM libad.bad_a' HV00R
cp "$DIR/lite.db" "$DIR/lite.bak"
head -c 30000 /dev/urandom >"$DIR/lite.db"
check_match "SQLite file that is none" '^ERROR XX001: .*"lite"' "$(sql 'SELECT * FROM libad.bad_a')"
cp "$DIR/lite.bak" "$DIR/lite.db"

# ---- killed in the middle of a query, in one session: the second statement works
pg -c "CREATE VIEW bad.stream AS SELECT a.i::int AS i, repeat('x', 1000) AS t FROM generate_series(1, 20000000) a(i); CREATE TABLE bad.small (i int); INSERT INTO bad.small VALUES (7)"
maria -e "CREATE TABLE bad_big (i int); INSERT INTO bad_big VALUES (7); CREATE VIEW bad_stream AS SELECT a.ordinal_position AS i FROM information_schema.columns a, information_schema.columns b, information_schema.columns c"
sql "IMPORT FOREIGN SCHEMA bad LIMIT TO (stream, small) FROM SERVER pg INTO pgbad; IMPORT FOREIGN SCHEMA test LIMIT TO (bad_big, bad_stream) FROM SERVER maria INTO mabad"
killed() { # name, first statement, second statement, HOW to kill
	ask --keep-going --format csv --no-header --set pushdown=off -c "$2" -c "$3" >"$DIR/out" &
	local pid=$! i
	for i in $(seq 100); do
		[ -n "$($4)" ] && break
		sleep 0.1
	done
	wait $pid
	check_match "$1" '^ERROR 08006: ' "$(cat "$DIR/out")"
	check "$1: the next statement works" 7 "$(tail -1 "$DIR/out")"
}
kill_pg() { pg -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%stream%' AND state = 'active' AND pid <> pg_backend_pid()"; }
kill_maria() {
	local id
	id=$(maria -e "SELECT id FROM information_schema.processlist WHERE info LIKE '%bad_stream%' AND info NOT LIKE '%processlist%' LIMIT 1")
	[ -n "$id" ] && maria -e "KILL $id" && echo "$id"
}
killed "PostgreSQL backend killed" 'SELECT sum(length(t)) FROM pgbad.stream' 'SELECT i FROM pgbad.small' kill_pg
killed "MariaDB connection killed" 'SELECT sum(i) FROM mabad.bad_stream' 'SELECT i FROM mabad.bad_big' kill_maria

# ---- a server of our own: killed, and one that accepts but says nothing
as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
mkdir "$DIR/pg"
chmod 755 "$DIR"
[ "$(id -u)" = 0 ] && chown postgres "$DIR/pg"
start_own() { # below the ports that connections take for themselves; another program may have one all the same
	for _ in 1 2 3 4 5; do
		PORT=$((20000 + RANDOM % 12000))
		(cd / && as "$PGBIN/pg_ctl" -D "$DIR/pg/data" -o "-p $PORT -k '' -h 127.0.0.1 -F" -l "$DIR/pg/log" -w start >>"$DIR/pg.log" 2>&1 </dev/null) &&
			return
	done
	return 1
}
if (cd / && as "$PGBIN/initdb" -D "$DIR/pg/data" -U hopluu -A trust -N --locale=C >"$DIR/pg.log" 2>&1) && start_own; then
	OWN=$(head -1 "$DIR/pg/data/postmaster.pid")
	sql "CREATE SERVER own TYPE 'postgresql' OPTIONS (host '127.0.0.1', port '$PORT', dbname 'postgres', connect_timeout '2');
		CREATE USER MAPPING FOR PUBLIC SERVER own OPTIONS (user 'hopluu', password 'x');
		CREATE FOREIGN TABLE d.own (relname text) SERVER own OPTIONS (schema_name 'pg_catalog', table_name 'pg_class')"
	check_match "own server answers" '^[0-9]+$' "$(sql 'SELECT count(*) FROM d.own')"
	kill -STOP "$OWN"
	START=$(now_ms)
	check_match "a server that says nothing" '^ERROR 08001: .*"own"' "$(sql 'SELECT count(*) FROM d.own')"
	check_under "a server that says nothing, connect_timeout 2 s" 10000 $(($(now_ms) - START))
	START=$(now_ms)
	check_match "cancel while connecting" 'ERROR 57014' "$(sql 'SELECT count(*) FROM d.own' --set statement_timeout=300)"
	check_under "cancel while connecting" 10000 $(($(now_ms) - START - 300))
	kill -CONT "$OWN"
	kill -QUIT "$OWN"
	OWN=
	sleep 1
	check_match "a server that was stopped" '^ERROR 08001: .*"own"' "$(sql 'SELECT count(*) FROM d.own')"
else
	say_failed "a server of our own" "$(cat "$DIR/pg.log")"
fi
finish
