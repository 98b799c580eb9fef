#!/bin/bash
# Hostile names and values at the sources: imported, read, filtered there and here with the same answer; values that don't
# fit their type or their encoding: an error that names server, table, column (and key), or NULL with a warning by option.
. "$(dirname "$0")/check.inc"
make_servers
SCHEMA="h\"s;'\\x"                    # every one of these in a name: " ; ' \
NAME="a\"b'c\`d\\e;--/*\\n%s \$1 [x] Ơ عربي" # … and comments, formats, parameters, right-to-left
WILD="$NAME😀"                            # MariaDB takes no emoji in names
pgq() { printf '"%s"' "${1//\"/\"\"}"; }
myq() { printf '`%s`' "${1//\`/\`\`}"; }
check_clean() {
	pg -c "DROP SCHEMA IF EXISTS $(pgq "$SCHEMA") CASCADE; DROP SCHEMA IF EXISTS bad CASCADE" 2>/dev/null
	maria -e "DROP DATABASE IF EXISTS $(myq "$SCHEMA"); DROP TABLE IF EXISTS bad_text, bad_date, bad_wide"
}
check_clean
VALUE="E'v''\"\\\\;--\\n\\t😀 ‮x'" # as PostgreSQL and we write it
PLAIN="v'\"\\;--
	😀 ‮x"
LONG='x
y' # a name with a line end
pg <<-SQL
	CREATE SCHEMA $(pgq "$SCHEMA"); CREATE TABLE $(pgq "$SCHEMA").$(pgq "$WILD") ($(pgq "$WILD") text, "select" int, "$LONG" int);
	INSERT INTO $(pgq "$SCHEMA").$(pgq "$WILD") VALUES ($VALUE, 1, 2), ('%_\\', 3, 4), (NULL, 5, 6)
