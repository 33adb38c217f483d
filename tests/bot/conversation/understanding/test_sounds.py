"""A child's name is known by its sound where it is written in another script."""

from datetime import date

import pytest

from bot.conversation.understanding import Names, Understanding
from bot.conversation.understanding.sounds import sounds_like
from bot.conversation.understanding.tokens import clean

FAMILY = Names(students=("Maya Lopez", "Diego Lopez"))


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("مايا", "maya"),
        ("دييغو", "diego"),
        ("لوبيز", "lopez"),
        ("ليو", "leo"),
        ("మాయ", "maya"),
        ("డియెగో", "diego"),
        ("యూసుఫ్", "yusuf"),
    ],
)
def test_a_name_in_another_script_sounds_like_itself(written: str, name: str) -> None:
    names = {"maya", "diego", "leo", "lopez", "yusuf"}

    assert {each for each in names if sounds_like(written, each)} == {name}


@pytest.mark.parametrize("written", ["درجات", "غياب", "హాజరు", "గ్రేడ్లు", "123", ""])
def test_another_word_sounds_like_nobody(written: str) -> None:
    assert not any(sounds_like(written, name) for name in ("maya", "diego", "lopez"))


@pytest.mark.parametrize(
    ("language", "text", "child"),
    [
        ("ar", "درجات مايا", "Maya Lopez"),
        ("ar", "درجات لمايا", "Maya Lopez"),
        ("ar", "غياب دييغو لوبيز", "Diego Lopez"),
        ("te", "మాయ గ్రేడ్లు", "Maya Lopez"),
        ("te", "mayaki marks entha", "Maya Lopez"),
        ("te", "డియెగో హాజరు", "Diego Lopez"),
    ],
)
def test_the_parents_own_child_is_found(
    understanding: Understanding, language: str, text: str, child: str
) -> None:
    parse = understanding.packs[language].parse(clean(text), names=FAMILY, today=date(2026, 10, 15))

    assert [entity.value for entity in parse.entities if entity.name == "student"] == [child]


def test_a_name_that_is_no_childs_stays_a_strangers(understanding: Understanding) -> None:
    parse = understanding.packs["ar"].parse("درجات فاطمة", names=FAMILY, today=date(2026, 10, 15))

    assert parse.first("student") not in FAMILY.students
