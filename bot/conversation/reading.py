"""Read a message against the flows: which slots it fills, and whether it answers what was asked."""

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bot.conversation.dialogue import REQUESTED, Tracker
from bot.conversation.flows import Course
from bot.conversation.project import OFFER, Form, Project, Slot
from bot.conversation.typed_secrets import holds_password
from bot.conversation.understanding import FALLBACK, Parse
from bot.conversation.understanding.tokens import count_words, is_one_name, is_one_plain_word

CHINESE_PAUSE = re.compile("[\u3001\u3002\uff0c\uff1a\uff1b]")
# A bare answer may carry this many words beside the entity: "it is Maya", "Maya please".
SPARE_WORDS = 2
# Names the words that add to an answer or take from it: "without", "but not", "and".
AMENDS = "amend"


class Reading(StrEnum):
    """Name what a message is to the form that runs."""

    ANSWER = "answer"
    INTERRUPTION = "interruption"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Heard:
    """Hold a parse and whether a button was pressed, whose meaning is beyond doubt."""

    parse: Parse
    pressed: bool = False


class Reader:
    """Fill slots by their mappings and tell answers from interruptions."""

    def __init__(self, project: Project) -> None:
        """Read by the mappings, forms and thresholds of the project."""
        self._project = project
        self._thresholds = project.thresholds

    def no_half_yes(self, heard: Heard, tracker: Tracker) -> Heard:
        """Return the message; a yes to an offer that is half a no, or half understood, as not understood.

        "Yeah, but no" must do nothing; what was offered waits for a plain answer.
        """
        is_taken = heard.parse.intent == "affirm" and tracker.slots.get(OFFER) and not heard.pressed
        if not is_taken or self._is_plain(heard.parse):
            return heard
        return replace(heard, parse=replace(heard.parse, intent=FALLBACK))

    def found(self, heard: Heard, tracker: Tracker) -> dict[str, Any]:
        """Return the slot values that the message carries in entities or by its intent."""
        return {
            slot.name: value
            for slot in self._project.slots.values()
            if (value := self._mapped(slot, heard.parse, tracker)) is not None
        }

    def answers(self, heard: Heard, found: Mapping[str, Any], tracker: Tracker) -> dict[str, Any]:
        """Return the values for the active form; a correction is no yes or no to what was asked.

        "No, the username is mlopez" corrects the username; the question is asked again with it.
        """
        form = self._project.forms[tracker.loop or ""]
        filled = {name: value for name, value in found.items() if name in form.required}
        requested = tracker.slots.get(REQUESTED)
        corrected = any(tracker.slots.get(n) not in (None, v) for n, v in filled.items() if n != requested)
        if corrected and requested in filled and self._said_by_intent(heard, requested):
            filled.pop(requested)
        return filled or self.typed(heard, tracker)

    def typed(self, heard: Heard, tracker: Tracker) -> dict[str, Any]:
        """Return the requested slot with the whole text, where the form asks for free text."""
        name = tracker.slots.get(REQUESTED)
        slot = self._project.slots.get(name or "")
        if slot is None or heard.pressed or not heard.parse.text:
            return {}
        if self._prose(slot, tracker) is not None:
            return {slot.name: heard.parse.text} if self._is_prose(heard, tracker) else {}
        texts = [m for m in slot.mappings if m.get("type") == "from_text"]
        allowed = any(_applies(m, tracker) and _intent_fits(m, heard.parse) for m in texts)
        return {slot.name: heard.parse.text} if allowed and not self._is_ignored(heard, tracker) else {}

    def read(
        self, heard: Heard, found: Mapping[str, Any], tracker: Tracker, course: Course | None
    ) -> Reading:
        """Tell what the message is to the active form."""
        form = self._project.forms[tracker.loop or ""]
        filled = {name for name in form.required if name in found}
        if self._is_one_word(heard, tracker) or self._is_prose(heard, tracker):
            return Reading.ANSWER
        if self._belongs(heard, form, course):
            return Reading.ANSWER if filled else self._as_own(heard, tracker, course)
        return self._as_foreign(heard, filled, tracker, course)

    def _as_foreign(self, heard: Heard, filled: Set[str], tracker: Tracker, course: Course | None) -> Reading:
        """Tell what a message is to the form that starts something else where nothing runs."""
        requested = tracker.slots.get(REQUESTED)
        # "My username is mlopez" answers or corrects a form that says so, whatever it asks elsewhere.
        said = not heard.pressed and any(
            self._asked_for(heard, name, tracker) or self._is_meant_here(heard, name, tracker)
            for name in filled
        )
        if said or (requested in filled and _is_bare(heard.parse)):
            return Reading.ANSWER
        if heard.pressed or heard.parse.confidence >= self._thresholds.interruption:
            return Reading.INTERRUPTION
        if not filled and _names_something_else(heard.parse, course):
            return Reading.INTERRUPTION
        if filled or self.typed(heard, tracker):
            return Reading.ANSWER
        return Reading.INTERRUPTION

    def is_plain(self, parse: Parse, tracker: Tracker) -> bool:
        """Tell whether a text typed while a secret is pending is surely no secret.

        A command or question must be understood beyond doubt, and so must each of several; a
        correction names a slot of the form in a sentence. A word that looks like a password is one.
        """
        return not holds_password(parse) and self._is_understood(parse, tracker)

    def _is_understood(self, parse: Parse, tracker: Tracker) -> bool:
        if parse.also is not None:
            return all(self._is_understood(one, tracker) for one in (replace(parse, also=None), parse.also))
        if parse.intent == FALLBACK or not _is_wordy(parse.text):
            return False
        if parse.confidence >= self._thresholds.plain_question:
            return True
        form = self._project.forms.get(tracker.loop or "")
        found = self.found(Heard(parse), tracker) if form else {}
        corrected = [n for n in found if form and n in form.required and n != tracker.slots.get(REQUESTED)]
        return bool(corrected) and not _is_bare(parse)

    def begun(self, heard: Heard, tracker: Tracker) -> tuple[str, str] | None:
        """Return the form and the slot of it that a bare word fills, where it was offered to type one.

        After a sign-in that failed, "mlopez" is another username.
        """
        offered = tracker.slots.get(OFFER) or {}
        is_word = not heard.pressed and is_one_name(heard.parse.text) and self._is_no_command(heard)
        return (offered["form"], offered["types"]) if is_word and tracker.takes_name else None

    def _is_one_word(self, heard: Heard, tracker: Tracker) -> bool:
        """Tell whether a single word is what the form asked for in free text.

        "alice" is a username where one is asked for, though elsewhere it would be a child's name.
        """
        is_single = count_words(heard.parse.text.strip()) <= 1 and bool(self.typed(heard, tracker))
        return is_single and self._is_no_command(heard)

    def _is_no_command(self, heard: Heard) -> bool:
        text = heard.parse.text.strip()
        named = any(str(entity.value).casefold() == text.casefold() for entity in heard.parse.entities)
        sure = heard.parse.confidence >= self._thresholds.plain_question
        return named or not (sure and _is_wordy(text))

    def _is_prose(self, heard: Heard, tracker: Tracker) -> bool:
        """Tell whether the form asked for a text that may resemble anything but the intents it names.

        "I cannot sign in" is then what happened, and no wish for help with it; a question stays one.
        """
        slot = self._project.slots.get(tracker.slots.get(REQUESTED) or "")
        never = self._prose(slot, tracker) if slot else None
        if never is None or heard.pressed or not heard.parse.text or heard.parse.text.endswith("?"):
            return False
        return heard.parse.intent not in never or heard.parse.confidence < self._thresholds.plain_question

    @staticmethod
    def _prose(slot: Slot, tracker: Tracker) -> tuple[str, ...] | None:
        """Name the intents that are never prose, for a slot that takes prose now."""
        texts = [m for m in slot.mappings if m.get("type") == "from_text" and _applies(m, tracker)]
        excluded = [_names(m.get("not_intent")) for m in texts]
        # Whoever takes everything must at least let a parent out again.
        return next((names for names in excluded if "cancel" in names), None)

    def _as_own(self, heard: Heard, tracker: Tracker, course: Course | None) -> Reading:
        if course is not None and heard.parse.intent != FALLBACK:
            sure = heard.pressed or heard.parse.confidence >= self._thresholds.interruption
            if sure or not self.typed(heard, tracker):
                return Reading.INTERRUPTION
        return Reading.ANSWER if self.typed(heard, tracker) else Reading.NOTHING

    def _belongs(self, heard: Heard, form: Form, course: Course | None) -> bool:
        intent = heard.parse.intent
        if course is None or intent in {FALLBACK, "affirm", "deny"} or form.name == f"{intent}_form":
            return True
        return form.name in course.first_actions

    def _asked_for(self, heard: Heard, slot: str, tracker: Tracker) -> bool:
        mappings = [each for each in self._project.slots[slot].mappings if _applies(each, tracker)]
        return any(heard.parse.intent in _names(mapping.get("intent")) for mapping in mappings)

    def _is_meant_here(self, heard: Heard, slot: str, tracker: Tracker) -> bool:
        """Tell whether the flow says of an entity that in this form, at any step, it is an answer."""
        entities = {entity.name for entity in heard.parse.entities}
        return any(
            mapping.get("entity") in entities and _is_for_form(mapping, tracker.loop or "")
            for mapping in self._project.slots[slot].mappings
        )

    def _said_by_intent(self, heard: Heard, slot: str) -> bool:
        mappings = self._project.slots[slot].mappings
        by_intent = [mapping for mapping in mappings if mapping.get("type") == "from_intent"]
        return any(heard.parse.intent in _names(mapping.get("intent")) for mapping in by_intent)

    def _is_ignored(self, heard: Heard, tracker: Tracker) -> bool:
        form = self._project.forms.get(tracker.loop or "")
        # "no-such-parent" is a name, however much it resembles a no.
        sure = heard.parse.confidence >= self._thresholds.interruption and _is_wordy(heard.parse.text)
        return form is not None and sure and heard.parse.intent in form.ignored_intents

    def _fits(self, mapping: Mapping[str, Any], parse: Parse) -> bool:
        """Tell whether the intent is the mapping's; what changes something asks for one that is sure.

        A yes that is half understood fills nothing: it is asked for again.
        """
        is_sure = not mapping.get("sure") or self._is_plain(parse)
        return is_sure and _intent_fits(mapping, parse)

    def _is_plain(self, parse: Parse) -> bool:
        """Tell whether a yes is one: well understood, and with no "but not" or "and" that takes it back."""
        is_sure = parse.confidence >= self._thresholds.interruption
        return is_sure and all(entity.name != AMENDS for entity in parse.entities)

    def _mapped(self, slot: Slot, parse: Parse, tracker: Tracker) -> Any | None:
        for mapping in slot.mappings:
            # Of a hundred mappings a message gives a value for one or two: only these are looked at closely.
            value = _value(mapping, parse, slot.kind)
            if value is not None and _applies(mapping, tracker) and self._fits(mapping, parse):
                return value
        return None


