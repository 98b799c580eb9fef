select
select 1
select 1 as a, 2 b, 3 "C"
select all 1
select distinct a, b from t
select distinct on (a, b) a, b, c from t order by a, b
select distinct on () a from t
select from t
select * from t
select t.*, s.t.* from t, s.t
select t.*.a from t
select * from only t
select * from only (t)
select * from t *
select * from cat.s.t as x (a, b)
select * from t x (a, b)
select * from t as x
select * from t x y
select * from t where
select * from t, u, v as w
select * from (select 1) as x
select * from (select 1) x (a)
select * from (select 1)
select * from ((select 1)) x
select * from (((select 1) union (select 2))) x
select * from lateral (select 1) x
select * from t, lateral (select t.a) x
select * from t cross join u
select * from t join u on t.a = u.a
select * from t inner join u using (a, b)
select * from t left join u using (a) as x
select * from t left outer join u on true right join v on true full join w on true
select * from t natural join u natural left join v
select * from t join u join v on a = b on c = d
select * from (t join u on true) as x
select * from (t join u on true) as x (a, b, c)
select * from ((t join u on true) join v on true)
select * from t join u
select * from t natural join u on true
select * from t cross join u on true
select * from t left u
select * from f(1)
select * from f(1) as x
select * from f(1) with ordinality as x (a, n)
select * from f(1) as x (a int, b text collate "C")
select * from f(1) x (a int)
select * from f(1) as (a int, b numeric(10,2))
select * from lateral f(1) x
select * from rows from (f(1), g(2) as (a int)) with ordinality as x
select * from s.f(a => 1, b := 2)
select * from current_date
select * from cast(1 as int) x
select * from t tablesample system (10)
select * from t as x tablesample bernoulli (10.5) repeatable (1)
select * from t tablesample s.m (1, 2)
select a from t group by a
select a, count(*) from t group by all a
select a from t group by distinct a, b
select a from t group by (a), (a, b), ()
select a from t group by rollup (a, b), cube (c, (d, e))
select a from t group by grouping sets ((a, b), a, (), rollup (c))
select a from t group by
select cube(1), rollup(2), "grouping"(3)
select grouping(a, b) from t group by cube (a, b)
select a from t having count(*) > 1
select sum(a) over (), sum(b) over w, sum(c) over (w), sum(d) over (w order by x) from t window w as (partition by a order by b), v as ()
select sum(a) over (partition by a, b order by c desc nulls last, d asc nulls first) from t
select sum(a) over (rows unbounded preceding) from t
select sum(a) over (rows between 1 preceding and 2 following) from t
select sum(a) over (order by b range between unbounded preceding and unbounded following exclude ties) from t
select sum(a) over (order by b groups between current row and 1 following exclude current row) from t
select sum(a) over (order by b range between interval '1' day preceding and current row exclude group) from t
select sum(a) over (rows between 1 preceding and current row exclude no others) from t
select sum(a) over (rows current row) from t
select sum(a) over (rows between unbounded following and current row) from t
select sum(a) over (rows between current row and 1 preceding) from t
select sum(a) over (rows 1 following) from t
select sum(a) over (partition order by b) from t
select sum(a) over (rows) from t
select sum(a) over (range) from t
select sum(a) over w.x from t
select count(*) filter (where a > 1) from t
select count(distinct a) filter (where b) over (partition by c) from t
select percentile_cont(0.5) within group (order by a desc) from t
select percentile_cont(0.5) within group (order by a) filter (where b) from t
select string_agg(a, ',' order by b desc, c) from t
select f(variadic array[1,2]), f(1, variadic x), f(all 1, 2), f(distinct a order by a)
select f(variadic x, 1)
select f(*), f(), s.f(1), c.s.f(a)
select f(a order by a) within group (order by b)
select f(distinct a) within group (order by b)
select 1 union select 2
select 1 union all select 2 union all select 3 union select 4
select 1 union select 2 intersect select 3 except select 4
(select 1 union select 2) intersect select 3
select 1 union (select 2 order by 1 limit 1)
select 1 union distinct select 2
select 1 intersect all select 2 except all select 3 except distinct select 4
(select 1)
((select 1)) order by 1
(select 1 limit 1) limit 2
(select 1) union (select 2) order by 1 limit 1
select 1 order by 1 union select 2
values (1, 'a'), (2, 'b')
values (1), (default)
values ()
values (1) order by 1 limit 1 offset 1
select * from (values (1, 2), (3, 4)) as v (a, b)
table t
table only s.t
table t union table u
table
select a into x from t
select a into temp x from t
select a into temporary table x from t
select a into local temp table x from t
select a into unlogged x from t
select a into table x from t
select * from t order by a, b desc, c asc nulls first, d nulls last
select * from t order by a using <
select * from t order by a using operator(pg_catalog.>) nulls last
select * from t order by a using foo
select * from t limit 10
select * from t limit all
select * from t limit 10 offset 5
select * from t offset 5 limit 10
select * from t offset 5 rows
select * from t offset 5 row fetch next 3 rows only
select * from t fetch first row only
select * from t fetch first 5 rows only
select * from t order by a fetch first 5 rows with ties
select * from t fetch first 5 rows with ties
select * from t fetch next (1 + 2) rows only offset 2 rows
select * from t fetch first -1 row only
select * from t fetch first a + 1 rows only
select * from t limit 1 limit 2
select * from t limit 1, 2
select * from t limit
select * from t for update
select * from t for no key update of t, u nowait
select * from t for share skip locked for key share of v
select * from t for update limit 1
select * from t limit 1 for update
select * from t for read only
with x as (select 1) select * from x
with recursive x (a, b) as (select 1, 2 union all select a + 1, b from x) select * from x
with x as materialized (select 1), y as not materialized (table x) select * from y
with x as (values (1)) (select * from x) union select 2 order by 1
with x as (select 1) values (1)
with recursive x as (select 1) search depth first by a, b set ord select * from x
with recursive x as (select 1) search breadth first by a set ord cycle a, b set is_cycle to 'y' default 'n' using path select * from x
with recursive x as (select 1) cycle a set is_cycle using path select * from x
with x as (with y as (select 1) select * from y) select * from x
with x as (select 1)
with x select 1
with x as (insert into t values (1) returning a) select * from x
with time as (select 1) select * from time
with ordinality as (select 1) select 1
select (with x as (select 1) select * from x)
select (select 1), exists (select 1), array(select 1), 1 in (select 2), 1 = any (select 2), 1 < all (select 3)
select ((select 1)), (((select 1))) + 1
select ((select 1) union select 2)
select (select 1).a, (select row(1,2)).*
select array(select 1)[1]
select (select array[1])[1]
