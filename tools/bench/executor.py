"""The executor alone: the TPC-H queries over tables in memory, beside PostgreSQL and DuckDB, answers compared.

    executor.py HOPLUU CATALOG PG-CONNINFO CSV-DIRECTORY [QUERY...]

CATALOG has the eight foreign tables in schema public; they become temporary tables first. PG-CONNINFO's database has
them, indexed and analysed, in schema tpch. CSV-DIRECTORY holds TABLE.csv for DuckDB; "-" leaves it out. The engines take
turns; the least of BENCH_RUNS runs (default 5) counts. Each has BENCH_THREADS threads (default 2).
"""
import glob
import math
import os
import re
import subprocess
import sys
import time

HOPLUU, CATALOG, CONNINFO, CSV = sys.argv[1:5]
HERE = os.path.dirname(os.path.abspath(__file__))
QUERIES = sorted(glob.glob(os.path.join(HERE, "../../tests/oracle/tpch/q*.sql")))
RUNS = int(os.environ.get("BENCH_RUNS", "5"))
THREADS = int(os.environ.get("BENCH_THREADS", "2"))
TABLES = ["region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem"]
TIME = re.compile(r"^Time: ([0-9.]+) ms")


class Shell:
    """A client program that prints `Time: N ms` after each statement."""

    def __init__(self, command, env=None):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True, bufsize=1, env=env)

    def run(self, sql):
        self.process.stdin.write(sql.strip() + "\n")
        self.process.stdin.flush()
        rows = []
        for line in self.process.stdout:
            m = TIME.match(line)
            if m:
                return float(m.group(1)), rows
            rows.append(line.rstrip("\n").split("\t"))
        raise SystemExit("the client ended: " + "\n".join("\t".join(r) for r in rows[-5:]))


class Duck:
    def __init__(self, directory):
        import duckdb
        self.db = duckdb.connect()
        self.version = duckdb.__version__
        self.db.execute(f"SET threads = {THREADS}")
        with open(os.path.join(directory, "schema.sql")) as f:
            self.db.execute(f.read())
        for t in TABLES:
            self.db.execute(f"COPY {t} FROM '{directory}/{t}.csv' (HEADER false, DELIMITER ',', QUOTE '\"')")

    def run(self, sql):
        start = time.perf_counter()
        rows = self.db.execute(sql).fetchall()
        return (time.perf_counter() - start) * 1e3, [["" if v is None else str(v) for v in r] for r in rows]


def alike(a, b):
    """Texts equal but for blanks at the end, numbers but for the last digits."""
    if a.rstrip() == b.rstrip():
        return True
    try:
        x, y = float(a), float(b)
    except ValueError:
        return False
    return abs(x - y) <= 1e-6 * max(abs(x), abs(y))


def same(a, b):
    return len(a) == len(b) and all(len(r) == len(s) and all(map(alike, r, s)) for r, s in zip(a, b))


def mean(ratios):
    return math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else float("nan")


def main():
    ours = Shell([HOPLUU, "shell", "--catalog", CATALOG, "--format", "tsv", "--no-header", "--timing", "-q", "--threads",
                  str(THREADS), "-f", "-"])
    pg = Shell(["psql", "-X", "-q", "-A", "-t", "-F", "\t", CONNINFO])
    load = sum(ours.run(f"CREATE TEMP TABLE {t} AS SELECT * FROM public.{t};")[0] for t in TABLES)
    pg.process.stdin.write("\\timing on\n")
    pg.run("SET search_path = tpch;")
    pg.run(f"SET max_parallel_workers_per_gather = {THREADS};")
    pg.run("SET jit = off;")
    duck = Duck(CSV) if CSV != "-" else None
    print(f"   temporary tables made in {load / 1000:.1f} s; DuckDB {duck.version if duck else 'left out'}; ms, "
          f"{THREADS} threads, the least of {RUNS} runs", flush=True)
    print(f"{'':4} {'rows':>6} {'ours':>9} {'PostgreSQL':>10} {'DuckDB':>9} {'pg/us':>7} {'duck/us':>7}  answers")
    to_pg, to_duck, wins, wrong = [], [], 0, 0
    for path in QUERIES:
        name = os.path.basename(path)[:-4]
        if len(sys.argv) > 5 and name not in sys.argv[5:]:
            continue
        with open(path) as f:
            sql = f.read()
        engines = [ours, pg] + ([duck] if duck else [])
        best, rows = [math.inf] * 3, [None] * 3
        for i in range(RUNS + 1):
            for k, e in enumerate(engines):
                if k == 1 and i > 2:
                    continue  # PostgreSQL: slow, and steady
                ms, rows[k] = e.run(sql)
                best[k] = min(best[k], ms) if i else math.inf  # the first run only warms up
        verdict = "same" if same(rows[0], rows[1]) else "DIFFERENT from PostgreSQL"
        if duck and not same(rows[0], rows[2]):
            verdict += ", DuckDB differs"
        wrong += verdict.startswith("DIFF")
        to_pg.append(best[1] / best[0])
        wins += best[1] > best[0]
        if duck:
            to_duck.append(best[2] / best[0])
        print(f"{name:4} {len(rows[0]):6} {best[0]:9.1f} {best[1]:10.1f} {best[2]:9.1f} {to_pg[-1]:7.2f} "
              f"{best[2] / best[0]:7.2f}  {verdict}", flush=True)
    print(f"{'':4} faster than PostgreSQL on {wins} of {len(to_pg)}; geometric means: PostgreSQL/us {mean(to_pg):.2f}, "
          f"DuckDB/us {mean(to_duck):.2f}")
    sys.exit(1 if wrong else 0)


main()
