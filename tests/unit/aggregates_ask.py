#!/usr/bin/env python3
"""Asks a PostgreSQL 15 server (initdb --locale=C --encoding=UTF8, timezone UTC) about aggregates and writes
tests/unit/aggregates.inc.  Run by hand when cases change:

    tests/unit/aggregates_ask.py 'host=… port=… user=…'

A case is {function, result type, answer or !SQLSTATE, argument types, rows}: rows are separated by \\n,
the arguments of a row by \\t, \\\\N is NULL."""
import json, random, subprocess, sys

PROBE = r"""
set client_min_messages = error;
create or replace function pg_temp.probe(e text) returns json language plpgsql as $$
declare n bool; t text; ty text;
begin
  execute 'select v is null, format(''%s'', v), pg_typeof(v)::text from (' || e || ') x' into n, t, ty;
  return json_build_array(ty, case when n then null else t end);
exception when others then return json_build_array('', '!' || sqlstate);
end $$;
"""
random.seed(2)
N = None

def ints(n, top):
    return [str(random.randint(-top, top)) for _ in range(n)]

def decimals(n, top, scale):
    return ['%s%d.%0*d' % (random.choice(['', '-']), random.randint(0, top), scale, random.randint(0, 10 ** scale - 1)) for _ in range(n)]

SETS = {
    'int2': [[], [N, N], ['5'], ['1', '2', N, '4'], ['32767'] * 9, ints(50, 32767)],
    'int4': [[], [N], ['-7'], ['1', '2', N, '4'], ['2147483647'] * 5, ints(60, 1000), ints(60, 2147483647), ['3', '3', '3']],
    'int8': [[], [N], ['9'], ['9223372036854775807'] * 4, ['-9223372036854775808', '9223372036854775807'], ints(60, 10 ** 12), ['1', '2']],
    'numeric': [[], [N], ['1.50'], ['1', '2.5', N, '0.001'], ['NaN', '1'], ['Infinity', '1'], ['Infinity', '-Infinity'],
                decimals(40, 1000, 3), ['0.1', '0.20', '0.300'], ['12345678901234567.89', '0.01', '-3'],
                ['99999999999999999999999999999999999999', '1'], ['0', '0.00'], ['NaN']],
    'numeric(8,2)': [[], [N], ['1.50'], ['1.00', '2.00', '4.00'], decimals(50, 99999, 2), ['0.01', '0.02', '0.05'], ['999999.99'] * 7],
    'numeric(18,4)': [decimals(50, 10 ** 13, 4), ['99999999999999.9999'] * 3],
    'numeric(30,6)': [[], ['1', '2'], decimals(30, 10 ** 9, 6), ['999999999999999999999999.999999'] * 2],
    'numeric(38,0)': [['99999999999999999999999999999999999999', '1'], ['99999999999999999999999999999999999999', '1', '-2'], ['1', '2']],
    'float8': [[], [N], ['1.5'], ['0.1', '0.2', '0.3', N], ['1e308', '1e308'], ['NaN', '1'], ['Infinity', '1'], ['Infinity', '-Infinity'],
               ['-0'], ['1e-200', '2e-200'], ['1e200', '2e200'], [repr(random.uniform(-1000, 1000)) for _ in range(80)], ['3', '3', '3']],
    'float4': [[], ['0.1', '0.2', '0.3'], ['3e38', '3e38'], ['1.5', N, '2.25'], ['NaN', '0'], ['-0', '0']],
    'interval': [[], [N], ['1 day', '2 days', '1 mon'], ['1 year 2 mons 3 days 04:05:06.7', '-00:00:01'], ['30 days', '1 mon'],
                 ['1 day'] * 7 + ['1 hour']],
    'date': [[], ['2024-01-01', '1999-12-31', N, 'infinity'], ['-infinity', '2000-01-01']],
    'time': [['12:00', '11:59:59.5', '24:00:00']],
    'timetz': [['12:00+00', '12:00+07', '05:00+00']],
    'timestamp': [['2024-01-01 12:00', '2024-01-01 11:59:59.999'], [N]],
    'timestamptz': [['2024-01-01 12:00+07', '2024-01-01 11:59:59.999+00'], [N]],
    'text': [[], [N], ['b', 'a', N, 'abc'], ['', 'x'], ['a long text of more than twelve', 'a long text of more than twelvf', 'a longer'],
             ['đường', 'duong', 'zzz'], ['a' * 50, 'a' * 30, 'a' * 70]],
    'char(5)': [['b', 'a', 'ab'], [N]],
    'oid': [['4294967295', '7']],
    'bool': [[], [N], ['t', 't'], ['t', 'f', N], ['f'], [N, 't']],
    'uuid': [['00000000-0000-0000-0000-000000000001', N]],
    'bytea': [['\\x00', N, '\\xff']],
}
ALL = ['count']
NUMBER = ['sum', 'avg', 'min', 'max', 'variance', 'var_samp', 'var_pop', 'stddev', 'stddev_samp', 'stddev_pop']
BITS = ['bit_and', 'bit_or', 'bit_xor']
WHAT = {'int2': NUMBER + BITS, 'int4': NUMBER + BITS, 'int8': NUMBER + BITS, 'float4': NUMBER, 'float8': NUMBER,
        'interval': ['sum', 'avg', 'min', 'max'], 'bool': ['bool_and', 'bool_or', 'every'], 'uuid': [], 'bytea': []}
