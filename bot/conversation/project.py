"""Load a Rasa project: flows without words, and language packs with nothing but words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from sys import intern
from typing import Any

from bot.conversation.rules import Rule, Where, read_rule
from bot.conversation.yaml_files import Located, ProjectFileError, Reader, plain, read_yaml

LANGUAGE_FOLDER = re.compile(r"[a-z]{2,3}([_-][A-Za-z]{2,4}){0,2}")
ENGINE_SLOTS = (
    "requested_slot",
    "district",
    "language",
    "channel",
    "secret_outcome",
    "news",
    "offer",
    "letter",
)
OUTCOME = "secret_outcome"
# What happened elsewhere and is told now, by the one action for it.
NEWS = "news"
TELL_NEWS = "action_tell_news"
# The child of the letter that the conversation was begun with, and the action that takes it up.
LETTER = "letter"
OPEN_LETTER = "action_open_letter"
# Typed words that say what the button of a talk with staff says perform this.
HAND_BACK = "action_hand_back"
# What the assistant has just offered to do: a yes that follows means it.
OFFER = "offer"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Say how sure a parse must be to be taken as something else than what was asked for."""

    interruption: float = 0.82
    plain_question: float = 0.96


@dataclass(frozen=True, slots=True)
class Slot:
    """Declare a slot and where its values come from."""

    name: str
    kind: str
    mappings: tuple[Mapping[str, Any], ...]
    initial: Any = None
    where: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class Form:
    """Declare a form: the slots it fills, in order, and the intents that never fill them."""

    name: str
    required: tuple[str, ...]
    ignored_intents: tuple[str, ...] = ()
    where: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class Response:
    """Hold the variations of one response."""

    name: str
    variations: tuple[Mapping[str, Any], ...]
    where: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class About:
    """Say what a language pack is: its name as its speakers call it, and the direction it is written in.

    `spoken` are words that stand in quotes though parents say them: they are no labels of the portal.
    `calls` are its names for languages, where Babel has none.
    """

    name: str = ""
    direction: str = "ltr"
    awaiting_native_reader: bool = False
    spoken: tuple[str, ...] = ()
    calls: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Project:
    """Hold everything that the files declare; `repeated` names what is declared twice."""

    intents: dict[str, Where] = field(default_factory=dict)
    entities: dict[str, Where] = field(default_factory=dict)
    slots: dict[str, Slot] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    actions: dict[str, Where] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    responses: dict[str, dict[str, Response]] = field(default_factory=dict)
    about: dict[str, About] = field(default_factory=dict)
    nlu: dict[str, list[tuple[Mapping[str, Any], Where]]] = field(default_factory=dict)
    repeated: list[tuple[str, Where]] = field(default_factory=list)
    thresholds: Thresholds = field(default_factory=Thresholds)

    @property
    def languages(self) -> tuple[str, ...]:
        """Name the languages that have words."""
        return tuple(sorted(self.responses))

    def domain(self) -> dict[str, Any]:
        """Return the domain as rasa-sdk's actions read it."""
        return {
            "intents": list(self.intents),
            "entities": list(self.entities),
            "slots": {s.name: {"type": s.kind, "mappings": list(s.mappings)} for s in self.slots.values()},
            "forms": {form.name: {"required_slots": list(form.required)} for form in self.forms.values()},
            "responses": {},
            "actions": list(self.actions),
        }


def load_project(
    intents: Path, data: Path, config: Path | None = None, read_pack: Reader = read_yaml
) -> Project:
    """Read the flows, every language pack below `data`, and the thresholds."""
    project = Project()
    for path in sorted(intents.glob("*.yml")):
        _read_flow(project, path, read_yaml(path))
    for folder in _packs(data):
        for path in sorted(folder.glob("*.yml")):
            _read_pack(project, folder.name, path, read_pack(path))
    for name in ENGINE_SLOTS:
        project.slots.setdefault(name, Slot(name, "any", ({"type": "custom"},)))
    if config is not None:
        project.thresholds = Thresholds(**(read_yaml(config).get("hallpass") or {}))
    return project


