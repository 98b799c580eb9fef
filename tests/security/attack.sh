#!/bin/bash
# Attacks on what isn't shared. Two worlds differ only in rows, columns and unmasked values that the attacker was not
# granted; every attack of attacks.sql has to give the same answer in both, byte for byte, errors included.
. "$(dirname "$0")/../program/check.inc"

WORLDS="1 2"
world_sql() { sed "s/^--$1 //; /^--/d; s/:A:/$1/g" "$HERE/world.sql"; }

make_world() { # world, kind of source
	CATALOG=$DIR/$2$1
	if [ "$2" = sqlite ]; then
		world_sql "$1" | sqlite3 "$DIR/world$1.db"
		server="CREATE SERVER src TYPE 'sqlite' OPTIONS (path '$DIR/world$1.db', agency 'A')" schema=main
	else
		schema=attack_$1
		{ echo "DROP SCHEMA IF EXISTS $schema CASCADE; CREATE SCHEMA $schema; SET search_path = $schema;"; world_sql "$1"; } | pg >/dev/null
		server="CREATE SERVER src TYPE 'postgresql' OPTIONS (host '127.0.0.1', port '$PG_PORT', dbname 'test', agency 'A');
			CREATE USER MAPPING FOR PUBLIC SERVER src OPTIONS (user 'hopluu', password 'hopluu')"
	fi
	sql "CREATE PURPOSE care; SET hopluu.purpose = 'care'; CREATE AGENCY A TITLE 'Bộ A'; CREATE AGENCY B; CREATE PURPOSE other; $server;
		CREATE SCHEMA s;
		CREATE FOREIGN TABLE s.person (personal_id text, name text, province text, phone text, salary int, birth date, note text)
			SERVER src OPTIONS (schema_name '$schema', table_name 'person');
		CREATE FOREIGN TABLE s.visit (id int, personal_id text, cost int) SERVER src OPTIONS (schema_name '$schema', table_name 'visit');
		CREATE FOREIGN TABLE s.secret (id int, word text) SERVER src OPTIONS (schema_name '$schema', table_name 'secret');
		CREATE ELEMENT person_id FORMAT '^[0-9]{12}$' SENSITIVITY basic PERSON 'yes'; CREATE ELEMENT pay SENSITIVITY sensitive;
		ALTER TABLE s.person COLUMN personal_id ELEMENT person_id; ALTER TABLE s.person COLUMN salary ELEMENT pay;
		CREATE VIEW s.people WITH (agency = 'A') AS SELECT name, salary FROM s.person;
		CREATE VIEW public.all_people AS SELECT name, salary FROM s.person;
		CREATE USER b_an AGENCY B PURPOSE care; CREATE USER a_an AGENCY A PURPOSE care; CREATE USER a_steward AGENCY A ROLE steward PURPOSE care;
		CREATE USER a_auditor AGENCY A ROLE auditor; CREATE USER boss ADMINISTRATOR AGENCY A;
		CREATE AGREEMENT ab FROM AGENCY A TO AGENCY B FOR PURPOSE care REFERENCE '01/QĐ'" >"$DIR/log"
	check "$2 world $1: definitions" "" "$(cat "$DIR/log")"
	check "$2 world $1: the steward's grants" "" "$(sql "GRANT SELECT (personal_id, name, province, phone, birth) ON s.person UNDER ab
			WHERE province = 'HN' MASK phone WITH mask_last_four(phone) MASK birth WITH mask_year(birth);
		GRANT SELECT (id, personal_id) ON s.visit UNDER ab WHERE EXISTS (SELECT 1 FROM s.person p WHERE p.personal_id = visit.personal_id
			AND p.province = 'HN')" --as a_steward)"
}

# Answers differ in clocks, ports and file names without telling anything.
normalised() { sed -E "s/world[12]\.db/world.db/g; s/attack_[12]/attack/g; s/[0-9.]+ ?(ms|µs|us|s)\b/T/g; s/time=[0-9.]+/time=T/g; s/[0-9.]+ (kB|MB|B)\b/M/g"; }

answers() { # world, kind → one block an attack
	CATALOG=$DIR/$2$1
	: >"$DIR/all.sql"
	while IFS= read -r line; do
		[[ $line == --* || -z $line ]] && continue
		printf 'RESET ALL;\n\\echo ==== %s\n%s;\n' "${line//\\/\\\\}" "$line" >>"$DIR/all.sql"
	done <"$HERE/attacks.sql"
	ask --format csv --keep-going --as b_an -f "$DIR/all.sql" </dev/null | normalised
}

for kind in sqlite ${PG_PORT:+pg}; do
	for world in $WORLDS; do
		make_world $world $kind
		answers $world $kind >"$DIR/$kind.$world"
	done
	check "$kind: what is granted arrives" "001090000001,An,HN,*******1234,1990-01-01
