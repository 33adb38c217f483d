"""Say honestly what cannot be answered, with the nearest thing that can; follow up on what was answered."""

from pathlib import Path

import pytest

from portal.core.districts import District
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.flows.conftest import WESTBOROUGH
from tests.flows.school_work import write_school_with_work
from tests.support.conversation import Chat
from tests.support.portals import make_district

pytestmark = pytest.mark.usefixtures("turned_on")
TERMS = ["2025-2026", "Spring", "Fall", "2026-2027"]
NOT_MAYAS = "Algebra I", "Art", "English 9"


@pytest.fixture
def turned_on(portal: Portal, work: None) -> District:
    return make_district(portal, "westborough", **WESTBOROUGH, school_bulletin=True, lunch_balance=True)


def add(portal: Portal, folder: Path, rows: dict[str, str]) -> None:
    """Import the school anew with one more row in some of its files."""
    write_school_with_work(folder)
    for file, row in rows.items():
        path = folder / file
        path.write_text(f"{path.read_text('utf-8')}{row}\n", "utf-8")
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(folder))


@pytest.mark.parametrize(
    "said",
    ["What are {}'s grades?", "How many absences does {} have?", "Compare {}'s grades with last term"],
)
async def test_a_name_that_is_no_child_of_theirs_is_answered_with_those_that_are(
    chat: Chat, said: str
) -> None:
    await sign_in(chat)

    await chat.say(said.format("Emma"))

    assert chat.text == (
        'I do not find "Emma" among the children linked to your account. I can tell you about Leo and Maya.'
    )
    assert chat.titles == ["Leo", "Maya"]


@pytest.mark.parametrize(
    "said",
    [
        "What is Maya's grade in basket weaving?",
        "Is Maya missing any assignments in basket weaving",
        "How many times was Maya late in basket weaving?",
        "teacher comments about Maya in basket weaving",
    ],
)
async def test_a_course_that_does_not_exist_is_said_with_those_that_do(chat: Chat, said: str) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert chat.text == 'Maya has no course called "basket weaving". Which course do you mean?'
    assert set(chat.titles) == set(NOT_MAYAS)


@pytest.mark.parametrize(
    "said",
    [
        "How is Maya doing in general?",
        "How is Maya doing in school?",
        "Maya's grades in this term",
        "Maya's grades in total",
    ],
)
async def test_what_is_no_course_is_not_taken_for_one(chat: Chat, said: str) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert chat.text.startswith("These are the grades of Maya for Fall.")


@pytest.mark.parametrize(
    "question",
    [
        "grades",
        "absences",
        "attendance history",
        "assignments",
        "test results",
        "teacher comments",
        "schedule",
        "grades history",
    ],
)
@pytest.mark.parametrize("when", ["in 2019", "on January 5, 2031"])
async def test_days_outside_of_what_is_on_record_are_said_to_be_so(
    chat: Chat, question: str, when: str
) -> None:
    await sign_in(chat)
    await chat.say("switch to Maya")

    await chat.say(f"{question} {when}")

    assert chat.text.startswith("Those days lie outside of the school years that the portal has on record")
    assert chat.titles == ["Now", *TERMS]


async def test_from_days_outside_one_press_leads_to_how_it_is_now(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("How many absences did Maya have in 2019?")

    await chat.press("Now")

    assert chat.text.startswith("3 days. Maya was absent for 3 days in Fall so far")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Maya's grades next term", "Winter has not begun: it starts on January 25, 2027."),
        ("Maya's grades in Winter", "Winter has not begun: it starts on January 25, 2027."),
        ("Maya's absences next term", "Winter has not begun: it starts on January 25, 2027."),
        ("Maya's absences next week", "October 19, 2026 has not come yet"),
    ],
)
async def test_a_time_that_has_not_begun_is_said_so_with_how_it_is_now(
    portal: Portal, chat: Chat, tmp_path: Path, said: str, told: str
) -> None:
    winter = {
        "academicSessions.csv": "T2,,,Winter,term,2027-01-25,2027-06-15,Y27,2027",
        "classes.csv": "KW,,,English 9,09,CE,E2,scheduled,14,O101,T2,English,,1",
    }
    add(portal, tmp_path / "winter", winter)
    await sign_in(chat)

    await chat.say(said)
    words, titles = chat.text, chat.titles
    await chat.press("Now")

    assert words.startswith(told)
    assert titles == ["Now"]
    assert "Maya" in chat.text
    assert "Fall" in chat.text


