#!/bin/bash
# Statements that are too much: huge, deep, long lists, many columns, more memory than allowed. An error with SQLSTATE or
# the answer, never a crash, and the session goes on.
. "$(dirname "$0")/check.inc"
make_servers
check_clean() {
	pg -c 'DROP SCHEMA IF EXISTS bad CASCADE' 2>/dev/null
	maria -e 'DROP TABLE IF EXISTS bad_list'
}
check_clean
pg -c 'CREATE SCHEMA bad; CREATE TABLE bad.list (i int, t text); INSERT INTO bad.list SELECT i, i::text FROM generate_series(1, 20000) i'
maria -e 'CREATE TABLE bad_list (i int, t text); INSERT INTO bad_list SELECT seq, seq FROM seq_1_to_20000'
sqlite3 "$DIR/lite.db" 'CREATE TABLE bad_list AS WITH RECURSIVE a(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM a WHERE i < 20000) SELECT CAST(i AS int) AS i, CAST(i AS text) AS t FROM a'
sql "CREATE SCHEMA b; CREATE FOREIGN TABLE b.p (i int, t text) SERVER pg OPTIONS (schema_name 'bad', table_name 'list');
	CREATE FOREIGN TABLE b.m (i int, t text) SERVER maria OPTIONS (table_name 'bad_list'); CREATE FOREIGN TABLE b.l (i int, t text) SERVER lite OPTIONS (table_name 'bad_list');
	CREATE SERVER olite TYPE 'odbc' OPTIONS (driver '${HOPLUU_TEST_ODBC_SQLITE:-SQLite3}', database '$DIR/lite.db');
	CREATE FOREIGN TABLE b.o (i int, t text) SERVER olite OPTIONS (table_name 'bad_list')" >"$DIR/log"

# ---- long lists: what a source can take is sent, else it is done here
for n in 1000 10000 70000; do
	list=$(seq -s, 5 "$((n + 4))")
	words=$(seq 5 "$((n + 4))" | sed "s/.*/'&'/" | paste -sd,)
	want=$((n < 20000 ? n : 19996))
	for t in p m l o; do
		for mode in off full; do
			echo "SELECT count(*) FROM b.$t WHERE i IN ($list); SELECT count(*) FROM b.$t WHERE i NOT IN ($list); SELECT count(*) FROM b.$t WHERE t IN ($words)" >"$DIR/s.sql"
			check "list of $n at b.$t, pushdown $mode" "$want $((20000 - want)) $want" "$(ask --format csv --no-header --set pushdown=$mode -f "$DIR/s.sql" | xargs)"
		done
	done
done
ors=$(seq 1 3000 | sed 's/.*/i = &/' | paste -sd'|' | sed 's/|/ OR /g')
ands=$(seq 1 3000 | sed 's/.*/i <> &/' | paste -sd'|' | sed 's/|/ AND /g')
sum=$(yes i | head -500 | paste -sd+)
for t in p m l o; do
	echo "SELECT count(*) FROM b.$t WHERE $ors" >"$DIR/s.sql"
	check "3,000 ORs at b.$t" 3000 "$(ask --format csv --no-header -f "$DIR/s.sql")"
	echo "SELECT count(*) FROM b.$t WHERE $ands" >"$DIR/s.sql"
	check "3,000 ANDs at b.$t" 17000 "$(ask --format csv --no-header -f "$DIR/s.sql")"
	echo "SELECT count(*) FROM b.$t WHERE $sum > 0" >"$DIR/s.sql"
	check "a sum of 500 at b.$t" 20000 "$(ask --format csv --no-header -f "$DIR/s.sql")"
done

