#!/usr/bin/env python3
r"""Asks a PostgreSQL 15 server (initdb --locale=C --encoding=UTF8, timezone UTC) what every call in
tests/unit/functions_NAME.txt answers, and writes functions_NAME.inc.  Run by hand when cases are added:

    tests/unit/functions_ask.py 'host=… port=… user=…' text math …

A line of the .txt is: function|argument|argument…; an argument is type=text, or type alone for NULL.
{a;b;c} in an argument's text makes one case of each alternative; \p stands for |, \N for a newline,
«» for braces.  '@zone' alone sets the time zone."""
import itertools, json, re, subprocess, sys

PROBE = r"""
set client_min_messages = error;
create or replace function pg_temp.probe(e text) returns json language plpgsql as $$
declare n bool; t text; ty text;
begin
  execute 'select v is null, format(''%s'', v), pg_typeof(v)::text from (select ' || e || ' as v) x' into n, t, ty;
  return json_build_array(ty, case when n then null else t end);
exception when others then return json_build_array('', '!' || sqlstate);
end $$;
"""

def literal(s):
    return "'" + s.replace("'", "''") + "'"

def unescape(s):
    return s.replace('\\p', '|').replace('\\N', '\n').replace('«', '{').replace('»', '}')

def expand(line):
    name, *args = line.split('|')
    choices = []
    for a in args:
        parts = re.split(r'\{([^{}]*;[^{}]*)\}', a)
        options = [[p] if i % 2 == 0 else p.split(';') for i, p in enumerate(parts)]
        choices.append([''.join(c) for c in itertools.product(*options)])
    for combo in itertools.product(*choices):
        yield name, [unescape(c) for c in combo]

def expression(name, args):
    sql = []
    for a in args:
        t, eq, v = a.partition('=')
        sql.append('%s::%s' % (literal(v) if eq else 'null', t))
    if not re.match(r'[a-z_]', name):
        return '%s %s %s' % (sql[0], name, sql[1]) if len(sql) == 2 else '%s %s' % (name, sql[0])
    if name in ('current_date', 'localtime', 'localtimestamp', 'current_time', 'current_timestamp'):
        return name + ('(%s)' % ','.join(sql) if sql else '')
    return 'pg_catalog."%s"(%s)' % (name, ', '.join(sql))

def c_text(s):
    out = ''
    for ch in s.encode():
        c = chr(ch)
        out += '\\' + c if c in '"\\' else c if 32 <= ch < 127 and c != '?' else '\\%03o' % ch
    return '"' + out + '"'

def main():
    conninfo, names = sys.argv[1], sys.argv[2:]
    for name in names:
        base = 'tests/unit/functions_' + name
        cases, sql = [], [PROBE]
        for line in open(base + '.txt', encoding='utf-8'):
            line = line.rstrip('\n')
            if not line or line.startswith('#'):
                continue
            if line.startswith('@') and '|' not in line:
                cases.append((line, None))
                sql.append('set timezone = %s;' % literal(line[1:]))
                continue
            for fn, args in expand(line):
                cases.append((fn, args))
                sql.append('select pg_temp.probe(%s);' % literal(expression(fn, args)))
        out = subprocess.run(['psql', '-qAtX', conninfo, '-f', '-'], input='\n'.join(sql), capture_output=True, text=True)
        answers = [l for l in out.stdout.split('\n') if l.startswith('[')]
        asked = sum(1 for c in cases if c[1] is not None)
        if len(answers) != asked:
            sys.exit('%s: %d answers for %d questions\n%s' % (name, len(answers), asked, out.stderr[:2000]))
        it = iter(answers)
        with open(base + '.inc', 'w', encoding='ascii') as f:
            f.write('/* Made by tests/unit/functions_ask.py from functions_%s.txt: not edited by hand. */\n' % name)
            for fn, args in cases:
                if args is None:
                    f.write('{%s, "", NULL, {0}},\n' % c_text(fn))
                    continue
                ty, v = json.loads(next(it))
                if v is not None and v in ('!42883', '!42725'):
                    print('%s: %s%s: %s' % (name, fn, args, v))
                f.write('{%s, %s, %s, {%s}},\n' % (c_text(fn), c_text(ty), 'NULL' if v is None else c_text(v),
                                                  ', '.join(c_text(a) for a in args) or '0'))
        print('%s: %d cases' % (name, asked))

main()
