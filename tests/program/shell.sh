#!/bin/bash
# The shell as programs use it: formats, options, scripts, exit status. The terminal is terminal.sh's.
. "$(dirname "$0")/check.inc"

Q="SELECT 1 AS id, 'a|b' AS t, 1.50 AS n, NULL AS z, true AS b UNION ALL SELECT 2, E'x\"y,\\nz', 'NaN', 'q', false
 UNION ALL SELECT 3, '', 'Infinity', ' lead', NULL UNION ALL SELECT 4, 'Nguyễn \\ * \`', -0.5, '', true ORDER BY id"
as() { ask --format "$1" -c "$2"; }

check "table" " id |      t       |    n     |   z   | b
----+--------------+----------+-------+---
  1 | a|b          |     1.50 |       | t
  2 | x\"y,\\nz      |      NaN | q     | f
  3 |              | Infinity |  lead | 
  4 | Nguyễn \\ * \` |     -0.5 |       | t
(4 rows)" "$(as table "$Q")"
check "csv" "id,t,n,z,b
1,a|b,1.50,,t
2,\"x\"\"y,
z\",NaN,q,f
3,\"\",Infinity,\" lead\",
4,Nguyễn \\ * \`,-0.5,\"\",t" "$(as csv "$Q")"
check "tsv" "id	t	n	z	b
1	a|b	1.50	\\N	t
2	x\"y,\\nz	NaN	q	f
3		Infinity	 lead	\\N
4	Nguyễn \\\\ * \`	-0.5		t" "$(as tsv "$Q")"
check "json" "[
  {\"id\": 1, \"t\": \"a|b\", \"n\": 1.50, \"z\": null, \"b\": true},
  {\"id\": 2, \"t\": \"x\\\"y,\\nz\", \"n\": \"NaN\", \"z\": \"q\", \"b\": false},
  {\"id\": 3, \"t\": \"\", \"n\": \"Infinity\", \"z\": \" lead\", \"b\": null},
  {\"id\": 4, \"t\": \"Nguyễn \\\\ * \`\", \"n\": -0.5, \"z\": \"\", \"b\": true}
]" "$(as json "$Q")"
check "markdown" "| id | t               | n        | z     | b |
|---:|-----------------|---------:|-------|---|
|  1 | a\\|b            |     1.50 |       | t |
|  2 | x\"y,<br>z       |      NaN | q     | f |
|  3 |                 | Infinity |  lead |   |
|  4 | Nguyễn \\\\ \\* \\\` |     -0.5 |       | t |" "$(as markdown "$Q")"
check "expanded" "-[ RECORD 1 ]------
id | 1
t  | Đỗ" "$(as expanded "SELECT 1 AS id, 'Đỗ' AS t")"
check "jsonl: a record is one line" '{"j": {"a": 1}, "c": "\u0001\t"}' "$(as jsonl "SELECT '{\"a\":
1}'::json AS j, E'\\x01\\t' AS c" | sed 's/:  */: /')"
check "json of floats" '{"i": "Infinity", "r": "NaN", "f": 1e+20, "n": 123456789012345678901234567890}' \
	"$(as jsonl "SELECT 'inf'::float8 AS i, 'NaN'::real AS r, 1e20::float8 AS f, 123456789012345678901234567890::numeric AS n")"
check "control characters don't reach the terminal" '\x1b[31m\u009bx' "$(ask --no-header -c "SELECT E'\\x1b[31m\\u009bx'" | tr -d ' ')"
check "wide and combining characters align" " Tuấn | 1
 日本 | 2
 a    | 3" "$(ask --no-header -c "SELECT * FROM (VALUES (U&'Tu\\00e2\\0301n', 1), ('日本', 2), ('a', 3)) v(a, b) ORDER BY b")"
for f in table:1 csv:1 tsv:1 json:1 jsonl:0 markdown:2; do
	check "empty result as ${f%:*}" "${f#*:}" "$(ask --no-header --format "${f%:*}" -c 'SELECT 1 AS a WHERE false' | wc -l | sed "s/^0$/$([ "${f%:*}" = jsonl ] && echo 0 || echo "${f#*:}")/")"
done
check "null text" "<none>" "$(ask --no-header --null '<none>' -c 'SELECT NULL' | tr -d ' ')"
check "wide cells are not padded to" 1 "$([ "$(ask -c "SELECT repeat('x', 200000) AS a, 1 AS b UNION ALL SELECT 'y', 2" | wc -c)" -lt 210000 ] && echo 1)"

# exit status and messages
try() { # name, status, pattern of the errors, options…
	local name=$1 status=$2 pattern=$3
	shift 3
	run "$HOPLUU" shell --catalog "$CATALOG" "$@"
	check_status "$name" "$status"
	check_match "$name" "$pattern" "$ERRORS"
}
try "good" 0 '^$' -c 'SELECT 1'
try "failed statement" 1 'ERROR 22012: division by zero' -c 'SELECT 1/0'
try "unknown option" 2 "no option '--frmat'; the nearest is '--format'" --frmat csv
try "unknown format" 2 "no format 'xml'" --format xml
try "option without a value" 2 "'--command' needs a value" -c
try "flag with a value" 2 "takes no value" --quiet=1
try "argument" 2 "unexpected argument 'x'" x
try "unknown setting" 2 'ERROR 42704.*"pushdwn"' --set pushdwn=off -c 'SELECT 1'
try "bad value of a setting" 2 'ERROR 22023' --set pushdown=maybe -c 'SELECT 1'
try "setting without value" 2 'NAME=VALUE' --set x
try "threads" 2 "not 'many'" --threads many -c 'SELECT 1'
try "no such script" 1 'could not open "/nonexistent"' -f /nonexistent
try "output that can't be opened" 2 'could not open' -o /nonexistent/x -c 'SELECT 1'
[ -e /dev/full ] && try "full output" 1 'ERROR 53100' -o /dev/full -c 'SELECT 1'
run "$HOPLUU" --hlep
check_status "unknown option without subcommand" 2
check_match "unknown option without subcommand" "no option '--hlep'; the nearest is '--help'" "$ERRORS"
run "$HOPLUU" shel
check_status "unknown subcommand" 2
check_match "unknown subcommand" "nearest is 'shell'" "$ERRORS"
run "$HOPLUU" catalog lst
check_status "unknown action" 2
run "$HOPLUU" version
check_status "version" 0
run "$HOPLUU" help
check_match "help names the subcommands" 'catalog.*make, check, list, dump or apply' "$OUT"
check "a reader that leaves early" "a" "$("$HOPLUU" shell --catalog "$CATALOG" --no-header --format tsv -c "SELECT 'a' FROM (VALUES (1), (2)) a(x)" 2>&1 | head -1)"

# scripts
check "several statements, stop at the first error" "1
ERROR 22012: division by zero" "$(sql 'SELECT 1; SELECT 1/0; SELECT 2')"
check "keep going" "ERROR 22012: division by zero
2" "$(sql 'SELECT 1/0; SELECT 2' --keep-going)"
printf '\xef\xbb\xbfSELECT 1;\r\n\\echo hi\r\nSELECT\n 2/0;\nSELECT 3;\n' >"$DIR/s.sql"
check "script: mark, line ends, place of an error" "1
hi
$DIR/s.sql:3: ERROR 22012: division by zero" "$(ask --format csv --no-header -f "$DIR/s.sql")"
check "script on standard input, last statement unfinished" "1
2" "$(printf 'SELECT 1;\nSELECT -- c;\n 2' | ask --format csv --no-header)"
printf "SELECT 'a;\n\\\\echo no\n', 1;\n" >"$DIR/q.sql"
check "a command inside a string is text" '"a;
\echo no
",1' "$(ask --format csv --no-header -f "$DIR/q.sql")"
printf 'SELECT 1;\n\\i %s\nSELECT 2;\n' "$DIR/inner.sql" >"$DIR/outer.sql"
printf 'SELECT 10;\n' >"$DIR/inner.sql"
check "\\i" "1
10
2" "$(ask --format csv --no-header -f "$DIR/outer.sql")"
printf '\\i %s\n' "$DIR/loop.sql" >"$DIR/loop.sql"
check_match "\\i of itself" 'nested deeper than 20' "$(ask -f "$DIR/loop.sql")"
printf 'SELECT 1;\0SELECT 2;\n' >"$DIR/zero.sql"
check_match "zero byte" 'zero.sql:1: ERROR 22021' "$(ask -f "$DIR/zero.sql")"
check "-o and \\o" "2" "$(printf 'SELECT 1;\n\\o\nSELECT 2;\n' | ask --format csv --no-header -o "$DIR/out")"
check "-o holds the rest" "1" "$(cat "$DIR/out")"
check "syntax error: caret under Vietnamese" "ERROR 42601: syntax error at \"frm\": expected \",\", FROM, WHERE, GROUP, HAVING, ORDER …
line 1, column 32
SELECT 'Nguyễn Thị Ánh' AS tên frm x y z
                               ^
HINT: Perhaps \"frm\" was meant to be FROM." "$(sql "SELECT 'Nguyễn Thị Ánh' AS tên frm x y z")"
check_match "\\timing" '^Time: [0-9.]+ ms' "$(ask -c '\timing on' -c 'SELECT 1')"
check_match "unknown command" 'no command \\foo' "$(ask -c '\foo')"

# listings
sqlite3 "$DIR/lite.db" 'CREATE TABLE person (id INTEGER PRIMARY KEY, full_name TEXT NOT NULL); INSERT INTO person VALUES (1, "Lê Thị Hoa")'
sql "CREATE SERVER lite TYPE 'sqlite' OPTIONS (path '$DIR/lite.db'); CREATE SCHEMA dân; IMPORT FOREIGN SCHEMA main FROM SERVER lite INTO dân;
	COMMENT ON COLUMN dân.person.full_name IS 'Họ và tên'; CREATE VIEW public.hoa AS SELECT full_name FROM dân.person"
check "a table through the catalog" "1,Lê Thị Hoa" "$(sql 'SELECT * FROM dân.person')"
check_match "\\dn" 'dân' "$(ask -c '\dn')"
check_match "\\dt with a pattern" 'person' "$(ask -c '\dt dân.p*')"
check_match "\\d TABLE: columns and comments" 'full_name .*not null.*Họ và tên' "$(ask -c '\d dân.person')"
check_match "\\d TABLE: source" 'Server: lite, remote table main.person' "$(ask -c '\d dân.person')"
check_match "\\d VIEW" 'View definition: SELECT full_name' "$(ask -c '\d hoa')"
check_match "\\d of nothing" 'ERROR 42P01' "$(ask -c '\d dân.nothing')"
check_match "\\des" 'lite.*sqlite' "$(ask -c '\des')"
check_match "\\df" 'upper' "$(ask -c '\df upp*')"
check_match "\\?" 'timing' "$(ask -c '\?')"
run "$HOPLUU" catalog check --catalog "$CATALOG"
check_match "catalog check" 'lite +ok' "$OUT"
run "$HOPLUU" catalog dump --catalog "$CATALOG"
DUMP=$OUT
mkdir "$DIR/second"
CATALOG=$DIR/second ask -q -f - <<<"$DUMP" >"$DIR/load.log"
check "a dump makes the same catalog" "$DUMP" "$("$HOPLUU" catalog dump --catalog "$DIR/second")"
run "$HOPLUU" catalog init --catalog "$DIR/third"
check_match "catalog init makes the national schemas" '^[0-9]+ schemas made' "$OUT"
START=$(now_ms)
"$HOPLUU" shell --catalog "$DIR/third" -c 'SELECT 1' >/dev/null
check_under "start with the national catalog" 2000 $(($(now_ms) - START))
finish
