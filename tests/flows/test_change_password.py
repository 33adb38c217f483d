"""Change a password: told why and what it must be, then three masked fields."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from portal.accounts.models import AccountRow
from portal.accounts.outcomes import SignedIn
from portal.core.districts import District
from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.flows.conftest import WESTBOROUGH
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.portals import NEW_PASSWORD, PASSWORD, make_district, make_parent
from tests.support.portals import sign_in as sign_in_at

pytestmark = pytest.mark.usefixtures("families")
FIELDS = ["Current Password", "New Password", "Re-Enter New Password"]
STRICT = {
    "min_length": 12,
    "upper_and_lower": True,
    "letter_and_number": True,
    "special": True,
    "history": 3,
}


@pytest.fixture
def newcomer(portal: Portal, district: District) -> str:
    make_parent(portal, district, username="newcomer", temporary=True)
    return "newcomer"


async def submit(chat: Chat, current: str = PASSWORD, new: str = NEW_PASSWORD, again: str = "") -> None:
    await chat.submit(current_password=current, new_password=new, new_password_again=again or new)


@pytest.mark.requirement("R13", "R16", "R18", "R19")
async def test_a_temporary_password_must_be_changed_at_the_first_sign_in(chat: Chat, newcomer: str) -> None:
    await sign_in(chat, newcomer)

    assert "temporary" in chat.replies[0].text
    assert [field.label for field in chat.secret.fields] == FIELDS
    assert chat.secret.purpose == "change_password"


@pytest.mark.requirement("R14", "R16")
async def test_an_expired_password_must_be_changed(portal: Portal, district: District, chat: Chat) -> None:
    make_parent(portal, district, username="oldtimer", expired=True)

    await sign_in(chat, "oldtimer")

    assert "expired" in chat.replies[0].text
    assert [field.label for field in chat.secret.fields] == FIELDS


@pytest.mark.requirement("R20", "R21", "R22")
async def test_the_districts_rules_are_listed_before_the_password_is_asked_for(
    portal: Portal, chat: Chat, newcomer: str
) -> None:
    make_district(portal, **{**WESTBOROUGH, "password": STRICT})

    await sign_in(chat, newcomer)

    for rule in (
        "at least 12 characters",
        "one uppercase and one lowercase letter",
        "one letter and one number",
        "one special character",
        "last 3 passwords",
        "do not write it down",
        "without help from your school",
        "exactly the same",
    ):
        assert rule in chat.text


@pytest.mark.requirement("R20")
async def test_a_rule_that_is_off_is_not_listed(chat: Chat, newcomer: str) -> None:
    await sign_in(chat, newcomer)

    assert "uppercase" not in chat.text
    assert "special" not in chat.text


@pytest.mark.requirement("R23", "R32")
async def test_a_changed_temporary_password_opens_the_start_and_replaces_the_old(
    portal: Portal, chat: Chat, newcomer: str
) -> None:
    await sign_in(chat, newcomer)

    await submit(chat)

    assert chat.text.startswith("Your password is changed.")
    assert "What would you like to know?" in chat.text
    assert isinstance(sign_in_at(portal, newcomer, NEW_PASSWORD, conversation="other"), SignedIn)
    assert not isinstance(sign_in_at(portal, newcomer, PASSWORD, conversation="other"), SignedIn)


@pytest.mark.requirement("R24", "R25", "R26", "R27", "R28", "R29", "R30")
@pytest.mark.case("P1")
async def test_every_broken_rule_is_told_at_once_in_the_portals_sentences(
    portal: Portal, chat: Chat, newcomer: str
) -> None:
    make_district(portal, **{**WESTBOROUGH, "password": STRICT})
    await sign_in(chat, newcomer)

    await submit(chat, current="not it", new="......", again="other")

    told = [
        "Current password is not correct.",
        "New password must be at least 12 characters long.",
        "New password must contain at least one uppercase and one lowercase letter.",
        "New password must contain at least one letter and one number.",
        "The verification password you enter must match the new password.",
    ]
    assert chat.replies[0].text.splitlines()[:5] == told
    assert [field.label for field in chat.secret.fields] == FIELDS


@pytest.mark.requirement("R29")
async def test_a_missing_special_character_is_told(portal: Portal, chat: Chat, newcomer: str) -> None:
    make_district(portal, **{**WESTBOROUGH, "password": STRICT})
    await sign_in(chat, newcomer)

    await submit(chat, new="Nine0quiet0lanterns")

    assert chat.replies[0].text.startswith("New password must contain at least one special character.")


@pytest.mark.requirement("R31")
async def test_a_password_used_before_is_refused(chat: Chat, newcomer: str) -> None:
    await sign_in(chat, newcomer)

    await submit(chat, new=PASSWORD)

    assert "The password entered was previously used. Please enter a new password." in chat.text


async def test_a_question_waits_for_the_new_password_and_is_then_answered(
    portal: Portal, district: District, chat: Chat
) -> None:
    with portal.begin() as tx:
        maya = tx.imports.find_student(district.slug, "7001")
    make_parent(portal, district, username="newcomer", temporary=True, children=[maya.id if maya else ""])
    await chat.say("What are Maya's grades?")
    await chat.say("newcomer")
    await chat.submit(password=PASSWORD)

    await submit(chat)

    assert "Algebra I: B+ (88%)" in chat.text


@pytest.mark.case("P13")
async def test_nothing_is_told_before_the_password_is_changed(chat: Chat, newcomer: str) -> None:
    await sign_in(chat, newcomer)

    await chat.say("When did I last sign in?")

    assert "Your own new password comes first" in chat.text
    assert "sign-in before" not in chat.text


async def test_a_signed_in_parent_can_change_the_password(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("I want to change my password")
    await submit(chat)

    assert chat.text.startswith("Your password is changed.")
    assert isinstance(sign_in_at(portal, "mlopez", NEW_PASSWORD, conversation="other"), SignedIn)


async def test_changing_a_password_needs_a_sign_in_first(chat: Chat) -> None:
    await chat.say("change my password")
    await chat.say("mlopez")

    await chat.submit(password=PASSWORD)

    assert [field.label for field in chat.secret.fields] == FIELDS


async def test_a_session_that_ended_in_the_middle_asks_to_sign_in_again(chat: Chat, clock: FakeClock) -> None:
    await sign_in(chat)
    await chat.say("change my password")
    clock.advance(seconds=16 * 60)

    await chat.say("What are Maya's grades?")
    await chat.say("mlopez")
    await chat.submit(password=PASSWORD)

    assert "Algebra I: B+ (88%)" in chat.text
    assert "new password" not in chat.text


async def test_a_session_that_ended_before_the_change_arrives_asks_to_sign_in_again(
    chat: Chat, portal: Portal
) -> None:
    await sign_in(chat)
    await chat.say("change my password")
    with portal.begin() as tx:
        account = tx.accounts.find("westborough", "mlopez")
        assert account is not None
        tx.sessions.end_all(account.account_id)

    await submit(chat)

    assert "You have been signed out. Return to Sign In Page." in chat.text
    assert "What is your username?" in chat.text


@pytest.mark.requirement("R17")
async def test_without_parent_single_sign_on_the_school_changes_it(
    portal: Portal, chat: Chat, newcomer: str
) -> None:
    make_district(portal, **{**WESTBOROUGH, "parent_single_sign_on": False})

    await sign_in(chat, newcomer)
    forced = chat.text
    await chat.say("How do I change my password?")

    assert "has not turned on" in forced
    assert "(508) 555-0190" in forced
    assert "has not turned on" in chat.text


@pytest.mark.requirement("R18", "R19", "R20", "R21", "R22", "R23", "R24")
async def test_how_to_change_it_uses_the_portals_own_labels(chat: Chat) -> None:
    await chat.say("How do I change my password?")

    for said in (
        '"Change Your Password" page',
        '"Current Password", "New Password" and "Re-Enter New Password"',
        'Click "Enter". The start page appears.',
        "at least 10 characters",
        "re-enter the password accordingly",
        "do not write it down",
    ):
        assert said in chat.text
    assert chat.titles == ["Change it here"]


async def test_help_at_the_three_fields_explains_them_and_asks_again(chat: Chat, newcomer: str) -> None:
    await sign_in(chat, newcomer)

    await chat.say("help")

    assert '"Re-Enter New Password"' in chat.replies[0].text
    assert chat.replies[-1].secret is not None


@pytest.mark.parametrize("said", ["cancel", "start over", "say that again", "talk to a person"])
async def test_each_repair_works_at_the_three_fields(chat: Chat, newcomer: str, said: str) -> None:
    await sign_in(chat, newcomer)

    await chat.say(said)

    leaves = {"cancel": "we stop here", "start over": "We start over."}
    stays = {"say that again": "Your new password must:", "talk to a person": "(508) 555-0190"}
    assert {**leaves, **stays}[said] in chat.text
    assert (chat.replies[-1].secret is not None) == (said in stays)


async def test_a_password_typed_into_the_chat_is_deleted(chat: Chat, newcomer: str) -> None:
    await sign_in(chat, newcomer)

    await chat.say(NEW_PASSWORD)

    assert "I deleted it at once" in chat.text
    assert not any(NEW_PASSWORD in entry.text for entry in await chat.history())


async def test_after_the_change_another_chat_must_sign_in_again(
    new_chat: Callable[[], Chat],
) -> None:
    here, there = new_chat(), new_chat()
    await sign_in(there)
    await sign_in(here)
    await here.say("change my password")

    await submit(here)
    await there.say("What are Maya's grades?")

    assert "B+" not in there.text


async def test_signing_in_again_before_the_change_leads_back_to_it(chat: Chat, newcomer: str) -> None:
    await sign_in(chat, newcomer)
    await chat.say("cancel")

    await chat.say("sign in")

    assert [field.label for field in chat.replies[-1].secret.fields] == FIELDS  # type: ignore[union-attr]


@pytest.mark.requirement("R15")
async def test_guessing_the_current_password_locks_the_name_and_says_so(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("change my password")

    for _ in range(6):
        await submit(chat, current="a guess")

    assert "locked" in chat.text
    assert "(508) 555-0190" in chat.text


@pytest.mark.parametrize("said", ["change my password", "my password is expired"])
async def test_whoever_is_not_signed_in_hears_why_the_present_password_comes_first(
    chat: Chat, said: str
) -> None:
    await chat.say(said)

    assert chat.replies[0].text.startswith(
        "To choose a new password, sign in with the one that you have now."
    )
    assert chat.text.endswith("What is your username?")


@pytest.mark.requirement("R20")
async def test_the_rules_for_passwords_are_told_to_anyone(chat: Chat) -> None:
    await chat.say("what are the password rules")

    assert "be at least 10 characters long" in chat.text


@pytest.mark.case("C3")
async def test_a_password_that_stayed_in_a_chat_is_to_be_changed_at_the_next_sign_in(
    portal: Portal, chat: Chat
) -> None:
    with portal.begin() as tx:
        tx.session.execute(update(AccountRow).values(exposed_at=tx.now))

    told = await sign_in(chat)
    await chat.press("Change it here")
    await submit(chat)
    await chat.say("sign out")
    again = await sign_in(chat, password=NEW_PASSWORD)

    assert "could not be deleted" in told
    assert "could not be deleted" not in again
    assert "Marisol" in again
