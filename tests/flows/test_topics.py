"""Answer at once what parents often ask and no page of the portal is about."""

import pytest

from portal.transaction import Portal
from tests.flows.conftest import WESTBOROUGH
from tests.support.conversation import Chat
from tests.support.portals import make_district

pytestmark = pytest.mark.usefixtures("district")


@pytest.mark.requirement("R4")
@pytest.mark.parametrize("said", ["can i give my password to my sister", "may my husband use my account"])
async def test_sharing_a_password_is_answered_with_the_portals_rule(chat: Chat, said: str) -> None:
    await chat.say(said)

    assert '"Do not use someone else\'s password or give your password to anyone else."' in chat.text
    assert chat.titles == ["How do I get an account?"]


@pytest.mark.requirement("R10")
async def test_asterisks_are_explained_in_the_portals_words(chat: Chat) -> None:
    await chat.say("why do i see stars when i type my password")

    assert 'asterisks (*) or dots "to ensure greater security when you sign in"' in chat.text


@pytest.mark.requirement("R80")
async def test_the_portals_message_about_a_child_leads_to_the_administrator(chat: Chat) -> None:
    await chat.say("the portal says student information is not available at this time")

    assert '"Student information is not available at this time."' in chat.text
    assert "the PowerSchool administrator of your school" in chat.text
    assert "(508) 555-0190" in chat.text


@pytest.mark.requirement("R74")
async def test_a_wrong_name_on_the_portal_leads_to_the_administrator(chat: Chat) -> None:
    await chat.say("my name is wrong on the portal")

    assert '"Welcome, [Your Name]"' in chat.text
    assert "the PowerSchool administrator of your school" in chat.text


async def test_another_portal_has_no_powerschool_administrator(portal: Portal, chat: Chat) -> None:
    make_district(portal, **{**WESTBOROUGH, "profile": "aspen"})

    await chat.say("my name is wrong on the portal")

    assert "the portal administrator of your school" in chat.text


@pytest.mark.parametrize(
    "said",
    [
        "my child is sick today",
        "i want to report my kid absent",
        "my daughter will be late tomorrow",
        "Maya has a fever and stays home",
    ],
)
async def test_a_child_who_stays_away_is_for_the_schools_office(chat: Chat, said: str) -> None:
    await chat.say(said)

    assert chat.text.startswith("I cannot tell the school that a child is ill")
    assert "(508) 555-0190" in chat.text


async def test_a_session_that_timed_out_is_explained_and_begun_anew(chat: Chat) -> None:
    await chat.say("session timed out")

    assert "When nothing is done for a while, you are signed out" in chat.text
    assert chat.titles == ["Sign in"]


async def test_a_question_in_the_middle_of_signing_in_is_answered_and_the_step_asked_again(
    chat: Chat,
) -> None:
    await chat.say("sign in")

    await chat.say("can i give my password to my sister")

    assert "Please keep it to yourself" in chat.replies[0].text
    assert chat.replies[-1].text.endswith("What is your username?")


@pytest.mark.requirement("R72", "R73", "R76", "R78")
@pytest.mark.parametrize(
    "said",
    [
        "what is on the start page",
        "what is the header",
        "how do i get back to the start page",
        "where is the help on the portal",
        "what is the navigation toolbar",
    ],
)
async def test_a_part_of_the_portal_is_explained_with_the_others(chat: Chat, said: str) -> None:
    await chat.say(said)

    assert "the header, the navigation toolbar and the navigation menu" in chat.text
    assert '"PowerSchool" brings you back to the start page' in chat.text


@pytest.mark.parametrize(
    "said", ["i think this grade is wrong", "why is his grade so low", "that absence is a mistake"]
)
async def test_a_grade_that_is_disputed_is_for_the_teacher(chat: Chat, said: str) -> None:
    await chat.say(said)

    assert chat.text.startswith("I can show what the school recorded, but not explain or change it.")
    assert "(508) 555-0190" in chat.text


@pytest.mark.requirement("R136")
@pytest.mark.parametrize(
    ("said", "article"),
    [
        ("how to see my child's terranova score", "How to See your Child's TerraNova Score on Family Portal"),
        ("TerraNova score on family portal", "How to See your Child's TerraNova Score on Family Portal"),
        ("how do i publish reports", "How to Publish Reports to the Parent and Student Portal"),
    ],
)
async def test_an_article_that_is_only_named_is_said_to_be_only_named(
    chat: Chat, said: str, article: str
) -> None:
    await chat.say(said)

    assert f'"{article}"' in chat.text
    assert "only given its name" in chat.text
    assert "(508) 555-0190" in chat.text
