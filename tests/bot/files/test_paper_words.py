"""Every word of a paper is there, and none is kept that no paper shows."""

import ast
import re
from collections.abc import Iterator
from datetime import date

import pytest

from bot.files.words import PREFIX, PaperPacks, PaperWords
from tests.support.conversation import ROOT
from tests.support.doors import DATA

KEY = re.compile(r"[a-z][a-z_-]+")
PLURALS = ("_one", "_other")


def literals() -> Iterator[str]:
    """Return every text in the code of the files; a text that is put together by its beginning and a star."""
    for path in sorted((ROOT / "bot" / "files").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Constant(value=str(text)) if KEY.fullmatch(text):
                    yield text
                case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]):
                    yield f"{start}*"
                case _:
                    pass


def test_no_word_is_kept_that_no_paper_shows() -> None:
    used = set(literals())
    beginnings = tuple(text.removesuffix("*") for text in used if text.endswith("_*"))
    keys = {key.removeprefix(PREFIX) for key in PaperPacks(DATA).words("en").texts}

    unused = [key for key in keys if not {key, *map(key.removesuffix, PLURALS)} & used]
    assert sorted(key for key in unused if not key.startswith(beginnings)) == []


@pytest.mark.parametrize(
    ("days", "written"), [((1, 2, 3, 4, 5), "Mon\N{EN DASH}Fri"), ((1, 3, 5), "Mon, Wed, Fri"), ((), "")]
)
def test_weekdays_are_written_short(days: tuple[int, ...], written: str) -> None:
    assert PaperPacks(DATA).words("en").weekdays(days) == written


def test_a_language_without_papers_gets_the_nearest() -> None:
    packs = PaperPacks(DATA)

    assert packs.words("en-GB").language == "en"
    assert packs.words("tlh").language == "en"


def test_what_is_not_known_is_not_written() -> None:
    words = PaperPacks(DATA).words("en")

    assert [words.day(None), words.number(None), words.percent(None)] == ["", "", ""]
    assert words.day(date(2026, 10, 5)) == "Oct 5, 2026"
    assert words.knows("student")
    assert not words.knows("horoscope")


def test_the_letters_of_all_the_words_are_known_without_signs_and_numbers() -> None:
    words = PaperWords("ar", {"paper_title": "درجات 1 {s}", "paper_note": "(é)"})

    assert words.letters == set("درجات") | set("sé")
