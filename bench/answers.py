"""Measure every question that a signed-in parent can ask, in a small and in a large district on PostgreSQL.

Run `python -m bench.answers [--server postgresql://...] [--students N] [--families N]`. Limits: p95 <= 60 ms
with 100,000 students and 1,000,000 attendance rows, the median within 1.3 x of that with 1,000 students; a
picture or paper <= 600 ms. "first" is the portal's own answer when a question is asked of a family for the
first time, whose rows the server then has yet to fetch; "answer" is the same asked again, so that it shows
whether the work grows; "turn" is a whole turn of the conversation; "file" is a picture or paper as it is
opened.
Without --server one is started for the run; on a given one the districts are kept and found again. The
figures go to docs/benchmarks.md.
"""

import argparse
import asyncio
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Any

from bench.districts import district_of
from bench.made_up import DISTRICT, PASSWORD
from bench.questions import ANSWERS, FILES, TURNS
from bench.report import ROOT, Goal, Measured, Row, Table, keep
from bot.bootstrap import Application, start
from bot.files.makers import makers
from bot.messages import Bearer, IncomingMessage
from bot.settings import read_settings
from portal.accounts.outcomes import SignedIn, SignIn
from portal.core.outcomes import Refused
from portal.core.secret import Secret
from portal.records.answers import Question
from portal.records.files import FileKind

FIRST, FILE = "first", "file"
SMALL, LARGE = 1_000, 100_000
WARMING = 3
LIMIT, FILE_LIMIT, MOST_GROWTH = 60.0, 600.0, 1.3
OPTIONS: dict[str, Any] = {
    "name": "Bench",
    "portal_url": "https://example.org/public",
    "time_zone": "America/New_York",
    "my_data": True,
    "school_bulletin": True,
    "lunch_balance": True,
}
Series = dict[str, list[float]]


@dataclass(slots=True)
class District:
    """Hold one district under measurement, and what it took."""

    students: int
    application: Application
    took: Series = field(default_factory=dict)

    def note(self, what: str, begun: float) -> None:
        """Keep the milliseconds since the beginning."""
        self.took.setdefault(what, []).append((time.perf_counter() - begun) * 1000)


