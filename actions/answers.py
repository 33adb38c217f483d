"""Check what a parent types into the forms about accounts: names, address, username, children."""

import re
from collections.abc import Mapping
from typing import Any

from rapidfuzz.distance import OSA

from actions.base import part
from actions.steps import OUTCOME, Answers, violation_words
from portal.accounts.fields import (
    MOST_STUDENTS,
    email_violations,
    name_violations,
    question_violations,
    username_violations,
)
from portal.accounts.relationships import RELATIONSHIPS
from portal.core.folding import fold
from portal.core.outcomes import Violation
from portal.sis.identity import ACCESS_ID_LENGTH, ALPHABET

# "Maria de la Cruz" is Maria; what comes first of these begins the family name.
PARTICLES = frozenset(
    ["de", "del", "la", "da", "das", "do", "dos", "di", "van", "von", "der", "den", "bin", "al", "el"]
)
LEAD_IN = re.compile(r"^(?:it'?s|it is|my name is|i am|i'm|im|name:?)\s+", re.IGNORECASE)
# A mistyped Access ID differs in a few characters, another child's in nearly all.
MOST_SLIPS = 3
LIKE_OUR_OWN = re.compile(rf"[{ALPHABET}]{{{ACCESS_ID_LENGTH}}}")
DIGIT = re.compile(r"[0-9]")
LONGEST = 20
Child = dict[str, str]


def take_first_name(value: Any, answers: Answers) -> None:
    """Take a first name; both at once, where a full name was told or the last one is missing."""
    typed = _typed_name(str(value), answers, "first_name")
    told_in_full = value == answers.entities.get("person")
    if len(typed.split()) > 1 and (told_in_full or answers.slots.get("last_name") is None):
        first, last = split_name(typed)
        _take_name("last_name", last, answers)
        typed = first
    _take_name("first_name", typed, answers)


def take_last_name(value: Any, answers: Answers) -> None:
    """Take a last name; of a full name what follows the first name that was told before."""
    typed = _typed_name(str(value), answers, "last_name")
    first = f"{fold(answers.slots.get('first_name') or '')} "
    if fold(typed).startswith(first):
        typed = " ".join(typed.split()[len(first.split()) :])
    _take_name("last_name", typed, answers)


def take_email(value: Any, answers: Answers) -> None:
    """Take an e-mail address that mail could go to."""
    typed = str(value).strip()
    if answers.requested == "desired_username" and typed == answers.text:
        # Typed where a username was asked for, which an address is not here.
        answers.refuse("desired_username", Violation("username_invalid"))
        return
    _keep_or_refuse("email", typed, email_violations(typed), answers)


def take_username(value: Any, answers: Answers) -> None:
    """Take a desired username; whether somebody has it, only a right Access ID tells."""
    typed = str(value).strip()
    _keep_or_refuse("desired_username", typed, username_violations(typed), answers)


def take_access_id(value: Any, answers: Answers) -> None:
    """Take an Access ID of whatever form a school gives them, without spaces and hyphens."""
    if answers.requested == "desired_username" and _is_all(str(value), answers):
        answers.slots["access_id"] = None
        take_username(answers.text, answers)
        return
    typed = re.sub(r"[\s-]+", "", str(value)).upper()
    # Without a digit only what our own Access IDs look like; a word is none.
    if LIKE_OUR_OWN.fullmatch(typed) or (typed.isalnum() and DIGIT.search(typed) and len(typed) <= LONGEST):
        answers.slots["access_id"] = typed
    else:
        answers.refuse("access_id", Violation("access_id_unclear"))


def take_relationship(value: Any, answers: Answers) -> None:
    """Take one of the relationships of the menu."""
    key = fold(str(value)).replace(" ", "_")
    if key in RELATIONSHIPS:
        answers.slots["relationship"] = key
    else:
        answers.refuse("relationship", Violation("relationship_unknown"))


def take_question(value: Any, answers: Answers) -> None:
    """Take a security question, chosen or the parent's own."""
    typed = str(value).strip()
    broken = [each for each in question_violations(typed, "any") if each.field == "question"]
    _keep_or_refuse("security_question", typed, broken, answers)


def add_child(answers: Answers) -> None:
    """Put the child that is complete with the others, or put right one that was told wrong."""
    slots = answers.slots
    children: list[Child] = list(slots.get("children") or [])
    at = _meant(children, answers)
    if at is not None:
        given = {name: slots[name] for name in ("access_id", "relationship") if slots.get(name)}
        children[at] = {**children[at], **given}
    elif not (slots.get("access_id") and slots.get("relationship")):
        return
    else:
        children.append({"access_id": slots["access_id"], "relationship": slots["relationship"]})
        slots["more_children"] = None
    if len(children) > MOST_STUDENTS:
        answers.said.append(violation_words(Violation("too_many_students", MOST_STUDENTS), "students"))
        children = children[:MOST_STUDENTS]
    slots |= {"children": children, "access_id": None, "relationship": None}


