"""Let a parent back in by mail: begun in the chat, finished on a page, and the chat knows."""

import pytest

from portal.core.districts import District
from portal.core.outcomes import Refused
from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.flows.conftest import HELP, WESTBOROUGH
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.mailbox import hand_over, mails, set_password
from tests.support.portals import NEW_PASSWORD, PASSWORD, make_district, make_parent

EMAIL = "Rosa.Silva@mailbox.example"
BOSTON = {
    "name": "Boston Public Schools",
    "profile": "aspen",
    "portal_url": "https://sis.mybps.org",
    "account_opening": "request",
    "help": HELP,
}


@pytest.fixture
def rosa(portal: Portal, district: District) -> str:
    made = {"username": "rsilva", "display_name": "Rosa Silva", "email": EMAIL, "email_confirmed": True}
    return make_parent(portal, district, **made)


def sent(portal: Portal) -> list[tuple[str, str | None]]:
    """Return the kind and the address of each mail that leaves."""
    with portal.begin(read_only=True) as tx:
        return [(row.kind, row.address) for row in mails(tx)]


@pytest.mark.usefixtures("rosa")
@pytest.mark.requirement("R33", "R34", "R40", "R41", "R42", "R43")
async def test_a_password_forgotten_in_the_chat_is_set_on_the_page_and_the_chat_knows(
    portal: Portal, chat: Chat
) -> None:
    await chat.say("I forgot my password")
    await chat.say("rsilva")
    await chat.say(EMAIL)
    asked = chat.text
    set_password(portal, hand_over(portal, "recover_password"), username="rsilva")

    told = (await chat.history())[-1].text
    await chat.say("yes")
    await chat.submit(password=NEW_PASSWORD)

    assert "an e-mail has been sent with instructions for resetting your password" in asked
    assert 'The "Recover Password" page appears' in asked
    assert told == "You have set a new password. Shall I sign you in?"
    assert chat.text.startswith("Welcome")
    assert ("recover_password", EMAIL) in sent(portal)


@pytest.mark.usefixtures("rosa")
@pytest.mark.requirement("R33")
@pytest.mark.case("E6")
async def test_whoever_asks_gets_the_same_answer_and_only_the_right_pair_a_mail(
    portal: Portal, chat: Chat
) -> None:
    answers = []
    for username, email in (
        ("rsilva", EMAIL.lower()),
        ("rsilva", "other@mailbox.example"),
        ("nobody77", EMAIL.lower()),
    ):
        await chat.say("I forgot my password")
        await chat.press("Use another username") if "does your account" in chat.text else None
        await chat.say(username)
        await chat.say(email)
        answers.append(chat.text.replace(username, "NAME").replace(email, "ADDRESS"))

    assert len(set(answers)) == 1
    assert sent(portal) == [("recover_password", EMAIL)]


@pytest.mark.usefixtures("rosa")
async def test_the_fourth_request_of_an_hour_gets_the_same_answer_and_no_mail(
    portal: Portal, chat: Chat
) -> None:
    answers = set()
    for _ in range(4):
        await chat.say(f"I forgot my password, my username is rsilva and my e-mail is {EMAIL}")
        answers.add(chat.text)

    assert len(answers) == 1
    assert len(sent(portal)) == 3


async def test_whoever_asks_for_too_many_is_told_when_to_try_again(chat: Chat, district: District) -> None:
    for turn in range(21):
        await chat.say(f"I forgot my password, my username is parent{turn} and my e-mail is {EMAIL}")

    assert "I have to pause for a while" in chat.text
    assert "(508) 555-0190" in chat.text


@pytest.mark.usefixtures("rosa")
@pytest.mark.requirement("R35")
async def test_the_life_of_the_link_is_told_as_this_district_has_it(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, "recovery_minutes": 45})

    await chat.say(f"I forgot my password, my username is rsilva and my e-mail is {EMAIL}")

    assert "only valid for 45 minutes; if it expires, ask me for a new one" in chat.text


@pytest.mark.usefixtures("rosa")
@pytest.mark.parametrize(
    "said",
    [
        f"I forgot my password, my username is rsilva and my e-mail is {EMAIL}",
        f"I forgot my password|rsilva, {EMAIL}",
        f"I forgot my password|{EMAIL} rsilva",
        f"I forgot my password|my username is rsilva|it is {EMAIL}",
        f"I forgot my password|wrongname|no, the username is rsilva|{EMAIL}",
        f"reset my password, my e-mail is {EMAIL}|rsilva",
    ],
)
async def test_answers_are_taken_early_together_and_corrected(portal: Portal, chat: Chat, said: str) -> None:
    for line in said.split("|"):
        await chat.say(line)

    assert f'If "rsilva" and {EMAIL} belong together here' in chat.text
    assert sent(portal) == [("recover_password", EMAIL)]


