"""Decide which rule a message starts and what a started rule performs next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bot.conversation.project import Project
from bot.conversation.rules import ANY_LOOP, LoopIs, Perform, Rule, SlotsAre, Step, Trigger
from bot.conversation.understanding import Parse


class Situation(Protocol):
    """Show what conditions are checked against."""

    @property
    def loop(self) -> str | None:
        """Name the active form."""

    @property
    def slots(self) -> Mapping[str, Any]:
        """Return the slots."""


@dataclass(slots=True)
class Course:
    """Follow all the rules that began alike until only one of them fits."""

    places: list[tuple[Rule, int]]

    def next(self, situation: Situation) -> str | None:
        """Return what to perform now, or None to wait for the next message."""
        self.places = [
            (rule, place)
            for rule, start in self.places
            if (place := _past_checks(rule.steps, start, situation)) is not None
        ]
        ready = [(rule, rule.steps[at]) for rule, at in self.places if at < len(rule.steps)]
        best = max(ready, key=lambda pair: _checked(pair[0]), default=None)
        return best[1].action if best and isinstance(best[1], Perform) else None

    def performed(self, action: str) -> None:
        """Go on with the rules that named this action."""
        self.places = [
            (rule, at + 1)
            for rule, at in self.places
            if at < len(rule.steps) and rule.steps[at] == Perform(action)
        ]

    @property
    def is_named(self) -> bool:
        """Tell whether the rules look for what the message names, not for its intent alone."""
        return any(trigger.entities for rule, _ in self.places for trigger in rule.triggers)

    @property
    def first_actions(self) -> frozenset[str]:
        """Name what the rules perform first."""
        return frozenset(rule.actions[0] for rule, _ in self.places if rule.actions)


class Policy:
    """Choose rules by intent, entities and conditions; the most specific rule wins."""

    def __init__(self, project: Project) -> None:
        """Sort the rules by what starts them."""
        self._by_intent: dict[str, list[Rule]] = {}
        self._by_action: dict[str, list[Rule]] = {}
        for rule in project.rules:
            for trigger in rule.triggers:
                self._by_intent.setdefault(trigger.intent, []).append(rule)
            if not rule.triggers and rule.actions:
                self._by_action.setdefault(rule.actions[0], []).append(rule)

    def started_by(self, parse: Parse, situation: Situation) -> Course | None:
        """Return the rules that this message starts, or None."""
        found = [
            (_weight(rule, parse), rule)
            for rule in self._by_intent.get(parse.intent, ())
            if _holds(rule, situation) and _weight(rule, parse) is not None
        ]
        return self._course(found)

    def ended_by(self, form: str, situation: Situation) -> Course | None:
        """Return the rules that go on when a form, until now active, is full."""
        rules = [rule for rule in self._by_action.get(form, ()) if rule.loop in {form, ANY_LOOP}]
        holding = [rule for rule in rules if _slots_hold(rule.slots, situation.slots)]
        if not holding:
            return None
        course = Course([(rule, 0) for rule in holding])
        course.places = [(rule, _position(rule, form) + 1) for rule, _ in course.places]
        return course

    def _course(self, found: list[tuple[int | None, Rule]]) -> Course | None:
        weights = [weight for weight, _ in found if weight is not None]
        if not weights:
            return None
        return Course([(rule, 0) for weight, rule in found if weight == max(weights)])


def _position(rule: Rule, action: str) -> int:
    return rule.steps.index(Perform(action))


def _past_checks(steps: tuple[Step, ...], start: int, situation: Situation) -> int | None:
    place = start
    while place < len(steps):
        match steps[place]:
            case LoopIs(loop):
                if situation.loop != loop:
                    return None
            case SlotsAre(slots):
                if not _slots_hold(slots, situation.slots):
                    return None
            case Perform():
                return place
        place += 1
    return place


def _checked(rule: Rule) -> int:
    return rule.weight + sum(isinstance(step, SlotsAre) for step in rule.steps)


def _holds(rule: Rule, situation: Situation) -> bool:
    loop_fits = rule.loop in {ANY_LOOP, situation.loop}
    return loop_fits and _slots_hold(rule.slots, situation.slots)


def _slots_hold(wanted: Iterable[tuple[str, Any]], slots: Mapping[str, Any]) -> bool:
    return all(
        slots.get(name) is not None if value is ... else slots.get(name) == value for name, value in wanted
    )


def _weight(rule: Rule, parse: Parse) -> int | None:
    # A rule for one value of an entity is more specific than one for any value.
    fitting = [
        sum(1 if value is ... else 2 for _, value in trigger.entities)
        for trigger in rule.triggers
        if _fits(trigger, parse)
    ]
    return rule.weight + max(fitting) if fitting else None


def _fits(trigger: Trigger, parse: Parse) -> bool:
    if trigger.intent != parse.intent:
        return False
    found = {(entity.name, repr(entity.value)) for entity in parse.entities}
    names = {entity.name for entity in parse.entities}
    return all(
        name in names if value is ... else (name, repr(value)) in found for name, value in trigger.entities
    )