001090000002,Bình,HN,*******5678,1991-01-01
001090000003,Chi,HN,*******9012,1992-01-01" "$(sql 'SELECT * FROM s.person ORDER BY 1' --as b_an | sed -E 's/\*+/*******/')"
	check "$kind: a row condition with a subquery" "1,001090000001
2,001090000002" "$(sql 'SELECT * FROM s.visit ORDER BY 1' --as b_an)"
	attacks=$(grep -c '^==== ' "$DIR/$kind.1")
	[ "$attacks" -ge 150 ] || say_failed "$kind: attacks that ran" "$attacks of 150"
	for n in $(seq "$attacks"); do
		one() { awk -v n="$n" '/^==== / { i++ } i == n' "$DIR/$kind.$1"; }
		check "$kind: $(one 1 | head -1)" "$(one 1)" "$(one 2)"
	done
done

# ---- who sees what, and who may say so ----
CATALOG=$DIR/sqlite1
as() { sql "$2" --as "$1"; }
check_match "an administrator manages without seeing data" '42501' "$(as boss 'SELECT * FROM s.visit')"
check_match "the operator sees all" '^6$' "$(sql "SET hopluu.purpose = 'care'; SELECT count(*) FROM s.person")"
check_match "sensitive elements want a purpose" '42501.*purpose' "$(sql "SELECT count(*) FROM s.person" | tr '\n' ' ')"
check "the agency's own analyst" "6" "$(as a_an 'SELECT count(*) FROM s.person')"
check_match "an auditor reads no data" '42P01' "$(as a_auditor 'SELECT * FROM s.person')"
unknown=$(as b_an 'SELECT * FROM s.hidden1')
check "a hidden table is an unknown one" "${unknown//hidden1/secret}" "$(as b_an 'SELECT * FROM s.secret')"
unknown=$(as b_an 'SELECT hidden FROM s.person')
check "a hidden column is an unknown one" "${unknown//hidden/salary}" "$(as b_an 'SELECT salary FROM s.person')"
check "only granted columns are counted, and where it is kept isn't told" "person,,5
visit,,2" "$(as b_an "SELECT table_name, server, columns FROM hopluu.tables WHERE table_schema = 's' ORDER BY 1")"
check_match "an analyst grants nothing" '42501' "$(as a_an 'GRANT SELECT ON s.visit UNDER ab')"
check_match "an administrator doesn't serve the own agency" '42501' "$(as boss "CREATE AGREEMENT x FROM AGENCY B TO AGENCY A FOR PURPOSE care")"
check_match "a steward doesn't give what is another's" '42501|42704' "$(sql "CREATE USER b_steward AGENCY B ROLE steward")$(as b_steward 'GRANT SELECT ON s.visit UNDER ab')"
check_match "masks are checked when they are made" '42703' "$(as a_steward 'GRANT SELECT ON s.person UNDER ab MASK phone WITH nothing(phon)')"
check_match "a sensitive column is named or left out" 'salary' "$(as a_steward 'PREVIEW GRANT SELECT ON s.person UNDER ab')"
check_match "a preview says who gains" 'gains,b,.b_an, b_steward.,care,s.secret,word' "$(as a_steward 'PREVIEW GRANT SELECT ON s.secret UNDER ab')"
check_match "a preview changes nothing" '42P01' "$(as b_an 'SELECT * FROM s.secret')"
check_match "SHOW ACCESS" 's.person.*province = .HN.' "$(as a_steward 'SHOW ACCESS FOR USER b_an')"
check_match "SHOW ACCESS hides rules from the receiver" 'some rows' "$(as b_an 'SHOW ACCESS FOR USER b_an')"

