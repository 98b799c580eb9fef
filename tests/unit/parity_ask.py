#!/usr/bin/env python3
r"""Lists what a PostgreSQL 15 server has of functions, aggregates, operators and casts between the types that the
engine knows, and writes tests/unit/parity.inc, which test_parity.c compares with our registry.  Run by hand:

    tests/unit/parity_ask.py 'host=… port=… user=…'

Left out from the start: what pg_proc describes as internal (support of types, indexes, aggregates; the functions behind
operators), and everything about geometry, networks, text search, large objects, replication and administration."""
import subprocess, sys

SQL = r"""
with known(t) as (select unnest('{bool,int2,int4,int8,numeric,float4,float8,text,varchar,bpchar,bytea,date,time,timetz,
  timestamp,timestamptz,interval,uuid,json,jsonb,jsonpath,any,anyelement,anynonarray,anycompatible,anycompatiblenonarray,
  record,void,anyarray,anycompatiblearray,_text,_int4,_float8,_json,_jsonb}'::text[])),
p as (select p.*, coalesce(obj_description(p.oid, 'pg_proc'), '') d, rt.typname res,
  (select coalesce(string_agg(t.typname, ',' order by o), '') from unnest(proargtypes) with ordinality x(a, o) join pg_type t on t.oid = a) args,
  (select coalesce(bool_and(t.typname in (select t from known)), true) from unnest(proargtypes) x(a) join pg_type t on t.oid = a) fits
  from pg_proc p join pg_type rt on rt.oid = prorettype where pronamespace = 'pg_catalog'::regnamespace)
select case when proretset then 's' else prokind::text end, proname, args, res, provolatile, proisstrict::int, proleakproof::int
from p where fits and res in (select t from known) and prokind in ('f', 'a', 'w')
 and d !~ '^(implementation of|I/O|internal|hash|less-equal-greater|larger of|smaller of|aggregate (transition|final|combine|serial|deserial)|planner support|statistics|SP-GiST|GIN|GiST|BRIN|window function support|boolean-|equal-|sort support|deprecated|\(internal\)|index|restriction|join sel|adjust|convert|configuration|release|is database|is row|send|sleep|latest|type|advance|matches|does not match|text search)'
 and proname !~ '^(pg_|lo_|ts_|tsvector|txid|has_|inet|cidr|brin|gin|gist|spg|currtid|query_to|table_to|cursor_to|schema_to|database_to|binary_upgrade|RI_|nextval|setval|currval|lastval|current_setting|set_config|obj_desc|col_desc|shobj|xml|to_ts(v|q)|plain|phrase|web|json(b)?_to_ts|unique_key|amvalid|row_security|current_(data|sch|user)|session_user|version|format_type|make_?acl|acl|getdatab|trig|to_reg|in_range|float8_|float4_|int[248]_|numeric_|interval_|date_(cmp|pl|mi)|texti?c|name|bpchar_|.*_(sml|lrg|support|sel|joinsel|ops|transfn|finalfn|combine|serialize|deserialize|accum|inv|skipsupport)$|array_|_?pg|get_domain|jsonb_(path|delete|concat|exists|contain).*_(opr|tz))'
union all
select 'o', oprname, coalesce(l.typname || ',', '') || r.typname, t.typname, provolatile, proisstrict::int, proleakproof::int
from pg_operator o left join pg_type l on l.oid = oprleft join pg_type r on r.oid = oprright join pg_type t on t.oid = oprresult join pg_proc p on p.oid = oprcode
where (oprleft = 0 or l.typname in (select t from known)) and r.typname in (select t from known) and t.typname in (select t from known)
 and oprname !~ '^(~[<>]=?~|\*[<>=]|\*<>)'
union all
select 'c', castcontext::text, s.typname || ',' || t.typname, t.typname, coalesce(provolatile, 'i'), 1, 0
from pg_cast c join pg_type s on s.oid = castsource join pg_type t on t.oid = casttarget left join pg_proc p on p.oid = castfunc
where s.typname in (select t from known) and t.typname in (select t from known)
order by 1, 2, 3
"""

def main():
    out = subprocess.run(['psql', '-qAtX', '-F', '\t', sys.argv[1], '-c', SQL], capture_output=True, text=True, check=True)
    with open('tests/unit/parity.inc', 'w', encoding='ascii') as f:
        f.write('/* Made by tests/unit/parity_ask.py from a PostgreSQL 15 server: not edited by hand. */\n')
        for line in out.stdout.splitlines():
            kind, name, args, result, volatility, strict, leakproof = line.split('\t')
            f.write("{'%s', \"%s\", \"%s\", \"%s\", '%s', %s, %s},\n" % (kind, name.replace('?', '\\077'), args, result, volatility, strict, leakproof))

main()