SQL
maria <<-SQL
	CREATE DATABASE $(myq "$SCHEMA"); CREATE TABLE $(myq "$SCHEMA").$(myq "$NAME") ($(myq "$NAME") text, \`select\` int, \`$LONG\` int) CHARACTER SET utf8mb4;
	INSERT INTO $(myq "$SCHEMA").$(myq "$NAME") VALUES (${VALUE#E}, 1, 2), ('%_\\\\', 3, 4), (NULL, 5, 6)
SQL
sqlite3 "$DIR/lite.db" <<-SQL
	CREATE TABLE $(pgq "$WILD") ($(pgq "$WILD") text, "select" int, "$LONG" int);
	INSERT INTO $(pgq "$WILD") VALUES ('${PLAIN//\'/\'\'}', 1, 2), ('%_\\', 3, 4), (NULL, 5, 6)
SQL
check "import of hostile names" "" "$(sql "CREATE SCHEMA p; CREATE SCHEMA m; CREATE SCHEMA l; IMPORT FOREIGN SCHEMA $(pgq "$SCHEMA") FROM SERVER pg INTO p;
	IMPORT FOREIGN SCHEMA $(pgq "$SCHEMA") FROM SERVER maria INTO m; IMPORT FOREIGN SCHEMA main FROM SERVER lite INTO l")"
for s in p m l; do
	N=$WILD
	[ $s = m ] && N=$NAME
	T="$s.$(pgq "$N")" C=$(pgq "$N")
	for mode in off full; do
		one() { ask --format tsv --no-header --set pushdown=$mode -c "$1"; }
		W="$s, pushdown $mode"
		check "$W: equal" "1	2" "$(one "SELECT \"select\", \"$LONG\" FROM $T WHERE $C = $VALUE")"
		check "$W: the value itself" "${PLAIN//$'\n'/\\n}" "$(one "SELECT $C FROM $T WHERE \"$LONG\" = 2" | sed 's/\\t/\t/; s/\\\\/\\/')"
		check "$W: in a list" "1
3" "$(one "SELECT \"select\" FROM $T WHERE $C IN ($VALUE, E'%_\\\\', 'y') ORDER BY 1")"
		check "$W: like with escapes" 3 "$(one "SELECT \"select\" FROM $T WHERE $C LIKE E'\\\\%\\\\_\\\\\\\\'")"
		check "$W: not equal" 3 "$(one "SELECT \"select\" FROM $T WHERE $C <> $VALUE")"
		check "$W: grouped" "1	1" "$(one "SELECT count(*), min(\"select\") FROM $T WHERE $C = $VALUE GROUP BY $C")"
		check "$W: joined to itself" 2 "$(one "SELECT count(*) FROM $T a JOIN $T b USING ($C)")"
		check "$W: ordered" "3" "$(one "SELECT \"select\" FROM $T ORDER BY $C LIMIT 1")"
		check "$W: a text that ends the statement" "" "$(one "SELECT 1 FROM $T WHERE $C = E'''; DROP TABLE x; --' OR $C = E'\\\\''; DROP TABLE x; --'")"
	done
done
check_match "hostile names in an error" '^ERROR 42703: ' "$(sql "SELECT nothing FROM p.$(pgq "$WILD")")"

# ---- names that are too long, zero bytes
LONG=$(head -c 1000000 /dev/zero | tr '\0' n)
echo "SELECT $LONG FROM p.x; SELECT \"$LONG\"; SELECT 1 AS \"$LONG\"; CREATE SCHEMA $LONG; CREATE SERVER s TYPE 'sqlite' OPTIONS (path '$LONG'); CREATE SERVER t TYPE '$LONG'; IMPORT FOREIGN SCHEMA main LIMIT TO (\"$LONG\") FROM SERVER lite INTO l; SET \"$LONG\" = 1; SELECT '$LONG'::int; SELECT length('$LONG')" | tr ';' '\n' | sed 's/$/;/' >"$DIR/long.sql"
OUT=$(ask --keep-going --format csv --no-header -f "$DIR/long.sql")
check "1 MB identifiers: all answered" "1000000" "$(tail -1 <<<"$OUT")"
check "1 MB identifiers: short messages" "" "$(awk 'length($0) > 2000' <<<"$OUT" | head -c 300)"
check_match "1 MB identifiers: 42622" 'ERROR 42622' "$OUT"
sqlite3 "$DIR/long.db" <<<"CREATE TABLE t (id int, $LONG int); CREATE TABLE $LONG (id int); INSERT INTO t VALUES (1, 2)"
OUT=$(sql "CREATE SERVER long TYPE 'sqlite' OPTIONS (path '$DIR/long.db'); CREATE SCHEMA long; IMPORT FOREIGN SCHEMA main FROM SERVER long INTO long; SELECT count(*) FROM long.t")
check "1 MB identifiers at the source: the rest is imported" 1 "$(tail -1 <<<"$OUT")"
check_match "1 MB identifiers at the source: a warning each" 'WARNING .*longer than 63 bytes|left out' "$OUT"
check_match "zero byte in a literal" '^ERROR 22021|^ERROR 54000' "$(sql "SELECT E'a\\000b'")"
check_match "zero byte by chr" '^ERROR (22021|54000)' "$(sql "SELECT chr(0)")"

# ---- texts that are no UTF-8
sqlite3 "$DIR/lite.db" "CREATE TABLE bad_text (id INTEGER PRIMARY KEY, t TEXT, n INTEGER, d NUMERIC(6,2));
	INSERT INTO bad_text VALUES (1, 'fine', 1, 1), (2, CAST(x'41ff42' AS TEXT), 2, 2), (3, 'fine' || char(0) || 'x', 3, 3), (4, 'x', 'word', 4), (5, 'x', 5, 123456), (6, 'x', 99999999999999, 1), (7, x'c3a9', 7, 7)"
maria -e "CREATE TABLE bad_text (id int PRIMARY KEY, t varbinary(20), l varchar(20) CHARACTER SET latin1, u bigint unsigned); INSERT INTO bad_text VALUES (1, 'fine', 'caf\u00e9', 1), (2, x'41ff42', x'e9ff', 18446744073709551615)"
sql "CREATE FOREIGN TABLE l.bad (id int NOT NULL, t text, n int, d numeric(6,2)) SERVER lite OPTIONS (table_name 'bad_text');
	CREATE FOREIGN TABLE l.bad_null (id int NOT NULL, t text OPTIONS (bad_value 'null'), n int OPTIONS (bad_value 'null'), d numeric(6,2) OPTIONS (bad_value 'null')) SERVER lite OPTIONS (table_name 'bad_text');
	CREATE FOREIGN TABLE m.bad (id int NOT NULL, t text, u bigint) SERVER maria OPTIONS (table_name 'bad_text');
	CREATE FOREIGN TABLE m.bad_null (id int NOT NULL, t text OPTIONS (bad_value 'null'), u bigint OPTIONS (bad_value 'null')) SERVER maria OPTIONS (table_name 'bad_text')" >"$DIR/log"
names() { # name, SQLSTATEs, column, table, server, statement
	OUT=$(sql "$6")
	check_match "$1" "^ERROR ($2): .* in column \"$3\" of table \"$4\" at server \"$5\"" "$OUT"
}
names "SQLite: invalid UTF-8" 22021 t l.bad lite 'SELECT id, t FROM l.bad'
names "SQLite: invalid UTF-8, aggregate" 22021 t l.bad lite 'SELECT max(t) FROM l.bad WHERE id = 2'
names "SQLite: invalid UTF-8, group" 22021 t l.bad lite 'SELECT t, count(*) FROM l.bad GROUP BY t'
names "SQLite: invalid UTF-8, computed" 22021 t l.bad lite "SELECT coalesce(t, 'none') FROM l.bad"
names "SQLite: invalid UTF-8, joined" 22021 t l.bad lite 'SELECT a.t FROM l.bad a JOIN l.bad_null b ON a.id = b.id'
names "SQLite: word in an integer column, aggregate" 22P02 n l.bad lite 'SELECT max(n) FROM l.bad WHERE id < 6'
names "SQLite: zero byte" 22021 t l.bad lite 'SELECT t FROM l.bad WHERE id = 3'
names "SQLite: word in an integer column" 22P02 n l.bad lite 'SELECT n FROM l.bad WHERE id = 4'
names "SQLite: number that is too large" 22003 n l.bad lite 'SELECT n FROM l.bad WHERE id = 6'
names "SQLite: numeric that is too large" 22003 d l.bad lite 'SELECT d FROM l.bad WHERE id = 5'
names "MariaDB: invalid UTF-8" 22021 t m.bad maria 'SELECT t FROM m.bad'
names "MariaDB: unsigned that is too large, aggregate" 22003 u m.bad maria 'SELECT max(u) FROM m.bad'
names "MariaDB: invalid UTF-8, aggregate" 22021 t m.bad maria 'SELECT max(t) FROM m.bad'
names "MariaDB: unsigned that is too large" 22003 u m.bad maria 'SELECT u FROM m.bad'
check_match "SQLite: NULL by option, with a warning" 'WARNING 01.*bad_null' "$(sql 'SELECT * FROM l.bad_null ORDER BY id')"
check "SQLite: NULL by option" "1,fine,1,1.00
2,,2,2.00
3,,3,3.00
4,x,,4.00
5,x,5,
6,x,,1.00" "$(sql 'SELECT * FROM l.bad_null WHERE id < 7 ORDER BY id' | grep -v WARNING)"
check "MariaDB: NULL by option" "1,fine,1
2,," "$(sql 'SELECT * FROM m.bad_null ORDER BY id' | grep -v WARNING)"
for mode in off full; do
	check "NULL by option counts as NULL everywhere, pushdown $mode" "4,3,3 1" "$(ask --format csv --no-header --set pushdown=$mode -c "SELECT count(t), count(n) - 1, count(d) - 2 FROM l.bad_null WHERE id < 7; SELECT count(*) FROM m.bad_null WHERE u IS NULL" | grep -v WARNING | xargs)"
done

# ---- dates of no calendar
maria -e "SET sql_mode = ''; CREATE TABLE bad_date (id int PRIMARY KEY, d date, ts datetime, t time); INSERT INTO bad_date VALUES (1, '2024-02-29', '2024-02-29 12:00:00', '12:00:00'), (2, '0000-00-00', '0000-00-00 00:00:00', '00:00:00'), (3, '2024-00-00', '2024-02-00 00:00:00', '-10:00:00'), (4, NULL, NULL, '838:59:59')"
sql "IMPORT FOREIGN SCHEMA test LIMIT TO (bad_date) FROM SERVER maria INTO m;
	CREATE FOREIGN TABLE m.date_null (id int NOT NULL, d date OPTIONS (bad_value 'null'), ts timestamp OPTIONS (bad_value 'null'), t time OPTIONS (bad_value 'null')) SERVER maria OPTIONS (table_name 'bad_date')" >"$DIR/log"
names "MariaDB: zero date" '22007|22008' d m.bad_date maria 'SELECT id, d FROM m.bad_date'
names "MariaDB: zero timestamp" '22007|22008' ts m.bad_date maria 'SELECT ts FROM m.bad_date WHERE id = 2'
names "MariaDB: time of more than a day" '22007|22008' t m.bad_date maria 'SELECT t FROM m.bad_date WHERE id = 4'
for mode in off filter full; do
	one() { ask --format csv --no-header --set pushdown=$mode -c "$1" | grep -v WARNING; }
	check "zero dates as NULL, pushdown $mode" "1,2024-02-29,2024-02-29 12:00:00,12:00:00
2,,,00:00:00
3,,,
4,,," "$(one 'SELECT * FROM m.date_null ORDER BY id')"
	check "zero dates as NULL: filters, pushdown $mode" "3 1 0" "$(one 'SELECT count(*) FROM m.date_null WHERE d IS NULL; SELECT count(*) FROM m.date_null WHERE d > DATE '"'1000-01-01'"'; SELECT count(*) FROM m.date_null WHERE d < DATE '"'1000-01-01'" | xargs)"
	check "zero dates as NULL: aggregates, pushdown $mode" "1,2024-02-29,2024-02-29 12:00:00" "$(one 'SELECT count(d), min(d), min(ts) FROM m.date_null')"
done

# ---- wide tables and large values
COLUMNS_=$(for i in $(seq 1000); do printf 'c%d int,' "$i"; done)
pg -c "CREATE SCHEMA bad; CREATE TABLE bad.wide (${COLUMNS_%,}); INSERT INTO bad.wide (c1, c1000) VALUES (1, 1000)"
maria -e "CREATE TABLE bad_wide (${COLUMNS_%,}); INSERT INTO bad_wide (c1, c1000) VALUES (1, 1000)"
sqlite3 "$DIR/lite.db" "CREATE TABLE bad_wide (${COLUMNS_%,}); INSERT INTO bad_wide (c1, c1000) VALUES (1, 1000); CREATE TABLE large (id int, t text); INSERT INTO large VALUES (1, hex(zeroblob(10000000)))"
sql "IMPORT FOREIGN SCHEMA bad FROM SERVER pg INTO p; IMPORT FOREIGN SCHEMA test LIMIT TO (bad_wide) FROM SERVER maria INTO m; IMPORT FOREIGN SCHEMA main LIMIT TO (bad_wide, large) FROM SERVER lite INTO l" >"$DIR/log"
for t in p.wide m.bad_wide l.bad_wide; do
	check "1,000 columns of $t" "1000 1,1000" "$(sql "SELECT * FROM $t" | awk -F, '{print NF, $1 "," $1000}')"
	check "1,000 columns of $t, joined" "1" "$(sql "SELECT count(*) FROM (SELECT * FROM $t) a JOIN $t b ON a.c1000 = b.c1000")"
done
check "a text of 20 MB" 20000000 "$(sql 'SELECT length(t) FROM l.large' --set pushdown=off)"
check "a text of 20 MB, printed" 20000001 "$(sql 'SELECT t FROM l.large' | wc -c)"
finish
