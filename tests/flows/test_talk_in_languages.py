"""Families say in their own languages what they say in half a sentence, and are understood."""

import pytest

from tests.flows.chat import sign_in
from tests.support.conversation import Chat
from tests.support.languages import tells

pytestmark = pytest.mark.usefixtures("courses")


@pytest.mark.parametrize("said", ["les notes d'Adam", "est-ce qu'Adam était absent ?"])
async def test_a_child_of_others_is_refused_also_behind_an_apostrophe(chat: Chat, said: str) -> None:
    chat.language = "fr"
    await sign_in(chat)

    await chat.say(said)

    assert "Adam" in chat.text
    assert tells(chat.text, "fr", "utter_not_your_student"), chat.text


@pytest.mark.parametrize("language", ["ar", "es", "fr", "ht", "kea", "pt", "so", "te", "vi", "zh"])
@pytest.mark.parametrize("said", ["user name", "teacher comments", "principal name"])
async def test_labels_said_in_english_change_no_language(chat: Chat, language: str, said: str) -> None:
    chat.language = language

    await chat.say(said)

    assert not tells(chat.text, "en", "utter_language_noticed"), chat.text
    assert not tells(chat.text, language, "utter_rephrase"), chat.text


async def test_an_english_sentence_is_answered_in_english(chat: Chat) -> None:
    chat.language = "es"

    await chat.say("what is the district code")

    assert tells(chat.text, "en", "utter_language_noticed"), chat.text


LEO_IN_CHINESE = ["那 Leo 呢", "那Leo呢", "Leo呢"]


@pytest.mark.parametrize(
    ("language", "about_course", "and_leo"),
    [
        ("en", "Maya's grade in algebra", "and Leo?"),
        *(("zh", "Maya的Algebra成绩", leo) for leo in LEO_IN_CHINESE),
    ],
)
async def test_a_course_that_the_other_child_does_not_take_is_said_and_his_are_offered(
    chat: Chat, language: str, about_course: str, and_leo: str
) -> None:
    chat.language = language
    await sign_in(chat)
    await chat.say(about_course)

    await chat.say(and_leo)

    assert tells(chat.text, language, "utter_no_such_course_of"), chat.text
    assert chat.text.startswith("Leo")
    assert chat.titles == ["English 9"]


@pytest.mark.parametrize(
    ("language", "grades", "said"),
    [
        ("en", "Maya's grades", "and in algebra 1?"),
        ("vi", "điểm của Maya", "còn môn Algebra 1?"),
        ("zh", "Maya的成绩", "Algebra 1呢?"),
        ("ht", "nòt Maya", "e Algebra 1?"),
        ("so", "darajooyinka Maya", "Algebra 1 ka waran?"),
        ("te", "Maya గ్రేడ్లు", "Algebra 1 సంగతి?"),
    ],
)
async def test_a_course_alone_goes_on_with_the_grades(
    chat: Chat, language: str, grades: str, said: str
) -> None:
    chat.language = language
    await sign_in(chat)
    await chat.say(grades)

    await chat.say(said)

    assert tells(chat.text, language, "utter_grade_of_course"), chat.text
    assert "Algebra I" in chat.text
    assert "English 9" not in chat.text


async def test_a_child_called_like_no_is_asked_after_in_somali(chat: Chat) -> None:
    chat.language = "so"
    await sign_in(chat)
    await chat.say("darajooyinka Leo")

    await chat.say("Maya ka waran?")

    assert "Maya" in chat.text
    assert tells(chat.text, "so", "utter_grades"), chat.text


async def test_the_history_of_grades_is_no_grade_in_history(chat: Chat) -> None:
    chat.language = "ht"
    await sign_in(chat)

    await chat.say("istwa nòt Maya")

    assert "istwa" not in chat.text
    assert not tells(chat.text, "ht", "utter_no_such_course_of", "utter_no_such_course"), chat.text
