"""Go on with the question before in half a sentence, as people do who have no time."""

import pytest

from tests.flows.chat import sign_in
from tests.support.conversation import Chat

pytestmark = pytest.mark.usefixtures("work")


async def test_a_subject_called_like_a_language_goes_on_with_the_grades(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("Maya's grades")

    await chat.say("in english?")

    assert chat.text.startswith("The grade of Maya in English 9")


async def test_a_language_asked_for_after_the_grades_is_a_language(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("Maya's grades")

    await chat.say("speak english please")

    assert chat.text == "We go on in English."


@pytest.mark.parametrize("said", ["all of them", "all my kids", "for all my kids"])
async def test_all_of_them_asks_the_question_before_for_every_child(chat: Chat, said: str) -> None:
    await sign_in(chat)
    await chat.say("Maya's grades")

    await chat.say(said)

    assert len(chat.replies) > 1
    assert any("Leo" in reply.text for reply in chat.replies)


@pytest.mark.parametrize("said", ["show me", "ok show me please"])
async def test_show_me_tells_the_answer_before_once_more(chat: Chat, said: str) -> None:
    await sign_in(chat)
    await chat.say("Maya's grade in english")
    told = chat.text

    await chat.say(said)

    assert chat.text == told


@pytest.mark.parametrize("said", ["for what class", "which class was it"])
async def test_which_class_after_a_lateness_tells_the_lateness_and_no_schedule(chat: Chat, said: str) -> None:
    await sign_in(chat)
    await chat.say("how often was Maya late")
    told = chat.text

    await chat.say(said)

    assert chat.text == told


async def test_whether_a_grade_went_up_is_compared(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("Maya's grade in english")

    await chat.say("did it go up")

    assert "- English 9: 77% in Spring" in chat.text.replace("C+ (77%)", "77%")


async def test_a_record_called_wrong_is_left_to_the_school(chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("how many days was Maya absent")

    await chat.say("thats wrong she was there")

    assert chat.text.startswith("I can show what the school recorded, but not explain or change it.")


async def test_an_average_is_said_not_to_be_on_record(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("whats her gpa")

    assert "no average, GPA or class rank, and I calculate none" in chat.text
    assert chat.titles == ["Grades"]


@pytest.mark.parametrize("said", ["what classes does Maya have tommorow", "what classes does Maya have tmrw"])
async def test_tomorrow_is_understood_however_it_is_spelled(chat: Chat, said: str) -> None:
    await sign_in(chat)
    await chat.say("what classes does Maya have tomorrow")
    told = chat.text

    await chat.say(said)

    assert chat.text == told


@pytest.mark.parametrize(
    ("said", "page"),
    [
        ("can i pay here", "Balance"),
        ("did my payment for Maya go thru", "Balance"),
        ("whens the next holiday for Maya", "School Bulletin"),
        ("whens parent teacher conference", "School Bulletin"),
    ],
)
async def test_money_and_days_off_asked_for_in_passing_find_their_page(
    chat: Chat, said: str, page: str
) -> None:
    await sign_in(chat)

    await chat.say(said)

    assert chat.text.startswith(f'Your school has not turned on the page "{page}".')


async def test_a_year_that_is_not_on_record_is_said_once_for_all_the_children(chat: Chat) -> None:
    await sign_in(chat)

    await chat.say("grades of all my kids in 2019")
    told = [reply.text for reply in chat.replies]
    await chat.press("Now")

    assert len(told) == 1
    assert told[0].startswith("Those days lie outside of the school years")
    assert len(chat.replies) > 1