def _packs(data: Path) -> Iterator[Path]:
    for folder in sorted(data.iterdir()) if data.is_dir() else ():
        if folder.is_dir() and LANGUAGE_FOLDER.fullmatch(folder.name):
            yield folder


def _read_flow(project: Project, path: Path, content: Located) -> None:
    for section in ("intents", "entities", "actions"):
        _read_names(project, section, path, content)
    slots = content.get("slots") or Located()
    for name, written in slots.items():
        slot = _slot(name, written or {}, Where(str(path), slots.at(name)))
        _declare(project, project.slots, name, slot, slot.where)
    forms = content.get("forms") or Located()
    for name, written in forms.items():
        form = _form(name, written or {}, Where(str(path), forms.at(name)))
        _declare(project, project.forms, name, form, form.where)
    for written in content.get("rules") or ():
        project.rules.append(_rule(path, written))
    if "responses" in content:
        _read_responses(project, "en", path, content)


def _read_names(project: Project, section: str, path: Path, content: Located) -> None:
    declared: dict[str, Where] = getattr(project, section)
    lines = content.items_lines.get(section, [])
    for entry, line in zip(content.get(section) or (), lines, strict=True):
        name = next(iter(entry)) if isinstance(entry, Mapping) else str(entry)
        where = Where(str(path), line)
        _declare(project, declared, name, where, where)


def _declare(project: Project, declared: dict[str, Any], name: str, thing: Any, where: Where) -> None:
    if name in declared:
        project.repeated.append((name, where))
    declared.setdefault(name, thing)


def _slot(name: str, written: Mapping[str, Any], where: Where) -> Slot:
    mappings = tuple(written.get("mappings") or ())
    return Slot(name, str(written.get("type", "any")), mappings, written.get("initial_value"), where)


def _form(name: str, written: Mapping[str, Any], where: Where) -> Form:
    ignored = written.get("ignored_intents") or ()
    names = (ignored,) if isinstance(ignored, str) else tuple(ignored)
    return Form(name, tuple(written.get("required_slots") or ()), names, where)


def _rule(path: Path, written: Located) -> Rule:
    where = Where(str(path), written.line)
    try:
        return read_rule(written, where)
    except (ValueError, TypeError, AttributeError) as error:
        message = f"{where}: the rule cannot be read ({error})"
        raise ProjectFileError(message) from None


def _read_pack(project: Project, language: str, path: Path, content: Located) -> None:
    for written in content.get("nlu") or ():
        project.nlu.setdefault(language, []).append((written, Where(str(path), written.line)))
    if "language" in content:
        project.about[language] = _about(content["language"] or {})
    _read_responses(project, language, path, content)


def _about(written: Mapping[str, Any]) -> About:
    return About(
        str(written.get("name") or ""),
        str(written.get("direction") or "ltr"),
        bool(written.get("awaiting_native_reader")),
        tuple(written.get("spoken") or ()),
        {str(code): str(name) for code, name in (written.get("calls") or {}).items()},
    )


def _read_responses(project: Project, language: str, path: Path, content: Located) -> None:
    responses = content.get("responses")
    if not responses:
        return
    pack = project.responses.setdefault(language, {})
    whole = Where(str(path), responses.line)
    for key, variations in responses.items():
        # Eleven languages say thousands of things under the same names: each name is held once.
        name = intern(str(key))
        where = whole if responses.at(key) == whole.line else Where(str(path), responses.at(key))
        if not all(isinstance(variation, Mapping) for variation in variations or ()):
            message = f"{where}: each variation of {name} must be a mapping such as `- text: ...`"
            raise ProjectFileError(message)
        response = Response(name, tuple(map(plain, variations or ())), where)
        _declare(project, pack, name, response, where)