# ---- unions of grants ----
sql "CREATE AGREEMENT ab2 FROM AGENCY A TO AGENCY B FOR PURPOSE care" >/dev/null
as a_steward "GRANT SELECT (personal_id, name, phone, salary) ON s.person UNDER ab2 WHERE name IN ('An', 'Hidden1') MASK salary WITH mask_round(salary, 1000)" >"$DIR/log"
check "two agreements: union of rows, the least masked of each" "001090000001,An,HN,0918881234,11000,1990-01-01
001090000002,Bình,HN,******5678,,1991-01-01
001090000003,Chi,HN,******9012,,1992-01-01
079090000004,Hidden1,,0918883456,41000," "$(as b_an 'SELECT * FROM s.person ORDER BY 1')"
as a_steward "SUSPEND AGREEMENT ab2" >>"$DIR/log"
check "suspended" "3" "$(as b_an 'SELECT count(*) FROM s.person')"
ask --format csv --as b_an -c "SELECT name FROM s.person, generate_series(1, 50000000)" </dev/null 2>&1 | tail -5 >"$DIR/running" &
sleep 2
as a_steward "SUSPEND AGREEMENT ab" >>"$DIR/log"
wait
check_match "revoking stops a statement that runs" '42501' "$(cat "$DIR/running")"
as a_steward "RESUME AGREEMENT ab" >>"$DIR/log"
as a_steward "RESUME AGREEMENT ab2; ALTER AGREEMENT ab2 VALID UNTIL '2020-01-01'" >>"$DIR/log"
check "expired" "3" "$(as b_an 'SELECT count(*) FROM s.person')"
as a_steward "ALTER AGREEMENT ab2 VALID UNTIL NULL; REVOKE SELECT ON s.person UNDER ab2" >>"$DIR/log"
check "revoked" "3" "$(as b_an 'SELECT count(*) FROM s.person')"
as a_steward "GRANT SELECT (id) ON s.secret UNDER ab2 MAX ROWS 1" >>"$DIR/log"
check_match "more rows than allowed" '54000' "$(as b_an 'SELECT id FROM s.secret a')"
check "as many as allowed" "1" "$(as b_an 'SELECT id FROM s.secret ORDER BY 1 LIMIT 1')"
check "definitions gave no complaints" "" "$(cat "$DIR/log")"
as a_steward "GRANT SELECT (phone) ON s.person UNDER ab2 MASK phone WITH mask_hash(phone)" >>"$DIR/log"
check_match "pseudonyms don't need the key to be told" '^[0-9a-f]{32}$' "$(sql "SUSPEND AGREEMENT ab"; as b_an 'SELECT phone FROM s.person LIMIT 1')"
check_no_match "the salt is shown nowhere" 'salted' "$(as a_steward 'SHOW GRANTS')$(as b_an 'EXPLAIN VERBOSE SELECT phone FROM s.person')"
sql "ALTER FOREIGN TABLE s.secret ADD COLUMN fresh text" >>"$DIR/log"
check_match "a new column is in no grant" '42703' "$(as b_an 'SELECT fresh FROM s.secret')"

# ---- the catalog as code ----
"$HOPLUU" catalog dump --catalog "$CATALOG" >"$DIR/dump.sql" 2>&1
check_no_match "no salt in the dump" "$(sqlite3 "$CATALOG/catalog.db" 'SELECT salt FROM agreement LIMIT 1')" "$(cat "$DIR/dump.sql")"
CATALOG=$DIR/again
check "a dump runs on an empty catalog" "" "$(ask --format csv -f "$DIR/dump.sql" </dev/null)"
check "and dumps the same" "" "$(diff "$DIR/dump.sql" <("$HOPLUU" catalog dump --catalog "$CATALOG" 2>&1))"
CATALOG=$DIR/sqlite1
catalog() { "$HOPLUU" catalog "$@" --catalog "$CATALOG" 2>&1; }
sql "ALTER USER b_an PASSWORD 'kept'" >/dev/null
VERIFIER=$(sqlite3 "$CATALOG/catalog.db" "SELECT verifier FROM login WHERE name = 'b_an'") SALTS=$(sqlite3 "$CATALOG/catalog.db" "SELECT salt FROM agreement ORDER BY name")
catalog dump >"$DIR/dump.sql"
check "the catalog is what its dump says" "0 differences" "$(catalog apply "$DIR/dump.sql" --dry-run)"
sed -E "s/MASK \"?phone\"? WITH mask_last_four\(phone\)/MASK phone WITH NULL/; /CREATE USER a_auditor/d; s/^CREATE USER b_an/CREATE USER newcomer AGENCY b;\n&/; s/REFERENCE '01/REFERENCE '02/" "$DIR/dump.sql" >"$DIR/edited.sql"
check_match "a dry run shows what differs" '\+.*MASK phone WITH NULL' "$(catalog apply "$DIR/edited.sql" --dry-run)"
check "and changes nothing" "0 differences" "$(catalog apply "$DIR/dump.sql" --dry-run)"
check_match "applied" '[3-9] differences, applied' "$(catalog apply "$DIR/edited.sql")"
check "then it is so" "0 differences" "$(catalog apply "$DIR/edited.sql" --dry-run)"
check "passwords and salts stay" "$VERIFIER $SALTS" "$(sqlite3 "$CATALOG/catalog.db" "SELECT verifier FROM login WHERE name = 'b_an'") $(sqlite3 "$CATALOG/catalog.db" "SELECT salt FROM agreement ORDER BY name")"
check_match "the newcomer is there, the auditor gone" '^newcomer$' "$(sql "SELECT name FROM hopluu.users WHERE name IN ('newcomer', 'a_auditor')")"
catalog apply "$DIR/dump.sql" >/dev/null
check "and back" "$(cat "$DIR/dump.sql")" "$(catalog dump)"
check_match "a file that can't be run changes nothing" '42601' "$(echo 'CREATE NONSENSE;' | catalog apply -)"
finish