def main() -> None:
    """Build what is missing, measure, print the table and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", help="a PostgreSQL server on which databases may be made")
    parser.add_argument("--students", type=int, default=LARGE)
    parser.add_argument("--families", type=int, default=60)
    options = parser.parse_args()
    with _server(options.server) as server, TemporaryDirectory() as folder:
        districts = [_opened(server, students, folder) for students in (SMALL, options.students)]
        asyncio.run(_measured(districts, options.families))
        for district in districts:
            district.application.close()
    rows = _rows(*districts)
    _print(rows)
    keep("answers", told(rows))


@contextmanager
def _server(given: str | None) -> Iterator[str]:
    if given:
        yield given
        return
    from tests.support.postgresql import embedded  # noqa: PLC0415  (only where none is given)

    with embedded() as url:
        yield url


def _opened(server: str, students: int, folder: str) -> District:
    """Open the district of so many students, made up first where the server has none."""
    settings = read_settings(
        {
            "HALLPASS_VAR": f"{folder}/{students}",
            "HALLPASS_DATABASE_URL": district_of(server, students),
            "HALLPASS_SECRET_KEY": "x" * 32,
            "HALLPASS_DISTRICT": DISTRICT,
            "HALLPASS_PUBLIC_URL": "https://help.schools.example",
        }
    )
    application = start(settings)
    with application.portal.begin() as tx:
        tx.districts.apply(DISTRICT, OPTIONS, "1")
    return District(students, application)


async def _measured(districts: list[District], families: int) -> None:
    """Ask everything of one family after the other, in both districts by turns."""
    for number in range(-WARMING, families):
        for district in districts:
            parent = number * 7919 % district.students
            conversation = uuid.uuid4().hex
            child = _sign_in(district, parent, conversation)
            _ask(district, conversation, child)
            _open_files(district, conversation, child)
            await _talk(district, parent, child)
    # The first families only warm the caches of the program; the first file of all loads its library.
    took = districts[0].took.items()
    firsts = {f"{what}, first": series[:1] for what, series in took if what.startswith(FILE)}
    for district in districts:
        for series in district.took.values():
            del series[:WARMING]
    districts[-1].took.update(firsts)


def _sign_in(district: District, parent: int, conversation: str) -> str:
    """Sign a parent in on a conversation; return the first name of a child."""
    request = SignIn(
        DISTRICT,
        f"parent{parent}",
        Secret(PASSWORD),
        source=conversation,
        conversation=conversation,
        channel="rest",
        request_id=conversation,
    )
    outcome = district.application.portal.sign_in(request)
    assert isinstance(outcome, SignedIn), outcome
    with district.application.portal.begin() as tx:
        students = tx.records.students(conversation)
    assert not isinstance(students, Refused)
    return students.children[0].first_name


def _ask(district: District, conversation: str, child: str) -> None:
    for name, answer in ANSWERS.items():
        for kind in (FIRST, "answer"):
            begun = time.perf_counter()
            with district.application.portal.begin() as tx:
                told = answer(tx, conversation, Question(student=child))
            district.note(f"{kind} {name}", begun)
            assert not isinstance(told, Refused), (name, told)


def _open_files(district: District, conversation: str, child: str) -> None:
    """Open each kind of file as a browser does: gathered in a transaction, drawn outside of it."""
    portal, making = district.application.portal, makers(ROOT / "data")
    for name, details in FILES.items():
        with portal.begin() as tx:
            path = tx.files.offer(conversation, FileKind(name.partition(" ")[0]), student=child, **details)
        assert not isinstance(path, Refused)
        begun = time.perf_counter()
        with portal.begin(read_only=True) as tx:
            opened = tx.files.open(path.removeprefix("/files/"))
            assert not isinstance(opened, Refused)
            draw = making[opened.kind](opened)
        assert not isinstance(draw, Refused), name
        draw()
        district.note(f"{FILE} {name}", begun)


async def _talk(district: District, parent: int, child: str) -> None:
    sender = uuid.uuid4().hex
    assistant = district.application.assistant

    async def say(words: str) -> None:
        replies = await assistant.take_turn(
            IncomingMessage("rest", sender, words, message_id=uuid.uuid4().hex, district=DISTRICT)
        )
        for reply in replies:
            if reply.secret:
                bearer = Bearer("rest", sender, sender)
                await assistant.submit_secret(reply.secret.ticket, {"password": PASSWORD}, bearer=bearer)

    for words in ("sign in", f"parent{parent}"):
        await say(words)
    for name, words in TURNS.items():
        begun = time.perf_counter()
        await say(words.format(child))
        district.note(f"turn {name}", begun)


def _percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def told(rows: Sequence[Row]) -> Measured:
    """Return the rows as they are kept."""
    files = [row for row in rows if str(row["what"]).startswith(FILE)]
    asked = [row for row in rows if row not in files]
    slowest = [max((float(row["p95_ms"] or 0) for row in part), default=0) for part in (asked, files)]
    grown = [float(row["p50_growth"] or 0) for row in rows if row["growth_limit"] != "-"]
    goals = [
        Goal("the slowest question, p95", slowest[0], "ms", at_most=LIMIT),
        Goal("the slowest file, p95", slowest[1], "ms", at_most=FILE_LIMIT),
        Goal("the median that grows most with the district", max(grown), "x", at_most=MOST_GROWTH),
    ]
    students = max(int(row["students"] or 0) for row in rows)
    how = f"python -m bench.answers --students {students}"
    return Measured("Every question in a large district", how, [Table("", rows)], goals)


def _rows(small: District, large: District) -> list[dict[str, Any]]:
    rows = []
    for what, values in large.took.items():
        row: dict[str, Any] = {"what": what, "students": large.students, "n": len(values)}
        for share in (0.5, 0.95, 0.99):
            row[f"p{round(share * 100)}_ms"] = round(_percentile(values, share), 1)
        row["limit_ms"] = FILE_LIMIT if what.startswith(FILE) else LIMIT
        for share in (0.5, 0.95):
            before = small.took.get(what)
            grown = _percentile(values, share) / _percentile(before, share) if before else None
            row[f"p{round(share * 100)}_growth"] = round(grown, 2) if grown else "-"
        is_bound = not what.startswith((FIRST, FILE))
        row["growth_limit"] = MOST_GROWTH if is_bound else "-"
        grows = is_bound and row["p50_growth"] > MOST_GROWTH
        row["kept"] = "no" if grows or row["p95_ms"] > row["limit_ms"] else "yes"
        rows.append(row)
    return rows


def _print(rows: list[dict[str, Any]]) -> None:
    keys = ("n", "p50_ms", "p95_ms", "p99_ms", "limit_ms", "p50_growth", "p95_growth", "growth_limit", "kept")
    print(f"{'':30}" + "".join(f"{key:>13}" for key in keys))
    for row in rows:
        print(f"{row['what']:30}" + "".join(f"{row[key]:>13}" for key in keys))


if __name__ == "__main__":
    main()
