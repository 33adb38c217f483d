"""Show the settings of an account, and change them one at a time."""

from collections.abc import Mapping

import pytest

from portal.accounts.models import AccountRow
from portal.accounts.outcomes import SignedIn
from portal.core.districts import District
from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.flows.conftest import WESTBOROUGH
from tests.support.conversation import Chat
from tests.support.families import Letter, mails
from tests.support.portals import PASSWORD, make_district, make_parent
from tests.support.portals import sign_in as sign_in_at


@pytest.fixture
def account(portal: Portal, district: District, letters: Mapping[str, Letter]) -> str:
    return make_parent(
        portal,
        district,
        username="mlopez",
        display_name="Marisol López",
        email="m@mailbox.example",
        children=[letters["S1"].student_id],
    )


pytestmark = pytest.mark.usefixtures("account")


@pytest.mark.requirement("R104")
async def test_the_settings_are_shown_with_a_button_for_each(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("account preferences")

    for line in ("Name: Marisol López", "Username: mlopez", "E-mail: m@mailbox.example", "Language: English"):
        assert line in chat.text
    assert chat.titles == ["Name", "E-mail", "Username", "Password", "Language"]
    assert chat.replies[0].private


@pytest.mark.requirement("R104", "R112")
async def test_signing_in_comes_first(chat: Chat) -> None:
    await chat.say("account preferences")
    first = chat.text
    await chat.say("mlopez")
    await chat.submit(password=PASSWORD)

    assert 'the page "Account Preferences"' in first
    assert "m@mailbox.example" not in first
    assert "Username: mlopez" in chat.text


@pytest.mark.requirement("R104")
async def test_how_to_change_settings_gives_both_ways(chat: Chat) -> None:
    await chat.say("How do I change my account preferences?")

    assert "right here" in chat.text
    assert '"Account Preferences"' in chat.text
    assert chat.titles == ["Show my settings"]


async def test_the_name_is_changed(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("account preferences")
    await chat.press("Name")
    await chat.say("Mari López de Ruiz")
    changed = chat.text
    await chat.say("account preferences")

    assert "your account says Mari López de Ruiz now" in changed
    assert "Name: Mari López de Ruiz" in chat.text


@pytest.mark.requirement("R55")
async def test_the_address_is_changed_with_the_password_and_both_ends_are_written_to(
    portal: Portal, chat: Chat, account: str
) -> None:
    with portal.begin() as tx:
        tx.session.get_one(AccountRow, account).email_confirmed_at = tx.now
    await sign_in(chat)
    await chat.say("change my email to new@mailbox.example")
    asked = chat.text
    await chat.submit(password=PASSWORD)
    told = chat.text
    await chat.say("account preferences")

    assert "We shall write to new@mailbox.example" in asked
    assert "the new address counts from then on" in told
    assert {"new@mailbox.example", "m@mailbox.example"} <= {address for _, address in mails(portal)}
    assert "new@mailbox.example waits to be confirmed" in chat.text
    assert "Keep the old e-mail" in chat.titles


async def test_a_change_of_address_can_be_taken_back(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("change my email to new@mailbox.example")
    await chat.submit(password=PASSWORD)
    await chat.say("account preferences")

    await chat.press("Keep the old e-mail")

    assert "new@mailbox.example" not in chat.text
    assert "E-mail: m@mailbox.example" in chat.text


async def test_the_username_is_changed_with_the_password(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("change my username")
    await chat.say("mari.lopez")
    await chat.submit(password=PASSWORD)

    assert 'your username is "mari.lopez" from now on' in chat.text
    assert isinstance(sign_in_at(portal, "mari.lopez", conversation="other"), SignedIn)


@pytest.mark.parametrize(
    ("ask", "answer", "said"),
    [
        ("change my username", "mlopez", "That is your username already."),
        ("change my username", "other", "This username is already in use."),
        ("change my email", "m@mailbox.example", "That is your e-mail address already."),
    ],
)
async def test_what_is_refused_is_asked_for_again(
    portal: Portal, chat: Chat, ask: str, answer: str, said: str
) -> None:
    make_parent(portal, username="other")
    await sign_in(chat)
    await chat.say(ask)
    await chat.say(answer)

    await chat.submit(password=PASSWORD)

    assert chat.text.startswith(said)
    assert chat.replies[-1].secret is None


@pytest.mark.parametrize("ask", ["change my email to new@mailbox.example", "change my username"])
async def test_a_wrong_password_changes_nothing_and_is_asked_for_again(chat: Chat, ask: str) -> None:
    await sign_in(chat)
    await chat.say(ask)
    if "username" in ask:
        await chat.say("mari.lopez")

    await chat.submit(password="not it")

    assert "That is not the password of your account." in chat.text
    assert chat.replies[-1].secret is not None


async def test_guessing_the_password_comes_to_an_end(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("change my email to new@mailbox.example")

    for _ in range(6):
        await chat.submit(password="not it")

    assert "locked" in chat.text or "pause" in chat.text
    assert chat.replies[-1].secret is None


async def test_a_session_that_ended_asks_to_sign_in_again(portal: Portal, chat: Chat, account: str) -> None:
    await sign_in(chat)
    await chat.say("change my email to new@mailbox.example")
    with portal.begin() as tx:
        tx.sessions.end_all(account)

    await chat.submit(password=PASSWORD)

    assert "What is your username?" in chat.text


async def test_a_name_typed_after_the_session_ended_changes_nothing(
    portal: Portal, chat: Chat, account: str
) -> None:
    await sign_in(chat)
    await chat.say("change my name")
    with portal.begin() as tx:
        tx.sessions.end_all(account)

    await chat.say("Eva Stone")

    assert "What is your username?" in chat.text


async def test_the_password_has_a_flow_of_its_own(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("account preferences")

    await chat.press("Password")

    assert chat.secret.purpose == "change_password"


async def test_the_language_of_mails_is_chosen(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("account preferences")
    await chat.press("Language")
    offered = chat.titles
    await chat.press("Español")
    told = chat.text
    await chat.say("account preferences")

    assert offered == ["English", "Español"]
    assert "Español" in told
    assert "Idioma: Español" in chat.text


async def test_the_language_of_mails_is_named_in_the_language_of_the_reader(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("account preferences")
    await chat.press("Language")
    await chat.press("Español")
    await chat.say("account preferences")
    await chat.press("Idioma")
    await chat.press("English")
    chat.language = "es"
    await chat.say("preferencias de mi cuenta")

    assert "Idioma: Inglés" in chat.text


@pytest.mark.parametrize("said", ["I have a new phone number", "we moved to a new address"])
async def test_what_the_school_keeps_is_sent_to_the_school(chat: Chat, said: str) -> None:
    await chat.say(said)

    assert "school's own records" in chat.text
    assert "(508) 555-0190" in chat.text
    assert chat.titles == ["Pass it on to the school"]


async def test_an_account_without_an_address_says_so(portal: Portal, district: District, chat: Chat) -> None:
    make_parent(portal, district, username="noemail")
    await sign_in(chat, "noemail")

    await chat.say("account preferences")

    assert "E-mail: none yet" in chat.text


async def test_settings_are_shown_where_parents_request_accounts_too(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, "account_opening": "request"})
    await sign_in(chat)

    await chat.say("show my settings")

    assert "Username: mlopez" in chat.text
