"""Keep a registration in hand through questions, sign-ins and names that are not the parent's to use."""

import pytest

from portal.core.districts import District
from portal.transaction import Portal
from tests.flows.chat import everything, sign_in
from tests.flows.conftest import WESTBOROUGH, BringIn
from tests.flows.next_year import requested
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.languages import tells
from tests.support.portals import PASSWORD, make_district, make_parent

pytestmark = pytest.mark.usefixtures("courses")


async def test_a_question_in_between_is_answered_and_the_summary_stands(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("sign Maya up for Biology")

    await chat.say("What are Maya's grades in art?")
    between = chat.text
    await chat.say("yes")

    assert "Shall I register Maya now?" in between
    assert "Biology" in requested(portal, child="Maya")


async def test_nonsense_is_asked_again_and_then_a_person_is_named(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("register Leo for classes")

    said = []
    for _ in range(3):
        await chat.say("purple monkey dishwasher")
        said.append(chat.text)

    assert said[0].startswith('I find no class "purple monkey dishwasher"')
    assert len(set(said)) == 3
    assert "(508) 555-0190" in said[2]
    assert requested(portal) == []


async def test_cancel_leaves_it_and_a_later_yes_registers_nothing(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("sign Leo up for Biology")

    await chat.say("cancel")
    await chat.say("yes")

    assert requested(portal) == []


@pytest.mark.requirement("R99")
async def test_a_wish_from_before_signing_in_goes_on_after_it(portal: Portal, chat: Chat) -> None:
    await chat.say("register for biology")
    asked = chat.text
    await chat.say("kwhitfield")

    await chat.submit(password=PASSWORD)
    summary = chat.text
    await chat.say("yes")

    assert "What is your username?" in asked
    assert "This is what I would register, for Zoe" in summary
    assert requested(portal, "kwhitfield", "Zoe") == ["Biology", "Jazz Band"]


@pytest.mark.requirement("R99")
async def test_how_to_register_names_the_portals_page_and_the_way_here(chat: Chat) -> None:
    await chat.say("How do I register for classes?")

    assert 'the page "Class Registration"' in chat.text
    assert chat.titles == ["Show the course requests here", "Register for classes here"]


@pytest.mark.parametrize("said", ["register for classes", "what classes did Leo request", "drop art"])
async def test_a_page_that_is_off_is_said_to_be_off_with_the_school_instead(
    portal: Portal, chat: Chat, said: str
) -> None:
    make_district(portal, **WESTBOROUGH, class_registration=False)
    await sign_in(chat)

    await chat.say(said)

    assert chat.text.startswith('Your school has not turned on the page "Class Registration".')
    assert "(508) 555-0190" in chat.text


async def test_another_familys_child_is_never_confirmed_to_exist(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("sign Zoe up for Biology")
    about_zoe = chat.text
    await chat.say("sign Emma up for Biology")

    assert about_zoe.replace("Zoe", "Emma") == chat.text
    assert "Jazz" not in everything(chat)


async def test_another_familys_child_cannot_be_put_in_at_the_summary(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("sign Leo up for Biology")

    await chat.say("no, register Zoe for Chemistry")
    refused = chat.text
    await chat.say("yes")

    assert "Zoe" in refused
    assert "- Biology" in refused.splitlines()
    assert requested(portal) == ["Biology"]
    assert requested(portal, "kwhitfield", "Zoe") == ["Jazz Band"]


async def test_a_child_unlinked_before_the_yes_is_registered_for_nothing(
    portal: Portal, district: District, chat: Chat
) -> None:
    await sign_in(chat)
    await chat.say("sign Leo up for Biology")
    with portal.begin() as tx:
        account = tx.accounts.find(district.slug, "mlopez")
        leo = tx.imports.find_student(district.slug, "7002")
        assert account is not None
        assert leo is not None
        tx.links.unlink(account.account_id, leo.id)

    await chat.say("yes")

    assert chat.text.startswith('I do not find "Leo" among the children linked to your account.')
    make_parent(portal, district, username="other", children=[leo.id])
    assert requested(portal, "other") == []


async def test_a_session_that_ended_asks_to_sign_in_and_then_for_the_child(
    portal: Portal, chat: Chat, clock: FakeClock
) -> None:
    await sign_in(chat)
    await chat.say("sign Leo up for Biology")
    clock.advance(minutes=30)

    await chat.say("yes")
    ended = chat.text
    await chat.say("kwhitfield")
    await chat.submit(password=PASSWORD)

    assert "sign in" in ended.lower()
    assert "Leo" not in chat.text
    assert requested(portal) == []


@pytest.mark.parametrize(
    ("begun", "said"),
    [
        ("register Leo for classes", "Biology"),
        ("sign Leo up for Biology", "no, for Maya"),
        ("sign Leo up for Biology", "no, Chemistry instead"),
    ],
)
async def test_whatever_is_said_once_the_session_ended_asks_to_sign_in(
    portal: Portal, chat: Chat, clock: FakeClock, begun: str, said: str
) -> None:
    await sign_in(chat)
    await chat.say(begun)
    clock.advance(minutes=30)

    await chat.say(said)

    assert "What is your username?" in chat.text
    assert requested(portal) == []


async def test_a_record_that_is_closed_while_choosing_is_closed_at_once(
    bring_in: BringIn, chat: Chat
) -> None:
    await sign_in(chat)
    await chat.say("register Leo for classes")
    bring_in({"users.csv": ("S2,,,true", "S2,,,false")})

    await chat.say("help")

    assert "Student information is not available at this time." in chat.text


async def test_a_yes_that_is_sent_twice_registers_once(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("sign Leo up for Biology")

    first = await chat.say("yes", message_id="one")
    again = await chat.say("yes", message_id="one")

    assert again == first
    assert requested(portal) == ["Biology"]


async def test_a_question_about_registration_in_between_is_answered_and_the_form_goes_on(
    portal: Portal, chat: Chat
) -> None:
    await sign_in(chat)
    await chat.say("register Leo for classes")

    await chat.say("When is registration for Maya?")
    between = chat.text
    await chat.say("Biology")
    await chat.say("yes")

    assert between.startswith("Registration at Assabet Ridge School is open until November 30, 2026")
    assert "Which classes shall I register Leo for" in between
    assert requested(portal) == ["Biology"]


@pytest.mark.parametrize(
    ("said", "line"), [("french 2", "- French 2"), ("no, just french 2", "- French 2"), ("French", "")]
)
async def test_a_class_that_is_called_like_a_language_is_a_class_where_one_is_chosen(
    chat: Chat, said: str, line: str
) -> None:
    await sign_in(chat)
    await chat.say("sign Leo up for Biology")

    await chat.say(said)

    assert "language" not in chat.text
    assert line in chat.text.splitlines() or chat.titles == ["French 1", "French 2"]
    assert chat.language is None


async def test_a_language_is_still_changed_where_no_class_is_chosen(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("French please")

    assert tells(chat.text, "fr", "utter_language_changed")


async def test_several_children_before_signing_in_are_asked_for_after_it(chat: Chat) -> None:
    await chat.say("register all my kids for biology")
    asked = chat.text
    await chat.say("mlopez")

    await chat.submit(password=PASSWORD)

    assert "What is your username?" in asked
    assert "Which child do you mean?" in chat.text
