"""`hallpass languages check` names everything that a translator has left to do."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.commands import hallpass
from bot.conversation.check_language import language_gaps
from bot.conversation.project import load_project
from tests.support.conversation import ROOT
from tests.support.desk import FILES

LABEL = '    - text: "Press \\"Sign In\\", then say \\"help\\"."\n'


@pytest.fixture
def files(tmp_path: Path) -> Path:
    shutil.copytree(FILES / "intents", tmp_path / "intents")
    shutil.copytree(FILES / "data" / "en", tmp_path / "data" / "en")
    (tmp_path / "data" / "es").mkdir()
    return tmp_path


def gaps(files: Path, pack: str, english: str = "", language: str = "es") -> list[str]:
    (files / "data" / "en" / "more.yml").write_text(english or "responses: {}\n", encoding="utf-8")
    folder = files / "data" / language
    folder.mkdir(exist_ok=True)
    (folder / "more.yml").write_text(pack, encoding="utf-8")
    found = language_gaps(load_project(files / "intents", files / "data"), language)
    return [problem.text for problem in found]


def test_what_is_missing_is_named_with_the_english_words(files: Path) -> None:
    english = 'responses:\n  utter_new:\n    - text: "Good\\nmorning"\n'

    assert r"utter_new is missing in data/es: Good\nmorning" in gaps(files, "responses: {}\n", english)


def test_label_of_the_portal_that_is_translated_away_is_named(files: Path) -> None:
    english = f"responses:\n  utter_new:\n{LABEL}"
    away = 'responses:\n  utter_new:\n    - text: "Pulse \\"Iniciar\\" y diga \\"ayuda\\"."\n'
    beside = 'responses:\n  utter_new:\n    - text: "Pulse \\"Sign In\\" (Iniciar) y diga \\"ayuda\\"."\n'

    assert 'utter_new: the label "Sign In" must stay, in quotes' in gaps(files, away, english)
    assert not any("must stay" in gap for gap in gaps(files, beside, english))


def test_page_is_in_the_familys_language_throughout(files: Path) -> None:
    english = f"responses:\n  page_new:\n{LABEL}"
    pack = 'responses:\n  page_new:\n    - text: "Pulse \\"Iniciar\\" y diga \\"ayuda\\"."\n'

    assert not any("must stay" in gap for gap in gaps(files, pack, english))


def test_sentence_left_in_english_is_named(files: Path) -> None:
    words = 'responses:\n  utter_new:\n    - text: "This one was simply copied."\n'

    assert "utter_new is still in English: This one was simply copied." in gaps(files, words, words)


def test_button_that_is_missing_or_leads_elsewhere_is_named(files: Path) -> None:
    button = '      buttons:\n        - title: "{}"\n          payload: "/{}"\n'
    english = 'responses:\n  utter_new:\n    - text: "Hello"\n' + button.format("Help", "ask_help")
    other = 'responses:\n  utter_new:\n    - text: "Hola"\n' + button.format("Ayuda", "greet")
    same = 'responses:\n  utter_new:\n    - text: "Hola"\n' + button.format("Ayuda", "ask_help")

    assert "utter_new: other buttons than in English" in gaps(files, other, english)
    assert not any("other buttons" in gap for gap in gaps(files, same, english))


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("es", {"one", "other"}),
        ("zh", {"other"}),
        ("ar", {"zero", "one", "two", "few", "many", "other"}),
    ],
)
def test_forms_for_numbers_are_those_of_the_language(files: Path, language: str, forms: set[str]) -> None:
    english = 'responses:\n  utter_day_one:\n    - text: "one day"\n  utter_day_other:\n    - text: "days"\n'

    missing = gaps(files, "responses: {}\n", english, language)

    named = {gap.split(" ")[0].rpartition("_")[2] for gap in missing if gap.startswith("utter_day_")}
    assert named == forms


def test_thin_training_and_missing_word_lists_are_named(files: Path) -> None:
    listed = "  - lookup: {}\n    examples: |\n      - {}\n"
    english = "nlu:\n" + listed.format("pet_word", "cat") + listed.format("first_name", "Ana")
    pack = "nlu:\n  - intent: greet\n    examples: |\n      - hola\n"

    found = gaps(files, pack, english)

    assert "greet has 1 examples in data/es, of at least 25" in found
    assert "the words pet_word are missing in data/es" in found
    assert not any("first_name" in gap for gap in found)
    assert any(gap.startswith("nlu_fallback needs") for gap in found)


def test_pack_must_say_what_language_it_is(files: Path) -> None:
    nameless = gaps(files, "responses: {}\n")
    named = gaps(files, "language: {code: es, name: Español, direction: ltr}\n")

    assert any("as its speakers call it" in gap for gap in nameless)
    assert not any("as its speakers call it" in gap for gap in named)


def test_command_lists_the_gaps_and_ends_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    told = CliRunner().invoke(hallpass, ["languages", "check", "eo"])

    assert told.exit_code == 1
    assert "data/en/grades.yml" in told.output
    assert "utter_grades is missing in data/eo: These are the grades" in told.output
    assert "gap(s): each line names the place in English to translate" in told.output


def test_english_is_what_the_others_are_held_against() -> None:
    told = CliRunner().invoke(hallpass, ["languages", "check", "en"])

    assert told.exit_code == 1
    assert "hallpass check looks at it" in told.output