def take_more_children(value: Any, answers: Answers) -> None:
    """Take whether there is another child; without any a no answers nothing."""
    if value is False and answers.requested == "access_id" and not answers.slots.get("children"):
        answers.slots["more_children"] = None
        answers.said.append(part("utter_deny_in_form"))
    else:
        answers.slots["more_children"] = value


def is_adding(slots: Mapping[str, Any]) -> bool:
    """Tell whether a child is being told, the first or another one."""
    begun = slots.get("access_id") is not None or slots.get("relationship") is not None
    return not slots.get("children") or slots.get("more_children") is True or begun


def confirm_anew(answers: Answers, names: tuple[str, ...]) -> None:
    """Show the summary again when something in it was changed after it was found right."""
    changed = any(name in answers.given for name in names)
    if answers.requested == OUTCOME and changed:
        answers.slots["confirmed"] = None


def ask_what_is_wrong(answers: Answers) -> None:
    """Turn a no to the summary into the question what is to be changed."""
    is_wrong = answers.slots.get("confirmed") is False
    answers.slots["correcting"] = True if is_wrong else None
    answers.slots["confirmed"] = None if is_wrong else answers.slots.get("confirmed")


def split_name(full: str) -> tuple[str, str]:
    """Part a full name into first and last; whoever sees it parted wrong can say so."""
    words = full.split()
    at = next((n for n, word in enumerate(words) if n and word.casefold() in PARTICLES), len(words) - 1)
    return " ".join(words[: max(at, 1)]), " ".join(words[max(at, 1) :])


def suggested_username(first_name: str, last_name: str) -> str:
    """Return a username made of the names, or "" where they are not in plain letters."""
    first, last = (re.sub(r"[^a-z0-9]", "", fold(name)) for name in (first_name, last_name))
    return next((n for n in (f"{first[:1]}{last}", f"{first}.{last}") if not username_violations(n)), "")


def child_lines(children: list[Child]) -> list[dict[str, Any]]:
    """Return a line for each child, numbered as the masked fields are."""
    return [
        part(
            "utter_child_line",
            number=number,
            access_id=child["access_id"],
            relationship=part(f"utter_relationship_{child['relationship']}"),
        )
        for number, child in enumerate(children, 1)
    ]


def access_fields(children: list[Child]) -> list[str]:
    """Name the masked field of each child's access password."""
    return [f"access_password_{number}" for number, _ in enumerate(children, 1)]


def _meant(children: list[Child], answers: Answers) -> int | None:
    """Return which of the children an Access ID or a relationship puts right, if any."""
    slots = answers.slots
    access_id = slots.get("access_id")
    same = [at for at, child in enumerate(children) if child["access_id"] == access_id]
    if same:
        # Told twice it is still one child.
        slots["more_children"] = False if slots.get("more_children") is False else None
        return same[0]
    if not children or slots.get("more_children") is True:
        return None
    if access_id is None:
        return len(children) - 1 if slots.get("relationship") else None
    slips = [OSA.distance(access_id, child["access_id"]) for child in children]
    if min(slips) <= MOST_SLIPS:
        return slips.index(min(slips))
    is_addition = answers.requested == "more_children" and answers.intent != "deny"
    return None if is_addition or len(children) > 1 or answers.requested == "relationship" else 0


def _typed_name(value: str, answers: Answers, slot: str) -> str:
    if answers.requested == slot and answers.text and _is_all(value, answers):
        return LEAD_IN.sub("", answers.text).strip(" .,!")
    return value.strip()


def _is_all(value: str, answers: Answers) -> bool:
    """Tell whether a value is all that was typed, but for words around it."""
    bare = re.sub(r"[\s-]+", "", LEAD_IN.sub("", answers.text)).casefold()
    found = re.sub(r"[\s-]+", "", value).casefold()
    return bool(found) and (found == bare or (found in bare and len(answers.text.split()) <= MOST_SLIPS + 1))


def _take_name(slot: str, typed: str, answers: Answers) -> None:
    _keep_or_refuse(slot, typed, name_violations(slot, typed), answers)


def _keep_or_refuse(slot: str, typed: str, broken: list[Violation], answers: Answers) -> None:
    if broken:
        answers.refuse(slot, broken[0], "username" if slot == "desired_username" else slot)
    else:
        answers.slots[slot] = typed
