"""Link further children, take one off the account, and explain the Access ID."""

from collections.abc import Callable, Mapping

import pytest

from portal.core.districts import District
from portal.helpdesk.outcomes import CaseKind
from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.flows.conftest import WESTBOROUGH
from tests.support.conversation import Chat
from tests.support.families import Letter
from tests.support.portals import PASSWORD, make_district, make_parent

Letters = Mapping[str, Letter]


@pytest.fixture
def account(portal: Portal, district: District, letters: Letters) -> str:
    """Give Maya's parent an account; Diego is not on it yet."""
    return make_parent(portal, district, username="mlopez", children=[letters["S1"].student_id])


pytestmark = pytest.mark.usefixtures("account")


def linked(portal: Portal, account: str) -> dict[str, str]:
    with portal.begin() as tx:
        return {each.student_id: each.relationship for each in tx.links.students_of(account)}


async def tell(chat: Chat, letter: Letter, relationship: str = "Father", more: str = "no") -> None:
    for answer in (letter.access_id, relationship, more):
        await chat.say(answer)


@pytest.mark.requirement("R50", "R58", "R59", "R62")
async def test_another_child_is_linked(portal: Portal, chat: Chat, letters: Letters, account: str) -> None:
    await sign_in(chat)
    await chat.say("link another child")
    await tell(chat, letters["S2"])
    labels = [field.label for field in chat.secret.fields]

    await chat.submit(access_password_1=letters["S2"].password)

    assert labels == ["Access Password, child 1"]
    assert "Done: Diego López is linked to your account now." in chat.text
    assert linked(portal, account)[letters["S2"].student_id] == "father"


async def test_signing_in_comes_first_and_keeps_what_was_told(chat: Chat, letters: Letters) -> None:
    await chat.say(f"link my son, the access id is {letters['S2'].access_id}")
    first = chat.text
    await chat.say("mlopez")

    await chat.submit(password=PASSWORD)

    assert "What is your username?" in first
    assert "How are you related to this child?" in chat.text


@pytest.mark.case("L7")
async def test_a_child_that_is_on_the_account_is_said_to_be(chat: Chat, letters: Letters) -> None:
    await sign_in(chat)
    await chat.say("link a child")
    await tell(chat, letters["S1"], more="yes")
    await tell(chat, letters["S2"])

    await chat.submit(access_password_1=letters["S1"].password, access_password_2=letters["S2"].password)

    assert "Diego López is linked to your account now." in chat.text
    assert "Maya López was linked to your account already." in chat.text


@pytest.mark.case("L1", "L6")
async def test_a_wrong_pair_links_nobody_and_only_the_field_is_filled_in_again(
    portal: Portal, chat: Chat, letters: Letters, account: str
) -> None:
    await sign_in(chat)
    await chat.say("link a child")
    await tell(chat, letters["S2"])

    await chat.submit(access_password_1="wrong")
    refused = chat.replies[0].text
    before = linked(portal, account)
    await chat.submit(access_password_1=letters["S2"].password)

    assert refused.startswith("Child 1: this Access ID and this Access Password do not belong together.")
    assert list(before) == [letters["S1"].student_id]
    assert "Diego López is linked" in chat.text


async def test_the_access_id_can_be_changed_after_a_wrong_pair(chat: Chat, letters: Letters) -> None:
    await sign_in(chat)
    await chat.say("link a child")
    await tell(chat, letters["S1"])
    await chat.submit(access_password_1=letters["S2"].password)

    await chat.press("Change the Access ID of child 1")
    await tell(chat, letters["S2"], "Uncle")
    await chat.submit(access_password_1=letters["S2"].password)

    assert "Diego López is linked" in chat.text


async def test_too_many_wrong_pairs_pause_and_can_be_tried_again(chat: Chat, letters: Letters) -> None:
    await sign_in(chat)
    await chat.say("link a child")
    await tell(chat, letters["S2"])

    for _ in range(6):
        await chat.submit(access_password_1="wrong")
    paused = chat.text
    await chat.press("Try again")

    assert "please try again after" in paused
    assert chat.replies[-1].secret is not None


async def test_a_session_that_ended_asks_to_sign_in_again(
    portal: Portal, chat: Chat, letters: Letters, account: str
) -> None:
    await sign_in(chat)
    await chat.say("link a child")
    await tell(chat, letters["S2"])
    with portal.begin() as tx:
        tx.sessions.end_all(account)

    await chat.submit(access_password_1=letters["S2"].password)

    assert "What is your username?" in chat.text
    assert list(linked(portal, account)) == [letters["S1"].student_id]


