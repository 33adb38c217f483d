"""Put together which courses are meant, out of what was named now and what stood before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rasa_sdk.interfaces import Tracker

from actions.base import entity
from actions.registration import DROP, REGISTER
from actions.steps import REQUESTED
from portal.core.outcomes import Refused
from portal.records.course_requests import OF_NO_COURSE, RegistrationChecked
from portal.transaction import Transaction

CHILD = "registration_child"
COURSES = "registration_courses"
ADD, WITHOUT = "add", "without"


@dataclass(frozen=True, slots=True)
class Named:
    """Hold the courses that a message names, those that stood before it, and how both go together."""

    typed: Sequence[str]
    before: Sequence[str]
    amend: str


def looked_up(
    tx: Transaction, conversation: str, slots: Mapping[str, Any], named: Named
) -> RegistrationChecked | Refused:
    """Check what is named, put together with what stood before as the parent said."""
    alone = judged(tx, conversation, {**slots, COURSES: named.typed})
    if isinstance(alone, Refused) or not named.before:
        return alone
    together = _together(named.before, [each.course_id for each in alone.courses], named.amend)
    about_names = tuple(each for each in alone.problems if each.rule not in OF_NO_COURSE)
    whole = judged(tx, conversation, {**slots, COURSES: together})
    if isinstance(whole, RegistrationChecked):
        return replace(whole, problems=(*about_names, *whole.problems))
    return whole


def _together(before: Sequence[str], named: Sequence[str], amend: str) -> list[str]:
    added = [each for each in named if each not in before]
    kept = [each for each in before if each not in named]
    match amend:
        case "without":
            return kept
        case "add":
            return [*before, *added]
        case "instead" if len(kept) < len(before):
            return [*kept, *added]
        case _:
            return list(named or before)


def judged(tx: Transaction, conversation: str, slots: Mapping[str, Any]) -> RegistrationChecked | Refused:
    """Return what would become of the wish as the slots hold it."""
    check = tx.registration.check_withdrawal if drops(slots) else tx.registration.check
    return check(conversation, slots.get(CHILD), flat(slots.get(COURSES)))


def standing_before(tracker: Tracker) -> list[str]:
    """Return the courses that stand already: those of the summary, or beside one that was unclear."""
    # Not the slot itself: it holds what the message names now.
    return flat((tracker.get_slot("registration") or {}).get("kept"))


def amendment(tracker: Tracker) -> str:
    """Return what is to happen with the courses that stand already."""
    said, wish, dropping = entity(tracker, "amend"), entity(tracker, "registration"), drops(tracker.slots)
    if tracker.get_slot(REQUESTED) != "confirmed" or (dropping and wish == DROP):
        return ADD
    if said or wish not in {DROP, REGISTER}:
        return str(said or "")
    # "Drop art" takes art off the list of what would be registered.
    return WITHOUT if wish == DROP or dropping else ADD


def drops(slots: Mapping[str, Any]) -> bool:
    """Tell whether courses are to be taken back."""
    return bool((slots.get("registration") or {}).get("drop"))


def flat(given: Any) -> list[str]:
    """Return the courses that a slot holds: one text, a list, or a list with a list in it."""
    if given is None:
        return []
    if isinstance(given, str):
        return [given]
    return [course for each in given for course in flat(each)]