PAIRS = [[], [(N, '1')], [('1', '2')], [('1', '2'), ('3', '5'), (N, '7'), ('4', '4.5')], [('1', '1'), ('2', '1'), ('3', '1')],
         [('1', '1'), ('1', '2'), ('1', '3')], [('1e200', '1e200'), ('2e200', '3e200')], [('NaN', '1'), ('2', '3')], [('Infinity', '1'), ('1', '2')],
         [(repr(random.uniform(-10, 10)), repr(random.uniform(0, 1))) for _ in range(40)]]
TWO = ['corr', 'covar_pop', 'covar_samp', 'regr_avgx', 'regr_avgy', 'regr_count', 'regr_intercept', 'regr_r2', 'regr_slope',
       'regr_sxx', 'regr_sxy', 'regr_syy']
JOINED = [[], [(N, ',')], [('a', ',')], [('a', ','), ('b', '; '), (N, 'x'), ('c', N)], [('x', '--'), ('y', '--'), ('z', '--')],
          [('', ','), ('', ',')], [('đ' * 40, ', ')] * 5]

def cases():
    for t, sets in SETS.items():
        for fn in ALL + WHAT.get(t, NUMBER if t.startswith('numeric') else ['min', 'max']):
            for rows in sets:
                if fn == 'avg' and rows and rows[0] and len(rows[0]) == 38:
                    continue # the sum needs 39 digits
                yield fn, [t], [(r,) for r in rows]
    for fn in TWO:
        for rows in PAIRS:
            yield fn, ['float8', 'float8'], rows
    for rows in JOINED:
        yield 'string_agg', ['text', 'text'], rows
    yield 'string_agg', ['bytea', 'bytea'], [('\\x01', '\\xff'), ('\\x02', '\\xff')]

def literal(s):
    return 'null' if s is None else "'" + s.replace("'", "''") + "'"

def query(fn, types, rows):
    cols = ', '.join('c%d' % i for i in range(len(types)))
    parts = ['select ' + ', '.join('%s::%s as c%d' % (literal(v), t, i) for i, (v, t) in enumerate(zip(r, types))) for r in rows]
    source = ' union all '.join(parts) or 'select ' + ', '.join('null::%s as c%d' % (t, i) for i, t in enumerate(types)) + ' where false'
    return 'select %s(%s) as v from (%s) s' % (fn, cols, source)

def c_text(s):
    out = ''
    for ch in s.encode():
        c = chr(ch)
        out += '\\' + c if c in '"\\' else c if 32 <= ch < 127 and c != '?' else '\\%03o' % ch
    return '"' + out + '"'

def main():
    todo = list(cases())
    sql = [PROBE] + ['select pg_temp.probe(%s);' % literal(query(*c)) for c in todo]
    out = subprocess.run(['psql', '-qAtX', sys.argv[1], '-f', '-'], input='\n'.join(sql), capture_output=True, text=True)
    answers = [l for l in out.stdout.split('\n') if l.startswith('[')]
    if len(answers) != len(todo):
        sys.exit('%d answers for %d questions\n%s' % (len(answers), len(todo), out.stderr[:2000]))
    with open('tests/unit/aggregates.inc', 'w', encoding='ascii') as f:
        f.write('/* Made by tests/unit/aggregates_ask.py from a PostgreSQL 15 server: not edited by hand. */\n')
        for (fn, types, rows), line in zip(todo, answers):
            kind, text = json.loads(line)
            data = '\n'.join('\t'.join('\\N' if v is None else v for v in r) for r in rows)
            f.write('{%s, %s, %s, {%s}, %s, %d},\n' % (c_text(fn), c_text(kind), 'NULL' if text is None else c_text(text),
                                              ', '.join(c_text(t) for t in types), c_text(data), len(rows)))

main()
