"""Take the commands of the app's menu in every state, through Telegram."""

import pytest

from actions import all_actions
from bot.channels.telegram.updates import COMMANDS
from bot.conversation.project import Project
from bot.conversation.turn import Assistant
from bot.conversation.understanding import Understanding
from portal.core.districts import District
from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.support.conversation import TELEGRAM, Chat, make_assistant
from tests.support.portals import PASSWORD
from tests.support.telegram.emulator import Emulator
from tests.support.telegram.line import Line

# What leads into a state, and a part of what is asked there.
STATES = {
    "a form": (("get an account",), "What is your first name?"),
    "a masked field": (("sign in", "mlopez"), "Please type the password"),
}
SAYS = {
    "start": "Hello! I am the assistant of the parent portal of Westborough Public Schools.",
    "help": "",
    "cancel": "",
    "language": "Which language shall we speak?",
    "settings": "Account Preferences",
    "privacy": "Passwords are never kept",
    "logout": "You are not signed in here",
    "human": "A person at your school",
    "voice": "so I go on in writing",
}


@pytest.fixture
def phone(assistant: Assistant, district: District) -> Chat:
    return Chat(assistant, TELEGRAM, "110201543:4101", district.slug)


async def lead_into(phone: Chat, state: str) -> str:
    """Lead into a state and return what is asked there."""
    said, asked = STATES[state]
    for text in said:
        await phone.say(text)
    assert asked in phone.text
    return asked


@pytest.mark.parametrize("command", ["start", *COMMANDS])
@pytest.mark.parametrize("state", STATES)
async def test_a_command_is_taken_in_every_state(phone: Chat, state: str, command: str) -> None:
    await lead_into(phone, state)

    await phone.say(f"/{command}")

    assert phone.text
    assert SAYS[command] in phone.text


@pytest.mark.parametrize("command", ["help", "privacy", "language", "human"])
@pytest.mark.parametrize("state", STATES)
async def test_what_is_only_told_returns_to_the_step(phone: Chat, state: str, command: str) -> None:
    asked = await lead_into(phone, state)

    await phone.say(f"/{command}")

    assert asked in phone.text


@pytest.mark.parametrize("command", ["start", "cancel"])
@pytest.mark.parametrize("state", STATES)
async def test_what_was_begun_is_over_after_start_and_cancel(phone: Chat, state: str, command: str) -> None:
    asked = await lead_into(phone, state)
    await phone.say(f"/{command}")

    await phone.say("hello")

    assert "Hello! I am the assistant" in phone.text
    assert asked not in phone.text


async def test_a_command_with_more_behind_it_and_one_that_is_none_are_text(phone: Chat) -> None:
    await phone.say("/help me with the grades")
    with_more = phone.text

    await phone.say("/weather")

    assert "What is your username?" in with_more
    assert phone.text


@pytest.mark.usefixtures("families")
@pytest.mark.requirement("R104")
async def test_settings_lead_to_the_preferences(phone: Chat) -> None:
    await phone.say("/settings")
    await phone.say("mlopez")

    await phone.submit(password=PASSWORD)

    assert "mlopez" in phone.text
    assert "Change the language" in phone.titles or phone.titles


@pytest.mark.usefixtures("families")
async def test_logout_ends_the_session_and_start_does_not(phone: Chat) -> None:
    await sign_in(phone)
    await phone.say("/start")
    begun = phone.text

    await phone.say("/logout")

    assert "Hello, Marisol" in begun
    assert "You are signed out" in phone.text


@pytest.mark.requirement("R7")
async def test_languages_are_offered_by_their_own_names_and_the_menu_stays_one_message(
    phone: Chat, project: Project
) -> None:
    await phone.say("/language")
    offered = set(phone.titles)

    await phone.press("Español")

    assert offered == {about.name for about in project.about.values()}
    assert "español" in phone.text.casefold()


async def test_a_menu_gives_way_to_the_next_in_its_place(phone: Chat) -> None:
    await phone.say("/start")
    menu = phone.phone.person.last

    await phone.press("Having trouble signing in?")

    assert phone.phone.person.last is menu
    assert menu.edits == 1
    assert menu.text == phone.text


async def test_a_menu_is_good_after_a_restart_and_an_old_one_is_answered_with_the_new(
    portal: Portal, district: District, project: Project, understanding: Understanding
) -> None:
    emulator = Emulator()
    for number in range(3):
        assistant = make_assistant(portal, all_actions(portal), understanding, project)
        line = Line(assistant, portal, emulator)
        ana = line.person(4101)
        if number == 0:
            await ana.types("/start")
            await line.settled()
            pressed = next(
                key["callback_data"] for row in ana.last.buttons for key in row if key["text"] == "Sign in"
            )
        else:
            # The second time it is the old menu's button: in the app of another device it still stands.
            await ana.presses_data(pressed, ana.last)
        await line.settled()
        assistant.close()

    assert ana.last.text.count("What is your username?") == 1
    assert len(ana.hears) == 1
    assert emulator.faults == []
