#!/usr/bin/env python3
r"""Writes tests/oracle/NAME.sql from tests/oracle/generate/NAME.txt (all of them, or those named).

A line of the .txt is a statement, or an expression, which is asked by SELECT. {a;b;c} makes one statement of each
alternative; «» stand for braces and \; for a semicolon within alternatives. A line that ends with a backslash goes on
below. {=1} repeats what the line's first alternatives gave, {=2} the second's. `# …` heads a section. A statement that was written before, in any file, isn't written again."""
import glob, itertools, os, re, sys

STATEMENT = re.compile(r'(SELECT|WITH|VALUES|TABLE|\(|CREATE|DROP|SET|SHOW|RESET|INSERT|UPDATE|DELETE|MERGE|EXPLAIN)\b|\(SELECT', re.I)

def expand(line):
    parts = re.split(r'\{([^{}]*;[^{}]*)\}', line.replace('\\;', '\0'))
    options = [[p] if i % 2 == 0 else p.split(';') for i, p in enumerate(parts)]
    for combo in itertools.product(*options):
        chosen = combo[1::2]
        text = re.sub(r'\{=(\d)\}', lambda m: chosen[int(m.group(1)) - 1], ''.join(combo)).replace('«', '{').replace('»', '}').replace('\0', ';')
        yield text if STATEMENT.match(text) else 'SELECT ' + text

def main():
    here = os.path.dirname(os.path.abspath(__file__))
    seen = set()
    for path in sorted(glob.glob(here + '/*.txt')):
        name = os.path.basename(path)[:-4]
        out = ['-- Written by generate/expand.py from generate/%s.txt.' % name]
        for line in open(path, encoding='utf-8').read().replace('\\\n', '').split('\n'):
            if line.startswith('#'):
                out += ['', '-- ' + line[1:].strip()]
            elif line.strip():
                for sql in expand(line.rstrip()):
                    if sql not in seen:
                        seen.add(sql)
                        out.append(sql + ';')
        if len(sys.argv) == 1 or name in sys.argv[1:]:
            with open(os.path.join(here, '..', name + '.sql'), 'w', encoding='utf-8') as f:
                f.write('\n'.join(out) + '\n')

main()
