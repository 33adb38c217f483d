"""Measure the regular mails of a morning: put into the outbox, and passed by a mail that somebody waits for.

Run `python -m bench.notifications --database postgresql://... [--mails N] [--handed N]`; the database must be
empty. Without --database it runs on SQLite in a new file. The families are those of the demo, each child
with as many parents as it takes. The table goes to the terminal, the figures to docs/benchmarks.md.
"""

import argparse
import asyncio
import logging
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import insert, select

from bench.report import Measured, Row, Table, keep
from bot.conversation.project import load_project
from bot.conversation.wording import Wording
from bot.mail.letters import Letter, Letters
from bot.mail.postman import Postman
from bot.mail.words import MailPacks
from portal.accounts.models import AccountRow, LinkRow
from portal.accounts.passwords import Argon2Hasher
from portal.core.clock import SystemClock
from portal.core.database import Base, open_engine
from portal.core.keys import Keys
from portal.core.outbox import MailKind, To
from portal.delivery.outcomes import Handover, Sent
from portal.records.models import NotificationRow
from portal.sis.models import Student
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
LOT = 5000
DISTRICT = {
    "name": "Bench",
    "portal_url": "https://example.org/public",
    "time_zone": "America/New_York",
    "public_base_url": "https://help.schools.example",
    "school_bulletin": True,
    "lunch_balance": True,
}
SUBJECTS = "grades assignments attendance bulletin balance"


class Watch:
    """Take so many letters, and note when each came and whether somebody waited for it."""

    def __init__(self) -> None:
        """Start with none."""
        self.at: list[tuple[float, bool]] = []

    async def hand_over(self, letter: Letter) -> Handover:
        """Take one letter."""
        self.at.append((time.perf_counter(), letter.unsubscribe is None))
        return Sent()

    async def rest(self) -> None:
        """Hold nothing open."""


def main() -> None:
    """Measure, print the table and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=100_000)
    parser.add_argument("--handed", type=int, default=500, help="so many of them are handed over")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--database", help="an empty PostgreSQL database; without it SQLite in a new file")
    options = parser.parse_args()
    logging.disable(logging.INFO)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory(prefix="hallpass-bench-") as folder:
        engine = open_engine(options.database or f"sqlite:///{folder}/bench.db")
        Base.metadata.create_all(engine)
        portal = Portal(engine, clock=SystemClock(), keys=Keys(b"x" * 32), hasher=Argon2Hasher())
        let_fall_due(portal, options.mails)
        row = {"database": engine.dialect.name, "mails": options.mails, "workers": options.workers}
        row["put_per_second"] = round(options.mails / put_all(portal, options.workers))
        row |= asyncio.run(hand_over(portal, options.handed))
        portal.close()
        engine.dispose()
    for name, value in row.items():
        print(f"{name:24}{value:>14}")
    keep(f"notifications-{row['database']}", told(row))


def told(row: Row) -> Measured:
    """Return the figures of one database as they are kept."""
    on_postgresql = " --database postgresql://..." if row["database"] == "postgresql" else ""
    how = f"python -m bench.notifications --mails {row['mails']}{on_postgresql}"
    return Measured(f"A morning of regular mails, {row['database']}", how, [Table("", [row])])


def let_fall_due(portal: Portal, count: int) -> None:
    """Give each child of the demo as many parents as it takes for so many mails to be due now."""
    with portal.begin() as tx:
        tx.districts.apply("bench", DISTRICT, "1")
        tx.imports.run("bench", OneRosterFolderOrZip(DATA / "demo" / "westborough"))
        students = list(tx.session.scalars(select(Student.id).where(Student.district_id == "bench")))
    for start in range(0, count, LOT):
        with portal.begin() as tx:
            numbers = range(start, min(start + LOT, count))
            accounts = [_account(number, tx.now) for number in numbers]
            tx.session.execute(insert(AccountRow), accounts)
            pairs = [(row["account_id"], students[n % len(students)]) for n, row in enumerate(accounts)]
            tx.session.execute(insert(LinkRow), [_link(*pair, tx.now) for pair in pairs])
            tx.session.execute(insert(NotificationRow), [_notification(*pair, tx.now) for pair in pairs])


def _account(number: int, now: Any) -> dict[str, Any]:
    name = f"parent{number}"
    address = f"{name}@mailbox.example"
    return {
        "account_id": uuid4().hex,
        "district_id": "bench",
        "username": name,
        "username_key": name,
        "display_name": "Parent",
        "email": address,
        "email_key": address,
        "email_confirmed_at": now,
        "password_hash": "",
        "password_changed_at": now,
        "created_at": now,
    }


def _link(account: str, student: str, now: Any) -> dict[str, Any]:
    return {
        "link_id": uuid4().hex,
        "district_id": "bench",
        "account_id": account,
        "student_id": student,
        "relationship": "mother",
        "linked_at": now,
    }


def _notification(account: str, student: str, now: Any) -> dict[str, Any]:
    return {
        "notification_id": account,
        "district_id": "bench",
        "account_id": account,
        "student_id": student,
        "subjects": SUBJECTS,
        "frequency": "weekly",
        "in_chat": "none",
        "digest": bytes.fromhex(account).ljust(32),
        "due_at": now,
        "chosen_at": now - timedelta(days=7),
    }


def put_all(portal: Portal, workers: int) -> float:
    """Let so many workers put all that is due; return the seconds."""

    def work() -> None:
        count = 1
        while count:
            with portal.begin() as tx:
                count = tx.notifications_due.put_due()

    threads = [Thread(target=work) for _ in range(workers)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started


async def hand_over(portal: Portal, count: int) -> dict[str, Any]:
    """Carry regular mails, and in the middle of it one that somebody waits for."""
    watch = Watch()
    wording = Wording(load_project(ROOT / "intents", DATA, ROOT / "config.yml"))
    postman = Postman(portal, Letters(MailPacks(DATA), None, wording), watch)
    async with postman.working():
        started = time.perf_counter()
        await _reached(watch, count // 2)
        with portal.begin() as tx:
            tx.outbox.put("bench", MailKind.PASSWORD_CHANGED, To("parent@mailbox.example"))
        waits_since = time.perf_counter()
        await _reached(watch, count)
        seconds = time.perf_counter() - started
    passed = next(at for at, is_waited_for in watch.at if is_waited_for)
    return {
        "handed_over_per_second": round(count / seconds),
        "account_mail_waits_ms": round(1000 * (passed - waits_since), 1),
    }


async def _reached(watch: Watch, count: int) -> None:
    while len(watch.at) < count:  # noqa: ASYNC110  (nothing may be added to what is measured)
        await asyncio.sleep(0.005)


if __name__ == "__main__":
    main()
