selct 1
select a frm t
select * from t wher a = 1
select * form t
select a from t group a
select a from t order a
select a from t where
select a from t limt 5
select a from t where a = 1 adn b = 2
select (1
select 1)
select f(1
select case when a then 1
select count(* from t
create
create foreign
create serve s
drop
alter
alter foreign table t
alter foreign table t add
comment
comment on
import
set
show
explain
begin foo
fetch
with
with x
with x as (
select a from b where c in
select * from t join u
select * from t left
select a as from t
select 'việt nam', từ khóa không đúng from t
select “a” from t
select a from table
update
select 1 union
insert
grant
create index
explain delete from t
prepare x as update t set a = 1
select a[1:2:3]
select a between 1
select cast(a int)
select cast(a as )
select extract(year a)
select interval '1' foo bar
select sum(a) over (partition a) from t
select sum(a) over (rows between 1 and 2) from t
select date
select a from t for
select a from t fetch first 5
select a::
select a collate
select array[1
select a in (1, 2
