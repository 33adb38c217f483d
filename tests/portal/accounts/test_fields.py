"""What is typed into the fields of a form is checked whole, and named by its field."""

import pytest

from portal.accounts.fields import (
    email_violations,
    name_violations,
    question_violations,
    username_violations,
)
from portal.accounts.relationships import RELATIONSHIPS, relation_of
from portal.core.outcomes import Violation


@pytest.mark.requirement("R54", "R121")
@pytest.mark.parametrize(
    "name",
    [
        "Ana",
        "O'Brien",
        "O\u2019Brien",
        "Jean-Luc",
        "Mª José",
        "Nguyễn Thị",
        "李",
        "محمد",
        "D. J.",
        "St. John-Smythe",
    ],
)
def test_name_of_a_person_is_accepted_in_any_script(name: str) -> None:
    assert name_violations("first_name", name) == []


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("", "empty"),
        (" \u00a0 ", "empty"),
        ("x" * 81, "too_long"),
        ("Ana\r\nBcc: all@example.org", "characters"),
        ("Ana\0", "characters"),
        ("Ana\u202etxt", "characters"),
        ("Ana\u200bLópez", "characters"),
        ("\ud800", "characters"),
        ("<b>Ana</b>", "characters"),
        ("' OR 1=1--", "characters"),
        ("Ana 🙂", "characters"),
        ("...", "characters"),
        ("4711", "characters"),
    ],
)
def test_name_that_nobody_has_is_refused(name: str, key: str) -> None:
    assert [(each.key, each.field) for each in name_violations("last_name", name)] == [(key, "last_name")]


@pytest.mark.requirement("R54", "R124")
@pytest.mark.parametrize(
    ("typed", "key"),
    [
        (" ", "empty"),
        ("a" * 250 + "@b.org", "too_long"),
        ("ana", "email_invalid"),
        ("ana@", "email_invalid"),
        ("ana@example.org\r\nBcc: all@example.org", "email_invalid"),
        ("ana@example.org, all@example.org", "email_invalid"),
        ("\ud800@example.org", "email_invalid"),
        ("a\0na@example.org", "email_invalid"),
    ],
)
def test_address_that_no_mail_could_go_to_is_refused(typed: str, key: str) -> None:
    assert [(each.key, each.field) for each in email_violations(typed)] == [(key, "email")]


def test_address_is_accepted_with_spaces_around_it() -> None:
    assert email_violations(" Ana+school@Example.org ") == []


@pytest.mark.case("Q8")
@pytest.mark.requirement("R56")
@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "empty"),
        ("a" * 51, "too_long"),
        ("\u0430lice", "username_invalid"),
        ("ali\u0441e", "username_invalid"),
        ("al\u200bice", "username_invalid"),
        ("alice\u202e", "username_invalid"),
        ("alice.", "username_invalid"),
        (".alice", "username_invalid"),
        ("\uff41lice", "username_invalid"),
        ("al ice", "username_invalid"),
        ("ali", "username_invalid"),
        ("alice@example.org", "username_invalid"),
        ("alice\n", None),
        ("Alice.L-1_x", None),
    ],
)
def test_username_that_could_be_mistaken_for_another_is_refused(typed: str, key: str | None) -> None:
    expected = [] if key is None else [(key, "username")]

    assert [(each.key, each.field) for each in username_violations(typed)] == expected


def test_question_and_answer_are_asked_for() -> None:
    assert question_violations(" ", "\u00a0") == [
        Violation("question_empty", field="question"),
        Violation("answer_empty", field="security_answer"),
    ]
    assert question_violations("First pet?", "Bubbles") == []


@pytest.mark.requirement("R62")
@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("mother", "mother"),
        ("Legal Guardian", "legal_guardian"),
        (" FATHER ", "father"),
        ("foster-parent", "foster_parent"),
    ],
)
def test_relationship_is_read_from_its_key_or_from_the_schools_word(typed: str, key: str) -> None:
    relation = relation_of(typed)

    assert relation is not None
    assert relation.value == key
    assert key in RELATIONSHIPS


def test_word_that_is_no_relationship_is_none() -> None:
    assert relation_of("neighbour") is None
