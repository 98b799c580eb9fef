#!/bin/bash
# The 22 TPC-H queries with the specification's validation parameters, over data of our own generator in a private PostgreSQL:
# every answer equals PostgreSQL's, with the work pushed down, with none of it pushed down, from SQLite and over temporary tables.
#   run.sh BUILDDIR        needs HOPLUU_TEST_PG (tests/servers.sh); TPCH_SF=N: scale (default 0.01)
# Ends with "N passed, N failed".
set -u
B=$1 SF=${TPCH_SF:-0.01}
cd "$(dirname "$0")/../../.." || exit 1
TABLES=region,nation,supplier,customer,part,partsupp,orders,lineitem
DIR=$(mktemp -d "${TMPDIR:-/tmp}/hopluu-tpch.XXXXXX") || exit 1
passed=0 failed=0
conn() { sed -E "s/.*$1=([^ ]+).*/\1/" <<<"$HOPLUU_TEST_PG"; }
export PGPASSWORD=$(conn password)
pg() { psql -X -q -v ON_ERROR_STOP=1 -h "$(conn host)" -p "$(conn port)" -U "$(conn user)" -d "$(conn dbname)" "$@"; }
finish() { pg -c "SET client_min_messages = error; DROP SCHEMA IF EXISTS tpch CASCADE" >/dev/null 2>&1; rm -rf "$DIR"; }
trap finish EXIT

"$B/tools/bench/bench" generate "$SF" $TABLES "postgresql:$HOPLUU_TEST_PG" >"$DIR/log" 2>&1 &&
	"$B/tools/bench/bench" generate "$SF" $TABLES "sqlite:$DIR/tpch.db" >>"$DIR/log" 2>&1 || { cat "$DIR/log"; exit 1; }
cat >"$DIR/setup.sql" <<-SQL
	CREATE SCHEMA lite;
	CREATE SERVER pg TYPE 'postgresql' OPTIONS (host '$(conn host)', port '$(conn port)', dbname '$(conn dbname)');
	CREATE USER MAPPING FOR PUBLIC SERVER pg OPTIONS (user '$(conn user)', password '$(conn password)');
	CREATE SERVER lite TYPE 'sqlite' OPTIONS (database '$DIR/tpch.db');
	IMPORT FOREIGN SCHEMA tpch FROM SERVER pg INTO public;
	IMPORT FOREIGN SCHEMA main FROM SERVER lite INTO lite;
SQL
for t in ${TABLES//,/ }; do echo "CREATE TEMP TABLE $t AS SELECT * FROM public.$t;"; done >"$DIR/load.sql"
"$B/hopluu" catalog init --catalog "$DIR/catalog" >"$DIR/log" 2>&1 &&
	"$B/hopluu" shell --catalog "$DIR/catalog" -q -f "$DIR/setup.sql" >>"$DIR/log" 2>&1 || { cat "$DIR/log"; exit 1; }
for q in tests/oracle/tpch/q*.sql; do
	{ echo "SET search_path = tpch;"; cat "$q"; } | pg -A -t -F $'\t' >"$DIR/want.$(basename "$q" .sql)"
done

ask() { # name of the way, script to begin with, options…
	local way=$1 first=$2 q n
	shift 2
	for q in tests/oracle/tpch/q*.sql; do cat "$first" "$q" | timeout 60 "$B/hopluu" shell --catalog "$DIR/catalog" --format tsv \
		--no-header -q "$@" -f - >"$DIR/got" 2>&1
		n=$(basename "$q" .sql)
		if [ -s "$DIR/want.$n" ] && cmp -s "$DIR/want.$n" "$DIR/got"; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "FAILED: $n, $way"
			diff "$DIR/want.$n" "$DIR/got" | head -4
		fi
	done
}
: >"$DIR/nothing.sql"
echo "SET search_path = lite;" >"$DIR/lite.sql"
ask "pushed down" "$DIR/nothing.sql"
ask "not pushed down" "$DIR/nothing.sql" --set pushdown=off
ask "SQLite" "$DIR/lite.sql"
ask "temporary tables" "$DIR/load.sql" --threads 2
ask "temporary tables, small batches" "$DIR/load.sql" --set batch_size=7 --threads 3
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
