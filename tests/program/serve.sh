#!/bin/bash
# `hopluu serve` as clients meet it: log-ins over TLS, psql, the Python drivers, cancelling, limits, shutting down.
. "$(dirname "$0")/check.inc"

SERVER=
check_clean() { [ -n "$SERVER" ] && kill "$SERVER" 2>/dev/null; }
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout "$DIR/key.pem" -out "$DIR/cert.pem" 2>/dev/null
sqlite3 "$DIR/lite.db" "CREATE TABLE person (id integer PRIMARY KEY, name text); INSERT INTO person VALUES (1, 'Nguyễn Văn An'), (2, 'Trần'), (3, 'Nguyen')"
sql "CREATE AGENCY bureau; CREATE SERVER lite TYPE 'sqlite' OPTIONS (path '$DIR/lite.db', agency 'bureau'); CREATE SCHEMA l;
	CREATE FOREIGN TABLE l.person (id int NOT NULL, name text) SERVER lite;
	CREATE USER an AGENCY bureau PASSWORD 'mật khẩu'; CREATE USER boss PASSWORD 'chief' ADMINISTRATOR; CREATE USER mute" >"$DIR/log"
check "users are made" "" "$(cat "$DIR/log")"
check_match "a second user of that name" '42710' "$(sql "CREATE USER an PASSWORD 'x'")"
check_match "an unknown option" '42601' "$(sql "CREATE USER b SUPERPOWER")"
check "no password in the catalog" "" "$(grep -a -l 'mật khẩu' "$CATALOG"/* 2>/dev/null)"

serve() { # options…: starts one, sets SERVER and PORT
	"$HOPLUU" serve --catalog "$CATALOG" --listen 127.0.0.1:0 "$@" >"$DIR/serve.log" 2>&1 &
	SERVER=$!
	for _ in $(seq 100); do
		PORT=$(sed -nE 's/.*port ([0-9]+).*/\1/p' "$DIR/serve.log")
		[ -n "$PORT" ] && return
		sleep 0.1
	done
	cat "$DIR/serve.log"
}
stop() { kill -TERM "$SERVER"; wait "$SERVER"; STATUS=$?; SERVER=; }
as() { # user, password, psql's arguments…
	PGPASSWORD=$2 timeout 60 psql -X -q -A -t "host=127.0.0.1 port=$PORT user=$1 dbname=hopluu sslmode=${SSL:-require}" "${@:3}" 2>&1
}

serve --tls-cert "$DIR/cert.pem" --tls-key "$DIR/key.pem" --max-connections 20
check "psql over TLS" "3" "$(as an 'mật khẩu' -c 'SELECT count(*) FROM l.person')"
check "psql without TLS" "3" "$(SSL=disable as an 'mật khẩu' -c 'SELECT count(*) FROM l.person')"
check_match "a wrong password" 'password authentication failed for user "an"' "$(as an wrong -c 'SELECT 1')"
check_match "an unknown user looks the same" 'password authentication failed for user "nobody"' "$(as nobody x -c 'SELECT 1')"
check_match "a user without password" 'password authentication failed for user "mute"' "$(as mute '' -c 'SELECT 1')$(as mute x -c 'SELECT 1')"
check "several statements" "1
2" "$(as an 'mật khẩu' -c 'SELECT 1; SELECT 2')"
check_match "the first error ends them" '^1
ERROR:  division by zero$' "$(as an 'mật khẩu' -c 'SELECT 1; SELECT 1/0; SELECT 2' | tr '\n' '~' | tr '~' '\n')"
check_match "the position counts characters" 'LINE 1: SELECT .đđ., nope' "$(as an 'mật khẩu' -c "SELECT 'đđ', nope")"
check_match "no rights" '42501' "$(as an 'mật khẩu' -v VERBOSITY=verbose -c "CREATE USER c PASSWORD 'x'")"
check "the own password" "" "$(as an 'mật khẩu' -c "ALTER USER an PASSWORD 'other'")"
check "the new one" "1" "$(as an other -c 'SELECT 1')"
check "an administrator" "" "$(as boss chief -c "ALTER USER an PASSWORD 'mật khẩu'; CREATE USER c; ALTER USER c RENAME TO d; DROP USER d; DROP USER IF EXISTS e" | grep -v NOTICE | grep -v WARNING)"
check_match "a parameter at the start" '^\+07' "$(PGOPTIONS='-c timezone=Asia/Ho_Chi_Minh' as an 'mật khẩu' -c 'SHOW timezone' | sed 's/Asia.Ho_Chi_Minh/+07/')"
check_match "an unknown parameter" '42704|unrecognized' "$(PGOPTIONS='-c nope=1' as an 'mật khẩu' -c 'SELECT 1')"
check "transactions" "BEGIN
1
ROLLBACK" "$(PGPASSWORD='mật khẩu' psql -X -A -t "host=127.0.0.1 port=$PORT user=an dbname=x" -c BEGIN -c 'SELECT 1' -c ROLLBACK)"
check_match "isolation that is not there" '0A000' "$(as an 'mật khẩu' -v VERBOSITY=verbose -c 'BEGIN ISOLATION LEVEL REPEATABLE READ')"

