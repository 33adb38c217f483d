"""Read the training data of one language: the `nlu` sections in Rasa's format."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from bot.conversation.understanding.tokens import fold

# Parents mix: beside their own language's words these of English are known in every language.
_SHARED_FROM = "en"
_SHARED_FILE = "words.yml"
_SHARED = (
    "access_", "attendance_", "class_period", "count", "date_", "email", "first_name", "general_subject",
    "language_", "number_", "ordinal_", "subject_", "term_", "unit_", "username", "which_",
)  # fmt: skip
_NAMES = "first_name"
_NO_NAMES = ("ordinary_word", "word_and_name")
_SECTION = re.compile(r"^nlu:", re.MULTILINE)
_NEXT_SECTION = re.compile(r"^[A-Za-z_]", re.MULTILINE)
# Rasa marks an entity in an example as [Maya](student) or [Maya]{"entity": "student"}.
_ANNOTATION = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


@dataclass(slots=True)
class TrainingData:
    """Hold the examples of every intent, and the word lists and patterns beside them.

    `annotated` are the words that examples mark as entities: somebody's, not the language's.
    """

    examples: list[tuple[str, str]] = field(default_factory=list)
    lookups: dict[str, list[str]] = field(default_factory=dict)
    patterns: dict[str, list[str]] = field(default_factory=dict)
    annotated: set[str] = field(default_factory=set)


def languages(data_dir: Path) -> list[str]:
    """Name the languages that have training data, in alphabetical order."""
    folders = (path for path in data_dir.iterdir() if path.is_dir())
    return sorted(folder.name for folder in folders if any(_sections(folder)))


def is_shared(name: str) -> bool:
    """Tell whether a word list or pattern of English serves every language."""
    return name.startswith(_SHARED)


def fingerprint(folder: Path) -> str:
    """Return a hash of everything that training reads; responses beside it do not count."""
    digest = hashlib.sha256()
    for section in (*_sections(folder), *_shared_sections(folder)):
        digest.update(section.encode())
        digest.update(b"\0")
    return digest.hexdigest()[:16]


def read(folder: Path) -> TrainingData:
    """Read all training data of one language; raise ValueError where it is not Rasa's format."""
    data = TrainingData()
    for section in _sections(folder):
        for item in yaml.load(section, yaml.CSafeLoader)["nlu"] or ():
            _add(data, item)
    for section in _shared_sections(folder):
        for item in yaml.load(section, yaml.CSafeLoader)["nlu"]:
            name = str(item.get("lookup") or item.get("regex") or "")
            if is_shared(name):
                _add(data, item)
    own = {fold(word) for name in _NO_NAMES for word in data.lookups.get(name, ())}
    if own and _NAMES in data.lookups:
        # "Anh" is a name in English, and "tiếng Anh" is English in Vietnamese.
        data.lookups[_NAMES] = [name for name in data.lookups[_NAMES] if fold(name) not in own]
    return data


def _shared_sections(folder: Path) -> Iterator[str]:
    """Return the word lists of English, which come after a language's own."""
    path = folder.parent / _SHARED_FROM / _SHARED_FILE
    if folder.name != _SHARED_FROM and path.is_file():
        yield from _sections_of(path)


def _sections(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.yml")):
        yield from _sections_of(path)


def _sections_of(path: Path) -> Iterator[str]:
    text = path.read_text("utf-8")
    begins = _SECTION.search(text)
    if begins:
        ends = _NEXT_SECTION.search(text, begins.end())
        yield text[begins.start() : ends.start() if ends else len(text)]


def _add(data: TrainingData, item: dict[str, str]) -> None:
    lines = [line.removeprefix("-").strip() for line in item.get("examples", "").splitlines()]
    lines = [line for line in lines if line]
    match item:
        case {"intent": intent}:
            data.examples += [(intent, _ANNOTATION.sub(r"\1", line)) for line in lines]
            data.annotated.update(marked for line in lines for marked in _ANNOTATION.findall(line))
        case {"lookup": name}:
            data.lookups.setdefault(name, []).extend(lines)
        case {"regex": name}:
            data.patterns.setdefault(name, []).extend(lines)
        case _:
            message = f"An nlu item is neither intent, lookup nor regex: {sorted(item)}"
            raise ValueError(message)
