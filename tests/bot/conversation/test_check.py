"""`hallpass check` finds every mistake with its file and line."""

import shutil
from pathlib import Path

import pytest
import yaml

from actions import all_actions
from bot.conversation.acting import ActionError, Actor
from bot.conversation.check import check_project
from bot.conversation.project import Project, load_project
from bot.conversation.yaml_files import ProjectFileError
from portal.transaction import Portal
from tests.support.conversation import ROOT, hallpass_project
from tests.support.desk import FILES, DeskAction, desk_actions, desk_project

CODE = """
def run(dispatcher):
    dispatcher.utter_message(response="utter_lent", title=1, count=2, due=3)
    dispatcher.utter_message(response="utter_shelf", name=1, lines=[])
    dispatcher.utter_message(**{"response": "utter_too_many"})
    dispatcher.utter_message(response="utter_signed_out" if run else "utter_person")
    part = "utter_shelf_line", "utter_signed_in", "utter_refused", "utter_ask_password", "utter_count"
    why = f"utter_see_{run}", f"{run}_of_days", "hours"
    slots = ["resume", "total", "days", "action_loop", "action_loop", "why"]


def channel(run, district, number, about, since):
    said = f"utter_aside_{run}", f"utter_staff_{run}", f"utter_media_{run}", "utter_media", "utter_group"
    more = "utter_telegram_masked", "utter_edited", "utter_secret_not_deleted", "utter_privacy"
"""

MISTAKES = yaml.safe_load((Path(__file__).parent / "mistakes.yml").read_text(encoding="utf-8"))


@pytest.fixture
def files(tmp_path: Path) -> Path:
    shutil.copytree(FILES / "intents", tmp_path / "intents")
    shutil.copytree(FILES / "data" / "en", tmp_path / "data" / "en")
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "desk.py").write_text(CODE, encoding="utf-8")
    return tmp_path


def load(files: Path) -> Project:
    return load_project(files / "intents", files / "data")


def found(files: Path, portal: Portal) -> list[str]:
    names = [action.name() for action in desk_actions(portal)]
    problems = check_project(load(files), names, [files / "code"])
    return [str(problem).replace(f"{files}/", "") for problem in problems]


def add(files: Path, path: str, text: str) -> None:
    (files / path).write_text(text, encoding="utf-8")


def test_the_files_of_the_desk_have_no_problem(files: Path, portal: Portal) -> None:
    assert found(files, portal) == []


def test_the_files_of_hallpass_have_no_problem(portal: Portal) -> None:
    names = [action.name() for action in all_actions(portal)]

    problems = check_project(hallpass_project(), names, [ROOT / "actions"])

    assert [str(problem) for problem in problems] == []


@pytest.mark.parametrize("mistake", MISTAKES["flows"])
def test_a_mistake_in_a_flow_is_named_with_its_line(
    files: Path, portal: Portal, mistake: dict[str, str]
) -> None:
    add(files, "intents/zz.yml", mistake["file"])

    assert f"intents/zz.yml:{mistake['line']}: {mistake['says']}" in found(files, portal)


@pytest.mark.parametrize("mistake", MISTAKES["packs"])
def test_a_mistake_in_a_pack_is_named_with_its_line(
    files: Path, portal: Portal, mistake: dict[str, str]
) -> None:
    add(files, "data/en/zz.yml", mistake["file"])

    assert f"data/en/zz.yml:{mistake['line']}: {mistake['says']}" in found(files, portal)


def test_an_intent_without_examples_is_named_once_a_pack_is_trained(files: Path, portal: Portal) -> None:
    add(
        files,
        "data/en/more.yml",
        "nlu:\n- lookup: x\n- intent: greet\n  examples: |\n    - hi [x](title:y)\n",
    )

    problems = found(files, portal)

    assert not any("there are no examples of greet in data/en" in problem for problem in problems)
    assert any("there are no examples of borrow in data/en" in problem for problem in problems)


def test_a_value_that_a_caller_forgets_is_named(files: Path, portal: Portal) -> None:
    add(files, "code/more.py", 'dispatcher.utter_message(response="utter_shelf", lines=[])\n')

    problems = found(files, portal)

    assert [p.partition(": ")[2] for p in problems] == ["utter_shelf: a caller does not pass {name}"]


def test_an_action_that_is_not_declared_is_named(files: Path) -> None:
    assert any(
        "the action action_new exists but is not declared" in str(problem)
        for problem in check_project(load(files), ["action_new"], [])
    )


def test_a_missing_response_of_the_engine_is_named(files: Path, portal: Portal) -> None:
    words = (files / "data" / "en" / "words.yml").read_text(encoding="utf-8")
    add(files, "data/en/words.yml", words.replace("utter_too_long:", "utter_much_too_long:"))

    assert "data/en:1: the response utter_too_long is missing" in found(files, portal)


def test_flows_without_a_fallback_are_named(tmp_path: Path) -> None:
    problems = check_project(load_project(tmp_path, tmp_path), [], [])

    assert any("no rule starts with nlu_fallback" in str(problem) for problem in problems)


def test_a_language_pack_must_have_every_key_and_the_same_variables(files: Path, portal: Portal) -> None:
    (files / "data" / "es").mkdir()
    add(files, "data/es/words.yml", "responses:\n  utter_card:\n  - text: x\n  utter_new:\n  - text: y\n")

    problems = found(files, portal)

    assert "data/es/words.yml:2: utter_card: other variables than in English" in problems
    assert "data/es/words.yml:4: utter_new does not exist in English" in problems
    assert any("utter_hours is missing in data/es: " in problem for problem in problems)
    assert any("utter_lent_one is missing in data/es" in problem for problem in problems)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("intents/more.yml", "rules:\n- rule: [x\n"),
        ("intents/more.yml", "- a\n- b\n"),
        ("intents/more.yml", "rules:\n- rule: x\n  steps:\n  - story: y\n"),
        ("intents/more.yml", "rules:\n- rule: x\n  condition:\n  - action: y\n  steps:\n  - action: z\n"),
        ("data/en/more.yml", "responses:\n  utter_x:\n  - just text\n"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_line(files: Path, path: str, text: str) -> None:
    add(files, path, text)

    with pytest.raises(ProjectFileError, match=rf"{path}:\d+: "):
        load(files)


def test_a_file_with_wrong_bytes_is_named(files: Path) -> None:
    (files / "intents" / "more.yml").write_bytes(b"\xff\xfe\x00x: y")

    with pytest.raises(ProjectFileError, match=r"more\.yml:1"):
        load(files)


def test_words_beside_the_flows_are_english(files: Path) -> None:
    add(files, "intents/more.yml", "responses:\n  utter_more:\n  - text: x\n")

    assert "utter_more" in load(files).responses["en"]


def test_an_empty_file_says_nothing(files: Path, portal: Portal) -> None:
    add(files, "intents/more.yml", "# nothing yet\n")

    assert found(files, portal) == []


def test_an_action_that_would_stop_all_conversations_is_refused() -> None:
    class Blocking(DeskAction):
        action = "action_blocking"

        def run(self, *_: object) -> list[object]:
            return []

    with pytest.raises(ActionError, match="action_blocking"):
        Actor(desk_project(), [Blocking(None)])  # type: ignore[arg-type]


def test_actions_are_known_by_name(portal: Portal) -> None:
    actor = Actor(desk_project(), desk_actions(portal))

    assert actor.knows("action_lend")
    assert not actor.knows("action_nope")
    assert "validate_borrow_form" in actor.names
