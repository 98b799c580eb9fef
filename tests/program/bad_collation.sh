#!/bin/bash
# PostgreSQL databases and columns whose letters fold and sort otherwise than here: one with ASCII order and Unicode case
# (LC_COLLATE C, LC_CTYPE C.utf8), one under ICU, and in each of them columns of several collations, one of them a user's
# own that is called "C". Every statement gives the same whether it is sent or done here.
#   bad_collation.sh BINARY TMPDIR
. "$(dirname "$0")/check.inc"
check_clean() { PGPASSWORD=hopluu psql -X -q -h 127.0.0.1 -p "$PG_PORT" -U hopluu -d test -c 'DROP DATABASE IF EXISTS bad_ctype' -c 'DROP DATABASE IF EXISTS bad_icu' >/dev/null 2>&1; }
check_clean
pg -c "CREATE DATABASE bad_ctype TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.utf8'" \
	-c "CREATE DATABASE bad_icu TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER icu ICU_LOCALE 'vi-VN'"
for db in bad_ctype bad_icu; do
	PGPASSWORD=hopluu psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$PG_PORT" -U hopluu -d $db >"$DIR/log" 2>&1 <<-SQL
		CREATE COLLATION public."C" (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
		CREATE TABLE t (id int PRIMARY KEY, d text, c text COLLATE pg_catalog."C", p text COLLATE "POSIX", u text COLLATE "C.utf8",
			i text COLLATE "vi-x-icu", o text COLLATE public."C");
		INSERT INTO t SELECT n, s, s, s, s, s, s FROM unnest('{é,É,e,E,đ,Đ,ắ,Ắ,Nguyễn,NGUYỄN,nguyen,a,B,"a ",ß,ı,İ,ñ,Z,z}'::text[]) WITH ORDINALITY AS x(s, n);
	SQL
	check "tables in $db" "" "$(cat "$DIR/log")"
	check "import from $db" "" "$(sql "CREATE SERVER $db TYPE 'postgresql' OPTIONS (host '127.0.0.1', port '$PG_PORT', dbname '$db');
		CREATE USER MAPPING FOR PUBLIC SERVER $db OPTIONS (user 'hopluu', password 'hopluu'); CREATE SCHEMA $db;
		IMPORT FOREIGN SCHEMA public FROM SERVER $db INTO $db")"
done
same() { # name, statement, answer: done here and sent
	for mode in off full; do
		check "$1, pushdown $mode" "$3" "$(sql "$2" --set pushdown=$mode | xargs)"
	done
}
for db in bad_ctype bad_icu; do
	for c in d c p u i o; do
		W="$db.t.$c"
		same "$W: upper" "SELECT id FROM $db.t WHERE upper($c) = 'É' ORDER BY id" "2"
		same "$W: lower" "SELECT id FROM $db.t WHERE lower($c) = 'nguyỄn' ORDER BY id" "10"
		same "$W: upper of a computed text" "SELECT id FROM $db.t WHERE upper($c || 'é') = 'Eé' ORDER BY id" "3 4"
		same "$W: a constant under upper" "SELECT count(*) FROM $db.t WHERE upper(CASE WHEN $c = 'é' THEN 'đ' ELSE 'ı' END) = 'đ'" "1"
		same "$W: ILIKE" "SELECT id FROM $db.t WHERE $c ILIKE 'nguyễn' ORDER BY id" "9"
		same "$W: ILIKE, pattern from the column" "SELECT id FROM $db.t WHERE 'É' ILIKE $c ORDER BY id" "2"
		same "$W: equal" "SELECT id FROM $db.t WHERE $c = 'E' ORDER BY id" "4"
		same "$W: IN" "SELECT id FROM $db.t WHERE $c IN ('e', 'đ') ORDER BY id" "3 5"
		same "$W: less" "SELECT id FROM $db.t WHERE $c < 'a' ORDER BY id" "4 9 10 13 19"
		same "$W: LIKE" "SELECT id FROM $db.t WHERE $c LIKE 'é%' ORDER BY id" "1"
		same "$W: max" "SELECT max($c), min(lower($c)) FROM $db.t" "ắ,a"
		same "$W: first by order" "SELECT id FROM $db.t ORDER BY $c DESC LIMIT 2" "7 8"
		same "$W: groups" "SELECT count(*) FROM (SELECT upper($c) FROM $db.t GROUP BY upper($c)) g" "18"
		same "$W: distinct" "SELECT count(DISTINCT $c) FROM $db.t" "20"
		for k in d c p u i o; do # each pair once
			[[ $k < $c ]] && continue
			same "$W: joined to $k" "SELECT count(*), count(DISTINCT a.id) FROM $db.t a JOIN $db.t b ON a.$c = b.$k" "20,20"
			same "$W: beside $k" "SELECT count(*) FROM $db.t WHERE $c < $k OR $c <> $k" "0"
			same "$W: with $k" "SELECT max(coalesce($c, $k)), count(*) FROM $db.t WHERE upper($c || $k) = 'EE'" "e,2"
			same "$W: replaced by $k" "SELECT count(*) FROM $db.t WHERE replace($c, $k, 'x') = 'x' AND strpos($c, $k) = 1" "20"
			same "$W: like $k" "SELECT count(*) FROM $db.t WHERE $c LIKE $k" "20"
			same "$W: or $k" "SELECT id FROM $db.t WHERE CASE WHEN id < 5 THEN $c ELSE $k END = 'E' ORDER BY 1" "4"
		done
	done
done
finish
