"""Words come from the packs; values are put in as the language writes them."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from babel.core import get_global

from bot.conversation.formats import Manner, length, listed, name_in, weekdays
from bot.conversation.project import load_project
from bot.conversation.wording import Wording, WordingError
from bot.conversation.yaml_files import read_yaml
from tests.support.conversation import ROOT, hallpass_project
from tests.support.languages import LANGUAGES

# Languages that Babel has written in the words of another one.
BORROWING = set(get_global("parent_exceptions")) & set(LANGUAGES)
WORDS = """
responses:
  utter_plain:
    - text: "{value}"
  utter_line:
    - text: "- {value}"
  utter_sentence:
    - text: "It is {value}. Come."
  utter_days_zero:
    - text: "no days"
  utter_days_one:
    - text: "{count} day"
  utter_days_other:
    - text: "{count} days"
  utter_turns:
    - text: "first"
    - text: "second"
  utter_channel:
    - text: "everywhere"
    - text: "here"
      channel: console
  utter_elsewhere:
    - text: "there"
      channel: telegram
  utter_condition:
    - text: "open"
      condition:
        - type: slot
          name: open
          value: true
    - text: "shut"
      condition:
        - type: slot
          name: open
          value: false
  utter_rich:
    - text: "rich"
      image: "https://example.org/a.png"
      image_alt: "A picture of {value}"
      attachment: "a.pdf"
      attachment_title: "All of {value}"
      custom:
        kind: card
      buttons:
        - title: "{value}"
          payload: "/go"
  utter_silent:
    - custom:
        kind: card
"""
SPANISH = """
responses:
  utter_days_one:
    - text: "{count} día"
