"""Sign out: the session ends and nothing of the family stays."""

import pytest

from tests.flows.chat import sign_in
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD

pytestmark = pytest.mark.usefixtures("families")


@pytest.mark.requirement("R77", "R110", "R111")
async def test_sign_out_ends_the_session(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("sign out")
    told = chat.text
    await chat.say("grades")

    assert told.startswith("You are signed out.")
    assert "What is your username?" in chat.text


async def test_after_sign_out_no_question_of_the_family_is_remembered(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("What are Maya's grades?")
    await chat.say("sign out")

    await sign_in(chat, "kwhitfield")
    await chat.say("attendance")

    assert "Zoe" in chat.text
    assert "Maya" not in chat.text


async def test_after_sign_out_the_history_shows_nothing_of_a_child(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("What are Maya's grades?")
    await chat.say("sign out")

    history = "\n".join(entry.text for entry in await chat.history())

    assert "B+" not in history
    assert "Marisol" not in history


async def test_sign_out_without_a_session_says_so(chat: Chat) -> None:
    await chat.say("sign out")

    assert chat.text.startswith("You are not signed in here")


async def test_sign_out_in_the_middle_of_signing_in_leaves_it_and_voids_the_field(chat: Chat) -> None:
    await chat.say("sign in")
    await chat.say("mlopez")

    await chat.say("sign out")
    late = await chat.try_submit(password=PASSWORD)

    assert "not signed in" in chat.text
    assert not isinstance(late, list)


async def test_sign_out_in_the_middle_of_a_change_of_password_leaves_it(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("change my password")

    await chat.say("sign out")

    assert chat.text.startswith("You are signed out.")
    assert chat.replies[-1].secret is None


@pytest.mark.requirement("R77", "R109", "R110", "R111")
async def test_how_to_sign_out_offers_both(chat: Chat) -> None:
    await chat.say("How do I sign out?")

    for said in (
        "important to sign out when you are finished",
        "from any page",
        'click "Sign Out" in the header',
        "The Sign In page appears",
        "username and password must be entered again",
    ):
        assert said in chat.text
    assert chat.titles == ["Sign out here"]


@pytest.mark.requirement("R109")
async def test_a_goodbye_reminds_whoever_is_signed_in(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("bye")
    await chat.press("Sign Out")

    assert chat.text.startswith("You are signed out.")


@pytest.mark.requirement("R109", "R110", "R111")
@pytest.mark.usefixtures("families")
@pytest.mark.parametrize(
    "said", ["do i have to sign out", "can i sign out from any page", "what happens after i sign out"]
)
async def test_a_question_about_signing_out_signs_nobody_out(chat: Chat, said: str) -> None:
    await sign_in(chat)

    await chat.say(said)
    told = chat.text
    await chat.say("grades for Maya")

    assert "It is important to sign out when you are finished." in told
    assert "Algebra I" in chat.text
