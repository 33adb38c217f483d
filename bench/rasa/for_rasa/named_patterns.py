"""Find entities by the word lists and patterns of the training files: a component for Rasa 3.6.

Rasa's own RegexEntityExtractor takes the whole match for the value, so that a pattern named
`wants_setting_email` could never give the entity `setting` the value `email`. Hallpass reads such names
itself; this gives the same data the same meaning in Rasa. It runs on Python 3.10, inside Rasa, and is no
part of Hallpass.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

# Patterns that say only that something is meant, and what each then means.
_SAYS = {
    "how_to": ("how_to", True),
    "again": ("again", True),
    "source": ("source", True),
    "asks_again": ("follow_up", True),
    "all_students": ("students", "all"),
    "how_many": ("count", "how_many"),
}
# Patterns that hold what is meant in a group of the same name, or in the one beside.
_HOLDS = {
    "username": "username",
    "relative": "relative",
    "class_period": "number",
    "course_named": "course",
    "email": "email",
    "access_id": "access_id",
}
_NAMED = {"course_named": "course"}
# Patterns named so: the rest of the name is the value.
_KINDS = {"topic": "topic", "term": "term", "attendance": "attendance_kind"}
# Word lists named so: what was typed is the value, or the rest of the name is.
_TYPED = {"first_name": "student", "subject_": "course"}
_CODED = {"language_": "language", "relationship_": "relationship"}
# The language is asked for in one intent only; elsewhere "Spanish" is a course.
_ONLY_IN = {"language": ("change_language",), "again": ("sign_in",)}
_EDGES = r"(?<![a-z0-9_])(?:{})(?![a-z0-9_])"

Found = dict[str, Any]


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR], is_trainable=True)
class NamedPatterns(GraphComponent, EntityExtractorMixin):
    """Give every name of a pattern or word list the meaning that it has in Hallpass."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Name what each intent may wish for; nothing unless the configuration says so."""
        return {"wishes": {}}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003  (Rasa fixes the signature)
    ) -> "NamedPatterns":
        """Make a component that has read nothing yet."""
        return cls(config, model_storage, resource, {"patterns": [], "lists": []})

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003  (as above)
        **kwargs: Any,  # noqa: ARG003  (as above)
    ) -> "NamedPatterns":
        """Make a component of what training kept."""
        with model_storage.read_from(resource) as folder:
            kept = json.loads((folder / "named.json").read_text("utf-8"))
        return cls(config, model_storage, resource, kept)

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, kept: dict[str, Any]
    ) -> None:
        """Compile every pattern once; `re` would forget all but 512 of them."""
        self._wishes, self._storage, self._resource = config["wishes"], storage, resource
        self._patterns: list[tuple[str, re.Pattern]] = [
            (name, re.compile(_EDGES.format(pattern))) for name, pattern in kept["patterns"]
        ]
        self._lists = [(name, _any_of(words)) for name, words in kept["lists"] if _listed(name, "")]

    def train(self, training_data: TrainingData) -> Resource:
        """Keep the patterns and word lists as they are written."""
        patterns = [(one["name"], one["pattern"]) for one in training_data.regex_features]
        lists = [(one["name"], [fold(word) for word in _words(one)]) for one in training_data.lookup_tables]
        with self._storage.write_to(self._resource) as folder:
            kept = json.dumps({"patterns": patterns, "lists": lists})
            (folder / "named.json").write_text(kept, "utf-8")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities of each message to those that are known."""
        for message in messages:
            text = message.get("text") or ""
            intent = (message.get("intent") or {}).get("name") or ""
            known = list(message.get("entities") or [])
            found = self._found(text, intent, [one["entity"] for one in known])
            added = self.add_extractor_name(found)
            message.set("entities", known + added, add_to_output=True)
        return messages

    def _found(self, text: str, intent: str, names: list[str]) -> list[Found]:
        """Return one entity of a kind, the first that fits."""
        found: list[Found] = []
        for one in (*self._by_pattern(text, intent), *self._by_list(text)):
            allowed = _ONLY_IN.get(one["entity"], (intent,))
            if intent in allowed and one["entity"] not in names:
                names.append(one["entity"])
                found.append(one)
        return found

    def _by_pattern(self, text: str, intent: str) -> Iterator[Found]:
        folded, wished = fold(text), self._wishes.get(intent, ())
        for name, pattern in self._patterns:
            for match in pattern.finditer(folded):
                said = _said(name, match, wished)
                if said is not None:
                    entity, value = said
                    yield {"entity": entity, "value": value, "start": match.start(), "end": match.end()}
                    break

    def _by_list(self, text: str) -> Iterator[Found]:
        folded = fold(text)
        for name, words in self._lists:
            match = words.search(folded)
            if match is not None:
                entity, value = _listed(name, text[match.start() : match.end()]) or ("", "")
                yield {"entity": entity, "value": value, "start": match.start(), "end": match.end()}


def fold(text: str) -> str:
    """Return small letters without marks, as long as the text itself."""
    folded = (unicodedata.normalize("NFD", letter)[0].lower()[:1] or letter for letter in text)
    return "".join(folded)


def _said(name: str, match: re.Match[str], wished: Any) -> Any:
    """Return the entity and the value that a pattern of this name gives, or None."""
    if name in _SAYS:
        return _SAYS[name]
    if name in _HOLDS:
        held = _HOLDS[name] if _HOLDS[name] in match.re.groupindex else 0
        return _NAMED.get(name, name), match[held]
    kind, _, value = name.partition("_")
    if kind == "wants":
        kind, _, value = value.partition("_")
        return (kind, value or True) if kind in wished else None
    if kind not in _KINDS or value == "numbered":
        return None
    return _KINDS[kind], value


def _listed(name: str, typed: str) -> Any:
    for start, entity in _TYPED.items():
        if name.startswith(start):
            return entity, typed
    for start, entity in _CODED.items():
        if name.startswith(start):
            return entity, name[len(start) :]
    return None


def _any_of(words: list[str]) -> re.Pattern:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(_EDGES.format("|".join(map(re.escape, longest_first))))


def _words(table: dict[str, Any]) -> list[str]:
    elements = table["elements"]
    return elements.splitlines() if isinstance(elements, str) else elements
