"""Say whom to contact: in short under an answer, in full to whoever asks for a person."""

import pytest

from portal.transaction import Portal
from tests.flows.conftest import HELP, WESTBOROUGH
from tests.support.conversation import Chat
from tests.support.portals import make_district

DESK = {"name": "Parent help desk", "phone": "(508) 555-0192"}
BIRCH = {"name": "Birch Hollow School", "phone": "(508) 555-0191"}
SEVERAL = {**HELP, "102": BIRCH, "default": DESK}


@pytest.mark.requirement("R2", "R15")
async def test_the_help_desk_stands_under_an_answer_for_all_schools(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, "help": SEVERAL})

    await chat.say("I am locked out")

    assert "- Parent help desk, telephone (508) 555-0192" in chat.text
    assert "Or the office of your child's school." in chat.text
    assert "0190" not in chat.text


@pytest.mark.requirement("R2", "R134")
async def test_whoever_asks_for_a_person_hears_of_every_school_the_help_desk_first(
    portal: Portal, chat: Chat
) -> None:
    make_district(portal, **{**WESTBOROUGH, "help": SEVERAL})

    await chat.say("talk to a person")

    lines = [line for line in chat.text.splitlines() if line.startswith("- ")]
    assert [line[2:].partition(",")[0] for line in lines] == [
        "Parent help desk",
        "Assabet Ridge School",
        "Birch Hollow School",
    ]


@pytest.mark.requirement("R2")
async def test_without_a_help_desk_each_school_is_named(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, "help": {**HELP, "102": BIRCH, "default": {"name": "Desk"}}})

    await chat.say("I am locked out")

    assert "Assabet Ridge School" in chat.text
    assert "Birch Hollow School" in chat.text
    assert "Desk" not in chat.text


@pytest.mark.requirement("R2")
async def test_a_help_desk_that_is_the_only_one_stands_alone(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, "help": {"default": DESK}})

    await chat.say("I am locked out")

    assert "Parent help desk" in chat.text
    assert "Or the office" not in chat.text


@pytest.mark.requirement("R2")
async def test_where_nobody_is_listed_the_office_is_named(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, "help": {}})

    await chat.say("I am locked out")

    assert "Your school's office can be reached by its usual telephone number or in person." in chat.text
