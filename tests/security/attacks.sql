-- One attack a line. It fails when its whole answer (rows, errors, notices) is the same in both worlds.
-- rows and columns that aren't granted
SELECT * FROM s.person ORDER BY personal_id
SELECT count(*) FROM s.person
SELECT salary FROM s.person
SELECT person.salary FROM s.person
SELECT s.person.salary FROM s.person
SELECT note FROM s.person WHERE note IS NOT NULL
SELECT p.* FROM s.person p WHERE p.province = 'HC'
SELECT * FROM s.secret
SELECT count(*) FROM s.secret
SELECT 1 FROM s.secret WHERE id = 7
SELECT * FROM s.nothing
SELECT name FROM s.person WHERE salary > 3000
SELECT name FROM s.person ORDER BY salary DESC
SELECT name FROM s.person ORDER BY salary LIMIT 1
SELECT max(salary) FROM s.person
SELECT province, count(*) FROM s.person GROUP BY province ORDER BY 1
SELECT province, count(*) FROM s.person GROUP BY ROLLUP (province) ORDER BY 1
SELECT name FROM s.person WHERE province <> 'HN'
SELECT name FROM s.person WHERE province = 'HC' OR true ORDER BY 1
SELECT name FROM s.person WHERE NOT (province = 'HN')
SELECT name FROM s.person WHERE province IS NULL OR province > 'A' ORDER BY 1
SELECT min(name), max(name) FROM s.person
SELECT string_agg(name, ',' ORDER BY name) FROM s.person
SELECT array_agg(name ORDER BY name) FROM s.person
SELECT json_agg(name ORDER BY name) FROM s.person
SELECT DISTINCT province FROM s.person
SELECT count(DISTINCT personal_id) FROM s.person
SELECT name, row_number() OVER (ORDER BY name) FROM s.person ORDER BY 1
SELECT name, count(*) OVER () FROM s.person ORDER BY 1
SELECT name, lag(name) OVER (ORDER BY personal_id) FROM s.person ORDER BY 1
SELECT name, sum(1) OVER (ORDER BY personal_id DESC) FROM s.person ORDER BY 1
SELECT name FROM s.person OFFSET 3
SELECT name FROM s.person ORDER BY name OFFSET 2 LIMIT 4
SELECT name FROM s.person ORDER BY personal_id DESC FETCH FIRST 1 ROW WITH TIES
SELECT name FROM s.person TABLESAMPLE SYSTEM (100) ORDER BY 1
SELECT name FROM s.person TABLESAMPLE BERNOULLI (100) REPEATABLE (1) ORDER BY 1
-- masks
SELECT phone FROM s.person ORDER BY 1
SELECT phone || '' FROM s.person ORDER BY 1
SELECT left(phone, 3) FROM s.person ORDER BY 1
SELECT name FROM s.person WHERE phone LIKE '091%' ORDER BY 1
SELECT name FROM s.person WHERE phone = '0918881234'
SELECT name FROM s.person WHERE phone < '092' ORDER BY 1
SELECT name FROM s.person ORDER BY phone
SELECT phone, count(*) FROM s.person GROUP BY phone ORDER BY 1
SELECT min(phone) FROM s.person
SELECT length(phone), reverse(phone) FROM s.person ORDER BY 2
SELECT (p).phone FROM s.person p ORDER BY 1
SELECT count(DISTINCT left(phone, 3)) FROM s.person
SELECT a.name FROM s.person a JOIN (VALUES ('0918881234'), ('0928881234')) v(phone) ON a.phone = v.phone
SELECT a.name FROM s.person a, s.person b WHERE a.phone = b.phone ORDER BY 1
SELECT name FROM s.person WHERE phone IN (SELECT '09' || g || '8881234' FROM generate_series(1, 9) g)
SELECT name FROM s.person WHERE phone ~ '^09[1]'
SELECT name FROM s.person WHERE position('91' in phone) > 0
SELECT name FROM s.person WHERE phone BETWEEN '0910000000' AND '0919999999'
SELECT birth FROM s.person ORDER BY 1
SELECT name FROM s.person WHERE birth = DATE '1990-02-03'
SELECT extract(day FROM birth) FROM s.person
SELECT name FROM s.person ORDER BY birth DESC
SELECT md5(phone) FROM s.person ORDER BY 1
SELECT encode(sha256(convert_to(phone, 'UTF8')), 'hex') FROM s.person ORDER BY 1
-- predicates that fail on rows that aren't granted
SELECT name FROM s.person WHERE 1 / (length(name) - 7) > 100 ORDER BY 1
SELECT name FROM s.person WHERE 1 / (CASE province WHEN 'HC' THEN 0 ELSE 1 END) = 1 ORDER BY 1
SELECT name FROM s.person WHERE province = 'HN' AND 1 / (CASE province WHEN 'HC' THEN 0 ELSE 1 END) = 1 ORDER BY 1
SELECT name FROM s.person WHERE CAST(name AS int) = 1 AND province = 'HC'
SELECT name FROM s.person WHERE CASE WHEN province = 'HC' THEN CAST(name AS int) ELSE 1 END = 1 ORDER BY 1
SELECT name FROM s.person WHERE CASE WHEN left(name, 1) = 'H' THEN 1 / 0 ELSE 1 END = 1 ORDER BY 1
SELECT name FROM s.person WHERE sqrt(CASE province WHEN 'HC' THEN -1 ELSE 1 END) = 1 ORDER BY 1
SELECT name FROM s.person WHERE ln(CASE province WHEN 'HC' THEN 0 ELSE 1 END) = 0 ORDER BY 1
SELECT name FROM s.person WHERE to_date(name, 'YYYY') IS NULL
SELECT name FROM s.person WHERE (province || 'x')::json IS NULL
SELECT name FROM s.person WHERE name::uuid IS NULL
SELECT name FROM s.person WHERE name::inet IS NULL
SELECT name FROM s.person WHERE name::numeric > 0
CREATE TEMP TABLE te AS SELECT name::int FROM s.person
SELECT name::int FROM s.person
SELECT name FROM s.person WHERE name::date > '2000-01-01'
SELECT name FROM s.person WHERE repeat(name, CASE province WHEN 'HC' THEN 1000000000 ELSE 1 END) = name ORDER BY 1
SELECT name FROM s.person WHERE regexp_replace(name, '(', 'x') = name
SELECT name FROM s.person WHERE name SIMILAR TO '%' ORDER BY 1
SELECT name FROM s.person WHERE name LIKE '\' ORDER BY 1
SELECT name FROM s.person WHERE chr(CASE province WHEN 'HC' THEN 0 ELSE 65 END) = 'A' ORDER BY 1
SELECT name FROM s.person WHERE pg_sleep(CASE province WHEN 'HC' THEN 1000 ELSE 0 END) IS NOT NULL
SELECT name FROM s.person WHERE random() < 2 ORDER BY 1
SELECT name FROM s.person WHERE set_config('application_name', name, false) = name ORDER BY 1
SELECT name FROM s.person WHERE nextval('x') > 0
SELECT name FROM s.person WHERE (SELECT 1 / (CASE WHEN province = 'HC' THEN 0 ELSE 1 END)) = 1 ORDER BY 1
SELECT name FROM s.person WHERE (SELECT count(*) FROM generate_series(1, CASE province WHEN 'HC' THEN 0 ELSE 2 END)) = 2 ORDER BY 1
SELECT name FROM s.person WHERE EXISTS (SELECT 1 WHERE 1 / (CASE province WHEN 'HC' THEN 0 ELSE 1 END) = 1) ORDER BY 1
SELECT name FROM (SELECT name, province FROM s.person) x WHERE 1 / (CASE province WHEN 'HC' THEN 0 ELSE 1 END) = 1 ORDER BY 1
WITH x AS (SELECT * FROM s.person) SELECT name FROM x WHERE 1 / (CASE province WHEN 'HC' THEN 0 ELSE 1 END) = 1 ORDER BY 1
WITH x AS NOT MATERIALIZED (SELECT * FROM s.person) SELECT name FROM x WHERE name::int = 1
WITH x AS MATERIALIZED (SELECT * FROM s.person) SELECT name FROM x WHERE name::int = 1 AND province = 'HC'
SELECT name FROM s.person GROUP BY name HAVING 1 / (CASE left(name, 1) WHEN 'H' THEN 0 ELSE 1 END) = 1 ORDER BY 1
SELECT name FROM s.person ORDER BY 1 / (CASE province WHEN 'HC' THEN 0 ELSE 1 END), 1
SELECT sum(1 / (CASE province WHEN 'HC' THEN 0 ELSE 1 END)) FROM s.person
SELECT count(*) FILTER (WHERE 1 / (CASE province WHEN 'HC' THEN 0 ELSE 1 END) = 1) FROM s.person
SELECT name FROM s.person WHERE phone::bigint > 0
SELECT name FROM s.person WHERE 1 / (phone::bigint - 918881234) > 0
SELECT name FROM s.person WHERE 1 / position('91' in phone) = 1
-- joins, outer joins, subqueries
SELECT v.id FROM s.visit v ORDER BY 1
SELECT v.id, p.name FROM s.visit v LEFT JOIN s.person p USING (personal_id) ORDER BY 1
SELECT v.id, p.name FROM s.visit v FULL JOIN s.person p USING (personal_id) ORDER BY 1, 2
SELECT v.id FROM s.visit v WHERE NOT EXISTS (SELECT 1 FROM s.person p WHERE p.personal_id = v.personal_id) ORDER BY 1
SELECT v.id FROM s.visit v WHERE personal_id IN (SELECT personal_id FROM s.person) ORDER BY 1
SELECT v.id FROM s.visit v WHERE personal_id NOT IN (SELECT personal_id FROM s.person) ORDER BY 1
SELECT a.name, b.name FROM s.person a CROSS JOIN s.person b ORDER BY 1, 2
SELECT a.name FROM s.person a, LATERAL (SELECT salary FROM s.person b WHERE b.personal_id = a.personal_id) x
SELECT a.name, (SELECT count(*) FROM s.person b WHERE b.province > a.province) FROM s.person a ORDER BY 1
SELECT a.name, (SELECT max(b.name) FROM s.person b WHERE b.personal_id > a.personal_id) FROM s.person a ORDER BY 1
SELECT (SELECT count(*) FROM s.person), (SELECT max(name) FROM s.person)
SELECT * FROM (VALUES ('Hidden1'), ('Hidden2'), ('An')) v(n) WHERE n IN (SELECT name FROM s.person) ORDER BY 1
SELECT * FROM (VALUES ('Hidden1'), ('Hidden2'), ('An')) v(n) WHERE n NOT IN (SELECT name FROM s.person) ORDER BY 1
SELECT * FROM (VALUES ('Only 1'), ('Only 2')) v(n) JOIN s.person ON name = n
SELECT * FROM (VALUES ('Only 1'), ('Only 2')) v(n) LEFT JOIN s.person ON name = n ORDER BY 1
SELECT name FROM s.person NATURAL JOIN s.visit ORDER BY 1
SELECT name FROM s.person JOIN s.visit USING (personal_id, salary)
SELECT name FROM s.person EXCEPT SELECT 'An' ORDER BY 1
SELECT name FROM s.person UNION SELECT 'x' ORDER BY 1
SELECT name FROM s.person INTERSECT SELECT 'Hidden1'
SELECT name FROM s.person UNION ALL SELECT name FROM s.person ORDER BY 1
SELECT name = ANY (ARRAY['Hidden1', 'Only 1']) FROM s.person ORDER BY 1
SELECT 'Hidden1' = ANY (SELECT name FROM s.person)
SELECT 'Hidden1' <> ALL (SELECT name FROM s.person)
SELECT (name, province) IN (SELECT name, province FROM s.person) FROM s.person
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < (SELECT count(*) FROM s.person)) SELECT count(*) FROM r
SELECT count(*) FROM s.person a JOIN s.person b ON a.province <= b.province
SELECT cost FROM s.visit ORDER BY 1
SELECT sum(cost) FROM s.visit
-- views and temporary tables
SELECT * FROM s.people ORDER BY 1
SELECT * FROM public.all_people ORDER BY 1
CREATE TEMP VIEW tv AS SELECT * FROM s.person; SELECT * FROM tv ORDER BY 1; SELECT salary FROM tv
CREATE TEMP TABLE tt AS SELECT * FROM s.person; SELECT * FROM tt ORDER BY 1; SELECT salary FROM tt
SELECT * INTO TEMP ti FROM s.person; SELECT count(*) FROM ti
CREATE TEMP VIEW tw AS SELECT salary FROM s.person
CREATE VIEW public.mine AS SELECT * FROM s.person
-- what the catalog tells
SELECT * FROM information_schema.tables WHERE table_schema = 's' ORDER BY table_name
SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 's' ORDER BY 1, ordinal_position
SELECT * FROM information_schema.columns WHERE column_name IN ('salary', 'word', 'note')
SELECT * FROM hopluu.tables WHERE table_schema = 's' ORDER BY table_name
SELECT * FROM hopluu.column_statistics ORDER BY 1, 2, 3
SELECT * FROM hopluu.servers
SELECT * FROM hopluu.server_facts
SHOW TABLES
SHOW TABLES FROM s
SHOW SERVERS
DESCRIBE s.person
DESCRIBE s.secret
DESCRIBE s.nothing
SHOW GRANTS
SELECT * FROM hopluu.grants ORDER BY 1, 2, 3, 4
SELECT * FROM hopluu.agreements
SELECT * FROM hopluu.users
SELECT * FROM hopluu.column_elements
SHOW ACCESS FOR USER b_an
SHOW ACCESS FOR USER a_an
SELECT * FROM s.perso
SELECT * FROM s.secre
SELECT * FROM secret
SELECT sal FROM s.person
SELECT salaryy FROM s.person
SELECT s.person.nope FROM s.person
SELECT count(*) FROM s.person WHERE word = 'x'
SELECT s.secret.word FROM s.person
-- plans
EXPLAIN SELECT * FROM s.person
EXPLAIN VERBOSE SELECT phone FROM s.person WHERE name > 'A'
EXPLAIN SELECT * FROM s.person WHERE province = 'HC'
EXPLAIN SELECT salary FROM s.person
EXPLAIN SELECT * FROM s.secret
SET pushdown = off; EXPLAIN ANALYZE SELECT name FROM s.person
EXPLAIN (PERMISSIONS) SELECT name FROM s.person
EXPLAIN (PASSES) SELECT name FROM s.person
EXPLAIN (ANALYZE, VERBOSE) SELECT count(*) FROM s.visit
EXPLAIN ANALYZE SELECT name FROM s.person
EXPLAIN ANALYZE SELECT count(*) FROM s.person WHERE phone LIKE '091%'
EXPLAIN ANALYZE SELECT count(*) FROM s.person WHERE CASE WHEN province = 'HC' THEN 1 / 0 ELSE 1 END = 1
-- quoting, names, injection
SELECT "salary" FROM s.person
SELECT "SALARY" FROM s.person
SELECT "s"."person"."salary" FROM "s"."person"
SELECT U&"s\0061lary" FROM s.person
SELECT "salary " FROM s.person
SELECT "ѕalary" FROM s.person
SELECT * FROM "s.secret"
SELECT * FROM "s"."secret" -- '
SELECT name FROM s.person WHERE name = 'x'' OR 1=1 --' ORDER BY 1
SELECT name FROM s.person WHERE name = E'x\' OR 1=1 --' ORDER BY 1
SELECT name FROM s.person WHERE name = $$x' OR '1'='1$$ ORDER BY 1
SELECT name FROM s.person WHERE name LIKE '%'') OR (''1''=''1' ORDER BY 1
SELECT name AS "x"" FROM secret --" FROM s.person ORDER BY 1
SELECT name FROM s.person AS "p WHERE 1=1 --" ORDER BY 1
SELECT name FROM s.person WHERE name <> 'a\' ORDER BY 1
SELECT "$salted"('x', mask_hash(phone)) FROM s.person ORDER BY 1
SELECT mask_hash(phone) FROM s.person ORDER BY 1
-- settings and definitions
SET hopluu.purpose = 'other'; SELECT * FROM s.person
SET hopluu.purpose = ''; SELECT * FROM s.person ORDER BY 1
SET hopluu.purpose = 'nonsense'
SET optimizer = off; SELECT name FROM s.person WHERE 1 / (CASE province WHEN 'HC' THEN 0 ELSE 1 END) = 1 ORDER BY 1
SET pushdown = off; SELECT name FROM s.person WHERE phone LIKE '091%' OR 1 / (length(name) - 7) > 100 ORDER BY 1
SET search_path = s; SELECT * FROM secret; SELECT * FROM person ORDER BY 1
SET batch_size = 1; SELECT name FROM s.person WHERE name::int = 1 AND province = 'HC'
SET ROLE a_an; SELECT salary FROM s.person
SET SESSION AUTHORIZATION a_an; SELECT salary FROM s.person
CREATE FOREIGN TABLE s.mine (word text) SERVER src OPTIONS (table_name 'secret')
IMPORT FOREIGN SCHEMA main FROM SERVER src INTO s
ALTER FOREIGN TABLE s.person OPTIONS (SET table_name 'secret')
DROP FOREIGN TABLE s.person
ALTER SERVER src OPTIONS (SET agency 'B')
CREATE USER MAPPING FOR b_an SERVER src OPTIONS (user 'x')
GRANT SELECT ON s.secret UNDER ab
GRANT SELECT ON s.person UNDER ab
REVOKE SELECT ON s.person UNDER ab
ALTER AGREEMENT ab VALID UNTIL '2099-01-01'
SUSPEND AGREEMENT other
CREATE AGREEMENT mine FROM AGENCY A TO AGENCY B FOR PURPOSE care
DROP AGREEMENT ab
PREVIEW GRANT SELECT ON s.secret UNDER ab
PREVIEW AGREEMENT ab
ALTER TABLE s.person COLUMN salary ELEMENT NULL
COMMENT ON TABLE s.secret IS 'x'
COMMENT ON COLUMN s.person.salary IS 'x'
ANALYZE s.person
ANALYZE s.secret
ALTER USER b_an AGENCY A
ALTER USER b_an ROLE steward
ALTER USER b_an ADMINISTRATOR
CREATE USER x AGENCY A PASSWORD 'x'
DROP USER a_an
ALTER USER a_an PASSWORD 'x'
INSERT INTO s.person VALUES ('x')
CREATE AGENCY C
CREATE PURPOSE more
ALTER ELEMENT person_id SENSITIVITY none
