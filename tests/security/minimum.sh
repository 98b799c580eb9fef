#!/bin/bash
# AGGREGATE ONLY MINIMUM: what may be asked of a table that is shared in groups only, and what is refused, as recorded and
# looked through in minimum.expected. Of department b there are four people in six rows, so that it never shows.
. "$(dirname "$0")/../program/check.inc"

sqlite3 "$DIR/pay.db" "CREATE TABLE pay (id text, dept text, amount integer, bonus integer); CREATE TABLE dept (code text PRIMARY KEY, title text);
	INSERT INTO dept VALUES ('a', 'Alpha'), ('b', 'Beta');
	WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < 20)
		INSERT INTO pay SELECT 'p' || i, CASE WHEN i <= 17 THEN 'a' ELSE 'b' END, i * 100, CASE WHEN i < 3 THEN i END FROM g;
	INSERT INTO pay VALUES ('p1', 'b', 5, NULL), ('p1', 'b', 6, NULL), ('p1', 'b', 7, NULL)"
check "definitions" "" "$(sql "CREATE AGENCY a; CREATE AGENCY b; CREATE PURPOSE p; CREATE SERVER s TYPE 'sqlite' OPTIONS (path '$DIR/pay.db', agency 'a');
	CREATE SCHEMA s; IMPORT FOREIGN SCHEMA main FROM SERVER s INTO s; CREATE ELEMENT person_id PERSON 'yes';
	ALTER TABLE s.pay COLUMN id ELEMENT person_id; CREATE USER u AGENCY b PURPOSE p;
	CREATE AGREEMENT ab FROM AGENCY a TO AGENCY b FOR PURPOSE p; GRANT SELECT ON s.dept UNDER ab;
	GRANT SELECT ON s.pay UNDER ab AGGREGATE ONLY MINIMUM 5")"
check_match "the person's column is in the grant" '22023' "$(sql "GRANT SELECT (amount) ON s.pay UNDER ab AGGREGATE ONLY MINIMUM 5")"
while IFS= read -r line; do
	[[ $line == --* || -z $line ]] && continue
	printf '\\echo ==== %s\n%s;\n' "$line" "$line"
done <"$HERE/minimum.sql" >"$DIR/all.sql"
for settings in "batch_size=2048" "pushdown=off" "optimizer=off" "batch_size=3"; do
	OUT=$(ask --format csv --keep-going --as u --set "$settings" -f "$DIR/all.sql" </dev/null | sed 's|^[^ ]*all.sql:[0-9]*: ||' | grep -vE '^(line [0-9]+, |HINT| |[^ ]*…)')
	[ -n "${RECORD:-}" ] && printf '%s\n' "$OUT" >"$HERE/minimum.expected"
	check "answers with $settings" "" "$(diff "$HERE/minimum.expected" <(printf '%s\n' "$OUT"))"
done
finish
