"""The other engine gets the same files and actions; what is unequal stands in the code that says so."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormValidationAction
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from bench.rasa import environment, told
from bench.rasa.measuring import Figures, sentences
from bench.rasa.messages import said
from bench.rasa.project import lay_out
from bench.rasa.served import ServedActions
from bench.rasa.usage import Spent, Tree, run_to_end
from bot.conversation.project import OUTCOME
from bot.settings import ROOT
from portal.transaction import Portal
from tests.support.conversation import hallpass_project

Call = dict[str, Any]


class Tells(Action):
    """Say how many days, in words that depend on the number."""

    def name(self) -> str:
        return "action_tells"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        dispatcher.utter_message(response="utter_session_ended_why", count=3, private=True)
        return []


class Validates(FormValidationAction):
    """Take any outcome."""

    def name(self) -> str:
        return "validate_sign_in_form"


def call(action: str, *events: Mapping[str, Any], **tracker: Any) -> Call:
    slots = {"district": "", "language": "en", "channel": "rest"}
    known = {
        "sender_id": "c",
        "slots": slots,
        "events": list(events),
        "active_loop": {},
        "latest_message": {},
    }
    return {"next_action": action, "sender_id": "c", "tracker": {**known, **tracker}}


def performed(name: str) -> Mapping[str, Any]:
    return {"event": "action", "name": name}


@pytest.fixture
def served(portal: Portal) -> ServedActions:
    return ServedActions(portal, hallpass_project(), [Tells(), Validates()])


def test_rasa_is_given_the_same_flows_and_words(tmp_path: Path) -> None:
    lay_out(tmp_path, 5055)

    for ours, theirs in ((ROOT / "intents", "intents"), (ROOT / "data" / "en", "en")):
        names = sorted(path.name for path in ours.glob("*.yml"))
        given = tmp_path / "domain" / theirs
        assert sorted(path.name for path in given.iterdir()) == names
        assert all((given / name).read_bytes() == (ours / name).read_bytes() for name in names)


def test_only_three_parts_of_the_configuration_differ(tmp_path: Path) -> None:
    lay_out(tmp_path, 5055)

    ours = yaml.safe_load((ROOT / "config.yml").read_text("utf-8"))
    theirs = yaml.safe_load((tmp_path / "config.yml").read_text("utf-8"))
    added = [part for part in theirs["pipeline"] if part not in ours["pipeline"]]
    assert [part["name"] for part in added] == ["RegexFeaturizer", "named_patterns.NamedPatterns"]
    assert theirs["policies"] == [{**ours["policies"][0], "check_for_contradictions": False}]


def test_lock_names_rasa_with_hashes_and_no_registry() -> None:
    text = environment.LOCK.read_text("utf-8")

    required = re.findall(r"^([a-z0-9._-]+)==\S+ ?(.*)$", text, re.MULTILINE)
    assert "rasa==3.6.21" in text
    assert len(required) > 100
    assert text.count("--hash=sha256:") >= len(required)
    assert all(rest.endswith("\\") for _, rest in required)
    assert "://" not in text


def test_interpreter_that_does_not_answer_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shim = tmp_path / "python3.10"
    shim.write_text("#!/bin/sh\necho 'command not found' >&2\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv(environment.CHOSEN, str(shim))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "none"))
    monkeypatch.setattr(environment, "_from_uv", lambda _: iter(()))

    with pytest.raises(environment.MissingError, match="HALLPASS_RASA_PYTHON"):
        environment.make(tmp_path / "home")

    assert not (tmp_path / "home" / "environment").exists()


def test_environment_that_is_there_is_taken_again(tmp_path: Path) -> None:
    rasa = environment.Rasa(tmp_path)
    rasa.python.parent.mkdir(parents=True)
    rasa.python.touch()
    (tmp_path / "installed.lock").write_bytes(environment.LOCK.read_bytes())

    assert environment.make(tmp_path) == rasa


async def test_words_are_put_in_before_they_reach_rasa(served: ServedActions) -> None:
    result = await served.run(call("action_tells"))

    assert result is not None
    assert "3 minutes" in result.responses[0]["text"]
    assert result.responses[0]["custom"] == {"private": True}


async def test_outcome_of_a_masked_field_fills_the_form(served: ServedActions) -> None:
    outcome = {"kind": "signed_in"}
    heard = {"metadata": {OUTCOME: outcome}}

    result = await served.run(call("validate_sign_in_form", latest_message=heard))

    assert result is not None
    assert {"event": "slot", "timestamp": None, "name": OUTCOME, "value": outcome} in result.events


@pytest.mark.parametrize(
    ("times", "response"), [(0, "in other words"), (1, "Is it one of these"), (2, "action_talk_to_person")]
)
async def test_misunderstandings_are_counted_on_rasa_too(
    served: ServedActions, times: int, response: str
) -> None:
    before = [performed(name) for _ in range(times) for name in ("action_default_fallback", "action_listen")]

    result = await served.run(call("action_default_fallback", performed("action_greet"), *before))

    assert result is not None
    assert response in str(result.responses) + str(result.events)


async def test_what_was_said_before_this_message_is_repeated(served: ServedActions) -> None:
    user = {"event": "user", "text": "x"}
    spoken = [user, {"event": "bot", "text": "One."}, {"event": "bot", "text": "Two."}, user]

    result = await served.run(call("action_repeat", *spoken))

    assert result is not None
    assert [reply["text"] for reply in result.responses] == ["One.", "Two."]


async def test_cancelled_form_is_left_and_forgotten(served: ServedActions) -> None:
    result = await served.run(call("action_cancel", active_loop={"name": "sign_in_form"}))

    assert result is not None
    assert result.events[0]["name"] is None
    assert {event["name"] for event in result.events[1:]} >= {"username", "requested_slot"}


def test_answers_are_compared_without_what_differs_from_run_to_run() -> None:
    ours = [{"text": "Until 3:30 p.m.\n\nSee you", "buttons": [{"title": "Grades", "payload": "b1.x.0"}]}]
    theirs = [
        {"text": "Until 4:10 p.m."},
        {"text": "See you", "buttons": [{"title": "Grades", "payload": "/ask_grades"}]},
    ]

    assert said(ours) == said(theirs)
    assert said(ours) != said(theirs[:1])


def test_figures_become_one_table_with_its_goals() -> None:
    right = {text: intent for intent, text in sentences()}
    one = Figures([5, 5, 9], 4, 200, [150, 160], 5, right, {"hello": "Hello!"})
    two = Figures([80, 90, 100], 60, 1300, [12, 13], 70, dict.fromkeys(right, "greet"), {"hello": "Hello!"})
    training = told.Training((Spent(100, 120), 1500), (Spent(5, 6), 300))

    found = told.measured(
        training, told.Found([Spent(2, 2)], 150, 200, one), told.Found([Spent(60, 50)], 1000, 1300, two), 220
    )

    rows = {row["what"]: row for row in found.tables[0].rows}
    assert rows["a message, p50"]["ratio"] == 18
    assert rows["messages a second, 16 conversations"]["Rasa"] == 13
    assert rows["resident, all that answering takes"]["ratio"] == 7.6
    assert all(goal.is_kept for goal in found.goals)
    assert rows["training English, processor"]["ratio"] == 20


def test_training_that_was_not_watched_is_left_open() -> None:
    understood = {text: intent for intent, text in sentences()}
    found = told.Found(
        [Spent(2, 2)], 150, 200, Figures([5], 4, 200, [150], 5, understood, {"hello": "Hello!"})
    )

    row = told.measured(None, found, found, 220).tables[0].rows[0]

    assert (row["Hallpass"], row["Rasa"], row["ratio"]) == (None, None, None)


def test_training_is_read_as_it_was_kept(tmp_path: Path) -> None:
    training = told.Training((Spent(100.5, 120), 1500), (Spent(5, 6), 300))
    assert told.read_training(tmp_path) is None

    told.write_training(tmp_path, training)

    assert told.read_training(tmp_path) == training


def test_cost_of_what_was_started_is_counted() -> None:
    spent, most = run_to_end(["python3", "-c", "import time; sum(range(10**6)); time.sleep(1)"])

    assert spent.wall >= 1
    assert spent.cpu > 0
    assert most > 1
    assert Tree((os.getpid(),)).resident() > 1
