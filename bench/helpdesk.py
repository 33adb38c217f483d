"""Measure how long staff wait for a search, in a district with so many parents.

Run `python -m bench.helpdesk --database postgresql://... [--parents N]`; the database must be empty. Each
parent has an account, a contact in the records and one child; some family names are much more common than
others, as everywhere. The table goes to the terminal, the figures to docs/benchmarks.md.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg
from sqlalchemy import Engine

from bench.report import Measured, Row, Table, keep
from portal.accounts.called import words_of
from portal.accounts.passwords import Argon2Hasher
from portal.core.clock import SystemClock
from portal.core.database import microseconds, open_engine
from portal.core.keys import Keys
from portal.core.outcomes import Refused
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Role
from portal.migrations import tables
from portal.sis.finding import contact_keys
from portal.transaction import Portal

SCHOOLS = 400
SEARCHES = 60
DISTRICT = {"name": "Bench", "portal_url": "https://example.org/public", "time_zone": "America/New_York"}
LETTERS = "malorisanetakovidupegalemirobacinofejuhazawoky"
SYLLABLES = [LETTERS[at : at + 2] for at in range(0, len(LETTERS), 2)]


def main() -> None:
    """Fill a district, search it in every way, and print how long each took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parents", type=int, default=1_000_000)
    parser.add_argument("--database", required=True, help="an empty PostgreSQL database")
    parser.add_argument("--filled", action="store_true", help="an earlier run filled the database")
    options = parser.parse_args()
    engine = open_engine(options.database)
    portal = Portal(engine, clock=SystemClock(), keys=Keys(b"x" * 32), hasher=Argon2Hasher())
    if not options.filled:
        fill(options.database, engine, portal, options.parents)
    figures = [measure(portal, options.parents, *way) for way in ways()]
    portal.close()
    engine.dispose()
    print(f"{'search':>24} {'p50 ms':>8} {'p95 ms':>8} {'most ms':>8} {'found':>6}")
    for f in figures:
        print(f"{f['search']:>24} {f['p50']:>8.1f} {f['p95']:>8.1f} {f['most']:>8.1f} {f['found']:>6.1f}")
    keep("helpdesk", told(figures, options.parents))


def told(searches: Sequence[Row], parents: int) -> Measured:
    """Return the searches as they are kept."""
    note = f"Milliseconds of one search among {parents:,} parents on PostgreSQL, and how many it found."
    how = f"python -m bench.helpdesk --database postgresql://... --parents {parents}"
    return Measured("Searching at the help desk", how, [Table("", searches)], note=note)


