"""Ask of what other sets brought: OneRoster 1.2 with its marks, what changed since, a new school year."""

from pathlib import Path

import pytest

from portal.core.districts import District
from portal.sis.outcomes import Imported
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.flows.school import write_school
from tests.flows.school_work import write_school_with_work
from tests.support.changes import Changes
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.rosters_v12 import folder_in_v12

pytestmark = pytest.mark.usefixtures("families")


def imported(portal: Portal, district: District, path: Path) -> Imported:
    with portal.begin() as tx:
        return tx.imports.run(district.slug, OneRosterFolderOrZip(path))


@pytest.fixture
def marked(portal: Portal, district: District, families: None, tmp_path: Path) -> None:
    """Import the same school in 1.2, where scores carry words and marks."""
    path = folder_in_v12(write_school_with_work(tmp_path / "v11"), tmp_path / "v12")
    results = path / "results.csv"
    text = results.read_text(encoding="utf-8")
    for old, new in (
        ("42.125,2026-10-12,Late: two days,,,,,,", "42.125,2026-10-12,,B+,,,true,true,"),
        ("0,2026-10-06,Please see me,,,,,,", "0,2026-10-06,Please see me,,,,,,true"),
    ):
        assert old in text
        text = text.replace(old, new)
    results.write_text(text, encoding="utf-8", newline="")
    imported(portal, district, path)


@pytest.mark.requirement("R92")
@pytest.mark.usefixtures("marked")
async def test_marks_and_words_of_scores_are_told(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("show me Maya's assignments")
    await chat.press("Show the scores")
    scores = chat.text
    await chat.say("missing assignments of Maya")

    assert (
        "- Essay, English 9, due Oct 9, 2026: 42.125 of 50 points (B+), marked late, marked incomplete"
        in scores
    )
    assert "Quiz" not in scores
    assert '- Quiz, Algebra I, due Oct 6, 2026: missing. The teacher wrote: "Please see me"' in chat.text


async def test_what_changed_since_is_told_at_once(
    chat: Chat, portal: Portal, district: District, tmp_path: Path
) -> None:
    await sign_in(chat)
    changes = Changes().gone("enrollments", "E1")

    done = imported(portal, district, changes.folder(tmp_path / "changes"))
    await chat.say("what classes does Maya have")

    assert {kind.value for kind, count in done.counts.items() if count.touched} == {"enrollments"}
    assert "English 9" in chat.text
    assert "Algebra I" not in chat.text


async def test_guardian_who_is_taken_away_sees_nothing_from_the_next_answer_on(
    chat: Chat, portal: Portal, district: District, tmp_path: Path
) -> None:
    await sign_in(chat)
    await chat.say("how is Leo doing")
    before = chat.text

    imported(portal, district, Changes().gone("users", "S2").folder(tmp_path / "changes"))
    await chat.say("how is Leo doing")

    assert "Leo" in before
    assert "Student information is not available at this time." in chat.text


async def test_new_year_answers_for_the_new_classes(
    chat: Chat, portal: Portal, district: District, tmp_path: Path, clock: FakeClock
) -> None:
    path = write_school(tmp_path / "next")
    for name, old, new in (
        (
            "academicSessions.csv",
            "T1,,,Fall",
            "Y28,,,2027-2028,schoolYear,2027-08-30,2028-06-17,,2028\nT3,,,Fall,term,2027-08-30,2028-01-21,Y28,2028\nT1,,,Fall",
        ),
        ("classes.csv", "KX,,,Art", "KG,,,Geometry,10,CG,G1,scheduled,12,O101,T3,Mathematics,,3\nKX,,,Art"),
        ("courses.csv", "CX,,,", "CG,,,Y28,Geometry,GEO,10,O101,Mathematics,\nCX,,,"),
        (
            "enrollments.csv",
            "E1,,,KA,O101,S1,student,,2026-01-26,2027-01-22",
            "E1,,,KG,O101,S1,student,,2027-08-30,",
        ),
    ):
        text = (path / name).read_text(encoding="utf-8")
        assert old in text
        (path / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    clock.advance(days=351)
    imported(portal, district, path)
    await sign_in(chat)

    await chat.say("what classes does Maya have")

    assert "Geometry" in chat.text
    assert "Algebra I" not in chat.text