def _value(mapping: Mapping[str, Any], parse: Parse, kind: str) -> Any | None:
    match mapping.get("type"):
        case "from_entity":
            values = [e.value for e in parse.entities if e.name == mapping.get("entity")]
            # Of two the last counts: "not Leo, Maya".
            return (values if kind == "list" else values[-1]) if values else None
        case "from_intent":
            return mapping.get("value") if parse.intent in _names(mapping.get("intent")) else None
        case _:
            return None


def _is_for_form(mapping: Mapping[str, Any], form: str) -> bool:
    conditions = mapping.get("conditions") or ()
    return any(each.get("active_loop") == form and "requested_slot" not in each for each in conditions)


def _applies(mapping: Mapping[str, Any], tracker: Tracker) -> bool:
    conditions = mapping.get("conditions")
    return not conditions or any(_met(condition, tracker) for condition in conditions)


def _met(condition: Mapping[str, Any], tracker: Tracker) -> bool:
    loop_fits = "active_loop" not in condition or condition["active_loop"] == tracker.loop
    requested = tracker.slots.get(REQUESTED)
    return loop_fits and ("requested_slot" not in condition or condition["requested_slot"] == requested)


def _intent_fits(mapping: Mapping[str, Any], parse: Parse) -> bool:
    wanted = _names(mapping.get("intent"))
    return (not wanted or parse.intent in wanted) and parse.intent not in _names(mapping.get("not_intent"))


def _names(written: str | Iterable[str] | None) -> tuple[str, ...]:
    if written is None:
        return ()
    return (written,) if isinstance(written, str) else tuple(written)


def _is_bare(parse: Parse) -> bool:
    rest = parse.text
    for entity in sorted(parse.entities, key=lambda e: e.start, reverse=True):
        rest = rest[: entity.start] + rest[entity.end :]
    return bool(parse.entities) and count_words(rest) <= SPARE_WORDS


def _names_something_else(parse: Parse, course: Course | None) -> bool:
    # "The link opens a blank page" names a trouble of its own, even where it is half understood.
    return course is not None and course.is_named and count_words(parse.text) > SPARE_WORDS


def _is_wordy(text: str) -> bool:
    # "cancel1" resembles a command; one word with digits or signs in it is rather a password. Chinese
    # has words without spaces between them, but none with digits or Latin letters; its comma parts two.
    if " " in text or CHINESE_PAUSE.search(text[:-1]):
        return True
    chinese = count_words(text) > 1 and not any(c.isdigit() or (c.isascii() and c.isalpha()) for c in text)
    return chinese or is_one_plain_word(text)