@pytest.mark.usefixtures("rosa")
async def test_a_wrong_password_keeps_the_name_for_the_recovery(chat: Chat) -> None:
    await sign_in(chat, "rsilva", "not the password")

    await chat.say("I forgot my password")
    kept = chat.text
    await chat.press("Use another username")

    assert 'Which e-mail address does your account "rsilva" have?' in kept
    assert "What is your username?" in chat.text


async def test_turning_to_recovery_leaves_the_sign_in(chat: Chat, district: District) -> None:
    await chat.say("sign in")
    await chat.say("rsilva")

    await chat.say("I forgot my password")
    await chat.say(EMAIL)

    assert "Back to signing in" not in chat.text
    assert chat.replies[-1].secret is None


@pytest.mark.requirement("R45", "R48")
@pytest.mark.usefixtures("rosa")
async def test_a_username_is_sent_to_its_address_and_not_told_here(portal: Portal, chat: Chat) -> None:
    await chat.say("I forgot my username")
    await chat.say(EMAIL.lower())

    assert "an e-mail has been sent to it with your current username" in chat.text
    assert "rsilva" not in chat.text
    assert sent(portal) == [("recover_username", EMAIL)]


@pytest.mark.case("E8")
@pytest.mark.usefixtures("rosa")
async def test_an_unknown_address_gets_the_same_answer(portal: Portal, chat: Chat) -> None:
    answers = []
    for email in (EMAIL, "nobody@mailbox.example"):
        await chat.say("I forgot my username")
        await chat.say(email)
        answers.append(chat.text.replace(email, "ADDRESS"))

    assert answers[0] == answers[1]


@pytest.mark.parametrize("typed", ["mlopez", "not an address", "a@b", "a@@b.example", "@"])
async def test_what_is_no_address_is_asked_for_again(chat: Chat, district: District, typed: str) -> None:
    await chat.say("I forgot my username")

    await chat.say(typed)

    assert "What is the e-mail address of your account?" in chat.replies[-1].text
    assert "has been sent" not in chat.text


@pytest.mark.requirement("R35", "R37", "R38", "R39", "R40", "R41", "R42", "R43", "R44")
async def test_how_to_recover_a_password_offers_both_ways(chat: Chat, district: District) -> None:
    await chat.say("How do I recover my password?")

    for said in (
        "https://ps.westboroughk12.org/public",
        '"Having trouble signing in?"',
        '"Recover Account Sign In Information" page',
        '"Forgot Password?" tab',
        '"Username" and your "Email Address"',
        '"Enter"',
        "confirms that an e-mail has been sent",
        "30 minutes",
        '"Recover Password" page',
        '"Username", "New Password" and "Confirm New Password"',
        "The start page appears",
    ):
        assert said in chat.text
    assert chat.titles[0] == "Send me the link"


@pytest.mark.requirement("R47", "R48")
async def test_how_to_recover_a_username_offers_both_ways(chat: Chat, district: District) -> None:
    await chat.say("How do I recover my username?")

    for said in ('"Having trouble signing in?"', '"Forgot Username?" tab', "first field", '"Enter"'):
        assert said in chat.text
    assert chat.titles[0] == "Send me my username"


@pytest.mark.parametrize(
    "said", ["it did not arrive", "nothing came", "i cant find the mail", "nothing", "not in my spam either"]
)
@pytest.mark.parametrize(
    ("asked", "answers", "again"),
    [
        ("I forgot my password", ("rsilva", EMAIL), "/recover_password"),
        ("I forgot my username", (EMAIL,), "/recover_username"),
        ("confirm my email", (EMAIL,), "/confirm_email"),
    ],
)
async def test_a_promised_mail_that_does_not_come_leads_to_what_to_do(
    chat: Chat, asked: str, answers: tuple[str, ...], again: str, said: str
) -> None:
    await chat.say(asked)
    for answer in answers:
        await chat.say(answer)

    await chat.say(said)

    assert "The folder for junk or spam" in chat.text
    assert "Leave a message for the school" in chat.titles
    await chat.press(chat.titles[0])
    expected = "once more" if again == "/confirm_email" else "e-mail address"
    assert expected in chat.text or "What is your username?" in chat.text


async def test_a_mail_that_still_does_not_come_leads_to_the_school(chat: Chat) -> None:
    await chat.say("I forgot my username")
    await chat.say(EMAIL)
    await chat.say("nothing came")

    await chat.say("still nothing")

    assert "let us not wait any longer" in chat.text
    assert "(508) 555-0190" in chat.text
    assert chat.titles[0] == "Leave a message for the school"


@pytest.mark.usefixtures("rosa")
async def test_whoever_is_signed_in_hears_that_the_address_is_confirmed(chat: Chat) -> None:
    await sign_in(chat, "rsilva")

    await chat.say("is my email confirmed?")

    assert chat.text == f"Yes, your e-mail address {EMAIL} is confirmed. There is nothing left to do."
    assert chat.replies[0].private


