#!/usr/bin/python3
"""Random agreements, random queries: what a user gets under agreements is what the same query gives on a database that
physically holds only the permitted, masked rows (made by PostgreSQL from the same conditions and masks).

usage: property.py HOPLUU DIR PG_PORT [agreements] [queries each] [seed]
"""
import os, random, subprocess, sys

HOPLUU, DIR, PORT = sys.argv[1:4]
AGREEMENTS, QUERIES, SEED = (int(a) if a else d for a, d in zip((sys.argv[4:] + [""] * 3)[:3], (25, 40, 1)))
R = random.Random(SEED)
PERSON = ["personal_id", "name", "province", "phone", "salary", "birth"]
MASKS = {
    "personal_id": ["mask_province(personal_id)", "NULL"], "name": ["left(name, 1) || '.'", "NULL", "'someone'"],
    "province": ["upper(left(province, 1))", "NULL"], "phone": ["mask_last_four(phone)", "NULL"],
    "salary": ["mask_round(salary, 1000)", "NULL", "CASE WHEN salary > 3000 THEN 3000 ELSE salary END"],
    "birth": ["mask_year(birth)", "NULL"],
}
CONDITIONS = [None, "province = 'HN'", "salary < 3000", "province IN ('HN', 'HC') AND salary > 500", "birth >= DATE '1990-01-01'",
              "name LIKE 'N%'", "phone IS NULL OR salary IS NULL", "province <> 'HN'", "length(name) > 3",
              "EXISTS (SELECT 1 FROM {s}.visit v WHERE v.personal_id = person.personal_id)",
              "personal_id IN (SELECT v.personal_id FROM {s}.visit v WHERE v.cost > 20)",
              "salary > (SELECT avg(cost) FROM {s}.visit)", "false", "province = current_province()"]
FUNCTIONS = """
CREATE FUNCTION mask_last_four(t text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT CASE WHEN length(t) > 4 THEN repeat('*', length(t) - 4) || right(t, 4) ELSE repeat('*', length(t)) END $$;
CREATE FUNCTION mask_year(d date) RETURNS date LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT date_trunc('year', d)::date $$;
CREATE FUNCTION mask_province(t text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
  $$ SELECT CASE WHEN t ~ '^[0-9]{12}$' THEN left(t, 3) || '*********' ELSE '***' END $$;
CREATE FUNCTION mask_round(v int, step int) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT floor(v::numeric / step)::int * step $$;
CREATE FUNCTION current_province() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'HC'::text $$;
"""


def psql(sql):
    p = subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", PORT, "-U", "hopluu", "-d", "test"],
                       input="SET client_min_messages = error;" + sql, text=True, capture_output=True, env={**os.environ, "PGPASSWORD": "hopluu"})
    if p.returncode:
        sys.exit(f"PostgreSQL: {p.stderr}\n{sql[:2000]}")


