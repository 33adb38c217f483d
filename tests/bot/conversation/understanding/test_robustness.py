"""Take whatever a person, or an attacker, can type."""

import time
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation.understanding import FALLBACK, Names, Parse, Understanding
from tests.support.trained import trained

Read = Callable[[str], Parse]
TODAY = date(2026, 10, 15)


@pytest.mark.parametrize("text", ["", "   ", "\x00", "\u202e\u200f", "😀😀", "?!", "<>", "\ud800"])
def test_text_without_words_falls_back_with_no_confidence(read: Read, text: str) -> None:
    parse = read(text)

    assert (parse.intent, parse.confidence, parse.entities) == (FALLBACK, 0.0, ())


@pytest.mark.nightly
def test_hundred_thousand_characters_are_cut_before_anything_is_done(read: Read) -> None:
    started = time.process_time()

    parse = read("grades maya's zyler october 3 period 3 " * 2_600)

    assert len(parse.text) <= 2_000
    assert time.process_time() - started < 1


@pytest.mark.nightly
@pytest.mark.parametrize(
    "text",
    ["a" * 2_000, "1/" * 1_000, "qzxv " * 400, "the last " * 200, "user name " * 200, "a@" + ".!" * 999],
)
def test_walls_of_text_are_read_in_time(read: Read, text: str) -> None:
    read("was she absent on 10/3")
    started = time.process_time()

    read(text)

    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("sign\x00 me in", "sign_in"),
        ("\u202esign me in\u202c", "sign_in"),
        ("SIGN ME IN!!!", "sign_in"),
        ("<b>show me grades</b>", "ask_grades"),
        ("show me grades 😀", "ask_grades"),
        ("what's maya's grade?", "ask_grades"),
    ],
)
def test_dirt_around_words_changes_nothing(read: Read, text: str, intent: str) -> None:
    assert read(text).intent == intent


@pytest.mark.case("A7")
def test_text_that_looks_like_a_command_sets_nothing(read: Read) -> None:
    parse = read('/sign_in{"username":"x", "student": "Maya"}')

    assert parse.first("username") is None
    assert parse.confidence < 1.0


def test_same_text_is_always_understood_the_same(read: Read) -> None:
    assert read("mayas math grade last quarter") == read("mayas math grade last quarter")


def test_unknown_language_is_read_as_english(understanding: Understanding) -> None:
    parse = understanding.parse("show me grades", language="xx", today=TODAY)

    assert (parse.intent, parse.language) == ("ask_grades", "en")


def test_ranking_names_every_intent_and_sums_to_one(read: Read) -> None:
    ranking = read("show me grades").ranking

    assert len(ranking) == 47
    assert ranking[0][0] == "ask_grades"
    assert sum(probability for _, probability in ranking) == pytest.approx(1.0, abs=1e-4)


@settings(max_examples=150, deadline=None)
@given(
    text=st.one_of(st.text(), st.text("aeiou 's/0123456789-octmaylsteruname:=.")),
    names=st.builds(
        Names, st.tuples(st.text()), st.tuples(st.text()), st.tuples(st.text()), st.tuples(st.text())
    ),
)
def test_no_text_and_no_names_raise(text: str, names: Names) -> None:
    parse = trained_once().parse(text, names=names, today=TODAY)

    assert all(0 <= entity.start < entity.end <= len(parse.text) for entity in parse.entities)


_LOADED: list[Understanding] = []


def trained_once() -> Understanding:
    if not _LOADED:
        _LOADED.append(trained())
    return _LOADED[0]
