#!/bin/bash
# The audit log: what stands in it, that it is found when any of it was changed, removed, moved or cut off, that a crash loses no
# acknowledged record, that nothing runs when it can't be written, and that two processes keep one chain.
. "$(dirname "$0")/../program/check.inc"

sqlite3 "$DIR/l.db" "CREATE TABLE person (id text PRIMARY KEY, name text); INSERT INTO person VALUES ('1', 'An'), ('2', 'Bình')"
sql "CREATE AGENCY a; CREATE AGENCY b; CREATE PURPOSE care; CREATE SERVER src TYPE 'sqlite' OPTIONS (path '$DIR/l.db', agency 'a');
	CREATE SCHEMA s; CREATE FOREIGN TABLE s.person (id text, name text) SERVER src; CREATE USER u AGENCY b PURPOSE care PASSWORD 'thesecret';
	CREATE AGREEMENT ab FROM AGENCY a TO AGENCY b FOR PURPOSE care; GRANT SELECT (name) ON s.person UNDER ab WHERE id = '1'" >"$DIR/log"
check "definitions" "" "$(cat "$DIR/log")"
audit() { "$HOPLUU" audit "$@" --catalog "$CATALOG" 2>&1; }
verify() { audit verify | tail -1; }
check_match "each definition left a record and an outcome" '^1[89] records, 0 faults|^2[0-9] records, 0 faults' "$(verify)"
check "no password gets in" "" "$(grep -r thesecret "$CATALOG/audit")"
check_match "the statement is there without it" "CREATE USER u AGENCY b PURPOSE care PASSWORD '\*\*\*'" "$(audit show)"
sql "SELECT name FROM s.person WHERE name LIKE 'A%' OR name = '\"quoted\"'" --as u >/dev/null
LAST=$(audit show --user u --kind statement | tail -1)
check_match "who" '"user":"u","agency":"b","purpose":"care","role":"analyst"' "$LAST"
check_match "by which agreement" '"agreements":\["ab"\]' "$LAST"
check_match "what" '"tables":\[\{"table":"s.person","columns":\["id","name"\]\}\]' "$LAST"
check_match "the SQL that the source was sent" '"sent":\[\{"server":"src","sql":"SELECT ' "$LAST"
check_match "the text, escaped" '\\"quoted\\"' "$LAST"
check "it is JSON" "" "$(audit show | /usr/bin/python3 -c 'import json, sys; [json.loads(x) for x in sys.stdin]' 2>&1)"
check_match "the outcome" '"kind":"outcome".*"rows":1,.*"sqlstate":"00000"' "$(audit show | tail -1)"
sql "SELECT * FROM s.hidden" --as u >/dev/null
check_match "refusals too" '"text":"SELECT \* FROM s.hidden".*"sqlstate":"42P01"' "$(audit show --user u --sqlstate 42P01)"
sql "SELECT 'my secret" --as u >/dev/null
check_match "what can't be read is masked" "\"text\":\"SELECT '\*\*\*'\"" "$(audit show --user u --sqlstate 42601)"
check_match "filters" '^0$' "$(audit show --user nobody | wc -l)"

