"""A question about several children is answered for each of them, and only for the parent's own."""

from pathlib import Path

import pytest

from portal.core.districts import District
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.chat import everything, sign_in
from tests.flows.school import write_school
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD

pytestmark = pytest.mark.usefixtures("families")


@pytest.mark.parametrize(
    "said", ["Grades for all my kids", "how are my children doing", "Maya and Leo grades"]
)
async def test_each_child_that_is_meant_gets_an_answer(chat: Chat, said: str) -> None:
    await sign_in(chat)

    await chat.say(said)

    about = [name for reply in chat.replies for name in ("Leo", "Maya") if name in reply.text.split("\n")[0]]
    assert sorted(about) == ["Leo", "Maya"]
    assert all(reply.private for reply in chat.replies)


async def test_several_children_asked_for_before_signing_in_are_answered_after_it(chat: Chat) -> None:
    await chat.say("grades for all my kids")
    await chat.say("mlopez")
    await chat.submit(password="three green kettles hum")

    assert "Maya" in chat.text
    assert "Leo" in chat.text


async def test_time_that_ran_out_is_told_once_and_all_are_answered_after_signing_in(
    chat: Chat, clock: FakeClock
) -> None:
    await sign_in(chat)
    await chat.say("grades for all my kids")
    clock.advance(seconds=15 * 60)

    await chat.say("and last term?")
    told = [reply.text for reply in chat.replies]
    await chat.say("mlopez")
    await chat.submit(password=PASSWORD)
    answers = everything(chat)

    assert len(told) == len(set(told))
    assert "What is your username?" in told[-1]
    assert "Leo" in answers
    assert "Maya" in answers


async def test_a_child_of_others_among_several_is_refused_and_the_own_one_answered(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("grades of Maya and Zoe")

    assert 'I do not find "Zoe"' in chat.text
    assert "Algebra I" in chat.text
    assert "Whitfield" not in everything(chat)


async def test_all_children_of_a_parent_with_one_are_that_one(chat: Chat) -> None:
    await sign_in(chat, "kwhitfield")

    await chat.say("how many days were my kids absent")
    first = chat.replies
    await chat.say("and last term?")

    assert len(first) == 1
    assert "Zoe" in first[0].text
    assert len(chat.replies) == 1


async def test_a_follow_up_stays_with_all_of_them_until_one_is_named(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("grades for all my kids")
    await chat.say("what about last term?")
    of_both = [reply.text.split("\n")[0] for reply in chat.replies]
    await chat.say("and Leo?")

    assert len(of_both) == 2
    assert len(chat.replies) == 1
    assert "Leo" in chat.text


async def test_two_names_with_a_comma_between_are_a_correction(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("grades for Maya")
    await chat.say("not Maya, Leo's grades")

    assert len(chat.replies) == 1
    assert "Leo" in chat.text


async def test_a_child_called_otherwise_than_by_name_is_asked_for(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("grades for Maya")

    await chat.say("how is my older son doing")
    asked, titles = chat.text, chat.titles
    await chat.press("Leo")
    answered = chat.text
    await chat.say("how often was my older son absent")

    assert asked == "Which child do you mean?"
    assert titles == ["Leo", "Maya"]
    assert "Leo" in answered
    assert "Leo" in chat.text


async def test_the_only_child_is_meant_however_it_is_called(chat: Chat) -> None:
    await sign_in(chat, "kwhitfield")

    await chat.say("how is my youngest daughter doing")

    assert "Zoe" in chat.text


async def test_the_other_of_two_is_the_one_not_spoken_of(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("absences of Maya")

    await chat.say("and the other one")

    assert "Leo" in chat.text


async def test_my_son_alone_asks_the_last_question_about_the_one_that_is_meant(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("absences of Maya")

    await chat.say("and my son")
    await chat.press("Leo")

    assert chat.text.startswith("0 days. No absence of Leo")


async def test_both_answers_which_child_is_meant(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("grades")

    await chat.say("both")

    assert len(chat.replies) == 2


async def test_a_course_named_like_a_language_goes_on_with_the_question(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("absences of Maya")

    await chat.say("and in english?")

    assert "from English 9" in chat.text


@pytest.mark.parametrize("said", ["how many children do i have", "who are my kids"])
async def test_the_linked_children_are_named_whatever_was_asked_before(chat: Chat, said: str) -> None:
    await sign_in(chat)
    await chat.say("absences of Maya")

    await chat.say(said)

    assert chat.text == "These children are linked to your account: Leo and Maya. Which one shall we look at?"
    assert chat.titles == ["Leo", "Maya"]
    assert chat.replies[0].private


async def test_several_courses_are_answered_one_by_one(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("what did Maya get in algebra and in english")
    about = [reply.text for reply in chat.replies]
    await chat.say("and absences?")

    assert ["Algebra I" in about[0], "English 9" in about[1]] == [True, True]
    assert "Maya" in chat.text


async def test_which_child_is_asked_once_for_several_courses(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("algebra and english grades")
    asked = [reply.text for reply in chat.replies]
    await chat.press("Maya")

    assert asked == ["Which child do you mean?"]
    assert len(chat.replies) == 2


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("when is art", "Maya has Art in Fall:"),
        ("who teaches algebra", "Maya"),
        ("what grade in algebra", "Maya"),
        ("missing work in art", "Maya"),
    ],
)
async def test_a_course_that_one_child_takes_tells_whose_it_is(chat: Chat, said: str, answer: str) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert chat.text != "Which child do you mean?"
    assert answer in chat.text
    assert "Leo" not in chat.text


@pytest.mark.parametrize("said", ["when is english", "when is my son's art"])
async def test_a_course_that_does_not_tell_whose_it_is_asks(chat: Chat, said: str) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert (chat.text, chat.titles) == ("Which child do you mean?", ["Leo", "Maya"])


async def test_of_two_children_of_one_name_a_course_never_leads_to_a_third(
    portal: Portal, district: District, chat: Chat, tmp_path: Path
) -> None:
    folder = write_school(tmp_path / "names")
    users = (folder / "users.csv").read_text("utf-8")
    (folder / "users.csv").write_text(users.replace(",Zoe,", ",Leo,"), "utf-8")
    with portal.begin() as tx:
        tx.imports.run(district.slug, OneRosterFolderOrZip(folder))
        account, zoe = (
            tx.accounts.find(district.slug, "mlopez"),
            tx.imports.find_student(district.slug, "7003"),
        )
        assert account is not None
        assert zoe is not None
        tx.links.link(account.account_id, zoe.id, "Mother")
    await sign_in(chat)

    await chat.say("when is Leo's art")

    assert chat.text == "Which child do you mean?"
    assert [title.partition(" ")[0] for title in chat.titles] == ["Leo", "Leo"]


async def test_language_arts_are_no_art(
    portal: Portal, district: District, chat: Chat, tmp_path: Path
) -> None:
    folder = write_school(tmp_path / "arts")
    for name in ("courses.csv", "classes.csv"):
        text = (folder / name).read_text("utf-8").replace(",Art,", ",Studio Art,", 1)
        (folder / name).write_text(text.replace("English 9", "Language Arts 9"), "utf-8")
    with portal.begin() as tx:
        tx.imports.run(district.slug, OneRosterFolderOrZip(folder))
    await sign_in(chat)

    await chat.say("when is art")

    assert chat.text.startswith("Maya has Studio Art in Fall:")
