"""Find the question about a child that a message asks, alone or beside signing in."""

import re
import unicodedata
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.interfaces import Tracker

from actions.base import Event, entity

Asked = dict[str, Any]
# Under this key a question that waits for a sign-in keeps the words in which it was asked.
SAID = "said"
# What `students` says in the place of names when all the parent's children are meant.
EVERYONE = "all"
# What a question about a child may name.
NAMED = (
    "student",
    "students",
    "relative",
    "course",
    "courses",
    "term",
    "date_range",
    "class_period",
    "attendance_kind",
    "account",
    "moment",
    "aspect",
    "detail",
    "work",
    "registration",
    "calendar",
    "compare",
    "count",
    "against",
    "page",
)
ANSWERED_BY = {
    "ask_grades": "action_tell_grades",
    "ask_attendance": "action_tell_attendance",
    "ask_assignments": "action_tell_assignments",
    "ask_test_results": "action_tell_test_results",
    "ask_grades_history": "action_tell_grades_history",
    "ask_teacher_comments": "action_tell_teacher_comments",
    "ask_attendance_history": "action_tell_attendance_history",
    "ask_schedule": "action_tell_schedule",
    "ask_balance": "action_tell_balance",
    "ask_school_information": "action_tell_school_information",
    "ask_school_bulletin": "action_tell_school_bulletin",
    "register_classes": "action_tell_registration",
    "subscribe_calendar": "action_subscribe_calendar",
    "download_my_data": "action_download_my_data",
    "print_page": "action_print_page",
}


def is_named(label: str, said: str) -> bool:
    """Tell whether a child's tab is named in what was said, however its accents were typed."""
    first = _folded(label.partition(" (")[0])
    return re.search(rf"(?<!\w){re.escape(first)}(?!\w)", _folded(said)) is not None


def _folded(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in parts if not unicodedata.combining(each)).replace(
        "\N{RIGHT SINGLE QUOTATION MARK}", "'"
    )


def kinds(tracker: Tracker) -> set[str]:
    """Return the kinds of attendance that the message names."""
    found = tracker.latest_message.get("entities") or []
    return {str(each.get("value")) for each in found if each.get("entity") == "attendance_kind"}


def named_in(tracker: Tracker) -> Asked:
    """Return what the message names of a question."""
    named = {name: entity(tracker, name) for name in NAMED}
    if named["students"] is not None:
        named["student"] = None
    if named["courses"] is not None:
        named["course"] = None
    elif named["course"] is not None:
        # Tests have subjects of their own: "reading" need not be the course that it is taken for.
        named["subject"] = _typed(tracker, "course")
    if len(kinds(tracker)) > 1:
        # "Absent or late" asks for everything.
        named["attendance_kind"] = None
    terms = _values(tracker, "term")
    if named["compare"] and len(terms) > 1:
        named |= {"against": terms[0], "term": terms[-1]}
    return {name: value for name, value in named.items() if value is not None}


def _values(tracker: Tracker, name: str) -> list[Any]:
    found = tracker.latest_message.get("entities") or []
    return [each.get("value") for each in found if each.get("entity") == name]


def _typed(tracker: Tracker, name: str) -> str | None:
    """Return the words of the message that an entity was found in; a button has none."""
    message = tracker.latest_message
    found = [each for each in message.get("entities") or [] if each.get("entity") == name]
    typed = (message.get("text") or "")[found[-1].get("start") or 0 : found[-1].get("end") or 0]
    return typed if typed and typed != found[-1].get("value") else None


def also_asked(tracker: Tracker) -> list[Event]:
    """Keep the question that was asked in the same message as to sign in, like "... and see Maya's grades".

    Only a message that names something of a child asks one; the next best meaning tells which.
    """
    named = named_in(tracker)
    ranking = tracker.latest_message.get("intent_ranking") or []
    meant = [each.get("name") for each in ranking if each.get("name") in ANSWERED_BY]
    if not named or not meant:
        return []
    said = tracker.latest_message.get("text") or ""
    return [SlotSet("resume", {"action": ANSWERED_BY[meant[0]], "slots": {**named, SAID: said}})]
