"""Define rules: what starts one, under which conditions, and which steps follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ANY_LOOP = "*"


@dataclass(frozen=True, slots=True)
class Where:
    """Name a place in a file."""

    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        """Return `file:line`."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Trigger:
    """Name an intent that starts a rule, and the entities that the message must carry."""

    intent: str
    entities: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Perform:
    """Perform an action, a response or a form."""

    action: str


@dataclass(frozen=True, slots=True)
class LoopIs:
    """Go on only while this form (or none) is active."""

    loop: str | None


@dataclass(frozen=True, slots=True)
class SlotsAre:
    """Go on only while the slots hold these values; `...` stands for any value but none."""

    slots: tuple[tuple[str, Any], ...]


Step = Perform | LoopIs | SlotsAre


@dataclass(frozen=True, slots=True)
class Rule:
    """Hold one rule; without triggers it starts when its first action has been performed."""

    name: str
    steps: tuple[Step, ...]
    triggers: tuple[Trigger, ...] = ()
    loop: str | None = ANY_LOOP
    slots: tuple[tuple[str, Any], ...] = ()
    where: Where = field(default_factory=Where)

    @property
    def weight(self) -> int:
        """Tell how specific the conditions are; the most specific rule wins."""
        return len(self.slots) + (self.loop != ANY_LOOP)

    @property
    def actions(self) -> tuple[str, ...]:
        """Name what the rule performs, in order."""
        return tuple(step.action for step in self.steps if isinstance(step, Perform))


def read_rule(written: Mapping[str, Any], where: Where) -> Rule:
    """Return the rule that a file's entry describes; raise ValueError for an unknown step."""
    loop, slots = _conditions(written.get("condition") or ())
    steps = list(written.get("steps") or ())
    triggers = _triggers(steps[0]) if steps else ()
    rest = steps[1:] if triggers else steps
    return Rule(
        name=str(written.get("rule", "")),
        steps=tuple(_step(step) for step in rest),
        triggers=triggers,
        loop=loop,
        slots=slots,
        where=where,
    )


def _conditions(written: Sequence[Mapping[str, Any]]) -> tuple[str | None, tuple[tuple[str, Any], ...]]:
    loop: str | None = ANY_LOOP
    slots: list[tuple[str, Any]] = []
    for condition in written:
        match _step(condition):
            case LoopIs(name):
                loop = name
            case SlotsAre(values):
                slots.extend(values)
            case Perform(action):
                message = f"a condition cannot perform {action}"
                raise ValueError(message)
    return loop, tuple(slots)


def _triggers(step: Mapping[str, Any]) -> tuple[Trigger, ...]:
    if "or" in step:
        return tuple(trigger for choice in step["or"] for trigger in _triggers(choice))
    if "intent" not in step:
        return ()
    return (Trigger(str(step["intent"]), _pairs(step.get("entities") or ())),)


def _step(step: Mapping[str, Any]) -> Step:
    if "action" in step:
        return Perform(str(step["action"]))
    if "active_loop" in step:
        return LoopIs(step["active_loop"])
    if "slot_was_set" in step:
        return SlotsAre(_pairs(step["slot_was_set"]))
    message = f"a step must be an action, active_loop or slot_was_set, not {', '.join(map(str, step))}"
    raise ValueError(message)


def _pairs(written: Sequence[Any] | Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    entries = [written] if isinstance(written, Mapping) else written
    pairs: list[tuple[str, Any]] = []
    for entry in entries:
        pairs.extend(entry.items() if isinstance(entry, Mapping) else [(str(entry), ...)])
    return tuple(pairs)
