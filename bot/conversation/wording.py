"""Turn the keys and values that actions return into words of a language pack."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from bot.conversation.dialogue import Draft
from bot.conversation.formats import (
    Manner,
    decimal,
    formatted,
    is_formatted,
    listed,
    name_in,
    own_name,
    plural,
)
from bot.conversation.project import Project, Response

VARIABLE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
# A sentence that ends with a value which brings its own full stop ("6 p.m.", "Go!") needs no second one.
_IN_PLACE = re.compile(VARIABLE.pattern + "(?P<stop>[.\u3002]?)")
_STOPS = (".", "!", "?", "\u2026", "\u3002", "\uff01", "\uff1f", "\u061f")
FALLBACK_LANGUAGE = "en"
# What rasa-sdk's dispatcher puts into every message; the rest are values for the words.
ENVELOPE = frozenset({"text", "buttons", "elements", "custom", "template", "response", "image", "attachment"})
ANNEX = frozenset({"private", "secret", "image_alt", "attachment_title"})
# What stands in for a picture or a file where it cannot be seen: neither goes out without it.
STAND_INS = {"image": "image_alt", "attachment": "attachment_title"}


class WordingError(Exception):
    """Report words that cannot be made; the message names the response and what is missing."""


class Wording:
    """Word responses; every language falls back to English where its pack has a gap."""

    def __init__(self, project: Project) -> None:
        """Take the responses of every language pack."""
        self._packs = project.responses
        self._languages = {code: about.name for code, about in project.about.items()}
        self._calls = {code: about.calls for code, about in project.about.items()}

    def has(self, name: str) -> bool:
        """Tell whether a response exists, at least in English."""
        return name in self._packs.get(FALLBACK_LANGUAGE, {})

    def draft(self, message: Mapping[str, Any], manner: Manner) -> Draft:
        """Word one message as rasa-sdk's dispatcher collects it."""
        values = {k: v for k, v in message.items() if k not in ENVELOPE | ANNEX}
        variation = self._variation(message["response"], values, manner) if message.get("response") else {}
        text = variation.get("text") if message.get("text") is None else message["text"]
        buttons = [*(variation.get("buttons") or ()), *(message.get("buttons") or ())]
        name = str(message.get("response") or "(text)")
        fill = partial(self._filled, values=values, manner=manner, name=name)
        return Draft(
            text=fill(text or ""),
            buttons=tuple(self._button(button, values, manner, name) for button in buttons),
            **self._shown(message, variation, fill, manner),
            custom={**(variation.get("custom") or {}), **(message.get("custom") or {})},
            secret=self._secret(message.get("secret"), manner),
            private=bool(message.get("private")),
        )

    def text(self, name: str, values: Mapping[str, Any], manner: Manner) -> str:
        """Return only the text of a response."""
        variation = self._variation(name, values, manner)
        return self._filled(variation.get("text") or "", values, manner, name)

    def label(self, purpose: str, field: str, manner: Manner) -> str:
        """Return what a masked field is called, which may depend on what it is for."""
        special = f"label_{purpose}_{field}"
        return self.text(special if self.has(special) else f"label_{field}", {}, manner)

    def _variation(self, name: str, values: Mapping[str, Any], manner: Manner) -> Mapping[str, Any]:
        response = self._counted(name, values, manner)
        if response is None:
            message = f"the response {name} does not exist"
            raise WordingError(message)
        fitting = [v for v in response.variations if _fits(v, manner)]
        own = [v for v in fitting if v.get("channel") == manner.channel]
        choices = own or [v for v in fitting if "channel" not in v]
        if not choices:
            message = f"{name}: no variation fits the channel {manner.channel or '(none)'}"
            raise WordingError(message)
        return choices[manner.turn % len(choices)]

    def _counted(self, name: str, values: Mapping[str, Any], manner: Manner) -> Response | None:
        count = values.get("count")
        if isinstance(count, int | float) and not isinstance(count, bool):
            forms = ([f"{name}_zero"] if count == 0 else []) + [f"{name}_{plural(count, manner)}"]
            # Whatever forms English has, a pack that has only "other" says it with that.
            for language in dict.fromkeys((manner.language, FALLBACK_LANGUAGE)):
                for form in dict.fromkeys([*forms, f"{name}_other"]):
                    if (found := self._packs.get(language, {}).get(form)) is not None:
                        return found
        return self._response(name, manner)

    def _response(self, name: str, manner: Manner) -> Response | None:
        own = self._packs.get(manner.language, {}).get(name)
        return own or self._packs.get(FALLBACK_LANGUAGE, {}).get(name)

    def _button(
        self, button: Mapping[str, Any], values: Mapping[str, Any], manner: Manner, name: str
    ) -> tuple[str, str]:
        title = button["title"]
        worded = (
            self._filled(title, values, manner, name)
            if isinstance(title, str)
            else self._worded(title, manner)
        )
        return worded, str(button.get("payload") or worded)

    def _shown(
        self,
        message: Mapping[str, Any],
        variation: Mapping[str, Any],
        fill: Callable[[str], str],
        manner: Manner,
    ) -> dict[str, str]:
        """Return the picture and the file of a message, each with the words that stand in for it."""
        shown: dict[str, str] = {}
        for kind, stand_in in STAND_INS.items():
            address, given = message.get(kind) or variation.get(kind), message.get(stand_in)
            words = self._worded(given, manner) if given else fill(variation.get(stand_in) or "")
            if address and not words:
                error = f"{message.get('response') or '(text)'}: an {kind} needs {stand_in}"
                raise WordingError(error)
            if address:
                shown |= {kind: address, stand_in: words}
        return shown

    def _secret(self, secret: Mapping[str, Any] | None, manner: Manner) -> Mapping[str, Any] | None:
        if secret is None:
            return None
        purpose = str(secret["purpose"])
        fields = [{"name": field, "label": self.label(purpose, field, manner)} for field in secret["fields"]]
        return {"purpose": purpose, "ticket": secret["ticket"], "fields": fields}

    def _filled(self, text: str, values: Mapping[str, Any], manner: Manner, name: str) -> str:
        # One pass: what somebody typed is put in and never looked at for variables again.
        def value_of(match: re.Match[str]) -> str:
            key = match[1]
            value = values[key] if key in values else manner.slots.get(key)
            if value is None:
                message = f"{name}: no value for {{{key}}}"
                raise WordingError(message)
            worded = self._worded(value, manner)
            return worded if worded.endswith(_STOPS) else f"{worded}{match['stop']}"

        return _IN_PLACE.sub(value_of, text).strip("\n")

    def _worded(self, value: Any, manner: Manner) -> str:
        match value:
            case str():
                return value
            case bool():
                message = "true and false have no words of their own"
                raise WordingError(message)
            case int():
                # A plain integer may be a year or a period; {"number": n} gets the separators.
                return str(value)
            case float():
                return decimal(value, manner)
            case Mapping():
                return self._mapping(value, manner)
            case Sequence():
                return self._sequence(value, manner)
            case _:
                message = f"a {type(value).__name__} cannot be worded"
                raise WordingError(message)

    def _mapping(self, value: Mapping[str, Any], manner: Manner) -> str:
        if "response" in value:
            return self.text(value["response"], value, manner)
        if "language" in value:
            return own_name(str(value["language"]), self._languages)
        if "called" in value:
            code, calls = str(value["called"]), self._calls.get(manner.language, {})
            return name_in(manner.language, code, calls) or own_name(code, self._languages)
        kind = is_formatted(value)
        if kind is None:
            message = f"a value with {', '.join(map(str, value))} cannot be worded"
            raise WordingError(message)
        return formatted(kind, value, manner)

    def _sequence(self, values: Sequence[Any], manner: Manner) -> str:
        parts = [self._worded(value, manner) for value in values]
        if any(isinstance(value, Mapping) and "response" in value for value in values):
            return "\n".join(parts)
        return listed(parts, manner)


def _fits(variation: Mapping[str, Any], manner: Manner) -> bool:
    return all(
        manner.slots.get(condition["name"]) == condition.get("value")
        for condition in variation.get("condition") or ()
        if condition.get("type") == "slot"
    )