# ---- a small log, and everything that can be done to it ----
WHOLE=$CATALOG CATALOG=$DIR/small
for _ in 1 2 3; do sql "SELECT 1" >/dev/null; done
LOG=$CATALOG/audit/000001.jsonl
cp "$LOG" "$DIR/whole"
RECORDS=$(wc -l <"$LOG")
check "the small log is whole" "$RECORDS records, 0 faults" "$(verify)"
OUT=$(/usr/bin/python3 - "$HOPLUU" "$CATALOG" "$DIR/whole" <<'PYTHON'
import subprocess, sys
hopluu, catalog, whole = sys.argv[1:]
log, good = f"{catalog}/audit/000001.jsonl", open(whole, "rb").read()
lines = good.splitlines(keepends=True)
passed, missed = 0, []
def tried(name, data):
    global passed
    open(log, "wb").write(data)
    if subprocess.run([hopluu, "audit", "verify", "--catalog", catalog], stdout=subprocess.DEVNULL).returncode == 1:
        passed += 1
    else:
        missed.append(name)
for i in range(len(good)):
    tried(f"byte {i}", good[:i] + bytes([good[i] ^ 1]) + good[i + 1:])
for i in range(len(lines)):
    tried(f"record {i} dropped", b"".join(lines[:i] + lines[i + 1:]))
    tried(f"record {i} twice", b"".join(lines[:i + 1] + lines[i:]))
    tried(f"cut after record {i}", b"".join(lines[:i])) if i else None
    tried(f"cut in record {i}", b"".join(lines[:i]) + lines[i][:-5])
    for j in range(i):
        swapped = lines[:]
        swapped[i], swapped[j] = swapped[j], swapped[i]
        tried(f"records {j} and {i} swapped", b"".join(swapped))
open(log, "wb").write(good)
print(passed, "found;", "missed: " + ", ".join(missed[:5]) if missed else "none missed")
PYTHON
)
check_match "changes, drops, doubles, swaps, cuts" '^[0-9]{4,} found; none missed$' "$OUT"
mv "$LOG" "$LOG.away"
check_match "a segment taken away" '[1-9] faults' "$(verify)"
mv "$LOG.away" "$LOG"
mv "$CATALOG/audit/head" "$DIR/head"
check_match "the head taken away" '[1-9] faults' "$(verify)"
mv "$DIR/head" "$CATALOG/audit/head"
check_match "a changed record names its line" '000001.jsonl line 2: the record was changed' "$(sed -i '2s/SELECT 1/SELECT 2/' "$LOG"; sed -i '2s/"rows":1/"rows":0/' "$LOG"; audit verify)"
cp "$DIR/whole" "$LOG"

# ---- crashes ----
printf '{"seq":999,"prev":"torn' >>"$LOG"
check_match "a torn end is seen" 'cut off' "$(audit verify)"
sql "SELECT 1" >/dev/null
check_match "and cut off at the next start, with a record" '"kind":"recovered","torn_bytes":23' "$(audit show)"
check_match "then all is whole" ' 0 faults' "$(verify)"
yes 'SELECT 1 AS one;' | timeout 20 "$HOPLUU" shell --catalog "$CATALOG" --quiet --format csv --no-header 2>/dev/null >"$DIR/answers" &
sleep 2
LOADING=$(pgrep -P $! -f "$CATALOG" || echo $!)
BEFORE=$(audit show --kind statement | wc -l)
kill -9 $LOADING 2>/dev/null
wait 2>/dev/null
ANSWERS=$(grep -c '^1$' "$DIR/answers")
STATEMENTS=$(audit show --kind statement | grep -c 'AS one')
[ "$ANSWERS" -gt 10 ] && [ "$STATEMENTS" -ge "$ANSWERS" ] && passed=$((passed + 1)) || say_failed "kill -9 loses no acknowledged record" "$ANSWERS answers, $STATEMENTS records"
sql "SELECT 1" >/dev/null
check_match "whole after it" ' 0 faults' "$(verify)"

# ---- two processes ----
for k in 1 2; do
	(for _ in $(seq 100); do echo "SELECT $k;"; done | ask >/dev/null) &
done
wait
check_match "two writers, one chain" ' 0 faults' "$(verify)"
check "all of both" "100 100" "$(audit show --kind statement | grep -c '"SELECT 1"[,}]' | awk '{print ($1 >= 100) ? 100 : $1}') $(audit show --kind statement | grep -c '"SELECT 2"[,}]')"

# ---- no room ----
CATALOG=$WHOLE
for _ in $(seq 200); do echo "SELECT name FROM s.person;"; done | ask --as u >/dev/null # the catalog's own files fit below it
SIZE=$(($(stat -c %s "$CATALOG/audit/000001.jsonl") / 1024))
OUT=$(trap '' XFSZ; ulimit -f $((SIZE + 1)); for _ in 1 2 3 4; do sql "SELECT name, '$(printf '%0500d' 1)' FROM s.person" --as u; done)
check_match "without a record no statement is run" '53100' "$OUT"
check_match "with room again it is" '^An$' "$(sql 'SELECT name FROM s.person' --as u)"
check_match "nothing half written" ' 0 faults' "$(verify)"
finish
