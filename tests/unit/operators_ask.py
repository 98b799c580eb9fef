#!/usr/bin/env python3
"""Asks a PostgreSQL 15 server (initdb --locale=C --encoding=UTF8, timezone UTC) about operators and casts
and writes what it answers to tests/unit/operators.inc and casts.inc.  Run by hand when cases change:

    tests/unit/operators_ask.py 'host=… port=… user=…'

A case is {operator, result type, answer or !SQLSTATE, left, right}; a side is type=text."""
import subprocess, sys

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

I2 = ['0', '1', '-1', '7', '-7', '2', '32767', '-32768']
I4 = ['0', '1', '-1', '7', '-7', '2', '33', '46341', '2147483647', '-2147483648']
I8 = ['0', '1', '-1', '7', '-7', '3037000500', '9223372036854775807', '-9223372036854775808']
F = ['0', '-0', '1.5', '-2.25', '1e-200', '1e200', '1e308', 'NaN', 'Infinity', '-Infinity']
F4 = ['0', '-0', '1.5', '-2.25', '0.1', '1e-30', '1e30', '3e38', 'NaN', 'Infinity', '-Infinity']
NUM = ['0', '1', '-1.50', '0.003', '-12345678901234567890.123', '99999999999999999999999999', 'NaN',
       'Infinity', '-Infinity']
N82 = ['0', '1', '-1.5', '2.25', '999999.99', '-999999.99', '0.01']
N153 = ['0', '-3.125', '7', '999999999999.999', '-999999999999.999', '0.001']
N300 = ['0', '3', '-999999999999999999999999999999', '123456789012345678901234567890']
N380 = ['0', '1', '-1', '99999999999999999999999999999999999999', '-99999999999999999999999999999999999999']
TEXTS = ['', 'a', 'A', 'ab', 'abc', 'b', 'đường', 'a long text of more than twelve', 'a long text of more than twelvf', 'Z%_\\']
DATES = ['2000-01-01', '1999-12-31', '2024-02-29', '0001-01-01 BC', 'infinity', '-infinity', '5874897-12-31', '4714-11-24 BC']
TIMES = ['00:00:00', '12:34:56.789', '24:00:00', '23:59:59.999999']
TZTIMES = ['00:00:00+00', '12:34:56.789+07', '05:34:56.789+00', '23:59:59-05:30']
STAMPS = ['2000-01-01 00:00:00', '1999-12-31 23:59:59.999999', '2024-02-29 12:00:00.5', 'infinity', '-infinity',
          '294276-12-31 23:59:59', '4714-11-24 00:00:00 BC']
SPANS = ['0', '1 day', '24 hours', '1 mon', '30 days', '-1 mon 3 days -04:05:06.789', '1 year 2 mons 3 days 04:05:06.7',
         '178000000 years', '-00:00:00.000001']
UUIDS = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff',
         '7fffffff-ffff-ffff-ffff-ffffffffffff', '80000000-0000-0000-0000-000000000000']
BYTES = ['\\x', '\\x00', '\\x0001', '\\xff', '\\x00112233445566778899aabbccddeeff']
VALUES = {
    'int2': I2, 'int4': I4, 'int8': I8, 'float4': F4, 'float8': F, 'numeric': NUM, 'numeric(8,2)': N82,
    'numeric(15,3)': N153, 'numeric(30,0)': N300, 'numeric(38,0)': N380, 'text': TEXTS, 'date': DATES,
    'time': TIMES, 'timetz': TZTIMES, 'timestamp': STAMPS, 'timestamptz': STAMPS, 'interval': SPANS, 'uuid': UUIDS,
    'bytea': BYTES, 'bool': ['t', 'f'], 'oid': ['0', '1', '4294967295'], 'name': ['', 'a', 'b'],
    'char(4)': ['a', 'ab', 'abcd', ''],
}
NUMERICS = ['numeric', 'numeric(8,2)', 'numeric(15,3)', 'numeric(30,0)', 'numeric(38,0)']
COMPARE = ['=', '<', '>=']
PATTERNS = ['', '%', '_', 'a', 'a%', '%c', '%b%', 'a_c', '_b_', '%_%_%', 'A%', 'đ_ờng', '%ờ%', '%ng', 'a%of%t%e', '%twelve',
            '\\a', 'Z\\%\\_\\\\', 'Z%\\', 'ab\\', '%%', '_%_', '%a%a%', '\\%']

