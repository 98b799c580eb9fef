create or replace server s foreign data wrapper w
create or replace user mapping for public server s
show servers
show tables
show tables from s
show memory
show foo from s
describe t
describe s.t
desc s.t
select describe from t
insert into t values (1)
update t set a = 1
delete from t
merge into t using u on true when matched then delete
truncate t
create table t (a int)
create temp table t (a int)
create unlogged table t (a int, b text default 'as')
create index on t (a)
create unique index i on t (a)
create or replace function f() returns int as 'x' language sql
create materialized view v as select 1
create user u
create role r
drop user u
alter user u
alter table t add a int
comment on index i is 'x'
comment on function f() is 'x'
copy t from stdin
copy (select 1) to stdout
grant select on t to u
revoke select on t from u
do $$ begin end $$
listen x
notify x
unlisten *
vacuum t
reindex table t
cluster
lock t
call p()
refresh materialized view v
set constraints all deferred
checkpoint
load 'x'
reassign owned by a to b
security label on table t is 'x'
select a from t limit 1 offset 2;insert into t values (';', "x;y")
