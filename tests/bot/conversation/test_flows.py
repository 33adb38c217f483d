"""Rules begin alike and part where their conditions do."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.conversation.flows import Policy
from bot.conversation.project import Form, Project
from bot.conversation.rules import Where, read_rule
from bot.conversation.understanding import Entity, Parse


@dataclass
class Now:
    loop: str | None = None
    slots: dict[str, Any] = field(default_factory=dict)


def policy(*rules: dict[str, Any]) -> Policy:
    project = Project(forms={"a_form": Form("a_form", ())})
    project.rules = [read_rule(rule, Where("rules.yml", 1)) for rule in rules]
    return Policy(project)


def rule(*steps: dict[str, Any], condition: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"rule": "x", "steps": list(steps), "condition": condition}


HI = {"intent": "hi"}


def test_without_a_rule_nothing_starts() -> None:
    assert policy().started_by(Parse("", "hi", 1.0), Now()) is None


def test_a_condition_that_does_not_hold_keeps_a_rule_from_starting() -> None:
    given = policy(rule(HI, {"action": "a"}, condition=[{"active_loop": None}]))

    assert given.started_by(Parse("", "hi", 1.0), Now(loop="a_form")) is None


def test_one_of_several_intents_starts_a_rule() -> None:
    given = policy(rule({"or": [HI, {"intent": "yo"}]}, {"action": "a"}))

    course = given.started_by(Parse("", "yo", 1.0), Now())

    assert course is not None
    assert course.next(Now()) == "a"


def test_an_entity_with_another_value_does_not_start_a_rule() -> None:
    given = policy(rule({"intent": "hi", "entities": [{"day": "Sunday"}]}, {"action": "a"}))
    monday = Parse("", "hi", 1.0, entities=(Entity("day", "Monday", 0, 0),))

    assert given.started_by(monday, Now()) is None


@pytest.mark.parametrize(("ok", "following"), [(True, "b"), (False, None)])
def test_rules_that_begin_alike_part_where_the_slots_say_so(ok: bool, following: str | None) -> None:  # noqa: FBT001
    yes = {"slot_was_set": [{"ok": True}]}
    given = policy(rule(HI, {"action": "a"}, yes, {"action": "b"}), rule(HI, {"action": "a"}))
    course = given.started_by(Parse("", "hi", 1.0), Now())
    assert course is not None
    assert course.next(Now()) == "a"
    course.performed("a")

    assert course.next(Now(slots={"ok": ok})) == following


@pytest.mark.parametrize(("loop", "following"), [(None, "done"), ("b_form", None)])
def test_what_follows_a_full_form_looks_at_which_form_is_active(
    loop: str | None, following: str | None
) -> None:
    steps = ({"action": "a_form"}, {"active_loop": None}, {"action": "done"})
    given = policy(rule(*steps, condition=[{"active_loop": "a_form"}]))

    course = given.ended_by("a_form", Now(loop="a_form"))

    assert course is not None
    assert course.next(Now(loop=loop)) == following


def test_a_form_may_end_with_nothing_to_follow() -> None:
    steps = ({"action": "a_form"}, {"active_loop": None}, {"action": "done"})
    given = policy(rule(*steps, condition=[{"slot_was_set": ["name"]}]))

    assert given.ended_by("a_form", Now(loop="a_form")) is None


def test_a_rule_without_steps_starts_nothing() -> None:
    assert policy(rule()).started_by(Parse("", "hi", 1.0), Now()) is None


def test_a_rule_remembers_where_it_stands() -> None:
    assert str(read_rule(rule(HI), Where("rules.yml", 7)).where) == "rules.yml:7"
