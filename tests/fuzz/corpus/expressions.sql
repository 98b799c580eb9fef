select a = b = c
select a < b < c
select 1 < 2 = true
select not a = b
select not not a
select - - 1
select -1 ^ 2
select - a ^ b
select 2 ^ 3 ^ 4
select a + b * c - d / e % f
select a || b || c
select a + b || c * d
select a -> b ->> c
select a #> '{b}' @> c <@ d
select a ~ b, a ~* b, a !~ b, a !~* b, a ~~ b, a !~~* b
select !! a, @ a, ~ a, |/ a, ||/ a
select a !
select a@-b, a+-b, a*-b, a <> -b, a<>-1
select a--b
select a*/*x*/b
select 1+-+-1
select a operator(pg_catalog.+) b, operator(-) a, a operator(+) b * c
select a::int, a::int::text, -a::int, - 1 :: int
select a::int[1], a::int[], a::numeric(10,2)[][3], a::int array, a::int array[3]
select a::varchar(10), a::char, a::char(3), a::character varying, a::character varying (5), a::national char varying(3), a::nchar(2)
select a::bit, a::bit(3), a::bit varying, a::bit varying(8)
select a::double precision, a::float, a::float(24), a::float(25), a::real, a::dec(3), a::decimal(3,1)
select a::float(54)
select a::float(0)
select a::timestamp, a::timestamp(3), a::timestamp with time zone, a::timestamp (3) without time zone, a::time(2) with time zone, a::timetz
select a::interval, a::interval(3), a::interval year to month, a::interval second(2), a::interval day to second(1)
select a::interval year to day
select a::s.mytype, a::s.mytype(3), a::setof int
select a::"char", a::pg_catalog.int4[]
select cast(a as int), cast(a as setof text)
select int '1', int4 '1', float8 '1', double precision '1.5', numeric(3,1) '1.5', bool 't', boolean 't'
select date '2020-01-01', time '10:00', timestamp '2020-01-01', timestamptz '2020-01-01', time with time zone '10:00+7'
select interval '1 day', interval '1' year, interval '1' month, interval '1-2' year to month, interval '1' hour to second(3), interval(3) '1', interval '1' second(2)
select char 'abc', varchar(2) 'abc', national char 'x', bit '101', bit varying(3) '101'
select s.mytype '1', mytype(3) 'x', "MyType" 'x'
select mytype(a => 3) 'x'
select mytype(a order by 1) 'x'
select int[] '{1}'
select a collate "C", a collate pg_catalog."C" || b collate "D"
select a at time zone 'UTC', a at time zone 'x' at time zone 'y', - a at time zone 'x'
select a + b at time zone c * d
select a between 1 and 2, a not between 1 and 2, a between symmetric 1 and 2, a between asymmetric 2 and 1
select a between 1 and 2 and b
select a between b and c between d and e
select a between 1 + 2 and 3 * 4 or c
select a between b = c and d
select a between not b and c
select a between b and not c
select a in (1, 2, 3), a not in (1), (a, b) in ((1, 2), (3, 4)), a in ((select 1)), a in ((select 1), 2)
select a in ()
select a in 1
select a like b, a not like b, a ilike b escape '\', a not ilike b, a similar to b, a not similar to b escape 'x'
select a like b like c
select a like b escape c escape d
select a like b || c, a || b like c
select a like any (array['x']), a not like all (array['x']), a ilike some (select 1), a not ilike any ('{x}')
select a similar to any (b)
select a = any (array[1,2]), a <> all ('{1,2}'), a operator(pg_catalog.=) any (b), a = some (select 1)
select a = any b
select a + any (b)
select a is null, a is not null, a isnull, a notnull, a is true, a is not true, a is false, a is not false, a is unknown, a is not unknown
select a is distinct from b, a is not distinct from b + c, a is distinct from b is null
select a is normalized, a is nfc normalized, a is not nfkd normalized
select a is document
select a is of (int)
select a = b is null, a is null = b, a is null is null
select a isnull isnull
select a and b or c and d or not e and f
select a or b or c or (d or e) or f
select a and (b and c) and d
select not a is null, not a in (1), not a like b, not a between 1 and 2
select case when a then b end, case a when 1 then 2 when 3 then 4 else 5 end, case when a then b when c then d else e end
select case end
select case a end
select case when a then b else c
select coalesce(a, b, c), coalesce(a), nullif(a, b), greatest(a, b, c), least(a)
select coalesce(), nullif(a)
select nullif(a)
select array[1, 2, 3], array[[1, 2], [3, 4]], array[]::int[], array[array[1], array[2]], array[[]]
select array[[1], 2]
select array[1, [2]]
select row(1, 2), row(), row(1), (1, 2), (1, 2, 3) = (a, b, c), row(1).f1
select (1), ((1)), ()
select (a).b, (a).b.c, (a).*, (a.b).c[1], (f(x)).y, a.b.c.d
select a[1], a[1:2], a[:2], a[1:], a[:], a[1][2], a.b[1].c, a[b[1]], (a)[1], (array[1])[1]
select f(x)[1]
select f(x).y
select array[1][1]
select $1, $1.a, $1[2], $2::int + $10
select $0
select $99999
select t.a.*, (t).*
select * , a
select a, from t
select extract(year from a), extract('year' from a), extract(epoch from a), extract(dow from a), extract("day" from a)
select extract(a, b)
select substring(a from 1), substring(a from 1 for 2), substring(a for 2), substring(a for 2 from 1), substring(a similar b escape c), substring(a, 1, 2), substring(a from b for c)
select substring(a like b)
select position(a in b), position('x' in a || b)
select position(a, b)
select overlay(a placing b from 1), overlay(a placing b from 1 for 2), overlay(a, b, 1)
select trim(a), trim(both from a), trim(both 'x' from a), trim(leading from a), trim(trailing 'x' from a), trim('x' from a), trim(a, b), trim(from a)
select trim(both 'x' a)
select normalize(a), normalize(a, nfkc)
select normalize(a, x)
select collation for (a)
select treat(a as int)
select current_date, current_time, current_time(3), current_timestamp, current_timestamp(6), localtime, localtime(0), localtimestamp, localtimestamp(3)
select current_date()
select current_user, session_user, user, current_role, current_catalog, current_schema
select current_schema()
select (a, b) overlaps (c, d), row(a, b) overlaps row(c, d)
select (a, b, c) overlaps (d, e)
select xmlelement(name foo), 1
select xmlparse, xmlroot from t
select true, false, null, TRUE, Null
select 'a', 'it''s', '', 'a' 'b'
select 'a' -- comment
select e'a\nb\t\'\\\101\x41\u0041\U00000041', E'\ud83d\ude00'
select e'\u00'
select e'\ud83d'
select e'\xff'
select e'\0'
select e'\U00110000'
select e'a\'
select U&'d\0061t\+000061', u&'\\', U&'d!0061' uescape '!', U&"d\0061t" from t
select u&'\00'
select u&'\d83d\de00', u&'\d83d'
select u&'x' uescape 'a'
select u&'x' uescape '+'
select u&'x' uescape 'ab'
select u&"" from t
select b'101', B'', x'1F', X'abcdef'
select b'12'
select x'xy'
select n'abc', N''
select $$abc$$, $x$a$$b$x$, $việt$a$việt$, $a$ $b$ $a$
select $$abc
select $x$abc$y$
select 1, 1., .5, 1.5, 1e10, 1E-5, .5e+3, 1.e2, 123456789012345678901234567890, 00012
select 1a
select 1e
select 1e+
select 0x10
select 1_000
select 1..2
select 1.5.2
select $1a
select a$b, _x, "A""b", "select", "Việt Nam", việt_nam
select ""
select "abc
select 'abc
select /* a /* b */ c */ 1
select /* a /* b */ c
select 1 -- x
select a b c
select a as
select a as b.c
select a as select, b as from, c as "x y"
select a select
select a year, b value, c name
select a date, b text, c int
select a over
select a filter
select a and
select a or, b not
select a all, b any, c is
select a isnull b
select a notnull
select a is, b in
select 1 as order
select a from
select 1 + 
select * from t where a = 
select * from t where (a = 1
select * from t where a = 1)
select a[1
select {a}
select a \ b
select a ; b
select a := 1
select a => 1
select a <=> b, a <-> b, a &&& b, a ?| b, a ? b, a ?& b
select a <> b, a != b, a!=-b
select a === b
select a . b
select a. b .c
select .a
select a..b
select a:b
select abs(-5), "abs"(1), left('x', 1), right('x', 1), length(a), if(a), replace(a, b, c), format('%s', 1)
select between(1), values(1), row(1), char(1)
select time(1), timestamp(2), interval(3)
select int(1)
select precision
select inner, left from t
select natural from t
select left, a from t
select authorization('x'), binary(1), ilike(1, 2), verbose(1)
select not ilike('a', 'b')
select not like('a', 'b')
select not in (1)
select 1 not in (2)