@pytest.mark.requirement("R50", "R58", "R59")
async def test_how_to_link_gives_both_ways(chat: Chat) -> None:
    await chat.say("How do I link a child to my account?")

    assert "right here" in chat.text
    assert '"Link Students to Account"' in chat.text
    assert "Student Name, Access ID, Access Password and Relationship" in chat.text
    assert chat.titles[0] == "Link a child here"


async def test_where_the_school_connects_children_it_is_said(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, "account_opening": "request"})

    await chat.say("link another child")

    assert "the school connects children" in chat.text
    assert "(508) 555-0190" in chat.text


@pytest.mark.requirement("R81")
async def test_without_parent_single_sign_on_nothing_is_linked_here(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, "parent_single_sign_on": False})

    await chat.say("link another child")

    assert "has not turned on" in chat.text


async def test_a_child_is_taken_off_once_that_is_confirmed(portal: Portal, chat: Chat, account: str) -> None:
    await sign_in(chat)

    await chat.say("unlink Maya")
    asked = chat.text
    await chat.press("Yes, take off")

    assert "Shall I really take Maya" in asked
    assert "no longer on your account" in chat.text
    assert linked(portal, account) == {}


@pytest.mark.parametrize("said", ["no", "cancel", "leave it"])
async def test_without_a_yes_the_child_stays(portal: Portal, chat: Chat, account: str, said: str) -> None:
    await sign_in(chat)
    await chat.say("remove a student from my account")
    await chat.press("Maya")

    await chat.say(said)

    assert len(linked(portal, account)) == 1


async def test_only_a_child_of_the_account_can_be_taken_off(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("there is a wrong child on my account")

    await chat.say("Diego")

    assert "not among the children linked to your account" in chat.text
    assert "Which child shall I take off" in chat.text


async def test_taking_a_child_off_needs_a_sign_in(chat: Chat) -> None:
    await chat.say("remove a student from my account")
    await chat.say("mlopez")

    await chat.submit(password=PASSWORD)

    assert "Which child shall I take off your account?" in chat.text


async def test_a_session_that_ended_takes_no_child_off(portal: Portal, chat: Chat, account: str) -> None:
    await sign_in(chat)
    await chat.say("unlink Maya")
    with portal.begin() as tx:
        tx.sessions.end_all(account)

    await chat.say("yes")

    assert "What is your username?" in chat.text
    assert len(linked(portal, account)) == 1


@pytest.mark.case("L8")
async def test_the_other_parents_account_stays_as_it_is(
    portal: Portal, district: District, new_chat: Callable[[], Chat], letters: Letters
) -> None:
    other = make_parent(portal, district, username="other", children=[letters["S1"].student_id])
    chat = new_chat()
    await sign_in(chat)
    await chat.say("unlink Maya")

    await chat.say("yes")

    assert len(linked(portal, other)) == 1


@pytest.mark.requirement("R50", "R60", "R61")
async def test_an_access_id_is_explained(chat: Chat) -> None:
    await chat.say("What is an Access ID?")

    for said in ("your school gives you for each child", "pair of its own", "contact your school"):
        assert said in chat.text
    assert chat.titles == ["I do not have the letter", "Link a child", "Create an account"]


@pytest.mark.requirement("R50", "R60", "R61")
async def test_where_there_are_none_it_is_said(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, "account_opening": "request"})

    await chat.say("What is an Access ID?")

    assert "does not use them" in chat.text
    assert chat.titles[0] == "Request an account"


@pytest.mark.requirement("R51", "R60", "R61")
@pytest.mark.parametrize(
    "said", ["I lost the letter with the access id", "I never got the access id", "i dont have the letter"]
)
async def test_a_lost_letter_becomes_a_case_for_the_school(portal: Portal, chat: Chat, said: str) -> None:
    await chat.say(said)
    told = chat.text
    await chat.press("Ask the school for a new letter")
    await chat.say("508 555 0147")
    await chat.say("Ana Ruiz, mother of Maya López, Assabet High; the letter never came")

    with portal.begin() as tx:
        [case] = tx.cases.waiting("westborough")
    assert "prints a new letter" in told
    assert "(508) 555-0190" in told
    assert case.kind is CaseKind.LOST_LETTER
    assert "never came" in case.details["happened"]
    assert "case 1" in chat.text
