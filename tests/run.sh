#!/bin/bash
# Everything that `make test` runs: unit tests, then private servers, the connectors' conformance suite, the SQL files on
# every source and in every configuration, the random queries, the shell. Ends with "N passed, N failed".
#   run.sh BUILDDIR        e.g. build/release
set -u
B=$1
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0
failures=()

add() { # name, output file, exit status: counts cmocka's, our own or plain results
	local p f
	p=$(grep -oE '\[  PASSED  \] [0-9]+' "$2" | awk '{s += $4} END {print s + 0}')
	f=$(grep -oE '\[  FAILED  \] [0-9]+ test' "$2" | awk '{s += $4} END {print s + 0}')
	if tail -1 "$2" | grep -qE '^[0-9]+ passed, [0-9]+ failed'; then
		p=$(tail -1 "$2" | sed -E 's/^([0-9]+) passed.*/\1/')
		f=$(tail -1 "$2" | sed -E 's/^[0-9]+ passed, ([0-9]+).*/\1/')
	fi
	[ "$3" -ne 0 ] && [ "$f" -eq 0 ] && f=1
	passed=$((passed + p)) failed=$((failed + f))
	printf '  %-36s %6d passed, %d failed\n' "$1" "$p" "$f"
	if [ "$f" -gt 0 ]; then
		failures+=("$1")
		grep -E 'FAILED|ERROR|error|runtime error|Sanitizer|\[   LINE   \]' "$2" | head -${FAILURES_SHOWN:-40}
	fi
}

try() { # name, command…
	local name=$1 out status
	shift
	out=$TMP/log.$(echo "$name" | tr -c 'A-Za-z0-9\n' _)
	timeout "${TEST_TIMEOUT:-1500}" "$@" >"$out" 2>&1 </dev/null
	status=$?
	[ $status -eq 124 ] && echo "FAILED: timed out" >>"$out"
	add "$name" "$out" $status
}

TMP=$(mktemp -d "${TMPDIR:-/tmp}/hopluu-test.XXXXXX") || exit 1
chmod 755 "$TMP"
SERVERS=$TMP/servers
finish() { bash tests/servers.sh stop "$SERVERS" >/dev/null 2>&1; rm -rf "$TMP"; }
trap finish EXIT
trap 'exit 130' INT TERM

ONLY=${ONLY:-} # one part: unit, connectors, sql, random, tpch, programs
wanted() { [ -z "$ONLY" ] || [ "$ONLY" = "$1" ]; }

wanted unit && echo "unit tests" && for t in "$B"/tests/unit/test_*; do
	[ -x "$t" ] && [ ! -d "$t" ] && case $t in *.o | *.d) ;; *) try "$(basename "$t")" "$t" ;; esac
done
if wanted unit; then
	for t in "$B"/tests/fuzz/replay_*; do
		[ -x "$t" ] && case $t in *.d) ;; *) try "$(basename "$t")" "$t" tests/fuzz/corpus/*.sql ;; esac
	done
fi

echo "private servers"
eval "$(bash tests/servers.sh start "$SERVERS")" || exit 1
[ -n "${HOPLUU_TEST_PG:-}" ] || { echo "the servers did not start"; echo "$passed passed, $((failed + 1)) failed"; exit 1; }
PG_PORT=$(cat "$SERVERS/pg.port") MARIADB_PORT=$(cat "$SERVERS/my.port") SQLITE_FILE=$TMP/test.db
export PG_PORT MARIADB_PORT SQLITE_FILE
for db in test test_en; do
	cat tests/fixtures/postgresql.sql tests/fixtures/data.sql |
		PGPASSWORD=hopluu psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$PG_PORT" -U hopluu -d $db >/dev/null 2>"$TMP/load.log" ||
		{ cat "$TMP/load.log"; exit 1; }
done
cat tests/fixtures/mariadb.sql tests/fixtures/data.sql |
	mariadb --no-defaults --default-character-set=utf8mb4 -h 127.0.0.1 -P "$MARIADB_PORT" -u hopluu -phopluu test || exit 1
cat tests/fixtures/sqlite.sql tests/fixtures/data.sql | sqlite3 "$SQLITE_FILE" || exit 1

wanted connectors && echo "connectors" && for t in "$B"/tests/connectors/test_*; do
	[ -x "$t" ] && [ ! -d "$t" ] && case $t in *.o | *.d) ;; *) try "$(basename "$t")" "$t" ;; esac
done

SOURCES=${SOURCES:-pg,icu_pg,mariadb,sqlite,odbc_sqlite,odbc_pg,odbc_mariadb}
RUNNER=("$B/tests/runner/runner" --setup tests/fixtures/servers.sql --foreign tests/fixtures/foreign.sql)
wanted sql && echo "SQL on every source and configuration" && for d in $(find tests/sql -name '*.slt' -printf '%h\n' | sort -u); do
	case $d in
	*/local) try "$d" "${RUNNER[@]}" --configs tests/fixtures/configs.txt --sources sqlite "$d"/*.slt ;;
	*/explain) try "$d" "${RUNNER[@]}" --sources "$SOURCES" "$d"/*.slt ;; # sets pushdown itself; has no oracle
	*) try "$d" "${RUNNER[@]}" --configs tests/fixtures/configs.txt --sources "$SOURCES" --oracle "$HOPLUU_TEST_PG" "$d"/*.slt ;;
	esac
done
if wanted oracle && [ -x "$B/tests/oracle/oracle" ]; then
	echo "the corpus of statements against PostgreSQL"
	try oracle "$B/tests/oracle/oracle" --setup tests/fixtures/servers.sql --foreign tests/fixtures/foreign.sql \
		--sources pg,mariadb,sqlite,odbc_sqlite,icu_pg,odbc_pg,odbc_mariadb --oracle "$HOPLUU_TEST_PG" --known tests/oracle/known.txt tests/oracle/*.sql
fi
if wanted random && [ -x "$B/tests/runner/random" ]; then
	echo "random queries against PostgreSQL"
	try random "$B/tests/runner/random" --setup tests/fixtures/servers.sql --foreign tests/fixtures/foreign.sql \
		--sources "$SOURCES" --oracle "$HOPLUU_TEST_PG" --count "${RANDOM_QUERIES:-2000}" --seed "${RANDOM_SEED:-1}" --tolerate $((${RANDOM_QUERIES:-2000} / 1000))
fi
wanted tpch && echo "TPC-H" && try tpch bash tests/oracle/tpch/run.sh "$B"
wanted programs && echo "programs" && for t in tests/program/*.sh tests/security/*.sh; do
	[ -f "$t" ] && try "$(basename "$t")" bash "$t" "$B/hopluu" "$TMP"
done
[ ${#failures[@]} -gt 0 ] && echo "failed: ${failures[*]}"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