"""


@pytest.fixture
def wording(tmp_path: Path) -> Wording:
    for language, words in (("en", WORDS), ("es", SPANISH)):
        folder = tmp_path / "data" / language
        folder.mkdir(parents=True)
        (folder / "words.yml").write_text(words, encoding="utf-8")
    return Wording(load_project(tmp_path / "intents", tmp_path / "data"))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("as typed {value}", "as typed {value}"),
        (2026, "2026"),
        (1234.5, "1,234.5"),
        ({"date": "2026-10-15"}, "October 15, 2026"),
        ({"date": "2026-10-15", "style": "full"}, "Thursday, October 15, 2026"),
        ({"datetime": "2026-10-15T14:00:00+00:00"}, "October 15, 2026, 10:00 AM"),
        ({"datetime": "2026-10-15T14:00:00"}, "October 15, 2026, 2:00 PM"),
        ({"time": "08:05"}, "8:05 AM"),
        ({"weekday": 1}, "Monday"),
        ({"weekday": 7}, "Sunday"),
        ({"number": 12345}, "12,345"),
        ({"percent": 92.5}, "92.5%"),
        ({"money": "-12.5"}, "-$12.50"),
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        ([{"date": "2026-10-01"}, {"date": "2026-10-02"}], "October 1, 2026 and October 2, 2026"),
        ({"response": "utter_line", "value": "a"}, "- a"),
        ([{"response": "utter_line", "value": v} for v in "ab"], "- a\n- b"),
        ({"response": "utter_days", "count": 2}, "2 days"),
    ],
)
def test_a_value_is_written_as_the_language_writes_it(wording: Wording, value: Any, written: str) -> None:
    manner = Manner(zone=ZoneInfo("America/New_York"))

    assert wording.text("utter_plain", {"value": value}, manner) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("6", "It is 6. Come."),
        ("6 p.m.", "It is 6 p.m. Come."),
        (["a concert", "a game at 7 p.m."], "It is a concert and a game at 7 p.m. Come."),
        ("now!", "It is now! Come."),
    ],
)
def test_a_sentence_ends_once(wording: Wording, value: Any, written: str) -> None:
    assert wording.text("utter_sentence", {"value": value}, Manner()) == written


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("es", "15 de octubre de 2026"),
        ("xx", "October 15, 2026"),
        ("pt-BR", "15 de outubro de 2026"),
        ("ht", "15 oktòb 2026"),
    ],
)
def test_another_language_writes_dates_its_own_way(wording: Wording, language: str, written: str) -> None:
    value = {"date": "2026-10-15"}

    assert wording.text("utter_plain", {"value": value}, Manner(language)) == written


@pytest.mark.parametrize(
    ("language", "value", "written"),
    [
        ("ht", {"date": "2026-08-31", "style": "full"}, "lendi 31 out 2026"),
        ("ht", {"date": "2026-09-10", "style": "medium"}, "10 septanm 2026"),
        ("ht", {"month": "2026-02-01"}, "fevriye 2026"),
        ("ht", {"weekday": 5}, "vandredi"),
        ("ht", {"datetime": "2026-06-02T07:40:00"}, "2 jen 2026, 07:40"),
        ("ar", {"date": "2026-09-10", "style": "medium"}, "10 سبتمبر 2026"),
    ],
)
def test_a_day_is_told_in_words_of_the_language(
    wording: Wording, language: str, value: Any, written: str
) -> None:
    assert wording.text("utter_plain", {"value": value}, Manner(language)) == written


@pytest.mark.words
@pytest.mark.parametrize("language", LANGUAGES)
def test_days_and_months_that_are_borrowed_from_another_language_have_words_in_the_pack(
    language: str,
) -> None:
    about = read_yaml(ROOT / "data" / language / "language.yml")["language"]
    locale = Locale.parse(language)
    named = [locale.days["format"], locale.months["format"]] if language in BORROWING else []
    borrowed = {name for kind in named for width in ("wide", "abbreviated") for name in kind[width].values()}

    assert borrowed <= set(about.get("dates", {}))
    assert bool(about.get("and")) is bool(borrowed)


@pytest.mark.parametrize(
    ("count", "language", "written"),
    [(0, "en", "no days"), (1, "en", "1 day"), (2, "en", "2 days"), (1, "es", "1 día"), (2, "es", "2 days")],
)
def test_a_count_chooses_the_plural_form(wording: Wording, count: int, language: str, written: str) -> None:
    assert wording.text("utter_days", {"count": count}, Manner(language)) == written


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("utter_plain", None),
        ("utter_plain", True),
        ("utter_plain", object()),
        ("utter_plain", {"unknown": 1}),
        ("utter_nowhere", "x"),
        ("utter_elsewhere", "x"),
    ],
)
def test_words_that_cannot_be_made_are_refused_with_their_name(
    wording: Wording, name: str, value: Any
) -> None:
    with pytest.raises(WordingError) as refused:
        wording.text(name, {"value": value}, Manner())

    assert str(refused.value)


def test_a_slot_fills_a_variable_that_the_action_did_not_give(wording: Wording) -> None:
    assert wording.text("utter_plain", {}, Manner(slots={"value": "slot"})) == "slot"


def test_variations_take_turns(wording: Wording) -> None:
    said = [wording.text("utter_turns", {}, Manner(turn=turn)) for turn in range(3)]

    assert said == ["first", "second", "first"]


@pytest.mark.parametrize(("channel", "said"), [("console", "here"), ("rest", "everywhere")])
def test_a_channel_has_its_own_variation(wording: Wording, channel: str, said: str) -> None:
    assert wording.text("utter_channel", {}, Manner(channel=channel)) == said


@pytest.mark.parametrize(("is_open", "said"), [(True, "open"), (False, "shut")])
def test_a_slot_chooses_the_variation(wording: Wording, is_open: bool, said: str) -> None:  # noqa: FBT001
    assert wording.text("utter_condition", {}, Manner(slots={"open": is_open})) == said


def test_a_draft_joins_what_the_pack_and_the_action_give(wording: Wording) -> None:
    message = {
        "response": "utter_rich",
        "value": "Go",
        "private": True,
        "buttons": [{"title": {"response": "utter_line", "value": "x"}}],
        "custom": {"more": 1},
    }

    draft = wording.draft(message, Manner())

    assert (draft.text, draft.image, draft.attachment) == ("rich", "https://example.org/a.png", "a.pdf")
    assert (draft.image_alt, draft.attachment_title) == ("A picture of Go", "All of Go")
    assert draft.buttons == (("Go", "/go"), ("- x", "- x"))
    assert draft.custom == {"kind": "card", "more": 1}
    assert draft.private


def test_what_stands_in_for_a_picture_is_worded_as_text_is(wording: Wording) -> None:
    days = {"response": "utter_days", "count": 2}
    message = {"text": "Look", "image": "/files/x", "image_alt": days}

    draft = wording.draft(message, Manner())

    assert (draft.image, draft.image_alt) == ("/files/x", "2 days")


def test_what_is_typed_into_a_title_is_never_looked_at_for_variables(wording: Wording) -> None:
    message = {"text": "Look", "value": "x", "attachment": "/files/x", "attachment_title": "{value}"}

    assert wording.draft(message, Manner()).attachment_title == "{value}"


@pytest.mark.parametrize("kind", ["image", "attachment"])
def test_nothing_goes_out_that_cannot_be_told_in_words(wording: Wording, kind: str) -> None:
    with pytest.raises(WordingError, match=f"an {kind} needs"):
        wording.draft({"text": "Look", kind: "/files/x"}, Manner())


def test_an_action_may_bring_its_own_text(wording: Wording) -> None:
    assert wording.draft({"text": "own"}, Manner()).text == "own"


def test_a_response_without_text_says_nothing(wording: Wording) -> None:
    assert wording.draft({"response": "utter_silent"}, Manner()).text == ""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("hours", [0.5, 1, 1.5, 24, 48])
def test_a_length_is_told_in_the_words_of_every_language(language: str, hours: float) -> None:
    told = length(timedelta(hours=hours), language)

    assert "duration" not in told
    assert not told.isdecimal()


@pytest.mark.parametrize(
    ("hours", "told"), [(0.5, "30 minutes"), (1, "1 hour"), (1.5, "90 minutes"), (48, "2 days")]
)
def test_a_length_is_told_exactly(hours: float, told: str) -> None:
    assert length(timedelta(hours=hours), "en") == told


def test_haitian_creole_has_its_own_words_where_babel_has_french_ones() -> None:
    assert length(timedelta(days=2), "ht") == "2\N{NO-BREAK SPACE}jou"
    assert weekdays("abbreviated", "ht")[:3] == ["len.", "mad.", "mèk."]
    assert listed(["et", "jour", "mai"], Manner("ht")) == "et, jour ak mai"


@pytest.mark.words
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_pack_calls_every_language_by_another_name(language: str) -> None:
    calls = hallpass_project().about[language].calls

    names = [name_in(language, code, calls) for code in LANGUAGES]

    assert "" not in names
    assert len(set(names)) == len(LANGUAGES)
    # Babel calls them in French there.
    assert language != "ht" or set(calls) == set(LANGUAGES)


def test_a_language_is_called_as_its_reader_calls_it_else_by_its_own_name(wording: Wording) -> None:
    told = [
        wording.text("utter_plain", {"value": {"called": code}}, Manner(language))
        for language, code in (("es", "en"), ("zh", "es"), ("en", "xx"))
    ]

    assert told == ["Inglés", "西班牙语", "xx"]