OUT=$(/usr/bin/python3 "$HERE/../clients/check_python.py" "$PORT" 2>&1)
check_match "Python drivers" '^[1-9][0-9]+ passed, 0 failed$' "$(tail -1 <<<"$OUT")"
grep -q ', 0 failed$' <<<"$OUT" || printf '%s\n' "$OUT" | tail -20

START=$(now_ms)
OUT=$(PGPASSWORD='mật khẩu' timeout -s INT 1 psql -X -q "host=127.0.0.1 port=$PORT user=an dbname=x" -c \
	'SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b' 2>&1)
check_match "cancelled by the client" 'canceling|cancelled|canceled' "$OUT"
check "and soon" 1 $(($(now_ms) - START < 10000))
check "a key that nobody has" "1" "$(printf '\0\0\0\x10\x04\xd2\x16\x2e\0\0\x03\xe8\0\0\0\x01' >"/dev/tcp/127.0.0.1/$PORT"; as an 'mật khẩu' -c 'SELECT 1')"

# what no client sends: the server goes on
for bytes in '\0\0\0\x04' '\xff\xff\xff\xff\0\3\0\0' '\0\0\0\x08\0\2\0\0' '\0\0\0\x0a\0\3\0\0ab' 'GET / HTTP/1.1\r\n\r\n' '\0\0\0\x08\x04\xd2\x16\x2f\0\0\0\x08\x04\xd2\x16\x2f'; do
	printf "$bytes" 2>/dev/null >"/dev/tcp/127.0.0.1/$PORT"
done
check "after garbage" "1" "$(as an 'mật khẩu' -c 'SELECT 1')"

exec 9<>/dev/null
for i in $(seq 30); do eval "exec $((i + 20))<>/dev/tcp/127.0.0.1/$PORT"; done
sleep 0.3
check_match "too many connections" 'too many clients' "$(SSL=disable as an 'mật khẩu' -c 'SELECT 1')"
for i in $(seq 30); do eval "exec $((i + 20))>&-"; done
sleep 0.5
check "and room again" "1" "$(as an 'mật khẩu' -c 'SELECT 1')"

(PGPASSWORD='mật khẩu' psql -X -q -A -t "host=127.0.0.1 port=$PORT user=an dbname=x" -c 'SELECT count(*) FROM generate_series(1, 20000000)' >"$DIR/drained" 2>&1) &
CLIENT=$!
sleep 0.3
stop
wait "$CLIENT"
check "stops when told" 0 "$STATUS"
check "the running statement was finished" 20000000 "$(head -1 "$DIR/drained")"
check_match "not beyond loopback without TLS" '42501' "$("$HOPLUU" serve --catalog "$CATALOG" --listen 0.0.0.0:0 2>&1)"

serve --trust
check "trusted from loopback" "3" "$(SSL=disable as anyone '' -c 'SELECT count(*) FROM l.person')"
stop
finish
