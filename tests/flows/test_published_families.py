"""Answer the published families as their files say, whichever format they came in."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from actions.attendance import MOST_DAYS
from bot.conversation.turn import Assistant
from portal.sis.sources.recognising import source_at
from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.flows.conftest import WESTBOROUGH
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.counted_families import address_of, count_csv, count_xml
from tests.support.portals import make_district, make_parent
from tests.support.published import published

SETS = {
    "oneroster-1.1-grand-bend-families": count_csv,
    "edfi-5.2-grand-bend-families": count_xml,
}
ED_FI = "edfi-5.2-grand-bend-families"
# A contact of each student: with and without absences, late arrivals, classes, scores and tests.
CONTACTS = {
    "604822": "778167",
    "604940": "777794",
    "605430": "779245",
    "605302": "778213",
    "604856": "777927",
    "605594": "778142",
    "604878": "779046",
}
LISA, JAY, CALVIN, MORRIS = "604822", "605302", "605430", "604856"
AFTER_FALL = datetime(2021, 12, 17, 15, tzinfo=UTC)
AFTER_SPRING = datetime(2022, 5, 27, 15, tzinfo=UTC)
SignedIn = Callable[..., Awaitable[Chat]]


@pytest.fixture
def family_of(portal: Portal, clock: FakeClock, assistant: Assistant) -> SignedIn:
    """Import a set into a district of its own and sign a contact of a student in, on a day."""

    async def signed_in(name: str, student: str, now: datetime) -> Chat:
        clock.advance(seconds=(now - clock.now()).total_seconds())
        slug = name.partition("-")[0]
        make_district(portal, slug, **WESTBOROUGH)
        with portal.begin() as tx:
            tx.imports.run(slug, source_at(published(name)))
            child = tx.imports.find_student(slug, student)
            contact = tx.imports.find_contact(slug, CONTACTS[student])
        assert child is not None
        assert contact is not None
        make_parent(portal, slug, children=[child.id], contact_id=contact.id)
        chat = Chat(assistant, district=slug)
        await sign_in(chat)
        return chat

    return signed_in


def told_days(chat: Chat) -> list[str]:
    return re.findall(r"^- (\w+ \d+, \d+):", chat.text, re.MULTILINE)


def spoken(day: date) -> str:
    return f"{day:%b} {day.day}, {day.year}"


def times(number: int, one: str) -> str:
    return f"{number} {one}{'' if number == 1 else 's'}."


def split(excused: int, unexcused: int) -> str:
    """Return how the first line ends."""
    if excused and unexcused:
        return f", {excused} excused and {unexcused} unexcused."
    return ", excused." if excused else ", unexcused." if unexcused else "."


@pytest.mark.requirement("R92", "R95")
@pytest.mark.parametrize("student", CONTACTS)
@pytest.mark.parametrize("name", SETS)
async def test_absences_and_late_arrivals_are_those_of_the_files(
    family_of: SignedIn, name: str, student: str
) -> None:
    counted = SETS[name](student)
    chat = await family_of(name, student, AFTER_SPRING)

    await chat.say("How many days was my child absent since August 23?")
    absences, told = chat.text, told_days(chat)
    await chat.say("How often was my child late since August 23?")

    absent, unexcused = counted.absences(), len(counted.unexcused())
    assert absences.startswith(times(len(absent), "day"))
    assert split(len(absent) - unexcused, unexcused) in absences.splitlines()[0]
    assert set(told) <= {spoken(day) for day, _ in counted.days}
    assert len(set(told)) == min(len(absent), MOST_DAYS)
    assert chat.text.startswith(times(len(counted.arrivals), "time"))
    assert told_days(chat) == [spoken(day) for day, _ in sorted(counted.arrivals)]


@pytest.mark.requirement("R92")
@pytest.mark.parametrize("name", SETS)
async def test_work_is_that_of_the_files(family_of: SignedIn, name: str) -> None:
    counted = SETS[name](LISA)
    chat = await family_of(name, LISA, AFTER_FALL)

    await chat.say("assignment scores")
    told = dict(re.findall(r"^- (.+?), Algebra I.*: (\S+) (?:of 100 )?points", chat.text, re.MULTILINE))
    await chat.say("missing assignments")
    missing = chat.text
    await chat.say("late assignments")
    late = set(re.findall(r"^- (.+?), Algebra I", chat.text, re.MULTILINE))
    await chat.say("What is the grade in algebra?")

    assert {title: Decimal(score) for title, score in told.items()} == counted.scores
    assert len(told) == 10
    assert missing.startswith("No assignment of Lisa is marked missing")
    assert late == counted.late_work
    assert f"{len(counted.scores)} scores so far" in chat.text


@pytest.mark.requirement("R93")
@pytest.mark.parametrize("student", [JAY, MORRIS, "605594"])
async def test_test_results_are_those_of_the_files(family_of: SignedIn, student: str) -> None:
    counted = count_xml(student)
    chat = await family_of(ED_FI, student, AFTER_FALL)

    await chat.say("test results since April 1")

    told = re.findall(r"^- (.+?) \(.+\), .+?: (\d+)", chat.text, re.MULTILINE)
    assert sorted(told) == sorted(counted.tests)
    assert told


@pytest.mark.requirement("R102", "R103")
@pytest.mark.parametrize(("student", "now"), [(LISA, AFTER_FALL), (CALVIN, AFTER_SPRING)])
@pytest.mark.parametrize("name", SETS)
async def test_classes_and_school_are_those_of_the_files(
    family_of: SignedIn, name: str, student: str, now: datetime
) -> None:
    counted = SETS[name](student)
    chat = await family_of(name, student, now)

    await chat.say("Show me the schedule of this term")
    lines = [line for line in chat.text.splitlines() if line[:2] == "- "]
    await chat.say("school information")

    assert len(lines) == len(counted.classes)
    assert all(any(line.startswith(f"- {title}, ") for line in lines) for title in counted.classes)
    assert counted.school in chat.text.splitlines()
    if name == ED_FI:
        street, number = address_of(counted.school)
        assert street in chat.text
        assert number in chat.text


@pytest.mark.parametrize("student", [LISA, CALVIN, "604940", "605594"])
async def test_both_formats_are_told_alike(family_of: SignedIn, student: str) -> None:
    asked = [
        "How many days was my child absent since August 23?",
        "How often was my child late since August 23?",
        "attendance history",
        "missing assignments",
        "What is the grade in algebra?",
        "Who teaches the class?",
    ]
    answers = []
    for name in SETS:
        chat = await family_of(name, student, AFTER_SPRING)
        heard = []
        for question in asked:
            await chat.say(question)
            # Only the OneRoster set says what an assignment is worth at most.
            heard.append(re.sub(r", \d+ of [\d,]+ points", "", chat.text))
        answers.append(heard)

    assert answers[0] == answers[1]
