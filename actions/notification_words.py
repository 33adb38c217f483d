"""Word what is set for regular mails: subjects, how often, to where, when the next one leaves."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from actions.base import Words, part
from portal.records.notifications import Frequency, InChat, Notification, Subject

INTENT = "set_email_notifications"


def button(title: str, **asked: Any) -> dict[str, Any]:
    """Return a button that asks for something of the mails."""
    return {"title": part(title), "payload": f"/{INTENT}{json.dumps(asked)}"}


def subject_words(subjects: Iterable[Subject]) -> Words:
    """Name subjects, as many as there are, in one line."""
    named = [part(f"utter_mailed_{Subject(each).value}") for each in subjects]
    words = named[0]
    for following in named[1:-1]:
        words = part("utter_mailed_more", first=words, second=following)
    return part("utter_mailed_last", first=words, second=named[-1]) if len(named) > 1 else words


def setting_lines(children: Sequence[Notification]) -> list[Words]:
    """Word what is set for each child, a line each."""
    return [_setting(child) for child in children]


def _setting(child: Notification) -> Words:
    if not child.available:
        return part("utter_mail_line_unavailable", student=child.student)
    if child.frequency is Frequency.NEVER:
        return part("utter_mail_line_never", student=child.student)
    due = child.due_at.isoformat() if child.due_at else ""
    return part(
        "utter_mail_line",
        student=child.student,
        subjects=subject_words(child.subjects),
        frequency=part(f"utter_rhythm_{child.frequency.value}"),
        due={"datetime": due, "style": "medium"},
        in_chat=part(f"utter_in_chat_{child.in_chat.value}") if child.in_chat is not InChat.NONE else "",
    )