def operator_cases():
    for t in ['int2', 'int4', 'int8']:
        for op in ['+', '-', '*', '/', '%', '&', '|', '#']:
            yield from pairs(op, t, t)
        for op in ['<<', '>>']:
            for a in VALUES[t][:6]:
                for b in ['0', '1', '5', '31', '33', '64', '-1']:
                    yield op, (t, a), ('int4', b)
        for op in ['-', '+', '@', '~']:
            yield from singles(op, t)
    yield from pairs('+', 'int2', 'int4')
    yield from pairs('*', 'int4', 'int2')
    for a, b in [('float4', 'float4'), ('float8', 'float8'), ('float4', 'float8')]:
        for op in ['+', '-', '*', '/']:
            yield from pairs(op, a, b)
    for t in ['float4', 'float8']:
        for op in ['-', '+', '@']:
            yield from singles(op, t)
    yield from pairs('^', 'float8', 'float8')
    yield from singles('|/', 'float8')
    for a in NUMERICS:
        for b in NUMERICS:
            for op in ['+', '-', '*', '%', '<'] + (['/', '='] if a == 'numeric' or b == 'numeric(8,2)' else []):
                yield from pairs(op, a, b)
        for op in ['-', '+', '@']:
            yield from singles(op, a)
    for t in ['bool', 'int2', 'int4', 'int8', 'oid', 'float4', 'float8', 'text', 'name', 'char(4)', 'bytea', 'date', 'time',
              'timetz', 'timestamp', 'timestamptz', 'interval', 'uuid']:
        for op in COMPARE:
            yield from pairs(op, t, t)
    for a in TEXTS:
        for p in PATTERNS:
            for op in ['~~', '~~*'] + (['!~~', '!~~*'] if p == 'A%' else []):
                yield op, ('text', a), ('text', p)
    for a in VALUES['char(4)']:
        for p in ['a', 'ab  ', 'ab%', '%d', '____', '']:
            yield '~~', ('char(4)', a), ('text', p)
    yield from pairs('^@', 'text', 'text')
    yield from pairs('||', 'text', 'text')
    yield from pairs('||', 'bytea', 'bytea')
    for t in ['bool', 'int2', 'int8', 'numeric', 'numeric(8,2)', 'float8', 'date', 'timestamptz', 'interval', 'uuid']:
        yield '||', (t, VALUES[t][1]), ('text', 'x')
        yield '||', ('text', 'x'), (t, VALUES[t][0])
    days = ['0', '1', '-1', '366', '2147483647', '-2147483648']
    for d in DATES:
        for n in days:
            yield '+', ('date', d), ('int4', n)
            yield '+', ('int4', n), ('date', d)
            yield '-', ('date', d), ('int4', n)
    yield from pairs('-', 'date', 'date')
    for a, b in [('date', 'time'), ('date', 'timetz'), ('date', 'interval'), ('timestamp', 'interval'),
                 ('timestamptz', 'interval'), ('time', 'interval'), ('timetz', 'interval')]:
        yield from pairs('+', a, b)
        yield from pairs('+', b, a)
        if b == 'interval':
            yield from pairs('-', a, b)
    for t in ['timestamp', 'timestamptz']:
        for a in STAMPS:
            for b in STAMPS:
                if sorted([a[:4], b[:4]]) != ['2942', '4714']: # there PostgreSQL 15 wraps around
                    yield '-', (t, a), (t, b)
    yield from pairs('-', 'time', 'time')
    yield from pairs('+', 'interval', 'interval')
    yield from pairs('-', 'interval', 'interval')
    yield from singles('-', 'interval')
    for i in SPANS:
        for f in ['0', '1', '-3', '0.5', '7.3', '0.1', '1e9', 'NaN', '1e-7']:
            yield '*', ('interval', i), ('float8', f)
            yield '*', ('float8', f), ('interval', i)
            yield '/', ('interval', i), ('float8', f)

def pairs(op, a, b):
    for x in VALUES[a]:
        for y in VALUES[b]:
            yield op, (a, x), (b, y)

def singles(op, t):
    for x in VALUES[t]:
        yield op, (t, x), None

