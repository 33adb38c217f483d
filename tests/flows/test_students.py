"""Turn to another child: only among one's own, and the same page for that child."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.messages import MessageKind
from portal.core.districts import District
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.chat import everything, sign_in
from tests.flows.conftest import WESTBOROUGH
from tests.flows.school import write_school
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD, make_district, make_parent

pytestmark = pytest.mark.usefixtures("families")


@pytest.mark.requirement("R78", "R79")
async def test_the_children_are_offered_by_first_name_in_alphabetical_order(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("switch to another child")

    assert chat.titles == ["Leo", "Maya"]
    assert chat.replies[0].private


@pytest.mark.requirement("R79")
async def test_choosing_a_child_asks_the_last_question_again_for_that_child(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("How many days was Maya absent?")

    await chat.say("and Leo?")

    assert chat.text.startswith("0 days. No absence of Leo")


async def test_a_child_chosen_first_is_the_one_that_is_asked_about(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("switch to Maya")
    turned = chat.text
    await chat.say("grades")

    assert turned.startswith("We are now looking at Maya.")
    assert "Algebra I: B+ (88%)" in chat.text


async def test_the_other_child_needs_no_name_when_there_are_two(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("switch to Maya")

    await chat.say("the other one")

    assert "Leo" in chat.text


async def test_a_question_without_a_name_asks_which_child_and_then_answers(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("How many days absent in September?")
    asked, titles = chat.text, chat.titles

    await chat.press("Maya")

    assert asked == "Which child do you mean?"
    assert titles == ["Leo", "Maya"]
    assert chat.text.startswith("2 days. Maya was absent for 2 days from September 1")


async def test_the_name_can_be_typed_instead_of_pressed(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("grades")

    await chat.say("Maya")

    assert "Algebra I: B+ (88%)" in chat.text


async def test_a_correction_turns_to_the_child_that_was_meant(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("What are Leo's grades?")

    await chat.say("no, I meant Maya")

    assert "Algebra I: B+ (88%)" in chat.text


@pytest.mark.parametrize(
    "said",
    ["What are Zoe's grades?", "How many days was Zoe absent?", "switch to Zoe"],
)
async def test_another_familys_child_is_never_confirmed_to_exist(chat: Chat, said: str) -> None:
    await sign_in(chat)
    invented = said.replace("Zoe", "Emma")

    await chat.say(said)
    about_zoe = chat.text
    await chat.say(invented)

    assert about_zoe.replace("Zoe", "Emma") == chat.text
    assert "I can tell you about Leo and Maya." in chat.text
    assert not any(word in everything(chat) for word in ("61", "overslept", "September 16"))


async def test_a_name_never_heard_of_is_no_language(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("switch to Ann")

    assert chat.text.startswith('I do not find "Ann" among the children linked to your account.')


async def test_an_unknown_child_does_not_replace_the_one_that_was_looked_at(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("switch to Maya")
    await chat.say("switch to Zoe")

    await chat.say("grades")

    assert "Zoe" not in chat.text


async def test_an_only_child_is_already_there(chat: Chat) -> None:
    await sign_in(chat, "kwhitfield")

    await chat.say("switch to another child")

    assert chat.text.startswith("Zoe is the only child linked to your account")


async def test_an_account_without_children_says_so_with_the_school(
    portal: Portal, district: District, chat: Chat
) -> None:
    make_parent(portal, district, username="childless")
    await sign_in(chat, "childless")

    await chat.say("grades")

    assert chat.text.startswith("No child is linked to your account")
    assert "(508) 555-0190" in chat.text


@pytest.mark.requirement("R80")
async def test_a_record_that_is_closed_is_said_in_the_portals_sentence(
    portal: Portal, district: District, chat: Chat, tmp_path: Path
) -> None:
    folder = write_school(tmp_path / "barred")
    rights = "parentIdentifier,studentIdentifier,portalAccess,receivesEmail\n9001,7001,false,false\n"
    (folder / "x_portal_access.csv").write_text(rights, encoding="utf-8")
    with portal.begin() as tx:
        tx.imports.run(district.slug, OneRosterFolderOrZip(folder))
        contact = tx.imports.find_contact(district.slug, "9001")
        maya = tx.imports.find_student(district.slug, "7001")
    assert contact is not None
    assert maya is not None
    make_parent(portal, district, username="barred", contact_id=contact.id, children=[maya.id])
    await sign_in(chat, "barred")

    await chat.say("What are Maya's grades?")

    assert chat.text.startswith("Student information is not available at this time.")
    assert "PowerSchool administrator of your school" in chat.text
    assert "B+" not in chat.text


@pytest.mark.requirement("R81")
async def test_without_parent_single_sign_on_there_are_no_tabs(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, "parent_single_sign_on": False})

    await chat.say("switch to another child")

    assert "has not turned on one sign-in for several children" in chat.text


@pytest.mark.requirement("R78", "R79")
async def test_how_to_switch_tells_about_the_tabs(chat: Chat) -> None:
    await chat.say("How do I switch between my children?")

    assert "first names of your children are tabs at the top of every page" in chat.text
    assert "alphabetical order" in chat.text
    assert chat.titles == ["Choose a child here"]


async def test_choosing_a_child_needs_a_sign_in_and_then_goes_on(chat: Chat) -> None:
    await chat.say("switch to Maya")
    await chat.say("mlopez")

    await chat.submit(password=PASSWORD)

    assert "We are now looking at Maya." in chat.text


async def test_a_session_that_ended_forgets_the_child(chat: Chat, clock: FakeClock) -> None:
    await sign_in(chat)
    await chat.say("switch to Maya")
    clock.advance(seconds=16 * 60)
    await chat.say("grades")
    await chat.say("mlopez")

    await chat.submit(password=PASSWORD)

    assert "Which child do you mean?" in chat.text


async def test_a_second_child_in_mid_question_takes_its_place(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("grades")

    await chat.say("How many days was Leo absent?")

    assert chat.text.startswith("0 days. No absence of Leo")


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("cancel", "nothing to cancel"),
        ("start over", "We start over."),
        ("say that again", "Which child do you mean?"),
        ("help", "I can sign you in and out"),
        ("talk to a person", "(508) 555-0190"),
        ("what is an Access ID?", "pair of codes"),
        ("blorp gribble snork", "in other words"),
    ],
)
async def test_each_repair_works_while_a_child_is_asked_for(chat: Chat, said: str, answer: str) -> None:
    await sign_in(chat)
    await chat.say("grades")

    await chat.say(said)
    repaired = chat.text
    await chat.say("What are Maya's grades?")

    assert answer in repaired
    assert "Algebra I: B+ (88%)" in chat.text


async def test_an_old_button_still_answers_and_belongs_to_its_conversation(
    new_chat: Callable[[], Chat],
) -> None:
    mine, other = new_chat(), new_chat()
    await sign_in(mine)
    await mine.say("grades")
    stolen = mine.replies[0].buttons[1].payload
    await mine.say("thank you")
    await sign_in(other, "kwhitfield")

    await mine.press("Maya")
    await other.send(stolen, MessageKind.BUTTON)

    assert "Algebra I: B+ (88%)" in mine.text
    assert "That button is from an earlier conversation" in other.text


@pytest.mark.parametrize(
    "said",
    ["what are my kids called", "who are my children", "which children are linked", "who are my kids?"],
)
async def test_the_children_are_listed_by_name(chat: Chat, said: str) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert "Maya" in chat.text
    assert "Leo" in chat.text
    assert sorted(chat.titles) == ["Leo", "Maya"]
    assert chat.replies[0].private