def shell(catalog, text, user=None, settings=()):
    cmd = [HOPLUU, "shell", "--catalog", f"{DIR}/{catalog}", "--quiet", "--format", "csv", "--keep-going", "--null", "~"]
    cmd += ["--as", user] if user else []
    for s in settings:
        cmd += ["--set", s]
    name = f"{DIR}/property.sql"
    with open(name, "w") as f:
        f.write(text)
    p = subprocess.run(cmd + ["-f", name], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    # where an error stands and what is suggested may differ: the tables have other columns
    return [x for x in p.stdout.split("\n") if not x.startswith(("HINT", "line ", " ", "…"))]


def value(t):
    if R.random() < 0.15:
        return None
    return {"id": lambda: f"{R.choice([1, 79]):03d}0{R.randint(80, 99)}{R.randint(0, 999999):06d}", "name": lambda: R.choice(["An", "Bình", "Nam", "Ngọc", "Lê Chi", ""]),
            "province": lambda: R.choice(["HN", "HC", "ĐN"]), "phone": lambda: f"09{R.randint(0, 99999999):08d}"[:R.choice([10, 10, 3])],
            "salary": lambda: R.randint(-2000, 6000), "birth": lambda: f"{R.randint(1960, 2005)}-{R.randint(1, 12):02d}-{R.randint(1, 28):02d}"}[t]()


def literal(v):
    return "NULL" if v is None else str(v) if isinstance(v, int) else "'" + v.replace("'", "''") + "'"


def setup():
    people = []
    rows = []
    for i in range(60):
        pid = value("id") or f"00109{i:07d}"
        people.append(pid)
        rows.append("(" + ", ".join([literal(pid)] + [literal(value(c)) for c in PERSON[1:]]) + ")")
    visits = [f"({i}, {literal(R.choice(people))}, {literal(R.choice([None, 5, 10, 20, 40, 900]))})" for i in range(80)]
    psql("DROP SCHEMA IF EXISTS whole CASCADE; CREATE SCHEMA whole; SET search_path = whole;"
         "CREATE TABLE person (personal_id text, name text, province text, phone text, salary int, birth date);"
         "CREATE TABLE visit (id int, personal_id text, cost int);"
         f"INSERT INTO person VALUES {', '.join(rows)}; INSERT INTO visit VALUES {', '.join(visits)};")


def catalog(name, schema, columns, agency=""):
    server = (f"CREATE SERVER src TYPE 'postgresql' OPTIONS (host '127.0.0.1', port '{PORT}', dbname 'test'{agency});"
              "CREATE USER MAPPING FOR PUBLIC SERVER src OPTIONS (user 'hopluu', password 'hopluu'); CREATE SCHEMA s;")
    types = {"salary": "int", "birth": "date"}
    cols = ", ".join(f"{c} {types.get(c, 'text')}" for c in columns)
    return server + (f"CREATE FOREIGN TABLE s.person ({cols}) SERVER src OPTIONS (schema_name '{schema}', table_name 'person');"
                     f"CREATE FOREIGN TABLE s.visit (id int, personal_id text, cost int) SERVER src OPTIONS (schema_name '{schema}', table_name 'visit');")


def rank(form):
    return 0 if form is None else 2 if form == "NULL" else 1


def one_agreement(n):
    """Grants of one to three agreements; the physical twin; both catalogs. → columns that can be read"""
    grants = []
    for _ in range(R.choice([1, 1, 2, 3])):
        cols = R.sample(PERSON, R.randint(2, len(PERSON)))
        masks = {c: R.choice(MASKS[c]) for c in cols if R.random() < 0.35}
        grants.append((R.choice(CONDITIONS), cols, masks))
    readable = [c for c in PERSON if any(c in g[1] for g in grants)]
    conditions = [g[0] and g[0].format(s="whole") for g in grants]
    where = "true" if None in conditions else " OR ".join(f"({c})" for c in conditions)
    exprs = []
    for c in readable:
        forms = sorted([(rank(g[2].get(c)), i) for i, g in enumerate(grants) if c in g[1]])
        text = "".join(f" WHEN {'(' + conditions[i] + ')' if conditions[i] else 'true'} THEN {grants[i][2].get(c, c) }" for _, i in forms)
        kind = "int" if c == "salary" else "date" if c == "birth" else "text"
        exprs.append(f"(CASE{text} END)::{kind} AS {c}")
    psql("DROP SCHEMA IF EXISTS twin CASCADE; CREATE SCHEMA twin; SET search_path = twin, whole;" + FUNCTIONS +
         f"CREATE TABLE twin.person AS SELECT {', '.join(exprs)} FROM whole.person WHERE {where};"
         "CREATE TABLE twin.visit AS SELECT * FROM whole.visit WHERE cost < 100;")
    subprocess.run(["rm", "-rf", f"{DIR}/shared", f"{DIR}/twin"])
    text = "CREATE AGENCY a; CREATE AGENCY b; CREATE PURPOSE p; CREATE USER u AGENCY b PURPOSE p PROVINCE 'HC';" + catalog("shared", "whole", PERSON, ", agency 'a'")
    for i, (condition, cols, masks) in enumerate(grants):
        text += f"CREATE AGREEMENT g{i} FROM AGENCY a TO AGENCY b FOR PURPOSE p; GRANT SELECT ({', '.join(cols)}) ON s.person UNDER g{i}"
        text += (f" WHERE {condition.format(s='s')}" if condition else "") + "".join(f" MASK {c} WITH {m}" for c, m in masks.items()) + ";"
    text += "GRANT SELECT ON s.visit UNDER g0 WHERE cost < 100;"
    for name, sql in (("shared", text), ("twin", catalog("twin", "twin", readable))):
        out = [x for x in shell(name, sql) if x]
        if out:
            sys.exit(f"agreement {n}: {out}\n{sql}")
    return readable, grants


def scalar(cols, p="p"):
    c = R.choice(cols)
    q = f"{p}.{c}"
    text = c not in ("salary", "birth")
    return R.choice([q, q, q] + ([f"length({q})", f"upper({q})", f"left({q}, 2)", f"coalesce({q}, '-')", f"{q} || 'x'", f"{q}::int"] if text else
                    [f"{q} / 7", f"-{q}", f"coalesce({q}, 0)", f"{q} % 3", f"1000 / {q}"] if c == "salary" else [f"extract(year FROM {q})", f"{q} + 1"]))


def condition(cols, p="p"):
    c = R.choice(cols)
    q = f"{p}.{c}"
    if c == "salary":
        return R.choice([f"{q} > 1000", f"{q} = 3000", f"{q} IS NULL", f"1 / {q} = 0", f"{q} BETWEEN 0 AND 2000", f"{q} <> ALL (SELECT cost FROM s.visit WHERE cost IS NOT NULL)"])
    if c == "birth":
        return R.choice([f"{q} < DATE '1990-01-01'", f"extract(month FROM {q}) = 1", f"{q} IS NOT NULL"])
    return R.choice([f"{q} LIKE '%1%'", f"{q} > 'H'", f"{q} IS NULL", f"{q} IN ('HN', 'An', 'N.')", f"length({q}) = 2", f"{q}::int > 0",
                     f"EXISTS (SELECT 1 FROM s.visit v WHERE v.personal_id = {q})", f"{q} NOT IN (SELECT personal_id FROM s.visit)"])


def query(cols):
    where = " WHERE " + R.choice([" AND ", " OR "]).join(condition(cols) for _ in range(R.choice([1, 1, 2]))) if R.random() < 0.6 else ""
    kind = R.randrange(9)
    a, b = scalar(cols), scalar(cols)
    if kind == 0:
        return f"SELECT * FROM s.person p{where} ORDER BY {', '.join(cols)}"
    if kind == 1:
        return f"SELECT {a} x, {b} y FROM s.person p{where} ORDER BY 1, 2"
    if kind == 2:
        return f"SELECT {a} x, count(*), min({b}), max({b}) FROM s.person p{where} GROUP BY 1 ORDER BY 1"
    if kind == 3:
        return f"SELECT DISTINCT {a} x FROM s.person p{where} ORDER BY 1"
    if kind == 4:
        c = R.choice([c for c in cols if c not in ("salary", "birth")] or cols)
        return f"SELECT p.{c}, v.cost FROM s.person p {R.choice(['', 'LEFT ', 'FULL ', 'RIGHT '])}JOIN s.visit v ON v.personal_id = p.{c}::text ORDER BY 1, 2, v.id"
    if kind == 5:
        return f"SELECT {a} x, row_number() OVER (ORDER BY {', '.join('p.' + c for c in cols)}) FROM s.person p{where} ORDER BY 2, 1"
    if kind == 6:
        return f"SELECT count(*) FROM s.person p JOIN s.person q ON p.{cols[0]} = q.{cols[0]}{where}"
    if kind == 7:
        return f"SELECT {a} x FROM s.person p{where} UNION {R.choice(['', 'ALL '])}SELECT {a} FROM s.person p WHERE {condition(cols)} ORDER BY 1"
    return f"WITH t AS {R.choice(['', 'MATERIALIZED ', 'NOT MATERIALIZED '])}(SELECT * FROM s.person) SELECT count(*), min({a}) FROM t p{where}"


def blocks(lines):
    out = []
    for line in lines:
        if line.startswith("===="):
            out.append([line])
        elif out and line:
            out[-1].append(line)
    return out


def is_error(block):
    return any(": ERROR " in line for line in block)


def main():
    passed = failed = errors = unreached = 0
    setup()
    for n in range(AGREEMENTS):
        cols, grants = one_agreement(n)
        text = "".join(f"\\echo ==== {q}\n{q};\n" for q in (query(cols) for _ in range(QUERIES)))
        settings = [f"pushdown={R.choice(['full', 'filter', 'off'])}", f"optimizer={R.choice(['on', 'on', 'off'])}", f"batch_size={R.choice([1, 7, 2048])}"]
        want, got = blocks(shell("twin", text)), blocks(shell("shared", text, "u", settings))
        for w, g in zip(want, got):
            # which of two errors comes first is nobody's promise; its text is withheld under agreements
            if w == g or (is_error(w) and is_error(g)):
                errors += is_error(w)
                passed += 1
                continue
            # nor in which order conditions are looked at, so whether one that fails is reached at all
            if is_error(w) != is_error(g) and ("::int" in w[0] or " / " in w[0]):
                unreached += 1
                continue
            failed += 1
            if failed <= 5:
                print(f"FAILED: agreement {n} of seed {SEED}, {settings}\n  {grants}\n  {w[0][5:]}\n  twin: {w[1:8]}\n  shared: {g[1:8]}")
        if len(want) != QUERIES or len(got) != QUERIES:
            failed += 1
            print(f"FAILED: agreement {n}: {len(want)} and {len(got)} answers to {QUERIES} queries")
    psql("DROP SCHEMA IF EXISTS whole CASCADE; DROP SCHEMA IF EXISTS twin CASCADE")
    if unreached * 50 > passed:
        failed += 1
        print(f"FAILED: {unreached} queries end in an error on one side alone")
    if errors * 3 > passed:
        failed += 1
        print(f"FAILED: {errors} of {passed} queries end in errors: the test says little")
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed != 0)


main()
