import pytest

from tests.support.doors import DATA
from voice.spelled import grouped, put_together
from voice.spoken import read_spoken

WORDS = read_spoken(DATA)


@pytest.mark.parametrize(
    ("heard", "language", "code"),
    [
        ("W S one two three", "en", "WS123"),
        ("My Access ID is 7KQM4 RTX.", "en", "7KQM4RTX"),
        ("it is seven K Q M four R T X please", "en", "7KQM4RTX"),
        ("double U S 1 2 3", "en", "WS123"),
        ("B-K-4-7-9-2", "en", "BK4792"),
        ("1 2 3 4 5 6", "en", "123456"),
        ("uve doble S uno dos tres", "es", "WS123"),
        ("doub ve S en de twa", "ht", "WS123"),
    ],
)
def test_what_is_spelled_becomes_one_code(heard: str, language: str, code: str) -> None:
    spelled = put_together(heard, WORDS[language].spelled)

    assert spelled.code == code
    assert code in spelled.text


@pytest.mark.parametrize(
    "heard",
    [
        "Was Maya absent on 11/22/2026?",
        "I have 2 kids, a 12 and 15 year old",
        "What did Leo get on Q1?",
        "one two",
        "She owes $12.50 since 2026",
        "",
    ],
)
def test_dates_amounts_and_sentences_are_no_codes(heard: str) -> None:
    spelled = put_together(heard, WORDS["en"].spelled)

    assert spelled.code is None
    assert spelled.text == heard


def test_only_the_code_changes_in_a_sentence() -> None:
    spelled = put_together("My ID is W S one two three, thank you", WORDS["en"].spelled)

    assert spelled.text == "My ID is WS123, thank you"


def test_a_code_is_read_in_groups_of_four() -> None:
    assert grouped("7KQM4RTX9") == "7KQM 4RTX 9"
