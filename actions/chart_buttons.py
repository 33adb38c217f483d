"""Offer a picture beside an answer, where there is something to be seen."""

from typing import Any

from actions.also_asked import Asked
from actions.base import part
from actions.refusals import button
from portal.records.answers import Attendance

PICTURE = "picture"
OF_CLASSES = ("course", "class_period")
CHART, CALENDAR = "chart", "calendar"
# What of a question also chooses what is drawn.
DRAWN_OF = ("student", "students", "course", "courses", "class_period", "relative", "term", "date_range")


def attended(asked: Asked) -> dict[str, Any]:
    """Keep what a calendar of attendance would be about, should one be asked for later."""
    return {"attended": {name: value for name, value in asked.items() if name in DRAWN_OF}}


def trend_buttons(asked: Asked, student: str, *, has_trend: bool) -> list[dict[str, Any]]:
    """Return the button that shows how the grades went, where there is something to be seen."""
    kept = {name: value for name, value in asked.items() if name in OF_CLASSES}
    shown = {**kept, "student": student, PICTURE: CHART}
    return [button(part("utter_button_chart"), "ask_grades_history", shown)] if has_trend else []


def calendar_buttons(asked: Asked, answer: Attendance) -> list[dict[str, Any]]:
    """Return the button that shows the days as a calendar, where there is more than one day to see."""
    if not answer.days or answer.since == answer.until:
        return []
    kept = {name: value for name, value in asked.items() if name in (*OF_CLASSES, "term", "date_range")}
    shown = {**kept, "student": answer.student, PICTURE: CALENDAR}
    return [button(part("utter_button_calendar"), "ask_attendance", shown)]