def name_of(number: int) -> tuple[str, str]:
    """Return a parent's name; a few family names are those of very many."""
    # Spread evenly, then bent: the first ranks are those of very many.
    spread = number * 2_654_435_761 % 2**32 / 2**32
    rank = int((1 - spread) ** (-1 / 0.7)) % 20_000
    given = "".join(SYLLABLES[(number // step) % len(SYLLABLES)] for step in (1, 23, 529)[: 2 + number % 2])
    family = "".join(SYLLABLES[(rank // step) % len(SYLLABLES)] for step in (1, 23, 529)) + "ez"
    return given.capitalize(), family.capitalize()


def phone_of(number: int) -> str:
    """Return a parent's telephone number."""
    return f"({200 + number // 10_000_000}) {number // 10_000 % 1000:03}-{number % 10_000:04}"


def fill(url: str, engine: Engine, portal: Portal, parents: int) -> None:
    """Copy the rows of all parents into the tables."""
    began = time.perf_counter()
    tables.METADATA.create_all(engine)
    with portal.begin() as tx:
        tx.districts.apply("bench", DISTRICT, "1")
    address = url.replace("postgresql+psycopg://", "postgresql://", 1)
    now = microseconds(SystemClock().now())
    with psycopg.connect(address) as connection:
        for table, rows in made(parents, now).items():
            _copy(connection, table, rows)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection_:
        connection_.exec_driver_sql("analyze")
    print(f"{parents} parents made up in {time.perf_counter() - began:.0f} s", flush=True)


def made(parents: int, now: int) -> dict[str, Iterator[dict[str, Any]]]:
    """Return the rows of each table, made as they are read."""
    numbers = range(parents)
    return {
        "accounts": (_account(number, now) for number in numbers),
        "account_names": (
            {"account_id": f"a{number}", "word": word, "district_id": "bench"}
            for number in numbers
            for word in words_of(" ".join(name_of(number)))
        ),
        "sis_students": (_student(number) for number in numbers),
        "sis_contacts": (_contact(number) for number in numbers),
        "links": (_link(number, now) for number in numbers),
    }


def _account(number: int, now: int) -> dict[str, Any]:
    given, family = name_of(number)
    address = f"{given.lower()}.{family.lower()}{number}@families.example"
    return {
        "account_id": f"a{number}",
        "district_id": "bench",
        "username": f"{family.lower()}{number}",
        "username_key": f"{family.lower()}{number}",
        "display_name": f"{given} {family}",
        "email": address,
        "email_key": address,
        "email_confirmed_at": now,
        "contact_id": f"c{number}",
        "password_hash": "",
        "password_changed_at": now,
        "password_expired": False,
        "created_at": now,
    }


def _student(number: int) -> dict[str, Any]:
    given, family = name_of(number)
    school = f"o{number % SCHOOLS}"
    return {
        **_sis(f"s{number}"),
        "identifier": f"{1_000_000 + number}",
        "given_name": given,
        "middle_name": "",
        "family_name": family,
        "grade": "05",
        "school_id": school,
        "school_ids": json.dumps([school]),
        "enabled": True,
    }


def _contact(number: int) -> dict[str, Any]:
    given, family = name_of(number)
    row = {
        **_sis(f"c{number}"),
        "identifier": f"c{number}",
        "given_name": given,
        "middle_name": "",
        "family_name": family,
        "role": "guardian",
        "email": f"{given.lower()}{number}@mailbox.example",
        "phone": phone_of(number),
        "sms": "",
        "enabled": True,
    }
    return {**row, **contact_keys(row)}


def _sis(own: str) -> dict[str, Any]:
    return {"district_id": "bench", "id": own, "digest": b"", "source_id": own}


def _link(number: int, now: int) -> dict[str, Any]:
    return {
        "link_id": f"l{number}",
        "district_id": "bench",
        "account_id": f"a{number}",
        "student_id": f"s{number}",
        "relationship": "mother",
        "linked_at": now,
    }


def _copy(connection: psycopg.Connection[Any], table: str, rows: Iterator[dict[str, Any]]) -> None:
    first = next(rows)
    columns = ", ".join(f'"{name}"' for name in first)
    with connection.cursor() as cursor, cursor.copy(f"copy {table} ({columns}) from stdin") as copy:
        copy.write_row(tuple(first.values()))
        for row in rows:
            copy.write_row(tuple(row.values()))
    connection.commit()


def ways() -> Iterator[tuple[str, StaffMember, Callable[[int], str]]]:
    """Return each way to search: what it is called, who searches, and what is typed for a parent."""
    desk = StaffMember("staff", "bench", "Dana", "d@schools.example", Role.DESK)
    school = StaffMember(
        "school", "bench", "Sam", "s@schools.example", Role.SCHOOL_ADMINISTRATOR, frozenset({"o7"})
    )
    yield "username", desk, lambda number: f"{name_of(number)[1].lower()}{number}"
    yield "beginning of a username", desk, lambda number: f"{name_of(number)[1].lower()}{number}"[:5]
    yield "e-mail", desk, lambda number: f"{name_of(number)[0].lower()}{number}@mailbox.example"
    yield "family name", desk, lambda number: name_of(number)[1]
    yield "three letters of a name", desk, lambda number: name_of(number)[1][:3]
    yield "both names", desk, lambda number: " ".join(name_of(number))
    yield "beginnings of both names", desk, lambda number: " ".join(name[:3] for name in name_of(number))
    yield "student number", desk, lambda number: str(1_000_000 + number)
    yield "phone", desk, phone_of
    yield "beginning of a phone", desk, lambda number: phone_of(number)[:9]
    yield "nobody", desk, lambda number: f"qx{number}"
    yield "name, one school's staff", school, lambda number: name_of(number)[1]
    yield "two letters, one school", school, lambda number: name_of(number)[1][:2]


def measure(
    portal: Portal, parents: int, search: str, member: StaffMember, typed: Callable[[int], str]
) -> dict[str, Any]:
    """Search for many parents in one way."""
    took, found = [], []
    for turn in range(SEARCHES):
        text = typed(turn * 15_485_863 % parents)
        began = time.perf_counter()
        with portal.begin() as tx:
            outcome = tx.parent_search.search(member, text)
        took.append((time.perf_counter() - began) * 1000)
        if isinstance(outcome, Refused):
            message = f"{search}: {outcome}"
            raise SystemExit(message)
        found.append(len(outcome.parents))
    p95 = statistics.quantiles(took, n=20)[-1]
    return {
        "search": search,
        "p50": statistics.median(took),
        "p95": p95,
        "most": max(took),
        "found": statistics.mean(found),
    }


if __name__ == "__main__":
    main()