# ---- deep and large texts
deep() { # name, open, n, middle, close
	{
		printf 'SELECT '
		head -c $(($3 * ${#2})) < <(yes -- "$2" | tr -d '\n')
		printf '%s' "$4"
		head -c $(($3 * ${#5})) < <(yes -- "$5" | tr -d '\n')
	} >"$DIR/s.sql"
	printf ';\nSELECT 7;\n' >>"$DIR/s.sql"
	OUT=$(ask --keep-going --format csv --no-header -f "$DIR/s.sql")
	check_match "$1, $3 deep" '^(.*s.sql:1: ERROR (54001|54000|42601|42883)|-?[0-9]+$|t$|f$)' "$(head -1 <<<"$OUT")"
	check "$1, $3 deep: goes on" 7 "$(tail -1 <<<"$OUT")"
}
for n in 100 10000 1000000; do
	deep "parentheses" '(' $n 1 ')'
	deep "minus" '- ' $n 1 ' '
	deep "not" 'NOT ' $n true ' '
	deep "functions" 'abs(' $n 1 ')'
	deep "case" 'CASE WHEN true THEN ' $n 1 ' END'
	deep "subqueries" '(SELECT ' $n 1 ')'
	deep "casts" ' ' $n 1 '::int'
	deep "sums" '1+' $n 1 ' '
	deep "brackets" '[' $n 1 ']'
done
{ printf 'SELECT 1'; head -c 200000 < <(yes ' UNION ALL SELECT 1' | tr -d '\n' | head -c 190000); printf ' UNION ALL SELECT 1;\nSELECT 7;\n'; } >"$DIR/s.sql"
check "10,000 set operations: goes on" 7 "$(ask --keep-going --format csv --no-header -f "$DIR/s.sql" | tail -1)"
{ printf "SELECT length('"; head -c 60000000 /dev/zero | tr '\0' x; printf "');\n"; } >"$DIR/s.sql"
check "60 MB of text" 60000000 "$(ask --format csv --no-header -f "$DIR/s.sql")"
{ printf "SELECT length('"; head -c 70000000 /dev/zero | tr '\0' x; printf "');\nSELECT 7;\n"; } >"$DIR/s.sql"
OUT=$(ask --keep-going --format csv --no-header -f "$DIR/s.sql")
check_match "70 MB of text" 'ERROR 54000|ERROR 54001' "$OUT"
check "70 MB of text: goes on" 7 "$(tail -1 <<<"$OUT")"
{ printf 'SELECT 1'; for i in $(seq 2 1664); do printf ',%d' "$i"; done; printf ';\n'; } >"$DIR/s.sql"
check "1,664 columns" 1664 "$(ask --format csv --no-header -f "$DIR/s.sql" | tr ',' '\n' | wc -l)"
{ printf 'SELECT 1'; head -c 400000 < <(yes ',1' | tr -d '\n'); printf ';\nSELECT 7;\n'; } >"$DIR/s.sql"
check "200,000 columns: goes on" 7 "$(ask --keep-going --format csv --no-header -f "$DIR/s.sql" | tail -1)"
head -c 1000000 /dev/urandom | tr '\0' 'x' >"$DIR/s.sql"
printf '\n;SELECT 1' >>"$DIR/s.sql"
run "$HOPLUU" shell --catalog "$CATALOG" -f "$DIR/s.sql"
check "noise" 1 "$STATUS"

# ---- memory, and what may go to disk instead
small() { ask --keep-going --format csv --no-header --set memory_limit=8MB --set temp_file_limit=100MB --set pushdown=off -c "$1" -c 'SELECT 7'; }
for q in "SELECT count(*) FROM b.l a JOIN b.l b ON a.i % 7 = b.i % 7 JOIN b.l c ON a.i = c.i WHERE a.t || b.t || c.t = ''" \
	"SELECT count(DISTINCT a.t || b.t) FROM b.l a, b.l b" "SELECT a.t || b.t AS x FROM b.l a, b.l b ORDER BY 1" \
	"SELECT string_agg(a.t, ',') FROM b.l a, b.l b" "SELECT length(repeat('x', 100000000))" "SELECT a.i, count(*) FROM b.l a, b.l b WHERE b.i < 200 GROUP BY a.i, a.t, b.t"; do
	OUT=$(small "$q")
	check_match "more memory than allowed: ${q:0:60}" '^ERROR (53200|53400): |^[0-9]+$' "$(head -1 <<<"$OUT")"
	check "more memory than allowed, goes on: ${q:0:60}" 7 "$(tail -1 <<<"$OUT")"
done
check_match "53200 at all" '^ERROR 53200' "$(small "SELECT string_agg(a.t, ',') FROM b.l a, b.l b")"
check_match "53400 at all" '^ERROR 53400' "$(small "SELECT a.t || b.t AS x FROM b.l a, b.l b ORDER BY 1")"
check "the session has its memory back" "20000" "$(ask --keep-going --format csv --no-header --set memory_limit=16MB --set temp_file_limit=100MB --set pushdown=off \
	-c 'SELECT a.t || b.t AS x FROM b.l a, b.l b ORDER BY 1' -c 'SELECT a.t || b.t AS x FROM b.l a, b.l b ORDER BY 1' -c 'SELECT count(DISTINCT t) FROM b.l' | tail -1)"
finish
