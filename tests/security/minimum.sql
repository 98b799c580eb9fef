-- Run by minimum.sh, one statement a line.
select dept, count(*), sum(amount), sum(bonus), avg(amount) from s.pay group by dept order by 1
select count(*) from s.pay
select * from s.pay
select id, sum(amount) from s.pay group by id
select dept, count(*) from s.pay group by rollup(dept) order by 1
select distinct dept from s.pay
select max(amount) from s.pay
select sum(case when id='p3' then amount else 0 end) from s.pay
select sum(amount) filter (where id='p3') from s.pay
select sum(x) from (select case when id='p3' then amount else 0 end x from s.pay) y
select sum(amount) from s.pay where id='p3'
select sum(amount) from s.pay where amount > 1000
select d.title, sum(amount) from s.pay p join s.dept d on d.code=p.dept group by 1
select sum(w) from s.pay p join (values('p1',1),('p2',2)) v(i,w) on v.i=p.id
select count(*) over () from s.pay
select amount from s.pay order by 1 limit 1
select dept, sum(amount) from s.pay where 1/(amount-300) > 0 group by dept
select x.dept from (select dept, sum(amount) s from s.pay group by dept) x where x.s > 0
with t as materialized (select * from s.pay) select count(*) from t
select count(*) from s.pay a join s.pay b on a.id=b.id
select (select sum(amount) from s.pay where dept='a')
select title, (select sum(amount) from s.pay where dept=code) from s.dept order by 1
select count(*) from s.dept where code in (select dept from s.pay)
select dept from s.pay union select 'x'
select count(distinct id), count(id), count(bonus) from s.pay
select percentile_cont(0.5) within group (order by amount) from s.pay
select sum(amount) from s.pay having sum(amount) > 0 order by 1 limit 1
select dept, sum(amount) from s.pay group by dept having 1/(count(*)-3)>=0
create temp table t as select * from s.pay
create temp table t as select dept, count(*) n from s.pay group by 1; select * from t
