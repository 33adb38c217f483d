"""Two questions in one message are both answered, also where a parent must sign in first."""

import pytest

from bot.conversation.typed_secrets import holds_password
from tests.flows.chat import everything, sign_in
from tests.support.clock import FakeClock
from tests.support.conversation import Chat

SIGNED_OUT = (
    "You are signed out. To see your children's information again, sign in with your username and password."
)

pytestmark = pytest.mark.usefixtures("families")


def told(chat: Chat) -> list[str]:
    return [reply.text.split("\n")[0] for reply in chat.replies]


@pytest.mark.parametrize(
    "said",
    [
        "grades and attendance for Leo",
        "show me the attendance and the grades of Leo",
        "What are Leo's grades? Was he absent this year?",
        "leo grades, also how many days was he absent",
    ],
)
async def test_both_are_answered_for_the_child_that_is_named_once(chat: Chat, said: str) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert any("grades of Leo" in line for line in told(chat))
    assert any("Leo" in line and ("absent" in line or "absence" in line) for line in told(chat))
    assert "Maya" not in chat.text


async def test_three_questions_get_three_answers(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("grades, attendance and teacher comments of Leo")

    assert len(chat.replies) >= 3
    assert all(reply.private for reply in chat.replies)


async def test_the_second_waits_until_the_parent_has_signed_in(chat: Chat) -> None:
    await chat.say("grades of Leo and what is the district code")
    before = everything(chat)
    await chat.say("mlopez")
    await chat.submit(password="three green kettles hum")

    assert "district code" not in before.lower()
    assert "grades of Leo" in chat.text
    assert "district code" in chat.text.lower()


async def test_the_second_is_forgotten_with_the_first(chat: Chat) -> None:
    await chat.say("grades of Leo and his attendance")
    await chat.say("cancel")
    await sign_in(chat)

    assert "absent" not in everything(chat)
    assert "grades of Leo" not in everything(chat)


async def test_which_child_is_asked_once_and_holds_for_both(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("grades and attendance please")
    await chat.say("Leo")

    said = "\n".join(told(chat))
    assert "grades of Leo" in said
    assert "Maya" not in said
    assert len(chat.replies) >= 2


@pytest.mark.parametrize(
    "said",
    [
        "I forgot my username and password",
        "grades for Maya and Leo",
        "mail me the grades and the attendance every week",
        "how do I see grades and attendance",
    ],
)
async def test_one_wish_with_an_and_in_it_stays_one(chat: Chat, said: str) -> None:
    parse = await chat.assistant.parse(said)

    assert parse.also is None


async def test_a_child_of_others_is_refused_in_both(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("grades and attendance for Zoe")

    assert "Whitfield" not in everything(chat)
    assert 'I do not find "Zoe"' in chat.text


async def test_whoever_signs_in_next_hears_nothing_of_what_was_put_off(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("change my password and what are Leo's grades")
    await chat.say("sign out")
    before = len(chat.seen)
    await sign_in(chat, "kwhitfield")

    assert "Leo" not in "\n".join(reply.text for reply in chat.seen[before:])
    assert chat.titles == ["Grades", "Attendance", "Sign Out"]


async def test_a_question_that_waits_for_a_session_ends_with_its_account(
    chat: Chat, clock: FakeClock
) -> None:
    await sign_in(chat)
    await chat.say("show me the grades and the teacher comments")
    clock.advance(hours=13)

    await sign_in(chat, "kwhitfield")

    assert "comments" not in chat.text
    assert "Zoe" not in chat.text


@pytest.mark.case("G1")
@pytest.mark.parametrize(
    "typed",
    [
        "sign out, grades kettles7 hum",
        "我要登录123",
        "grades, xK9!!z",
        "what is the district code? xK9!!z",
        "I forgot my password Tr0ub4dor&3",
        "成绩 xK9!!z",
        "grades \uff58\uff2b\uff19\uff01\uff01\uff5a",
    ],
)
async def test_what_may_hold_a_password_is_not_kept(chat: Chat, typed: str) -> None:
    await chat.say("sign in")
    await chat.say("mlopez")
    await chat.say(typed)

    assert typed not in [entry.text for entry in await chat.history()]


@pytest.mark.parametrize(
    "typed",
    [
        "what's my son's grade?",
        "where is the access id",
        "I need to sign-in with another e-mail address",
        "no, my username is mlopez2",
        "is it open on Oct 5th at 10:30am?",
        "我忘记密码了, 怎么办",
    ],
)
async def test_what_holds_no_password_is_kept(chat: Chat, typed: str) -> None:
    parse = await chat.assistant.parse(typed)

    assert not holds_password(parse)


async def test_what_anybody_may_know_is_answered_beside_signing_out(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("sign out and what is the district code")

    assert "district code" in chat.text.lower()
    assert len(chat.replies) > 1


async def test_a_question_about_a_child_ends_with_signing_out(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("sign out and show me the grades of Leo")

    assert [reply.text for reply in chat.replies] == [SIGNED_OUT]


async def test_a_form_that_waits_goes_on_with_the_account_that_began_it(chat: Chat, clock: FakeClock) -> None:
    await sign_in(chat)
    await chat.say("link a child")
    clock.advance(hours=13)

    await sign_in(chat)

    assert "Access ID" in chat.replies[-1].text


async def test_a_form_that_waits_is_not_resumed_by_another_account(chat: Chat, clock: FakeClock) -> None:
    await sign_in(chat)
    await chat.say("link a child")
    clock.advance(hours=13)

    await sign_in(chat, "kwhitfield")

    assert "Access ID" not in chat.text
    assert chat.titles == ["Grades", "Attendance", "Sign Out"]
