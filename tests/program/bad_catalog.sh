#!/bin/bash
# The catalog in trouble: no room, damaged, not writable, two processes at once, killed in the middle of a change. A clear
# error, and the old or the new state, never a half.
. "$(dirname "$0")/check.inc"
make_schema() { sql "CREATE SCHEMA a; CREATE VIEW a.v AS SELECT 1 AS one"; }
make_schema
check "a catalog" 1 "$(sql 'SELECT * FROM a.v')"
KEEP=$DIR/keep
cp -r "$CATALOG" "$KEEP"
anew() { rm -rf "$CATALOG"; cp -r "$KEEP" "$CATALOG"; }

# ---- no room: a limit on file sizes stands for the full disk (SIGXFSZ must not kill us either)
BIG="CREATE VIEW a.big AS SELECT '$(head -c 400000 /dev/zero | tr '\0' x)' AS t"
size=$(($(stat -c %s "$CATALOG/catalog.db") / 1024))
echo "$BIG" >"$DIR/big.sql"
(
	ulimit -f $((size + 8))
	trap '' XFSZ
	ask --keep-going --format csv --no-header -f "$DIR/big.sql" -c 'SELECT one FROM a.v' >"$DIR/out" 2>&1
)
check_match "no room" '^(.*: )?ERROR (53100|58030|53000)' "$(cat "$DIR/out")"
check "no room: the process goes on" 1 "$(tail -1 "$DIR/out")"
(
	ulimit -f $((size + 8))
	ask --keep-going -f "$DIR/big.sql" >"$DIR/out" 2>&1
	echo "status $?" >>"$DIR/out"
)
check_match "no room, signal not ignored by the parent" '^status 1' "$(tail -1 "$DIR/out")"
check "no room: the old state" 1 "$(sql 'SELECT * FROM a.v')"
check_match "no room: nothing of the new one" 'ERROR 42P01' "$(sql 'SELECT 1 FROM a.big')"
check "room again" "400000" "$(ask --format csv --no-header -f "$DIR/big.sql" -c 'SELECT length(t) FROM a.big')"
if [ "$(id -u)" = 0 ] && mkdir -p "$DIR/small" && mount -t tmpfs -o size=1200k tmpfs "$DIR/small" 2>/dev/null; then
	check_clean() { umount -l "$DIR/small" 2>/dev/null; }
	cp -r "$KEEP" "$DIR/small/catalog"
	head -c 700000 /dev/zero >"$DIR/small/fill" 2>/dev/null
	CATALOG=$DIR/small/catalog ask --keep-going --format csv --no-header -f "$DIR/big.sql" -c 'SELECT one FROM a.v' >"$DIR/out" 2>&1
	check_match "a full disk" 'ERROR (53100|58030)' "$(cat "$DIR/out")"
	check "a full disk: the process goes on" 1 "$(tail -1 "$DIR/out")"
	rm "$DIR/small/fill"
	check "a full disk: the old state" 1 "$(CATALOG=$DIR/small/catalog sql 'SELECT * FROM a.v')"
fi

# ---- damaged
damaged() { # name
	run "$HOPLUU" shell --catalog "$CATALOG" -c 'SELECT * FROM a.v'
	check_match "$1" '^ERROR (XX001|XX000|58030|58P01|XX002|55000|HV000|58000)' "$ERRORS"
	check_match "$1: names the catalog" "$CATALOG" "$ERRORS"
	check "$1: exit status" 2 "$STATUS"
	run "$HOPLUU" catalog check --catalog "$CATALOG"
	check "$1: catalog check" 2 "$STATUS"
}
anew
head -c 20000 /dev/urandom >"$CATALOG/catalog.db"
damaged "file of noise"
anew
echo "not a database" >"$CATALOG/catalog.db"
damaged "file of text"
anew
sqlite3 "$CATALOG/catalog.db" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
for page in 1 2 3 5 8 11; do
	# one page of noise each time: either refused, or nothing that is read stands in it; never a crash
	anew
	sqlite3 "$CATALOG/catalog.db" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	dd if=/dev/urandom of="$CATALOG/catalog.db" bs=4096 seek=$page count=1 conv=notrunc 2>/dev/null
	run "$HOPLUU" shell --catalog "$CATALOG" --format csv --no-header -c 'SELECT * FROM a.v'
	check_match "page $page of noise" '^(0 1|[12] ERROR .*)$' "$STATUS $(head -1 <<<"$OUT$ERRORS")"
	run "$HOPLUU" catalog check --catalog "$CATALOG"
	check_match "page $page of noise: check finds it" '^2 ERROR' "$STATUS $(head -1 <<<"$ERRORS")"
