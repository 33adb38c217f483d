"""Sign in: the username here, the password only in a masked field, every refusal with a next step."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.core.outcomes import Refused
from portal.dialogue.models import ConversationRow
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.chat import everything, sign_in
from tests.flows.conftest import WESTBOROUGH
from tests.flows.school import write_school
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.hashing import CountingHasher
from tests.support.languages import tells
from tests.support.portals import PASSWORD, make_district
from tests.support.portals import sign_in as sign_in_at

pytestmark = pytest.mark.usefixtures("families")
RULE = '"Do not use someone else\'s password or give your password to anyone else."'


async def fail(chat: Chat, username: str, times: int = 1) -> None:
    """Sign in with a wrong password, each time from the start."""
    for number in range(times):
        await chat.say("sign in")
        await chat.say(username)
        await chat.submit(password=f"wrong {number}")


@pytest.mark.requirement("R1", "R9")
async def test_sign_in_asks_for_the_username_in_the_same_reply_with_a_language_beside_it(chat: Chat) -> None:
    await chat.say("sign in")

    assert "What is your username?" in chat.text
    assert chat.titles == ["Español"]


@pytest.mark.requirement("R8")
async def test_a_district_with_one_language_offers_none(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, "locales": ["en"]})

    await chat.say("sign in")

    assert chat.titles == []


@pytest.mark.requirement("R10")
async def test_the_password_is_asked_for_in_a_masked_field(chat: Chat) -> None:
    await chat.say("sign in")
    await chat.say("mlopez")

    assert [(field.name, field.label) for field in chat.secret.fields] == [("password", "Password")]
    assert chat.secret.purpose == "sign_in"
    assert "asterisk" in chat.text


@pytest.mark.parametrize("username", ["alice", "kim", "gradesmom", "maria.lopez", "no-such-parent"])
async def test_a_username_that_resembles_a_name_or_a_question_is_a_username(
    chat: Chat, username: str
) -> None:
    await chat.say("sign in")
    await chat.say(username)

    assert f'"{username}"' in chat.text
    assert chat.secret.purpose == "sign_in"


@pytest.mark.requirement("R12", "R74")
async def test_a_right_password_welcomes_by_name(chat: Chat) -> None:
    await sign_in(chat)

    assert chat.text.startswith("Welcome, Marisol López")
    assert chat.titles == ["Grades", "Attendance", "Sign Out"]
    assert chat.replies[0].private


@pytest.mark.requirement("R75")
async def test_the_next_welcome_tells_the_sign_in_before(chat: Chat, clock: FakeClock) -> None:
    await sign_in(chat)
    await chat.say("sign out")
    clock.advance(seconds=3600)

    await sign_in(chat)

    assert "Your last sign-in was October 15, 2026, 10:00 AM." in chat.text


@pytest.mark.case("E1")
async def test_a_wrong_password_and_an_unknown_name_get_the_same_words(
    new_chat: Callable[[], Chat],
) -> None:
    known, unknown = new_chat(), new_chat()

    await fail(known, "mlopez")
    await fail(unknown, "nobody1")

    assert known.text == unknown.text
    assert known.titles == unknown.titles
    assert known.titles == ["Try again", "Use another username", "Having trouble signing in?"]


@pytest.mark.case("E2")
async def test_each_wrong_password_costs_one_verification_whoever_it_is(
    new_chat: Callable[[], Chat], hasher: CountingHasher
) -> None:
    before = hasher.verified

    await fail(new_chat(), "mlopez")
    await fail(new_chat(), "nobody1")

    assert hasher.verified - before == 2


async def test_no_number_of_attempts_left_is_ever_said(chat: Chat) -> None:
    await fail(chat, "mlopez", times=4)

    assert not any(
        word in everything(chat) for word in ("left", "remaining", " more tries before", "attempt")
    )


async def test_try_again_asks_only_for_the_password(chat: Chat) -> None:
    await fail(chat, "mlopez")

    await chat.press("Try again")
    await chat.submit(password=PASSWORD)

    assert chat.text.startswith("Welcome, Marisol López")


@pytest.mark.parametrize("said", ["try again", "i typed it wrong", "let me try once more"])
async def test_another_try_in_words_asks_only_for_the_password(chat: Chat, said: str) -> None:
    await fail(chat, "mlopez")

    await chat.say(said)

    assert 'the password for "mlopez"' in chat.text
    assert chat.secret is not None


async def test_another_username_can_be_used_after_a_refusal(chat: Chat) -> None:
    await fail(chat, "mlopes")

    await chat.press("Use another username")

    assert "What is your username?" in chat.text


@pytest.mark.requirement("R15")
async def test_a_lock_until_staff_sends_to_the_school_in_full(chat: Chat) -> None:
    await fail(chat, "mlopez", times=6)

    assert "locked" in chat.text
    assert "only your school can open it" in chat.text
    for said in ("(508) 555-0190", "office.101@schools.example", "7:30 a.m. to 3:30 p.m."):
        assert said in chat.text


@pytest.mark.requirement("R15")
@pytest.mark.case("A14")
async def test_a_locked_name_is_still_asked_for_its_password_and_refused_when_right(chat: Chat) -> None:
    await fail(chat, "mlopez", times=5)

    await sign_in(chat)

    assert "locked" in chat.text


@pytest.mark.requirement("R15")
async def test_a_lock_that_passes_tells_when_and_then_opens(
    portal: Portal, chat: Chat, clock: FakeClock
) -> None:
    make_district(portal, **{**WESTBOROUGH, "profile": "recommended", "lock": {"fails": 3, "minutes": 15}})
    await fail(chat, "mlopez", times=4)
    locked = chat.text
    clock.advance(seconds=15 * 60)

    await sign_in(chat)

    assert "You can try again after October 15, 2026, 10:15 AM." in locked
    assert chat.text.startswith("Welcome")


@pytest.mark.case("E5")
async def test_a_name_that_does_not_exist_locks_with_the_same_words(new_chat: Callable[[], Chat]) -> None:
    known, unknown = new_chat(), new_chat()

    await fail(known, "mlopez", times=6)
    await fail(unknown, "nobody1", times=6)

    assert [r.text for r in known.seen] == [r.text.replace("nobody1", "mlopez") for r in unknown.seen]


async def test_a_disabled_password_sends_to_the_school(portal: Portal, chat: Chat, clock: FakeClock) -> None:
    make_district(portal, **{**WESTBOROUGH, "lock": {"mode": "wait", "fails": 100}})
    for _ in range(100):
        sign_in_at(portal, password="wrong")
        clock.advance(seconds=901)

    await sign_in(chat)

    assert "its password is switched off" in chat.text
    assert "(508) 555-0190" in chat.text


async def test_too_many_tries_from_one_place_pause_for_every_name(chat: Chat) -> None:
    for number in range(21):
        await chat.say("sign in")
        await chat.say(f"parent{number}")
        await chat.submit(password="wrong")

    assert "many tries to sign in from where you are" in chat.text


async def test_an_unusable_password_is_not_called_wrong(chat: Chat) -> None:
    await chat.say("sign in")
    await chat.say("mlopez")

    await chat.submit(password="x" * 2000)

    assert "could not use what was in the field" in chat.text
    assert "Try again" in chat.titles


async def test_a_used_ticket_does_nothing(chat: Chat) -> None:
    await sign_in(chat)

    again = await chat.try_submit(password=PASSWORD)

    assert isinstance(again, Refused)


async def test_signing_in_twice_says_who_is_signed_in(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("sign in")

    assert chat.text.startswith("You are already signed in, Marisol López.")


async def test_a_question_is_answered_after_signing_in_without_asking_again(chat: Chat) -> None:
    await chat.say("How many days was Maya absent this term?")
    asked = chat.text
    await chat.say("mlopez")

    await chat.submit(password=PASSWORD)

    assert "What is your username?" in asked
    assert chat.replies[0].text.startswith("Welcome")
    assert chat.replies[1].text.startswith("3 days.")


async def test_a_question_survives_a_wrong_password(chat: Chat) -> None:
    await chat.say("What are Maya's grades?")
    await chat.say("mlopez")
    await chat.submit(password="wrong")
    await chat.press("Try again")

    await chat.submit(password=PASSWORD)

    assert "Algebra I: B+ (88%)" in chat.text


@pytest.mark.requirement("R65", "R68")
@pytest.mark.case("S5")
async def test_a_session_that_timed_out_says_so_and_goes_on_after_signing_in(
    chat: Chat, clock: FakeClock
) -> None:
    await sign_in(chat)
    clock.advance(seconds=15 * 60)

    await chat.say("What are Maya's grades?")
    told = chat.text
    await chat.say("mlopez")
    await chat.submit(password=PASSWORD)

    assert told.startswith("You have been signed out. Return to Sign In Page.")
    assert "15 minutes" in told
    assert "Algebra I: B+ (88%)" in chat.text


@pytest.mark.requirement("R67")
async def test_another_parent_after_a_time_out_learns_nothing_of_the_first_family(
    chat: Chat, clock: FakeClock
) -> None:
    await sign_in(chat)
    await chat.say("What are Maya's grades?")
    clock.advance(seconds=15 * 60)

    await chat.say("grades")
    before = len(chat.seen)
    await chat.say("kwhitfield")
    await chat.submit(password=PASSWORD)

    said = "\n".join(reply.text for reply in chat.seen[before:])
    assert "Zoe" in said
    assert "Maya" not in said


# The repairs that every flow takes.


async def test_a_username_given_before_it_is_asked_is_taken(chat: Chat) -> None:
    await chat.say("sign in as mlopez")

    assert '"mlopez"' in chat.text
    assert chat.replies[0].secret is not None


async def test_a_username_and_a_question_in_one_message_are_both_taken(chat: Chat) -> None:
    await chat.say("can I sign in as mlopez and see Maya's grades")
    await chat.submit(password=PASSWORD)

    assert "Algebra I: B+ (88%)" in chat.text


async def test_the_username_can_be_put_right_while_the_password_is_asked_for(chat: Chat) -> None:
    await chat.say("sign in")
    await chat.say("kwhitfeld")

    await chat.say("no, the username is mlopez")
    await chat.submit(password=PASSWORD)

    assert chat.text.startswith("Welcome, Marisol López")


@pytest.mark.requirement("R49", "R60", "R61")
@pytest.mark.parametrize("username", [None, "mlopez"], ids=["at the username", "at the password"])
async def test_a_question_in_between_is_answered_and_the_step_asked_again(
    chat: Chat, username: str | None
) -> None:
    await chat.say("sign in")
    if username:
        await chat.say(username)
    step = chat.replies[-1].text

    await chat.say("what is an Access ID?")

    assert "pair of codes" in chat.text
    assert chat.replies[-1].text == step


async def test_a_question_about_a_child_at_the_password_is_answered_after_it(chat: Chat) -> None:
    await chat.say("sign in")
    await chat.say("mlopez")
    await chat.say("What are Maya's grades?")
    again = chat.replies[-1].secret

    await chat.submit(password=PASSWORD)

    assert again is not None
    assert "Algebra I: B+ (88%)" in chat.text


async def test_cancel_leaves_and_forgets_the_username(chat: Chat) -> None:
    await chat.say("sign in")
    await chat.say("mlopez")

    await chat.say("cancel")
    cancelled = chat.text
    await chat.say("sign in")

    assert "we stop here" in cancelled
    assert "What is your username?" in chat.text


async def test_start_over_starts_anew(chat: Chat) -> None:
    await chat.say("What are Maya's grades?")

    await chat.say("start over")
    restarted = chat.text
    await sign_in(chat)

    assert restarted.startswith("We start over.")
    assert "Algebra" not in chat.text


async def test_say_that_again_says_the_step_again(chat: Chat) -> None:
    await chat.say("sign in")
    asked = chat.text

    await chat.say("say that again")

    assert chat.text == asked


@pytest.mark.requirement("R4", "R10")
async def test_help_at_the_password_tells_the_rule_and_asks_again(chat: Chat) -> None:
    await chat.say("sign in")
    await chat.say("mlopez")

    await chat.say("help")

    assert RULE in chat.text
    assert '"to ensure greater security when you sign in"' in chat.text
    assert chat.replies[-1].secret is not None


async def test_help_at_the_username_explains_the_username(chat: Chat) -> None:
    await chat.say("sign in")

    await chat.say("help")

    assert '"Username"' in chat.replies[0].text
    assert "What is your username?" in chat.replies[-1].text


async def test_another_language_in_mid_flow_returns_to_the_step(chat: Chat) -> None:
    await chat.say("sign in")

    await chat.press("Español")

    assert tells(chat.text, "es", "utter_language_changed")
    assert tells(chat.replies[-1].text, "es", "utter_ask_sign_in_form_username")


async def test_a_person_can_be_asked_for_at_any_step(chat: Chat) -> None:
    await chat.say("sign in")
    await chat.say("mlopez")

    await chat.say("I want to talk to a person")

    assert "(508) 555-0190" in chat.text
    assert chat.replies[-1].secret is not None


async def test_a_sentence_is_no_username(chat: Chat) -> None:
    await chat.say("sign in")

    await chat.say("blorp gribble snork")

    assert "A username is one word" in chat.text


@pytest.mark.case("C2")
async def test_a_password_typed_into_the_chat_is_deleted_and_not_used(chat: Chat) -> None:
    await chat.say("sign in")
    await chat.say("mlopez")

    await chat.say(PASSWORD)

    assert "I deleted it at once" in chat.text
    assert "Welcome" not in everything(chat)
    history = [entry.text for entry in await chat.history()]
    assert not any(PASSWORD in line for line in history)


# How the portal itself does it.


@pytest.mark.requirement(
    "R1", "R2", "R3", "R4", "R5", "R6", "R7", "R9", "R10", "R11", "R12", "R13", "R14", "R15"
)
async def test_how_to_sign_in_offers_both_with_the_portals_own_labels(chat: Chat) -> None:
    await chat.say("How do I sign in?")

    for said in (
        "https://ps.westboroughk12.org/public",
        '"Student and Parent Sign In"',
        '"Sign In" tab',
        '"Select Language"',
        '"Username"',
        '"Password"',
        "asterisks (*)",
        '"to ensure greater security when you sign in"',
        '"Having trouble signing in?"',
        'Click "Sign In". The start page appears.',
        "temporary or expired password",
        "if so, contact your school",
        RULE,
        "you have questions? Contact your school.",
    ):
        assert said in chat.text
    assert chat.titles == ["Sign in here", "Contact your school"]


async def test_sign_in_here_does_it(chat: Chat) -> None:
    await chat.say("How do I sign in?")

    await chat.press("Sign in here")

    assert "What is your username?" in chat.text


@pytest.mark.requirement("R8")
async def test_how_to_sign_in_says_why_a_menu_is_missing(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, "locales": ["en"]})

    await chat.say("How do I sign in?")

    assert 'There is no "Select Language" menu' in chat.text


@pytest.mark.requirement("R11")
async def test_having_trouble_offers_what_the_portal_offers(chat: Chat) -> None:
    await chat.say("I can't get in")

    assert chat.titles[:2] == ["Forgot Password?", "Forgot Username?"]


@pytest.mark.requirement("R15")
@pytest.mark.parametrize(
    ("lock", "said"),
    [({"mode": "until_staff", "fails": 5}, "only they can"), ({"mode": "wait", "fails": 5}, "15 minutes")],
)
async def test_a_lock_is_explained_with_this_districts_values(
    portal: Portal, chat: Chat, lock: dict[str, object], said: str
) -> None:
    make_district(portal, **{**WESTBOROUGH, "lock": lock})

    await chat.say("I am locked out")

    assert "which is 5 here" in chat.text
    assert "contact your school" in chat.text
    assert said in chat.text


async def test_without_parent_single_sign_on_trouble_means_the_school(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, "parent_single_sign_on": False})

    await chat.say("How do I sign in?")

    assert "Having trouble" not in chat.text
    assert "If you forgot your username or password, contact your school." in chat.text


@pytest.mark.parametrize("typed", ["Jean-Luc", "jean-luc"])
async def test_a_name_that_only_the_family_knows_is_understood_once_it_is_signed_in(
    portal: Portal, chat: Chat, tmp_path: Path, typed: str
) -> None:
    folder = write_school(tmp_path / "renamed")
    users = folder / "users.csv"
    users.write_text(users.read_text(encoding="utf-8").replace(",Leo,", ",Jean-Luc,"), encoding="utf-8")
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(folder))
    await chat.say(f"How many days was {typed} absent this term?")
    await chat.say("mlopez")

    await chat.submit(password=PASSWORD)

    assert chat.replies[1].text.startswith("0 days. No absence of Jean-Luc")


@pytest.mark.parametrize("typed", ["mlopez", "ana_ruiz", "alice", "mlopez2", "ana.ruiz@families.example"])
async def test_a_bare_username_after_a_failed_sign_in_is_another_try(chat: Chat, typed: str) -> None:
    await sign_in(chat, "mlopes")

    await chat.say(typed)

    assert f'the password for "{typed}"' in chat.text
    assert chat.replies[-1].secret is not None


@pytest.mark.case("C2")
@pytest.mark.parametrize("typed", ["Sunshine12", "sunshine12!", "i typed Sunshine12", "MLOPEZ7"])
async def test_what_may_be_the_password_after_a_failed_sign_in_is_neither_kept_nor_shown(
    chat: Chat, portal: Portal, typed: str
) -> None:
    await sign_in(chat, "mlopes")

    await chat.say(typed)
    first = [reply.text for reply in chat.replies]
    await chat.say(typed)

    assert "could have been a password" in first[0]
    assert [button.title for button in chat.replies[-1].buttons][:2] == ["Try again", "Use another username"]
    with portal.begin(read_only=True) as tx:
        states = [row.state or b"" for row in tx.session.scalars(select(ConversationRow))]
    kept = [portal.keys.decrypt(state).decode() for state in states]
    kept += [entry.text for entry in await chat.history()]
    assert "mlopes" in str(kept)
    assert typed.rsplit(maxsplit=1)[-1] not in str(kept)


async def test_another_username_with_a_capital_letter_and_digits_is_typed_after_its_button(
    chat: Chat,
) -> None:
    await sign_in(chat, "mlopes")
    await chat.say("MLopez7")
    await chat.press("Use another username")

    await chat.say("MLopez7")

    assert 'the password for "MLopez7"' in chat.text


@pytest.mark.parametrize("typed", ["help", "grades", "no", "what now"])
async def test_a_command_after_a_failed_sign_in_is_no_username(chat: Chat, typed: str) -> None:
    await sign_in(chat, "mlopes")

    await chat.say(typed)

    assert f'"{typed}"' not in chat.text
    assert all(reply.secret is None for reply in chat.replies)


async def test_a_bare_word_later_on_is_no_username_any_more(chat: Chat) -> None:
    await sign_in(chat, "mlopes")
    await chat.say("what is the district code")

    await chat.say("mlopez")

    assert all(reply.secret is None for reply in chat.replies)