async def test_a_next_term_that_is_not_on_record_is_not_found(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("Maya's grades next term")

    assert chat.text == "I do not find that term. Which one do you mean?"
    assert chat.titles == TERMS


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "Leo's grades",
            "No grades of Leo are entered for Fall yet. Ask me again later, or ask the teacher.",
        ),
        ("Leo's grade in english", "English 9, Fall: Leo has no grade yet."),
        ("Leo's missing assignments", "No assignment of Leo is marked missing in Fall"),
        ("Leo's test results", "No test results of Leo are entered in Fall"),
        ("Leo's teacher comments", "No comments of teachers on Leo are entered in Fall"),
        ("Leo's grades history", "No grades of Leo are entered for Spring."),
        ("Leo's balance", "Nothing is recorded on a lunch or fee account of Leo."),
        ("Leo's absences", "0 days. No absence of Leo is recorded in Fall so far"),
    ],
)
async def test_an_empty_gradebook_is_said_to_be_empty(chat: Chat, said: str, told: str) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert chat.text.startswith(told)


@pytest.mark.parametrize(
    ("half", "answer"),
    [
        (
            {"lineItems.csv": "L90,,,Nameless,,,,KA,G1,T1,,"},
            ("Maya's assignments", "2 more are past their day and have no score yet."),
        ),
        (
            {"x_term_grades.csv": "7002,KE,T1,,,false,"},
            ("Leo's grade in english", "English 9, Fall: Leo has no grade yet."),
        ),
        (
            {"x_test_results.csv": "7002,2026-10-01,Fall Benchmark,,,,"},
            ("Leo's test results", "- Fall Benchmark, Oct 1, 2026: no score yet"),
        ),
        (
            {"x_transactions.csv": "7002,2026-10-01,lunch,,5.00"},
            ("Leo's balance", "- Oct 1, 2026: lunch, $5.00"),
        ),
    ],
)
async def test_half_a_record_is_told_as_far_as_it_goes(
    portal: Portal, chat: Chat, tmp_path: Path, half: dict[str, str], answer: tuple[str, str]
) -> None:
    said, told = answer
    add(portal, tmp_path / "half", half)
    await sign_in(chat)

    await chat.say(said)

    assert told in chat.text


OCTOBER = "from October 1, 2026 to October 15, 2026"
TUESDAY = "on October 13, 2026"


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("absences", (OCTOBER, TUESDAY, "from October 12, 2026 to October 15, 2026")),
        ("attendance history", (OCTOBER, TUESDAY, "from October 12, 2026 to October 15, 2026")),
        ("assignments", (OCTOBER, TUESDAY, "from October 12, 2026 to October 18, 2026")),
        ("test results", (OCTOBER, TUESDAY, "from October 12, 2026 to October 18, 2026")),
        ("teacher comments", (OCTOBER, TUESDAY, "from October 12, 2026 to October 18, 2026")),
        ("bulletin", (OCTOBER, "for October 13, 2026", "from October 12, 2026 to October 18, 2026")),
        (
            "schedule",
            (
                "from Thursday, October 1, 2026 to Thursday, October 15, 2026",
                "on Tuesday, October 13, 2026",
                "from Monday, October 12, 2026 to Sunday, October 18, 2026",
            ),
        ),
        (
            "balance",
            ("From Oct 1, 2026 to Oct 15, 2026", "On Oct 13, 2026", "From Oct 12, 2026 to Oct 18, 2026"),
        ),
        ("grades", ("for Fall", "for Fall", "for Fall")),
        ("grades history", ("for Fall", "for Fall", "for Fall")),
    ],
)
async def test_every_question_is_answered_for_the_days_that_are_named(
    chat: Chat, question: str, told: tuple[str, str, str]
) -> None:
    await sign_in(chat)
    await chat.say("switch to Maya")
    found = []

    for when, words in zip(("since October", "last Tuesday", "this week"), told, strict=True):
        await chat.say(f"{question} {when}")
        found.append(words in chat.text)

    assert found == [True] * 3


@pytest.mark.parametrize("said", ["how many?", "which days?", "when was that?", "how many times?"])
@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Maya's absences", "3 days. Maya was absent for 3 days"),
        ("how often was Maya late", "1 time. Maya was late once"),
        ("Maya's missing assignments", "One assignment of Maya is marked missing"),
        ("Maya's balance", "$13.50 is on the lunch account of Maya."),
    ],
)
async def test_how_many_and_which_days_are_follow_ups(
    chat: Chat, question: str, told: str, said: str
) -> None:
    await sign_in(chat)
    await chat.say(question)

    await chat.say(said)

    assert chat.text.startswith(told)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("How many test results does Maya have?", "2 test results of Maya are entered in Fall"),
        ("How many test results did Maya have since October?", "1 test result of Maya is entered from"),
        ("How many teacher comments are there about Maya?", "3 comments of teachers about Maya are entered"),
        (
            "How many teacher comments are there about Maya in art?",
            "1 comment of a teacher about Maya in Art is entered",
        ),
    ],
)
async def test_a_number_that_is_asked_for_comes_first(chat: Chat, said: str, told: str) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert chat.text.startswith(told)
