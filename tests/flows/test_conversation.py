"""Reach a person, start over, be understood: what every conversation takes."""

import pytest

from portal.core.districts import District
from portal.transaction import Portal
from tests.flows.chat import everything, sign_in
from tests.flows.conftest import HELP, WESTBOROUGH
from tests.support.conversation import Chat
from tests.support.languages import tells
from tests.support.portals import make_district

ONE = HELP["101"]
pytestmark = pytest.mark.usefixtures("district")


@pytest.mark.requirement("R2", "R51")
async def test_a_person_is_named_with_telephone_e_mail_and_hours(chat: Chat) -> None:
    await chat.say("Can I talk to a person?")

    for said in ("Assabet Ridge School", ONE["phone"], ONE["email"], ONE["hours"]):
        assert said in chat.text


async def test_how_long_an_answer_takes_is_told_where_it_is_known(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, "help": {"101": {**ONE, "wait": "one school day"}}})

    await chat.say("Can I talk to a person?")

    assert "answer time: one school day" in chat.text


async def test_without_a_help_desk_on_file_the_office_is_named(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, "help": {}})

    await chat.say("Can I talk to a person?")

    assert "Your school's office can be reached" in chat.text


async def test_a_large_district_names_its_own_help_desk_only(portal: Portal, chat: Chat) -> None:
    many = {str(number): {"phone": f"555-01{number:02}"} for number in range(20)}
    default = {"default": {"phone": "555-0199"}}
    make_district(portal, **{**WESTBOROUGH, "help": {**many, **default}})

    await chat.say("Can I talk to a person?")

    assert "Westborough Public Schools, telephone 555-0199" in chat.text
    assert "555-0101" not in chat.text


@pytest.mark.requirement("R132", "R133", "R134")
async def test_a_parent_never_gets_the_address_for_staff(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, "account_opening": "request"})

    for said in ("talk to a person", "create an account", "aspen support email", "merge my accounts"):
        await chat.say(said)

    assert "aspen@" not in everything(chat)
    assert "merge" not in everything(chat)


async def test_nonsense_asks_to_rephrase_then_offers_buttons_then_a_person(chat: Chat) -> None:
    await chat.say("blorp gribble snork")
    first = chat.text
    await chat.say("frobnicate the zzyzx")
    second, titles = chat.text, chat.titles

    await chat.say("wibble wobble")

    assert "in other words" in first
    assert "Is it one of these?" in second
    assert titles == ["Grades", "Attendance", "Sign in", "Having trouble signing in?", "Talk to a person"]
    assert ONE["phone"] in chat.text


async def test_a_follow_up_without_a_question_before_it_is_not_understood(chat: Chat) -> None:
    await chat.say("and in september?")

    assert "in other words" in chat.text


@pytest.mark.usefixtures("families")
async def test_help_says_what_is_possible(chat: Chat) -> None:
    await chat.say("help")

    assert "Talk to a person" in chat.titles
    assert '"How do I ..."' in chat.text


async def test_cancel_with_nothing_begun_says_so(chat: Chat) -> None:
    await chat.say("cancel")

    assert "nothing to cancel" in chat.text


@pytest.mark.usefixtures("families")
async def test_start_over_keeps_the_parent_signed_in(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("start over")
    await chat.say("hello")

    assert chat.text.startswith("Hello, Marisol López!")


async def test_every_language_is_offered_as_its_speakers_call_it(chat: Chat) -> None:
    await chat.say("Do you speak another language?")
    offered = chat.titles
    await chat.press("Kreyòl ayisyen")

    assert {"English", "Español", "Português", "中文", "Tiếng Việt", "العربية", "Soomaali"} <= set(offered)
    assert tells(chat.text, "ht", "utter_language_changed")


async def test_say_that_again_with_nothing_said_says_so(chat: Chat) -> None:
    await chat.say("say that again")

    assert "not said anything yet" in chat.text


@pytest.mark.parametrize(
    "flow", ["sign in", "change my password", "What are my child's grades?", "attendance"]
)
async def test_each_flow_that_needs_a_sign_in_asks_for_the_username_in_its_first_reply(
    chat: Chat, flow: str
) -> None:
    await chat.say(flow)

    assert "What is your username?" in chat.text


async def test_an_emoji_a_mark_and_markup_are_only_text(chat: Chat, district: District) -> None:
    for said in ("🙂", "<b>grades</b>", '/sign_out{"a": 1}', "\u202egrades", "' OR 1=1--"):
        await chat.say(said)

        assert chat.text
        assert "went wrong" not in chat.text
