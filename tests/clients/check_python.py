"""psycopg2, psycopg 3 and asyncpg against `hopluu serve`: the same questions through each, simple and prepared, text and binary.
usage: check_python.py PORT; prints one line per failure and ends with "N passed, N failed"."""
import asyncio
import datetime
import decimal
import sys
import uuid

import asyncpg
import psycopg
import psycopg2

PORT = int(sys.argv[1])
WHERE = dict(host="127.0.0.1", port=PORT, user="an", password="mật khẩu", dbname="hopluu", sslmode="require")
passed = failed = 0

UTC = datetime.timezone.utc
D = decimal.Decimal
# SQL, value as Python has it; each also goes there and back as a parameter where the type has one form
VALUES = [
    ("1::smallint", 1), ("(-2147483648)::int", -2147483648), ("9223372036854775807::bigint", 9223372036854775807),
    ("0.1::float8", 0.1), ("1.5::real", 1.5), ("true", True), ("NULL::text", None),
    ("'Nguyễn Thị Ánh'::text", "Nguyễn Thị Ánh"), ("''::text", ""), ("repeat('đ', 5000)", "đ" * 5000),
    ("1.50::numeric", D("1.50")), ("-12345678.000100::numeric", D("-12345678.000100")), ("0::numeric", D(0)),
    ("0.00001::numeric", D("0.00001")), ("10000::numeric", D(10000)), ("99999999999999999999.9999::numeric", D("99999999999999999999.9999")),
    ("12345678901234567890123456789012345678::numeric", D("12345678901234567890123456789012345678")),
    ("date '2024-02-29'", datetime.date(2024, 2, 29)), ("date '1582-10-15'", datetime.date(1582, 10, 15)),
    ("time '23:59:59.999999'", datetime.time(23, 59, 59, 999999)),
    ("timestamp '2020-01-02 03:04:05.678901'", datetime.datetime(2020, 1, 2, 3, 4, 5, 678901)),
    ("timestamptz '2020-01-02 03:04:05+07'", datetime.datetime(2020, 1, 1, 20, 4, 5, tzinfo=UTC)),
    ("interval '1 day 2 hours'", datetime.timedelta(days=1, hours=2)),
    ("'00112233-4455-6677-8899-aabbccddeeff'::uuid", uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")),
    ("'f0112233-4455-6677-8899-aabbccddeeff'::uuid", uuid.UUID("f0112233-4455-6677-8899-aabbccddeeff")),
]


def check(name, got, want):
    global passed, failed
    if isinstance(got, memoryview):
        got = bytes(got)
    if got == want and (isinstance(got, type(want)) or want is None or isinstance(want, (int, float))):
        passed += 1
    else:
        failed += 1
        print(f"FAILED: {name}: {got!r} instead of {want!r}")


def check_psycopg2():
    c = psycopg2.connect(**WHERE)
    cur = c.cursor()
    for sql, want in VALUES:
        cur.execute("SELECT " + sql)
        got = cur.fetchone()[0]
        check("psycopg2 " + sql, uuid.UUID(got) if isinstance(want, uuid.UUID) else got, want)
    cur.execute("SELECT id, name FROM l.person WHERE name LIKE %s ORDER BY id", ("Ng%",))
    check("psycopg2 rows", cur.fetchall(), [(1, "Nguyễn Văn An"), (3, "Nguyen")])
    for sql, state in (("SELECT 1/0", "22012"), ("SELECT 1", "25P02")):
        try:
            cur.execute(sql)
            check("psycopg2 " + sql, None, state)
        except psycopg2.Error as e:
            check("psycopg2 " + sql, e.pgcode, state)
    c.rollback()
    cur.execute("SELECT 1")
    check("psycopg2 after rollback", cur.fetchone()[0], 1)
    c.close()


def check_psycopg3():
    with psycopg.connect(**WHERE) as c:
        for binary in (False, True):
            cur = c.cursor(binary=binary)
            for sql, want in VALUES:
                got = cur.execute("SELECT " + sql).fetchone()[0]
                check(f"psycopg {binary} {sql}", got, want)
                if want is not None and not isinstance(want, datetime.timedelta):
                    kind = c.execute("SELECT pg_typeof(" + sql + ")").fetchone()[0]
                    got = cur.execute(f"SELECT %b::{kind}" if binary else f"SELECT %t::{kind}", (want,)).fetchone()[0]
                    check(f"psycopg {binary} {sql} and back", got, want)
        for i in range(12):  # becomes a prepared statement on the way
            got = c.execute("SELECT id FROM l.person WHERE id = %s", (i % 3 + 1,)).fetchone()[0]
            check("psycopg prepared", got, i % 3 + 1)
        with c.pipeline():
            cursors = [c.execute("SELECT %s::int * 2", (i,)) for i in range(50)]
            for i, cur in enumerate(cursors):
                check("psycopg pipeline", cur.fetchone()[0], 2 * i)
        c.execute("SAVEPOINT a")
        try:
            c.execute("SELECT nothing")
        except psycopg.Error as e:
            check("psycopg error", e.sqlstate, "42703")
        c.execute("ROLLBACK TO a")
        check("psycopg after a savepoint", c.execute("SELECT 5").fetchone()[0], 5)


async def check_asyncpg():
    c = await asyncpg.connect(host=WHERE["host"], port=PORT, user="an", password=WHERE["password"], database="hopluu", ssl="require")
    for sql, want in VALUES:
        check("asyncpg " + sql, await c.fetchval("SELECT " + sql), want)
    s = await c.prepare("SELECT name FROM l.person WHERE id = $1")
    check("asyncpg prepared", [await s.fetchval(i) for i in (1, 2, 3, 9)], ["Nguyễn Văn An", "Trần", "Nguyen", None])
    async with c.transaction():
        n = 0
        async for _ in c.cursor("SELECT a.id FROM l.person a, l.person b, l.person c, l.person d, l.person e", prefetch=50):
            n += 1
        check("asyncpg cursor", n, 243)
    try:
        await c.fetchval("SELECT $1::int / 0", 1)
    except asyncpg.PostgresError as e:
        check("asyncpg error", e.sqlstate, "22012")
    await c.close()


check_psycopg2()
check_psycopg3()
asyncio.run(check_asyncpg())
print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0)