done
anew
truncate -s 5000 "$CATALOG/catalog.db"
rm -f "$CATALOG"/catalog.db-*
damaged "cut file"
anew
sqlite3 "$CATALOG/catalog.db" 'DROP TABLE schemas' 2>/dev/null || sqlite3 "$CATALOG/catalog.db" "PRAGMA writable_schema = 1; DELETE FROM sqlite_schema WHERE name = (SELECT name FROM sqlite_schema WHERE type = 'table' LIMIT 1)"
run "$HOPLUU" shell --catalog "$CATALOG" -c 'SELECT 1'
check "a missing table: exit status" 2 "$STATUS"
anew
mkdir "$DIR/file"
: >"$DIR/file/catalog.db"
check "an empty file is a new catalog" 1 "$(CATALOG=$DIR/file sql 'SELECT 1')"
echo x >"$DIR/plain"
run "$HOPLUU" shell --catalog "$DIR/plain" -c 'SELECT 1'
check_match "the directory is a file" "^ERROR .*$DIR/plain" "$ERRORS"
check "the directory is a file: exit status" 2 "$STATUS"

# ---- not writable: reading works, a change says why it can't be
anew
USER_OF=()
if [ "$(id -u)" = 0 ]; then # root may write anywhere: as somebody else
	chmod 711 "$DIR"
	chmod 755 "$(dirname "$DIR")" 2>/dev/null
	chown -R nobody "$CATALOG"
	USER_OF=(runuser -u nobody --)
fi
chmod 400 "$CATALOG"/catalog.db "$CATALOG"/catalog.key
chmod 500 "$CATALOG"
if "${USER_OF[@]}" test -x "$HOPLUU" 2>/dev/null; then
	run "${USER_OF[@]}" "$HOPLUU" shell --catalog "$CATALOG" --format csv --no-header -c 'SELECT * FROM a.v' -c 'CREATE SCHEMA b'
	check_match "read-only catalog: an error that names it" "^ERROR (58030|25006|42501|58P01).*$CATALOG|read-only" "$ERRORS"
fi
chmod 700 "$CATALOG"
chmod 600 "$CATALOG"/*
[ "$(id -u)" = 0 ] && chown -R "$(id -u)" "$CATALOG"

# ---- the key file
chmod 644 "$CATALOG/catalog.key"
run "$HOPLUU" shell --catalog "$CATALOG" -c 'SELECT 1'
check_match "a key that others can read" '^2 ERROR .*catalog.key|^0 ' "$STATUS $ERRORS"
chmod 600 "$CATALOG/catalog.key"

# ---- two processes
anew
for n in 1 2 3 4; do
	(for i in $(seq 10); do echo "CREATE SCHEMA s${n}_$i;"; done | ask --keep-going >"$DIR/two.$n" 2>&1) &
done
wait
check "four processes that define at once" "" "$(cat "$DIR"/two.*)"
check "all of it is there" 40 "$(sql "SELECT count(*) FROM information_schema.schemata WHERE schema_name LIKE 's%\\_%' ESCAPE '\\'")"
mkfifo "$DIR/fifo"
ask --format csv --no-header <"$DIR/fifo" >"$DIR/first" 2>&1 &
FIRST=$!
exec 7>"$DIR/fifo"
echo 'SELECT count(*) FROM a.v;' >&7
sleep 0.5
sql "CREATE VIEW a.w AS SELECT 2 AS two" >"$DIR/second"
echo 'SELECT two FROM a.w;' >&7
exec 7>&-
wait $FIRST
check "a change of another process is seen by the next statement" "1
2" "$(cat "$DIR/first")"

# ---- killed in the middle of changes: the catalog is sound
for i in $(seq 300); do echo "CREATE SCHEMA k$i;"; done >"$DIR/many.sql"
for delay in 0.05 0.1 0.2; do
	"$HOPLUU" shell --catalog "$CATALOG" --keep-going -f "$DIR/many.sql" >/dev/null 2>&1 &
	sleep $delay
	kill -9 $!
	wait $! 2>/dev/null
	run "$HOPLUU" catalog check --catalog "$CATALOG"
	check "killed after $delay s" 0 "$STATUS"
done
finish
