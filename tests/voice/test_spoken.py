import pytest

from tests.support.doors import DATA
from voice.spoken import MOST_CHARACTERS, for_the_ear, in_pieces, read_spoken

WORDS = read_spoken(DATA)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Algebra I: A\u2212 (91%)\n• English: B+", "Algebra I: A minus, 91%. English: B plus."),
        ("Due Nov 23, 2026", "Due November 23, 2026."),
        ("On Mon, 2026-10-05", "On Monday, October 5, 2026."),
        ("Access ID 7KQM4RTX", "Access ID 7 K Q M, 4 R T X."),
        ("Call (508) 555-0190", "Call 5 0 8, 5 5 5, 0 1 9 0."),
        ("See https://x.example/a?b=1.", "See the address in the text."),
        ("Write to office@x.example today", "Write to the address in the text today."),
        ("Balance: $12.50", "Balance: 12 US dollars 50."),
        ("Balance: -$1.00", "Balance: minus 1 US dollar."),
        ("Quiz 1: 18/20 · pages 3\u20135", "Quiz 1: 18 of 20, pages 3 to 5."),
        ("🎤 Hello", "Hello."),
    ],
)
def test_what_is_read_at_a_glance_is_said_in_words(written: str, said: str) -> None:
    assert for_the_ear(written, "en", WORDS["en"]) == said


@pytest.mark.parametrize("language", sorted(WORDS))
def test_every_language_says_grades_links_and_codes_without_signs(language: str) -> None:
    said = for_the_ear("Maya: B+ (https://x.example) 7KQM4RTX", language, WORDS[language])

    assert "+" not in said
    assert "http" not in said
    assert "7 K Q M, 4 R T X" in said
    assert WORDS[language].plus in said


@pytest.mark.parametrize("language", sorted(WORDS))
def test_every_language_names_ten_digits_and_how_a_password_is_told(language: str) -> None:
    words = WORDS[language]

    assert {str(digit) for digit in range(10)} <= set(words.spelled.values())
    assert words.password
    assert "{names}" in words.prompt


@pytest.mark.parametrize(
    ("language", "heard"),
    [
        ("en", "My password's tiger"),
        ("es", "Mi contrasen\u0303a es tigre"),
        ("te", "నా పాస్‌వర్డ్ ఏమిటంటే పులి"),
        ("te", "నా పాస్వర్డ్ ఇది పులి"),
        ("zh", "我的密码是小老虎"),
        ("zh", "密码是 tiger"),
        ("ar", "كلمة المرور الخاصة بي هي نمر"),
    ],
)
def test_a_password_is_known_by_its_beginning_however_it_is_written(language: str, heard: str) -> None:
    assert WORDS[language].tells_password(heard)


@pytest.mark.parametrize("language", sorted(WORDS))
def test_every_beginning_of_a_password_is_found_before_the_password(language: str) -> None:
    words = WORDS[language]
    space = "" if language == "zh" else " "

    assert [each for each in words.password if not words.tells_password(f"{each}{space}CANARY")] == []


@pytest.mark.parametrize(
    ("language", "asked"),
    [("te", "నా పాస్‌వర్డ్ మర్చిపోయాను"), ("zh", "我忘了密码"), ("en", "I forgot my password")],
)
def test_whoever_asks_about_a_password_tells_none(language: str, asked: str) -> None:
    assert not WORDS[language].tells_password(asked)


def test_a_no_stays_a_no() -> None:
    assert for_the_ear("No. Maya was there.", "en", WORDS["en"]) == "No. Maya was there."


def test_haitian_creole_is_spoken_without_words_of_another_language() -> None:
    said = for_the_ear("Total: $25.50, 2026-10-14, mad., 3 sept. 2026", "ht", WORDS["ht"])

    assert said == "Total: 25 dola 50, 14 oktòb 2026, madi, 3 septanm 2026."


def test_chinese_is_spoken_sentence_by_sentence_though_no_space_parts_them() -> None:
    long = "玛雅今天有三项作业要交请您看看她的数学成绩和阅读成绩。"

    pieces = in_pieces(long * 2)
    said = for_the_ear(long * 40, "zh", WORDS["zh"])

    assert pieces == [long, long]
    assert len(said) < MOST_CHARACTERS + 60
    assert said.endswith(f"。 {WORDS['zh'].rest}")


def test_a_long_answer_ends_after_a_sentence_and_says_where_the_rest_is() -> None:
    said = for_the_ear("Maya was here. " * 100, "en", WORDS["en"])

    assert len(said) < MOST_CHARACTERS + 60
    assert said.endswith("Maya was here. The rest is in writing.")


def test_pieces_are_whole_sentences_and_lose_nothing() -> None:
    text = "Yes. Maya has an A minus in algebra. Leo has a B. Zoe is absent today."

    pieces = in_pieces(text)

    assert " ".join(pieces) == text
    assert pieces[0] == "Yes. Maya has an A minus in algebra."


@pytest.mark.parametrize(
    ("heard", "is_password"),
    [
        ("My password is tiger one two", True),
        ("the password, is: horse", True),
        ("I forgot my password", False),
        ("What is my password?", False),
    ],
)
def test_a_told_password_is_known_by_how_it_begins(heard: str, is_password: bool) -> None:  # noqa: FBT001
    assert WORDS["en"].tells_password(heard) is is_password


@pytest.mark.parametrize("language", sorted(WORDS))
def test_every_language_knows_sentences_that_wish_answers_aloud_or_in_writing(language: str) -> None:
    words = WORDS[language]

    assert {words.wishes_aloud(f"{said}.") for said in words.wishes["on"]} == {True}
    assert {words.wishes_aloud(said.upper()) for said in words.wishes["off"]} == {False}
    assert words.wishes_aloud(f"{words.wishes['on'][0]} 7KQM4RTX") is None