@pytest.mark.parametrize("said", ["yes", "send it again", "Send it again"])
async def test_whoever_is_signed_in_has_no_address_to_type(
    portal: Portal, district: District, chat: Chat, said: str
) -> None:
    make_parent(portal, district, username="rsilva", display_name="Rosa Silva", email=EMAIL)
    await sign_in(chat, "rsilva")
    await chat.say("is my email confirmed?")
    told = chat.text

    await chat.say(said)

    assert told.startswith(f"Not yet: {EMAIL} waits to be confirmed.")
    assert f"If {EMAIL} waits to be confirmed here" in chat.text
    assert ("confirm_email", EMAIL) in sent(portal)


@pytest.mark.usefixtures("rosa")
async def test_whoever_is_signed_in_is_told_the_own_username(portal: Portal, chat: Chat) -> None:
    await sign_in(chat, "rsilva")

    await chat.say("what is my username?")

    assert 'Your username is "rsilva"' in chat.text
    assert chat.replies[0].private
    assert not [kind for kind, _ in sent(portal) if kind == "recover_username"]


@pytest.mark.parametrize("said", ["i dont remember my email", "I forgot which email"])
async def test_whoever_has_forgotten_the_address_hears_who_helps(chat: Chat, said: str) -> None:
    await chat.say("I forgot my username")

    await chat.say(said)

    assert "Your school can put that right" in chat.text
    assert "does not look like" not in chat.text


async def test_whoever_has_no_address_is_asked_for_one(
    portal: Portal, district: District, chat: Chat
) -> None:
    make_parent(portal, district, username="rsilva", display_name="Rosa Silva")
    await sign_in(chat, "rsilva")

    await chat.say("is my email confirmed?")

    assert "to which e-mail address?" in chat.text


@pytest.mark.requirement("R36", "R46")
@pytest.mark.parametrize("said", ["I forgot my password", "How do I recover my username?"])
async def test_where_it_is_turned_off_the_school_helps_instead(portal: Portal, chat: Chat, said: str) -> None:
    make_district(portal, **{**WESTBOROUGH, "parent_single_sign_on": False})

    await chat.say(said)

    assert "has not turned on" in chat.text
    assert "(508) 555-0190" in chat.text
    assert chat.titles == ["Leave a message for the school"]


async def test_where_accounts_are_requested_the_address_is_the_username(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, **BOSTON})

    await chat.say("I forgot my password")
    await chat.say(EMAIL)

    assert "an e-mail has been sent" in chat.text


async def test_an_address_is_confirmed_by_a_mail_that_can_be_sent_again(
    chat: Chat, district: District
) -> None:
    await chat.say("I did not get the confirmation email")
    first = chat.text
    await chat.say(EMAIL)

    assert "look in the folder for junk or spam" in first
    assert f"If {EMAIL} waits to be confirmed here, the e-mail has been sent once more" in chat.text


@pytest.mark.requirement("R129")
async def test_how_to_confirm_is_told_with_the_offer_to_send_it_again(chat: Chat, district: District) -> None:
    await chat.say("How do I confirm my email?")

    assert "click its link to confirm the account" in chat.text
    await chat.press("Send it again")
    assert "to which e-mail address?" in chat.text


async def test_where_the_school_makes_accounts_there_is_nothing_to_confirm(
    portal: Portal, chat: Chat
) -> None:
    make_district(portal, **{**WESTBOROUGH, "parent_single_sign_on": False})

    await chat.say("confirm my email")

    assert "no e-mail address to confirm" in chat.text


@pytest.mark.usefixtures("rosa")
@pytest.mark.requirement("R35")
async def test_an_expired_link_leads_to_a_new_one(portal: Portal, chat: Chat, clock: FakeClock) -> None:
    await chat.say(f"I forgot my password, my username is rsilva and my e-mail is {EMAIL}")
    token = hand_over(portal, "recover_password")
    clock.advance(seconds=30 * 60)

    refused = set_password(portal, token, username="rsilva")
    await chat.say("the reset link expired")
    await chat.press("Send me a new link")

    assert isinstance(refused, Refused)
    assert 'Which e-mail address does your account "rsilva" have?' in chat.text


@pytest.mark.usefixtures("rosa")
async def test_a_forgotten_password_never_signs_anybody_in_here(portal: Portal, chat: Chat) -> None:
    await chat.say(f"I forgot my password, my username is rsilva and my e-mail is {EMAIL}")
    set_password(portal, hand_over(portal, "recover_password"), username="rsilva")

    await chat.say("yes")
    await chat.submit(password=PASSWORD)

    assert "could not sign you in" in chat.text
