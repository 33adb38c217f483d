"""Lay out the Rasa project: the same flows, words and configuration, with what Rasa must be told beside."""

import shutil
from pathlib import Path
from typing import Any

import yaml

from bot.conversation.project import ENGINE_SLOTS
from bot.conversation.understanding.entities import _WISHES
from bot.settings import ROOT

# Rasa keeps what a model was made of beside it; ours says which files those are.
OWN = Path(__file__).parent / "for_rasa"
# What Hallpass does by itself, between the flows: on Rasa the action server does it, under Rasa's names.
ENGINE = ("action_default_fallback", "action_restart")


def lay_out(folder: Path, port: int) -> None:
    """Write a Rasa project whose actions are served on this port of this machine."""
    shutil.rmtree(folder / "domain", ignore_errors=True)
    (folder / "domain").mkdir(parents=True)
    shutil.copytree(ROOT / "intents", folder / "domain" / "intents")
    _copy_pack(folder / "domain" / "en")
    shutil.copy(OWN / "named_patterns.py", folder)
    _write(folder / "config.yml", _configuration())
    _write(folder / "domain" / "engine.yml", _engine())
    _write(folder / "credentials.yml", {"rest": None})
    _write(
        folder / "endpoints.yml",
        {"action_endpoint": {"url": f"http://127.0.0.1:{port}/webhook", "enable_selective_domain": True}},
    )


def _engine() -> dict[str, Any]:
    """Declare what Hallpass's engine brings along and Rasa has to be told of."""
    slot = {"type": "any", "mappings": [{"type": "custom"}]}
    texts = [path.read_text("utf-8") for path in (ROOT / "intents").glob("*.yml")]
    declared = {name for text in texts for name in yaml.safe_load(text).get("slots") or ()}
    missing = [name for name in ENGINE_SLOTS if name not in {*declared, "requested_slot"}]
    return {"version": "3.1", "actions": list(ENGINE), "slots": dict.fromkeys(missing, slot)}


def _copy_pack(to: Path) -> None:
    """Copy English without the words of the staff's console, which no conversation says."""
    to.mkdir()
    for path in sorted((ROOT / "data" / "en").glob("*.yml")):
        shutil.copy(path, to)


def _configuration() -> dict[str, Any]:
    """Return config.yml with three parts changed, and why.

    Python's `re` keeps 512 compiled patterns, and Rasa's RegexFeaturizer looks each of our 714 up there:
    all of them would be compiled again for every sentence. It is given the word lists alone. What the
    patterns and lists mean is read by a component beside Rasa's own extractor. And where two rules fit a
    message, the one that asks for more goes first in Hallpass; Rasa does the same only when it is told not to
    call that a contradiction.
    """
    written: dict[str, Any] = yaml.safe_load((ROOT / "config.yml").read_text("utf-8"))
    del written["hallpass"]
    pipeline: list[dict[str, Any]] = []
    for component in written["pipeline"]:
        match component["name"]:
            case "RegexFeaturizer":
                pipeline.append({**component, "use_regexes": False})
            case "RegexEntityExtractor":
                wishes = {intent: list(kinds) for intent, kinds in _WISHES.items()}
                named = {"name": "named_patterns.NamedPatterns", "wishes": wishes}
                pipeline += [component, named]
            case _:
                pipeline.append(component)
    policies = [{**policy, "check_for_contradictions": False} for policy in written["policies"]]
    return {**written, "pipeline": pipeline, "policies": policies}


def _write(path: Path, content: Any) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")