NUMBERS = ['int2', 'int4', 'int8', 'oid', 'float4', 'float8', 'numeric', 'numeric(8,2)', 'numeric(5,0)', 'numeric(30,5)',
           'numeric(38,10)', 'numeric(3,3)', 'numeric(5,-2)']
CAST_FROM = {t: VALUES[t] for t in VALUES}
CAST_FROM['float8'] = F + ['0.5', '1.5', '2.5', '-0.5', '32767.5', '-32768.5', '2147483647.4', '2147483647.5', '9.2233720368547748e18',
                           '9.223372036854775807e18', '4294967296', '3.4028235e38', '3.5e38', '1e-46', '123456.789', '0.1',
                           '99999.995']
CAST_FROM['float4'] = F4 + ['0.5', '2.5', '16777216', '123456.79']
CAST_FROM['numeric'] = NUM + ['0.5', '1.5', '-2.5', '32767.49', '32767.5', '2147483647.5', '9223372036854775807.4',
                              '9223372036854775807.5', '99999.994999', '99999.995', '999949', '0.9995', '0.99949', '123456.7']
CAST_FROM['numeric(8,2)'] = N82 + ['32767.5', '0.5', '-0.5', '99999.5', '1234.55']
CAST_FROM['numeric(30,5)'] = ['0', '1.5', '-99999.99999', '123456789012345678901.12345', '999999.994999', '999999.995']
NUMBER_TEXTS = ['0', ' 12 ', '-7', '+5', '32768', '2147483648', '9223372036854775808', '99999999999999999999', '1.5', '1e3', '.5', '5.',
                '', ' ', 'abc', '12a', '- 1', 'NaN', 'infinity', '-Infinity', '1e400', '0x10', '1_000', '000000000000000000012',
                '--1']
STRINGS = ['text', 'varchar', 'varchar(3)', 'char(3)', 'char(6)', 'name']

def cast_cases():
    for a in NUMBERS:
        if a in CAST_FROM:
            for b in NUMBERS:
                for x in CAST_FROM[a]:
                    yield (a, x), b
    for x in NUMBER_TEXTS:
        for b in NUMBERS:
            yield ('text', x), b
    for x in ['t', 'true', ' yes ', 'off', '1', '0', 'o', 'tr', '', 'maybe', 'TRUE']:
        yield ('text', x), 'bool'
    yield from casts('bool', STRINGS + ['int4'])
    yield from casts('int4', ['bool'])
    for t in ['int2', 'int4', 'int8', 'oid', 'float4', 'float8', 'numeric', 'numeric(8,2)', 'date', 'time', 'timetz', 'timestamp',
              'timestamptz', 'interval', 'uuid', 'bytea']:
        yield from casts(t, ['text', 'varchar(3)', 'char(6)', 'name'])
    for x in TEXTS + ['ab   ', 'ab  c', '  ab', 'đườngđường', 'x' * 80, 'ờ' * 40]:
        for b in STRINGS:
            yield ('text', x), b
            yield ('varchar', x), b
    for x in ['ab', 'abcd', 'abcdef', '']:
        for b in STRINGS:
            yield ('char(6)', x), b
            yield ('char(3)', x), b
            yield ('varchar(3)', x), b
    more = ['2024-06-15', '1970-01-01', '2024-03-10']
    stamps = STAMPS + ['2024-06-15 12:34:56.789', '2024-03-10 02:30:00', '2024-11-03 01:30:00.999999', '1969-12-31 23:59:59.5']
    for b in ['timestamp', 'timestamptz', 'date']:
        for x in DATES + more:
            if b != 'date':
                yield ('date', x), b
        for a in ['timestamp', 'timestamptz']:
            for x in stamps:
                for c in [b] + ([b + '(0)', b + '(3)'] if b != 'date' else ['time', 'time(0)']):
                    yield (a, x), c
    for x in stamps:
        yield ('timestamptz', x), 'timetz'
    for x in TIMES:
        for b in ['interval', 'time(0)', 'time(2)']:
            yield ('time', x), b
    for x in TZTIMES:
        for b in ['time', 'timetz(1)', 'time(0)']:
            yield ('timetz', x), b
    for x in SPANS[:7] + ['-5 days -03:04:05.678', '13 mons 40 days 30:00:00.123456']:
        for b in ['time', 'interval(0)', 'interval(3)', 'interval year', 'interval month', 'interval day', 'interval hour',
                  'interval minute', 'interval second(2)', 'interval year to month', 'interval day to minute']:
            yield ('interval', x), b
    for x in ['2024-02-30', '2024-02-29', 'x', '', 'Jan 5 2020', '20200105', 'infinity', 'epoch', '5874898-01-01']:
        yield ('text', x), 'date'
        yield ('varchar', x), 'timestamp'
        yield ('text', x), 'timestamptz'
    for x in ['12:34', '25:00', '', '12:34:56.5 PM', '1 day', '1-2', 'P1Y', 'x']:
        if x != 'P1Y':
            yield ('text', x), 'time'
        yield ('text', x), 'interval'
    for x in ['{00000000000000000000000000000001}', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'x', '']:
        yield ('text', x), 'uuid'
    for x in ['\\x0aFF', 'abc', '\\000\\\\', '\\xz', '\\x1', '']:
        yield ('text', x), 'bytea'
    for x in ['{"a": [1, 2 ,"x"]}', '[]', '{', '', 'null', '"\\u00e9"']:
        yield ('text', x), 'json'
        yield ('text', x), 'jsonb'
        yield ('json', x), 'jsonb'
        yield ('json', x), 'text'

