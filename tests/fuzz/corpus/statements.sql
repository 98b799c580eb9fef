create server s foreign data wrapper postgresql
create server s type 'x' version '1.0' foreign data wrapper w options (host 'h', port '1', "user" 'x', set 'y')
create server if not exists s version null foreign data wrapper w
create server s
create server s foreign data wrapper w options (host h)
create server s foreign data wrapper w options ()
alter server s version '2' options (add a '1', set b '2', drop c, d '3')
alter server s version '2'
alter server s options (drop a)
alter server s rename to t
alter server s owner to current_user
alter server s
drop server s
drop server if exists s, t cascade
drop server s restrict
create user mapping for current_user server s options (user 'u', password 'p')
create user mapping if not exists for public server s
create user mapping for user server s
create user mapping for "Bob" server s
alter user mapping for u server s options (set password 'x')
drop user mapping for u server s
drop user mapping if exists for public server s
create schema s
create schema if not exists s
create schema authorization u
create schema s authorization u
alter schema s rename to t
alter schema s owner to u
drop schema s
drop schema if exists s, t cascade
drop schema a.b
create foreign table t (a int, b text not null, c numeric(10,2) options (column_name 'x') not null, d varchar(3) collate "C" default 'x') server s options (table_name 'y')
create foreign table if not exists s.t () server x
create foreign table t (a int null) server s
create foreign table t (a int)
create foreign table t (a) server s
create foreign table t (a int check (a > 1)) server s
alter foreign table t add column a int, add b text options (x 'y'), drop column c, drop if exists d cascade
alter foreign table if exists t alter a type text, alter column b set data type int, alter c set not null, alter c drop not null
alter foreign table t alter column a options (add x '1', drop y), options (set z '2'), owner to u
alter foreign table t rename to u
alter foreign table t rename column a to b
alter foreign table t rename a to b
alter foreign table t set schema s
drop foreign table t, s.u cascade
drop foreign table if exists t
drop table t
drop table if exists a, b
drop view v cascade
create view v as select 1
create or replace view s.v (a, b) with (security_barrier, check_option = local) as select 1, 2
create temp view v as table t
create recursive view v (a) as select 1
create view v as select * from t with check option
create view v as select * from t with cascaded check option
create view v as (values (1)) with local check option
create view v as
create view v (a int) as select 1
alter view v rename to w
alter view if exists v set schema s
alter view v owner to u
alter view v rename column a to b
import foreign schema public from server s into x
import foreign schema "Public" limit to (a, b) from server s into x options (x 'y')
import foreign schema p except (a) from server s into x
import foreign schema p from server s
comment on table t is 'x'
comment on column s.t.c is 'Họ và tên'
comment on schema s is null
comment on server s is 'x'
comment on view s.v is 'x'
comment on foreign table t is 'x'
comment on foreign table t is x
analyze
analyze verbose
analyze t
analyze verbose s.t (a, b), u
analyze (verbose) t
analyze (verbose false, skip_locked) t
analyse t
explain select 1
explain analyze select 1
explain analyze verbose select 1
explain verbose (select 1)
explain (analyze, verbose off, format json, costs true) select 1
explain (select 1)
explain (values (1))
explain ((select 1) union select 2)
explain with x as (select 1) select 1
explain create temp table x as select 1
explain execute p(1)
explain create view v as select 1
explain insert into t values (1)
explain ()
set a = 1
set a.b to 'x', y, 3
set a to default
set session a = on
set local a = off
set a from current
set time zone 'Asia/Ho_Chi_Minh'
set time zone default
set time zone local
set time zone -7
set time zone interval '7' hour
set time zone utc
set schema 's'
set names 'utf8'
set names
set role r
set role none
set session authorization u
set session authorization default
set transaction isolation level read committed, read only
set transaction read write deferrable
set session characteristics as transaction isolation level serializable
set a = 1 + 1
set a
set session = 1
reset a
reset all
reset time zone
reset session authorization
show a
show a.b
show all
show time zone
show transaction isolation level
show server_version
begin
begin work
begin transaction isolation level repeatable read read only
start transaction read only, not deferrable
commit
commit and chain
commit work and no chain
end
end transaction
rollback
rollback and chain
abort
savepoint a
release a
release savepoint a
rollback to a
rollback to savepoint a
rollback work to savepoint a
prepare transaction 'x'
commit prepared 'x'
rollback prepared 'x'
prepare p as select $1
prepare p (int, text, numeric(3)) as select $1, $2
prepare p () as select 1
execute p
execute p (1, 'x')
execute p ()
deallocate p
deallocate prepare p
deallocate all
deallocate prepare all
declare c cursor for select 1
declare c binary insensitive no scroll cursor with hold for select 1
declare c scroll cursor without hold for values (1)
fetch c
fetch from c
fetch next from c
fetch prior in c
fetch first c
fetch last from c
fetch absolute -1 from c
fetch relative 2 c
fetch 10 from c
fetch -5 c
fetch all from c
fetch forward c
fetch forward 3 from c
fetch forward all in c
fetch backward all c
fetch backward 2 c
move 5 in c
move c
close c
close all
discard all
discard plans
discard sequences
discard temp
discard temporary
discard x
create temp table t as select 1
create table if not exists t (a, b) with (fillfactor = 10) as select 1, 2 with no data
create temporary table t on commit drop as values (1) with data
create local temp table t as table u
create unlogged table t as execute p(1)
create global temp table t as select 1
frobnicate
;
;; select 1 ;; select 2 ;
