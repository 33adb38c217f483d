"""Every reply that an action may name has words, and the words have what they need."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from actions.conversation import TURNED_ON
from actions.sign_in import refusal_words
from bot.conversation.project import Project
from portal.accounts import policy
from portal.core.outcomes import Reason
from tests.support.conversation import ROOT

# The portal's seven sentences about passwords, letter for letter.
SENTENCES = {
    policy.CURRENT_NOT_CORRECT: "Current password is not correct.",
    policy.TOO_SHORT: "New password must be at least {number} characters long.",
    policy.UPPER_AND_LOWER: "New password must contain at least one uppercase and one lowercase letter.",
    policy.LETTER_AND_NUMBER: "New password must contain at least one letter and one number.",
    policy.SPECIAL: "New password must contain at least one special character.",
    policy.VERIFICATION_MISMATCH: "The verification password you enter must match the new password.",
    policy.PREVIOUSLY_USED: ("The password entered was previously used. Please enter a new password."),
}
NAMED = re.compile(r"(utter|label)_[a-z_]*[a-z]")
PLURALS = ("", "_one", "_other")


def named_in_actions() -> Iterator[str]:
    for path in sorted(Path(ROOT / "actions").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            value = node.value if isinstance(node, ast.Constant) else None
            if isinstance(value, str) and NAMED.fullmatch(value):
                yield value


def words(project: Project, key: str) -> str:
    return str(project.responses["en"][key].variations[0]["text"])


@pytest.mark.parametrize("key", sorted(set(named_in_actions())))
def test_each_reply_that_an_action_names_has_words(project: Project, key: str) -> None:
    found = [f"{key}{plural}" for plural in PLURALS if f"{key}{plural}" in project.responses["en"]]

    # Some names are only the beginning of several, like the kinds of a day.
    assert found or any(each.startswith(f"{key}_") for each in project.responses["en"])


def test_each_page_that_may_be_off_has_words_for_it(project: Project) -> None:
    keys = {f"utter_off_{intent}" for intent in TURNED_ON}

    assert keys <= set(project.responses["en"])


@pytest.mark.requirement("R25", "R26", "R27", "R28", "R29", "R30", "R31")
@pytest.mark.case("P1")
@pytest.mark.parametrize("rule", sorted(SENTENCES))
def test_a_broken_password_rule_is_told_in_the_portals_own_sentence(project: Project, rule: str) -> None:
    assert words(project, f"utter_violation_{rule}") == SENTENCES[rule]


@pytest.mark.parametrize("rule", [policy.BLOCKLISTED, policy.CHARACTERS])
def test_each_further_password_rule_has_words(project: Project, rule: str) -> None:
    assert words(project, f"utter_violation_{rule}")


@pytest.mark.requirement("R132", "R133", "R134")
def test_the_address_for_staff_is_nowhere_in_the_words(project: Project) -> None:
    said = " ".join(
        str(variation) for response in project.responses["en"].values() for variation in response.variations
    ).casefold()

    assert "bostonpublicschools.org" not in said
    assert "merge" not in said


@pytest.mark.requirement("R135")
def test_nothing_of_the_guides_furniture_is_in_any_pack_or_page() -> None:
    furniture = ("iorad", "how did we do", "aspen support", "don't remove it")
    written = [*(ROOT / "data").glob("*/*.yml"), *(ROOT / "web").rglob("*.html")]

    found = [
        (path.name, text)
        for path in written
        for text in furniture
        if text in path.read_text(encoding="utf-8").casefold()
    ]

    assert len(written) > 10
    assert not found


def test_the_words_use_no_jargon_and_blame_nobody(project: Project) -> None:
    said = "\n".join(
        str(variation.get("text", ""))
        for response in project.responses["en"].values()
        for variation in response.variations
        # The portal's own sentences are told letter for letter.
        if "restore your previous session" not in str(variation.get("text"))
    ).casefold()

    assert not [
        word for word in ("invalid", "entity", "credentials", "session ", "error code") if word in said
    ]


def test_every_refusal_of_a_sign_in_has_words_of_its_own() -> None:
    outcomes = [{"reason": reason.value, "retry_at": "2026-10-15T14:00:00+00:00"} for reason in Reason]

    assert len({refusal_words(outcome)["response"] for outcome in outcomes}) == 9
