"""Keep every question about a child within its family, whoever asks and whatever was allowed before."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.conversation.turn import Assistant
from portal.accounts.models import AccountRow
from portal.core.districts import District
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.chat import everything, sign_in
from tests.flows.closing import close_record, unlink
from tests.flows.conftest import WESTBOROUGH
from tests.flows.school_work import write_school_with_work
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD, make_district, make_parent

pytestmark = [pytest.mark.usefixtures("everything_on"), pytest.mark.whole]
ON = {
    **WESTBOROUGH,
    "school_bulletin": True,
    "lunch_balance": True,
    "my_data": True,
    "school_map": True,
    "class_registration": True,
    "public_base_url": "https://parents.westborough.example",
    "plugins": [{"name": "Reading Corner", "url": "https://reading.example"}],
}


@dataclass(frozen=True, slots=True)
class Asking:
    """Hold how a question is asked of a child by name, and of whichever child it is."""

    intent: str
    of: str
    plain: str


ASKED = [
    Asking("ask_grades", "What are {}'s grades?", "grades"),
    Asking("ask_grades", "What is {}'s grade in algebra?", "grade in algebra"),
    Asking("ask_grades", "Is {} doing better than last term?", "compare this term with last term"),
    Asking("ask_grades", "Where do {}'s grades come from?", "where do the grades come from?"),
    Asking("ask_assignments", "What assignments is {} missing?", "missing assignments"),
    Asking("ask_assignments", "Show me {}'s scores", "show me the scores"),
    Asking("ask_attendance", "How many absences does {} have?", "how many absences"),
    Asking("ask_attendance", "Has {}'s attendance got worse?", "has the attendance got worse?"),
    Asking("ask_attendance", "Where do {}'s absences come from?", "where do the absences come from?"),
    Asking("ask_grades_history", "Show me {}'s grades history", "grades history"),
    Asking("ask_attendance_history", "Show me {}'s attendance history", "attendance history"),
    Asking("ask_test_results", "Show me {}'s test results", "test results"),
    Asking("ask_teacher_comments", "What did the teachers write about {}?", "teacher comments"),
    Asking("ask_school_bulletin", "Show me the bulletin of {}'s school", "school bulletin"),
    Asking("register_classes", "Show me {}'s course requests", "course requests"),
    Asking("ask_balance", "What is {}'s lunch balance?", "lunch balance"),
    Asking("subscribe_calendar", "Subscribe to {}'s homework calendar", "subscribe to the homework calendar"),
    Asking("subscribe_calendar", "Stop {}'s calendar", "stop the calendar"),
    Asking("ask_schedule", "Show me {}'s schedule", "schedule"),
    Asking("ask_school_information", "What is the address of {}'s school?", "school address"),
    Asking(
        "set_email_notifications", "E-mail me about {}'s grades every week", "e-mail me the grades every week"
    ),
    Asking("print_page", "Print {}'s grades", "print the grades"),
    Asking("switch_student", "Switch to {}", "switch child"),
]
# These are about the account as a whole, whichever children it has.
OF_ALL = [
    Asking("download_my_data", "", "download my data"),
    Asking("subscribe_calendar", "", "what calendars do I have"),
    Asking("ask_last_sign_in", "", "when was my last sign in"),
]
INTENTS = {
    "ask_grades",
    "ask_assignments",
    "ask_attendance",
    "ask_grades_history",
    "ask_attendance_history",
    "ask_test_results",
    "ask_teacher_comments",
    "ask_school_bulletin",
    "register_classes",
    "ask_balance",
    "subscribe_calendar",
    "ask_schedule",
    "ask_school_information",
    "set_email_notifications",
    "download_my_data",
    "print_page",
    "switch_student",
}
# What only Maya's family may learn, as the answers word it; and the same of Zoe.
OF_MAYA = (
    "B+",
    "95.5",
    "Doctor",
    "Illness",
    "Bus",
    "42.125",
    "Please see me",
    "discussion",
    "83 of 100",
    "13.50",
)
OF_ZOE = (
    "61%",
    "F (41",
    "overslept",
    "Zoe did not study",
    "Zoe slept",
    "birthday",
    "Needs support",
    "12 of 100",
)
by_question = pytest.mark.parametrize("asking", ASKED, ids=lambda each: each.of)
anything = pytest.mark.parametrize("asking", [*ASKED, *OF_ALL], ids=lambda each: each.of or each.plain)


@pytest.fixture
def everything_on(portal: Portal, work: None) -> District:
    return make_district(portal, "westborough", **ON)


def leaks(text: str, canaries: tuple[str, ...]) -> list[str]:
    return [canary for canary in canaries if canary in text]


def test_every_question_about_a_child_is_among_these() -> None:
    assert {each.intent for each in (*ASKED, *OF_ALL)} >= INTENTS


@by_question
async def test_another_familys_child_is_answered_like_one_who_does_not_exist(
    chat: Chat, asking: Asking
) -> None:
    await sign_in(chat)

    await chat.say(asking.of.format("Zoe"))
    about_zoe, offered = chat.text, chat.titles
    await chat.say("cancel")
    await chat.say(asking.of.format("Emma"))
    about_emma, other = chat.text, chat.titles
    await chat.say("cancel")
    await chat.say("switch to Maya")
    await chat.say(asking.of.format("Zoe"))

    assert about_zoe.replace("Zoe", "Emma") == about_emma
    assert offered == other
    assert 'I do not find "Zoe" among the children linked to your account.' in chat.text
    assert not leaks(everything(chat), OF_ZOE)


@by_question
async def test_a_child_of_another_district_is_answered_like_one_who_does_not_exist(
    portal: Portal, assistant: Assistant, tmp_path: Path, asking: Asking
) -> None:
    make_district(portal, "eastborough", **{**ON, "name": "Eastborough Public Schools"})
    with portal.begin() as tx:
        tx.imports.run("eastborough", OneRosterFolderOrZip(write_school_with_work(tmp_path / "east")))
        zoe = tx.imports.find_student("eastborough", "7003")
    assert zoe is not None
    make_parent(portal, "eastborough", username="mlopez", children=[zoe.id])
    chat = Chat(assistant, district="eastborough")
    await sign_in(chat)

    await chat.say(asking.of.format("Maya"))
    about_maya = chat.text
    await chat.say("cancel")
    await chat.say(asking.of.format("Emma"))

    assert about_maya.replace("Maya", "Emma") == chat.text
    assert not leaks(everything(chat), OF_MAYA)


@by_question
async def test_a_record_that_is_closed_in_mid_conversation_is_closed_at_once(
    portal: Portal, chat: Chat, tmp_path: Path, asking: Asking
) -> None:
    await sign_in(chat)
    await chat.say("switch to Maya")
    close_record(portal, tmp_path / "closed", "S1")

    await chat.say(asking.plain if asking.intent != "switch_student" else asking.of.format("Maya"))

    assert not leaks(chat.text, OF_MAYA)
    assert not [reply for reply in chat.replies if reply.image or reply.attachment]


@by_question
async def test_a_child_who_is_unlinked_in_mid_conversation_is_nobody_at_once(
    portal: Portal, chat: Chat, asking: Asking
) -> None:
    await sign_in(chat)
    await chat.say("switch to Maya")
    unlink(portal, "7001")

    await chat.say(asking.of.format("Maya"))

    assert 'I do not find "Maya' in chat.text
    assert not leaks(chat.text, OF_MAYA)


@by_question
async def test_a_parent_who_is_barred_in_mid_conversation_sees_nothing_at_once(
    portal: Portal, chat: Chat, tmp_path: Path, asking: Asking
) -> None:
    await sign_in(chat)
    await chat.say("switch to Maya")
    folder = write_school_with_work(tmp_path / "barred")
    head = "parentIdentifier,studentIdentifier,portalAccess,receivesEmail"
    (folder / "x_portal_access.csv").write_text(f"{head}\n9001,7001,false,false\n", "utf-8")
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(folder))
        contact = tx.imports.find_contact("westborough", "9001")
        assert contact is not None
        of_maya = AccountRow.username == "mlopez"
        tx.session.execute(update(AccountRow).where(of_maya).values(contact_id=contact.id))

    await chat.say(asking.of.format("Maya"))

    assert not leaks(chat.text, OF_MAYA)
    assert ".ics" not in chat.text
    assert not [reply for reply in chat.replies if reply.image or reply.attachment]


@anything
async def test_an_account_that_is_disabled_in_mid_conversation_is_told_nothing(
    portal: Portal, chat: Chat, clock: FakeClock, asking: Asking
) -> None:
    await sign_in(chat)
    await chat.say("switch to Maya")
    with portal.begin() as tx:
        tx.session.execute(update(AccountRow).values(disabled_at=clock.now()))

    await chat.say(asking.plain)

    assert not leaks(chat.text, OF_MAYA)
    assert "Maya" not in chat.text
    assert "username" in chat.text


@anything
async def test_whoever_signed_out_is_told_nothing_and_the_next_parent_nothing_of_it(
    chat: Chat, asking: Asking
) -> None:
    await sign_in(chat)
    await chat.say("switch to Maya")
    await chat.say(asking.plain)
    await chat.say("cancel")
    await chat.say("sign out")
    seen = len(chat.seen)

    await chat.say(asking.plain)
    files = [reply for reply in chat.replies if reply.image or reply.attachment]
    await sign_in(chat, "kwhitfield")
    await chat.say(asking.plain)

    later = "\n".join(reply.text for reply in chat.seen[seen:])
    assert files == []
    assert not leaks(later, OF_MAYA)
    assert "Maya" not in later
    assert "Leo" not in later


@anything
async def test_the_next_parent_after_a_time_out_is_not_answered_the_first_ones_question(
    chat: Chat, clock: FakeClock, asking: Asking
) -> None:
    await sign_in(chat)
    await chat.say("switch to Maya")
    clock.advance(minutes=16)
    await chat.say(asking.plain)
    seen = len(chat.seen)

    await chat.say("cancel")
    await sign_in(chat, "kwhitfield")

    later = "\n".join(reply.text for reply in chat.seen[seen:])
    assert not leaks(later, OF_MAYA)
    assert "Maya" not in later


@by_question
async def test_two_parents_at_two_devices_each_have_their_own_answer(
    chat: Chat, new_chat: Callable[[], Chat], asking: Asking
) -> None:
    other = new_chat()
    await sign_in(chat)
    await sign_in(other, "kwhitfield", PASSWORD)
    await chat.say("switch to Maya")

    await chat.say(asking.plain)
    await other.say(asking.plain)

    assert not leaks(everything(chat), OF_ZOE)
    assert not leaks(everything(other), OF_MAYA)
    assert "Maya" not in everything(other)
