"""Work answers and refusals into a form, apart from any conversation."""

from typing import Any

import pytest

from actions.account_refusals import lead_back
from actions.answers import add_child, split_name, suggested_username
from actions.steps import OUTCOME, Answers, violation_words
from bot.conversation.project import Project
from portal.core.outcomes import Reason, Violation


def answers(**slots: Any) -> Answers:
    return Answers(dict(slots), given={})


def refused(reason: Reason, *violations: dict[str, Any]) -> dict[str, Any]:
    return {"outcome": "refused", "reason": reason.value, "violations": list(violations), "choices": []}


def said(found: Answers) -> list[str]:
    return [str(words["response"]) for words in found.said]


@pytest.mark.parametrize(
    ("full", "parts"),
    [
        ("Ana Ruiz", ("Ana", "Ruiz")),
        ("Maria de la Cruz", ("Maria", "de la Cruz")),
        ("Mary Ann Smith", ("Mary Ann", "Smith")),
        ("De Souza", ("De", "Souza")),
        ("Ana", ("Ana", "")),
    ],
)
def test_a_full_name_is_parted(full: str, parts: tuple[str, str]) -> None:
    assert split_name(full) == parts


@pytest.mark.parametrize(
    ("first", "last", "suggested"),
    [
        ("José", "Muñoz Díaz", "jmunozdiaz"),
        ("Bo", "Li", "bo.li"),
        ("\u738b", "\u5c0f\u660e", ""),
        ("A", "B", ""),
    ],
)
def test_a_username_is_made_of_plain_letters_or_not_suggested(first: str, last: str, suggested: str) -> None:
    assert suggested_username(first, last) == suggested


def test_more_children_than_fit_are_not_taken() -> None:
    children = [{"access_id": f"{number}AAAAAA{number}", "relationship": "mother"} for number in range(10)]
    found = answers(children=children, access_id="7KQM4RTX", relationship="aunt", more_children=True)

    add_child(found)

    assert found.slots["children"] == children
    assert said(found) == ["utter_violation_too_many_students"]


@pytest.mark.parametrize("reason", [Reason.INVALID_REQUEST, Reason.TICKET_VOID, Reason.BUSY])
def test_what_did_not_get_through_opens_the_masked_fields_again(reason: Reason) -> None:
    found = answers(first_name="Ana")

    lead_back(refused(reason), found)

    assert found.slots == {"first_name": "Ana", OUTCOME: None}
    assert said(found) == ["utter_secret_again"]


@pytest.mark.parametrize("reason", [Reason.THROTTLED, Reason.BARRED, Reason.ACCESS_ID_PAUSED])
def test_what_cannot_be_mended_ends_the_form(reason: Reason) -> None:
    found = answers()

    lead_back(refused(reason), found)

    assert found.slots[OUTCOME]["reason"] == reason.value
    assert found.said == []


@pytest.mark.parametrize(
    ("field", "slot"),
    [
        ("first_name", "first_name"),
        ("last_name", "last_name"),
        ("email", "email"),
        ("username", "desired_username"),
        ("question", "security_question"),
    ],
)
def test_a_refused_field_empties_its_step_and_no_other(field: str, slot: str) -> None:
    kept = {
        "first_name": "Ana",
        "last_name": "Ruiz",
        "email": "ana@mailbox.example",
        "desired_username": "ana.ruiz",
        "security_question": "Which boat?",
        "confirmed": True,
    }
    found = answers(**kept)

    lead_back(refused(Reason.FIELDS_REFUSED, {"key": "characters", "field": field}), found)

    assert {name for name in kept if found.slots[name] is None} == {slot}
    assert said(found) == ["utter_fields_refused_steps"]


@pytest.mark.parametrize("field", ["access_id", "relationship", "student_name"])
def test_a_refused_child_is_told_anew_and_the_others_stay(field: str) -> None:
    first = {"access_id": "7KQM4RTX", "relationship": "mother"}
    found = answers(children=[first, {"access_id": "9ACD4GHJ", "relationship": "aunt"}], confirmed=True)

    lead_back(refused(Reason.FIELDS_REFUSED, {"key": "characters", "field": field, "row": 2}), found)

    assert found.slots["children"] == [first]
    assert found.slots["more_children"] is True


BROKEN = {
    "empty": ("first_name", "last_name", "email", "username", "access_id", "access_password", "relationship"),
    "too_long": ("first_name", "last_name", "email", "username", "question", "access_id", "student_name"),
    "characters": (
        "first_name",
        "last_name",
        "question",
        "access_id",
        "access_password",
        "student_name",
        "new_password",
    ),
    "email_invalid": ("email",),
    "email_same": ("email",),
    "username_invalid": ("username",),
    "username_taken": ("username",),
    "username_same": ("username",),
    "relationship_unknown": ("relationship",),
    "no_student": ("students",),
    "too_many_students": ("students",),
    "pair_not_found": ("",),
    "question_empty": ("question",),
    "answer_empty": ("security_answer",),
}


@pytest.mark.parametrize(
    ("key", "field"), [(key, field) for key, fields in sorted(BROKEN.items()) for field in fields]
)
def test_each_broken_rule_of_each_field_has_words(project: Project, key: str, field: str) -> None:
    words = violation_words(Violation(key, field=field), field)

    assert words["response"] in project.responses["en"]
