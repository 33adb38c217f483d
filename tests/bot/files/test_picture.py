"""A picture is drawn with what fonts the machine has."""

from bot.files.picture import DEFAULT, families_for
from bot.files.words import PaperPacks
from tests.support.doors import DATA


def test_latin_and_arabic_letters_are_drawn_on_every_machine() -> None:
    packs = PaperPacks(DATA)

    assert {families_for(packs.words(code).letters) for code in ("en", "vi", "kea", "ar")} == {(DEFAULT,)}


def test_letters_that_another_font_has_are_drawn_with_it() -> None:
    first, second = families_for(frozenset("a\N{HIRAGANA LETTER NO}"))

    assert first == DEFAULT
    assert second != DEFAULT


def test_letters_that_no_font_has_are_not_drawn() -> None:
    # Nobody has written with this one for three thousand years, and no machine of ours can.
    assert families_for(frozenset("a\U00014400")) == ()
