"""Tell when and where a child has class, and with whom."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions.also_asked import Asked
from actions.base import Words, part
from actions.child_question import ChildQuestion
from portal.core.outcomes import Refused
from portal.records.answers import Question
from portal.records.school_life import ClassTime, Schedule
from portal.transaction import Transaction

# From here on days in a row are told as "Monday to Friday".
IN_A_ROW = 3
# What of a class can be asked for by itself.
PARTS = ("teacher", "room")


class TellSchedule(ChildQuestion[Schedule]):
    """Answer with the classes of a term, a day or a moment, one line each."""

    intent = "ask_schedule"
    intents = frozenset({"ask_schedule"})

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_tell_schedule"

    def look_up(self, tx: Transaction, conversation: str, question: Question) -> Schedule | Refused:
        """Ask the portal."""
        return tx.records.schedule(conversation, question)

    def tell(self, dispatcher: CollectingDispatcher, answer: Schedule, asked: Asked, today: date) -> str:
        """Say first what was asked for: the teacher, the room, the class of now, or the day."""
        lines = answer.lines or answer.usual
        worded = [*_first(answer, asked), *_heading(answer, asked), *_lines(answer, lines, asked)]
        dispatcher.utter_message(**part("utter_schedule", lines=[*worded, *_calendar(answer)]), private=True)
        return answer.student


def _first(answer: Schedule, asked: Asked) -> list[Words]:
    """Return what a parent must know before the classes are told."""
    said = []
    if asked.get("aspect") == "lunch":
        said.append(part("utter_schedule_no_lunch"))
    if answer.day and answer.calendar:
        # On a day without school the timetable would promise classes that are not held.
        titles = [each.title for each in answer.calendar]
        said.append(part("utter_schedule_calendar_day", titles=titles, day=_day(answer.day)))
    return said


def _heading(answer: Schedule, asked: Asked) -> list[Words]:
    if answer.moment:
        return [_of_moment(answer)]
    if answer.course and (answer.lines or answer.usual):
        return _of_part(answer, asked) + _of_course(answer, asked)
    key, when = _when(answer)
    named: dict[str, Any] = {"student": answer.student, "when": part(key, **when)}
    if answer.period:
        known = "utter_schedule_period" if answer.lines else "utter_schedule_no_period"
        return [part(known, period=answer.period, **named)]
    if not answer.lines:
        return [part("utter_schedule_none", **named)]
    teachers = _only_teachers(answer, asked)
    return [part("utter_schedule_teachers" if teachers else "utter_schedule_classes", **named)]


def _when(answer: Schedule) -> tuple[str, Words]:
    if answer.term is not None:
        key = "utter_schedule_in_term" if answer.term.current else "utter_schedule_in_other_term"
        since, until = ({"date": each.isoformat()} for each in (answer.term.since, answer.term.until))
        return key, {"term": answer.term.title, "since": since, "until": until}
    if answer.day:
        return "utter_schedule_on_day", {"day": _day(answer.day)}
    since, until = (_day(each or answer.at.date()) for each in (answer.since, answer.until))
    return "utter_schedule_in_range", {"since": since, "until": until}


def _of_moment(answer: Schedule) -> Words:
    named = {
        "student": answer.student,
        "time": {"time": answer.at.strftime("%H:%M")},
        "day": _day(answer.day or answer.at.date()),
    }
    key = f"utter_schedule_{answer.moment}"
    if not answer.lines:
        key += "_untimed" if answer.usual else "_none"
    return part(key, **named)


def _of_course(answer: Schedule, asked: Asked) -> list[Words]:
    named = {"student": answer.student, "course": answer.course}
    key, when = _when(answer)
    if answer.lines and asked.get("aspect") in PARTS:
        # The teacher or the room was named before; the lines speak for themselves.
        return []
    if answer.lines:
        return [part("utter_schedule_course", when=part(key, **when), **named)]
    return [part("utter_schedule_course_not_then", when=part(key, **when), **named)]


def _of_part(answer: Schedule, asked: Asked) -> list[Words]:
    """Name the teacher or the room first where that was the question."""
    wanted = asked.get("aspect")
    lines = answer.lines or answer.usual
    if wanted not in PARTS:
        return []
    values = list(dict.fromkeys(getattr(line, wanted) for line in lines if getattr(line, wanted)))
    named = {"student": answer.student, "course": answer.course}
    if not values:
        return [part(f"utter_schedule_no_{wanted}", **named)]
    return [part(f"utter_schedule_{wanted}", names=values, **named)]


def _only_teachers(answer: Schedule, asked: Asked) -> bool:
    is_term = answer.term is not None and not answer.period
    return is_term and asked.get("aspect") == "teacher" and not answer.course


def _lines(answer: Schedule, lines: Iterable[ClassTime], asked: Asked) -> list[Words]:
    if _only_teachers(answer, asked):
        pairs = dict.fromkeys((line.course, line.teacher) for line in lines)
        return [_teacher_line(course, teacher) for course, teacher in pairs]
    by_day = bool(answer.day and answer.lines)
    return [_day_line(line) if by_day else _week_line(line) for line in lines]


def _teacher_line(course: str, teacher: str) -> Words:
    if not teacher:
        return part("utter_teacher_line_none", course=course)
    return part("utter_teacher_line", course=course, teacher=teacher)


def _day_line(line: ClassTime) -> Words:
    times = part("utter_class_first", times=_times(line)) if line.start else ""
    return part("utter_class_of_day", times=times, course=line.course, **_place(line))


def _week_line(line: ClassTime) -> Words:
    days = part("utter_class_detail", detail=_weekdays(line.weekdays)) if line.weekdays else ""
    times = part("utter_class_detail", detail=_times(line)) if line.start else ""
    return part("utter_class_of_week", days=days, times=times, course=line.course, **_place(line))


def _place(line: ClassTime) -> Words:
    return {
        "period": part("utter_class_in_period", period=line.period) if line.period else "",
        "room": part("utter_class_in_room", room=line.room) if line.room else "",
        "teacher": part("utter_class_detail", detail=line.teacher) if line.teacher else "",
    }


def _times(line: ClassTime) -> Words:
    start = {"time": line.start}
    if not line.end:
        return part("utter_class_from", start=start)
    return part("utter_class_times", start=start, end={"time": line.end})


def _weekdays(days: tuple[int, ...]) -> Words | list[Words]:
    first, last = min(days), max(days)
    if len(days) >= IN_A_ROW and last - first == len(days) - 1:
        return part("utter_weekdays_in_a_row", first={"weekday": first}, last={"weekday": last})
    return [{"weekday": day} for day in sorted(days)]


def _calendar(answer: Schedule) -> list[Words]:
    if answer.day or not answer.calendar:
        return []
    days = [
        part("utter_calendar_line", date={"date": each.date.isoformat(), "style": "medium"}, title=each.title)
        for each in answer.calendar
    ]
    return [part("utter_calendar"), *days]


def _day(day: date) -> Words:
    return {"date": day.isoformat(), "style": "full"}
