"""Check the conversation files more strictly than Rasa does, before a parent meets the mistake."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, combinations
from pathlib import Path
from typing import Any

from bot.conversation.builtin import BUILTIN
from bot.conversation.callers import read_callers
from bot.conversation.check_words import check_words
from bot.conversation.checked import Checked, Problem, problem
from bot.conversation.project import (
    ENGINE_SLOTS,
    HAND_BACK,
    OPEN_LETTER,
    OUTCOME,
    TELL_NEWS,
    Form,
    Project,
    Slot,
)
from bot.conversation.rules import ANY_LOOP, LoopIs, Perform, Rule, SlotsAre, Step
from bot.conversation.understanding import FALLBACK

__all__ = ["Problem", "check_project"]


def check_project(project: Project, registered: Iterable[str], code: Sequence[Path]) -> list[Problem]:
    """Return every problem of the files, in order; `code` are the folders of the actions."""
    checked = Checked(project, frozenset(registered), read_callers(code))
    checks = (_repeated, _rules, _contradictions, _intents, _slots, _actions, _forms, check_words)
    return sorted(set(chain.from_iterable(check(checked) for check in checks)))


def _repeated(checked: Checked) -> Iterator[Problem]:
    for name, where in checked.project.repeated:
        # Flows may share an intent, an entity or an action; what is defined twice hides one of the two.
        defined = name in checked.project.slots or name in checked.project.forms
        if defined or any(name in pack for pack in checked.project.responses.values()):
            yield problem(where, f"{name} is declared twice")


def _rules(checked: Checked) -> Iterator[Problem]:
    project = checked.project
    for rule in project.rules:
        for trigger in rule.triggers:
            if trigger.intent not in project.intents:
                yield problem(rule.where, f"the rule starts with the undeclared intent {trigger.intent}")
            for name, _ in trigger.entities:
                if name not in project.entities:
                    yield problem(rule.where, f"the rule looks for the undeclared entity {name}")
        for name in rule.actions:
            if not checked.can_perform(name):
                yield problem(rule.where, f"the rule performs {name}, which does not exist")
        yield from _conditions(checked, rule)


def _conditions(checked: Checked, rule: Rule) -> Iterator[Problem]:
    loops = {rule.loop} | {step.loop for step in rule.steps if isinstance(step, LoopIs)}
    for loop in loops - {None, ANY_LOOP}:
        if loop not in checked.project.forms:
            yield problem(rule.where, f"the rule waits for the undeclared form {loop}")
    steps = [pair for step in rule.steps if isinstance(step, SlotsAre) for pair in step.slots]
    for name, _ in (*rule.slots, *steps):
        if name not in checked.project.slots:
            yield problem(rule.where, f"the rule looks at the undeclared slot {name}")


def _contradictions(checked: Checked) -> Iterator[Problem]:
    for one, other in combinations(checked.project.rules, 2):
        if _meet(one, other) and _diverge(one.steps, other.steps):
            yield problem(other.where, f"the rule contradicts the one at {one.where}")


def _meet(one: Rule, other: Rule) -> bool:
    started_alike = bool(set(one.triggers) & set(other.triggers)) or (
        not one.triggers and not other.triggers and one.actions[:1] == other.actions[:1]
    )
    mine = dict(one.slots)
    apart = any(name in mine and mine[name] != value for name, value in other.slots)
    return started_alike and one.loop == other.loop and one.weight == other.weight and not apart


def _diverge(one: Sequence[Step], other: Sequence[Step]) -> bool:
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            return isinstance(mine, Perform) and isinstance(theirs, Perform)
    # A rule that goes on where the other waits leaves it open which of them is meant.
    return any(isinstance(step, Perform) for step in (*one[len(other) :], *other[len(one) :]))


def _intents(checked: Checked) -> Iterator[Problem]:
    project = checked.project
    started = {trigger.intent for rule in project.rules for trigger in rule.triggers}
    ignored = {name for form in project.forms.values() for name in form.ignored_intents}
    mapped = {name for slot in project.slots.values() for m in slot.mappings for name in _intents_of(m)}
    for name, where in project.intents.items():
        if name not in started | mapped:
            yield problem(where, f"the intent {name} starts no rule and fills no slot")
    for form in project.forms.values():
        for name in set(form.ignored_intents) - set(project.intents):
            yield problem(form.where, f"the form ignores the undeclared intent {name}")
    if FALLBACK not in started | ignored:
        yield Problem("intents", 1, f"no rule starts with {FALLBACK}")


def _intents_of(mapping: Mapping[str, Any]) -> tuple[str, ...]:
    written = mapping.get("intent")
    return (written,) if isinstance(written, str) else tuple(written or ())


def _slots(checked: Checked) -> Iterator[Problem]:
    project = checked.project
    required = {name for form in project.forms.values() for name in form.required}
    for slot in project.slots.values():
        for mapping in slot.mappings:
            yield from _mapping(project, slot, mapping)
        if not slot.mappings:
            yield problem(slot.where, f"{slot.name} has no mappings: say `type: custom` if an action sets it")
        if slot.name not in required | set(ENGINE_SLOTS) and not checked.callers.mentions(slot.name):
            yield problem(slot.where, f"the slot {slot.name} is not used")


def _mapping(project: Project, slot: Slot, mapping: Mapping[str, Any]) -> Iterator[Problem]:
    if mapping.get("type") == "from_entity" and mapping.get("entity") not in project.entities:
        yield problem(slot.where, f"{slot.name} is filled by an undeclared entity")
    for name in set(_intents_of(mapping)) - set(project.intents):
        yield problem(slot.where, f"{slot.name} is filled by the undeclared intent {name}")
    loops = {condition.get("active_loop") for condition in mapping.get("conditions") or ()}
    for loop in loops - {None, *project.forms}:
        yield problem(slot.where, f"{slot.name} waits for the undeclared form {loop}")


def _actions(checked: Checked) -> Iterator[Problem]:
    project = checked.project
    performed = {name for rule in project.rules for name in rule.actions}
    for name, where in project.actions.items():
        if name not in checked.registered and name not in BUILTIN:
            yield problem(where, f"the action {name} is declared but does not exist")
        # Its own name() mentions it once; whoever follows up with it mentions it again.
        elsewhere = checked.callers.strings.count(name) > 1
        by_engine = {*BUILTIN, TELL_NEWS, OPEN_LETTER, HAND_BACK}
        if name not in performed | _called_by_forms(project) | by_engine and not elsewhere:
            yield problem(where, f"the action {name} is not used")
    for name in checked.registered - set(project.actions) - _SDK_ACTIONS:
        yield Problem("intents", 1, f"the action {name} exists but is not declared")


_SDK_ACTIONS = frozenset({"action_validate_slot_mappings"})


def _called_by_forms(project: Project) -> set[str]:
    called = {f"validate_{name}" for name in project.forms}
    for form in project.forms.values():
        for slot in form.required:
            called |= {f"action_ask_{form.name}_{slot}", f"action_ask_{slot}"}
    return called


def _forms(checked: Checked) -> Iterator[Problem]:
    for form in checked.project.forms.values():
        started = any(form.name in rule.actions for rule in checked.project.rules)
        if not started and not checked.callers.mentions(form.name):
            yield problem(form.where, f"the form {form.name} is never started")
        for slot in form.required:
            yield from _required(checked, form, slot)


def _required(checked: Checked, form: Form, name: str) -> Iterator[Problem]:
    asking = {f"{kind}_ask_{part}" for kind in ("action", "utter") for part in (f"{form.name}_{name}", name)}
    helping = {f"utter_help_{form.name}_{name}", f"utter_help_{name}"}
    slot = checked.project.slots.get(name)
    if slot is None:
        yield problem(form.where, f"the form {form.name} requires the undeclared slot {name}")
    elif name != OUTCOME and all(mapping.get("type") == "custom" for mapping in slot.mappings):
        yield problem(form.where, f"nothing that a parent says can fill {name} of {form.name}")
    if not asking & (checked.registered | checked.english):
        yield problem(form.where, f"nothing asks for {name} of {form.name}: write utter_ask_{name}")
    if not helping & checked.english:
        yield problem(form.where, f"there is no help for {name} of {form.name}: write utter_help_{name}")