def casts(a, targets):
    for b in targets:
        for x in CAST_FROM[a]:
            yield (a, x), b

def literal(s):
    return "'" + s.replace("'", "''") + "'"

def typed(side):
    return '%s::%s' % (literal(side[1]), side[0])

def c_text(s):
    out = ''
    for ch in s.encode():
        c = chr(ch)
        out += '\\' + c if c in '"\\' else c if 32 <= ch < 127 and c != '?' else '\\%03o' % ch
    return '"' + out + '"'

def ask(conninfo, path, zone, cases, append):
    import json
    cases = list(dict.fromkeys(cases))
    sql = [PROBE, 'set timezone = %s;' % literal(zone)]
    sql += ['select pg_temp.probe(%s);' % literal(c[0]) for c in cases]
    out = subprocess.run(['psql', '-qAtX', conninfo, '-f', '-'], input='\n'.join(sql), capture_output=True, text=True)
    answers = [l for l in out.stdout.split('\n') if l.startswith('[')]
    if len(answers) != len(cases):
        sys.exit('%s: %d answers for %d questions\n%s' % (path, len(answers), len(cases), out.stderr[:2000]))
    with open(path, 'a' if append else 'w', encoding='ascii') as f:
        if not append:
            f.write('/* Made by tests/unit/operators_ask.py from a PostgreSQL 15 server: not edited by hand. */\n')
        f.write('{"@", NULL, NULL, %s, NULL},\n' % c_text(zone))
        for (expression, op, a, b), line in zip(cases, answers):
            kind, text = json.loads(line)
            if text and text[0] == '!' and text in ('!42883', '!42846', '!42725'):
                continue
            f.write('{%s, %s, %s, %s, %s},\n' % (c_text(op), c_text(kind), 'NULL' if text is None else c_text(text), c_text(a),
                                              'NULL' if b is None else c_text(b)))

def operator_rows(only=None):
    for op, a, b in operator_cases():
        if only and not (a[0] in only or (b and b[0] in only)):
            continue
        expression = '%s operator(pg_catalog.%s) %s' % (typed(a), op, typed(b)) if b else 'operator(pg_catalog.%s) %s' % (op, typed(a))
        yield expression, op, '='.join(a), '='.join(b) if b else None

def cast_rows(only=None):
    for a, target in cast_cases():
        if only and not (a[0] in only or target.split('(')[0] in only):
            continue
        yield '(%s)::%s' % (typed(a), target), target, '='.join(a), None

def main():
    conninfo = sys.argv[1]
    zoned = ('timestamptz', 'timetz')
    ask(conninfo, 'tests/unit/operators.inc', 'UTC', operator_rows(), False)
    ask(conninfo, 'tests/unit/operators.inc', 'America/New_York', operator_rows(zoned), True)
    ask(conninfo, 'tests/unit/casts.inc', 'UTC', cast_rows(), False)
    ask(conninfo, 'tests/unit/casts.inc', 'America/New_York', cast_rows(zoned), True)
    ask(conninfo, 'tests/unit/casts.inc', 'Asia/Ho_Chi_Minh', cast_rows(zoned), True)

main()
