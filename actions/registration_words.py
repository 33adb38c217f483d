"""Word course requests, what may be chosen, and each rule that stops a wish."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from actions.base import Words, part
from portal.records.course_requests import (
    CourseChoice,
    CourseProblem,
    CourseRequests,
    RequestLine,
    RequestStatus,
    Rule,
    Window,
    WindowState,
)

INTENT = "register_classes"
# As many courses as a parent reads in a chat, and as many buttons as fit under them.
MOST_COURSES = 15
MOST_BUTTONS = 10


def year_words(school_year: str) -> Words:
    """Name a school year by both its years."""
    return part("utter_school_year", first=str(int(school_year) - 1), last=school_year)


def request_words(shown: CourseRequests) -> list[Words]:
    """Return the requests with what became of them, or that there are none."""
    year = year_words(shown.school_year)
    if not shown.requests:
        return [part("utter_requests_none", student=shown.student, year=year)]
    heading = part("utter_requests_of", student=shown.student, year=year)
    return [heading, *map(_request, shown.requests)]


def _request(line: RequestLine) -> Words:
    if line.on is not None:
        return part("utter_request_registered", course=line.course, on=day(line.on))
    return part(f"utter_request_{line.status.value}", course=line.course)


def window_words(shown: CourseRequests) -> list[Words]:
    """Return when registration is open, and how many courses may be chosen."""
    window = shown.window
    if window is None:
        return [part("utter_registration_no_window", school=shown.school, student=shown.student)]
    days = {"opens": day(window.opens), "closes": day(window.closes), "school": window.school}
    words = part(f"utter_registration_window_{window.state.value}", **days)
    return [words, *([] if window.state is WindowState.CLOSED else _limits(window))]


def _limits(window: Window) -> list[Words]:
    match window.least, window.most:
        case None, None:
            return []
        case int(least), int(most):
            return [part("utter_registration_limits", least=least, most=most)]
        case int(least), None:
            return [part("utter_registration_least", least=least)]
        case _, most:
            return [part("utter_registration_most", most=most)]


def open_words(shown: CourseRequests) -> list[Words]:
    """Return in one line which courses may still be chosen."""
    titles = [each.course for each in shown.open_choices]
    if not shown.choices:
        return []
    if not titles:
        return [part("utter_registration_none_left", student=shown.student)]
    more = len(titles) - MOST_COURSES
    ending = part("utter_registration_and_more", number=more) if more > 0 else ""
    return [
        part("utter_registration_open", student=shown.student, courses=titles[:MOST_COURSES], more=ending)
    ]


def choice_words(shown: CourseRequests) -> list[Words]:
    """Return a line for each course that is offered to the child, with what is to be known of it."""
    year = year_words(shown.school_year)
    if not shown.choices:
        return [part("utter_registration_no_choices", student=shown.student, year=year)]
    lines = [_choice(each) for each in shown.choices[:MOST_COURSES]]
    more = len(shown.choices) - len(lines)
    ending = [part("utter_registration_more_choices", number=more)] if more > 0 else []
    return [part("utter_registration_choices", student=shown.student, year=year), *lines, *ending]


def _choice(each: CourseChoice) -> Words:
    stopped = [part(f"utter_short_{each.rule.value}", **_values(each)) for each in each.problems]
    left = each.seats_left
    seats = [part("utter_choice_seats", count=left)] if left and not stopped else []
    after = [part("utter_choice_after", courses=list(each.after))] if each.after and not stopped else []
    about = each.description.rstrip(".")
    described = part("utter_choice_described", description=about) if about else ""
    notes = [part("utter_choice_note", note=note) for note in (*after, *seats, *stopped)]
    ends = [*notes, "", ""][:2]
    return part("utter_choice", course=each.course, description=described, first=ends[0], second=ends[1])


def problem_words(problems: Iterable[CourseProblem], student: str, school: str) -> list[Words]:
    """Return what stops a wish and what to do, a line for each rule."""
    return [
        part(f"utter_registration_{each.rule.value}", student=student, school=school, **_values(each))
        for each in problems
    ]


def _values(each: CourseProblem) -> dict[str, Any]:
    values: dict[str, Any] = {"course": each.course}
    if each.names:
        values["names"] = [_bare(name) for name in each.names]
    if each.day is not None:
        values["day"] = day(each.day)
    if each.number is not None:
        values["number"] = str(each.number)
    return values


def _bare(name: str) -> str:
    # A grade is "9" to a parent and "09" to the files.
    return name.lstrip("0") or name


def summary_lines(courses: Sequence[CourseChoice]) -> list[Words]:
    """Return a line for each course that is about to be registered."""
    return [part("utter_registration_line", course=each.course) for each in courses]


def course_buttons(shown: CourseRequests, *, drop: bool) -> list[dict[str, Any]]:
    """Return a button for each course that may be chosen, or taken back."""
    own = [line.course for line in shown.requests if line.status is RequestStatus.REGISTERED]
    titles = own if drop else [each.course for each in shown.open_choices]
    return [button(title, course=title) for title in titles[:MOST_BUTTONS]]


def page_buttons(shown: CourseRequests) -> list[dict[str, Any]]:
    """Return what can be done below the requests."""
    if not shown.is_open:
        return []
    own = any(line.status is RequestStatus.REGISTERED for line in shown.requests)
    wishes = [("register", bool(shown.open_choices)), ("drop", own)]
    return [
        button(part(f"utter_button_registration_{wish}"), student=shown.student, registration=wish)
        for wish, may in wishes
        if may
    ]


def button(title: Any, **asked: Any) -> dict[str, Any]:
    """Return a button that says something of registration; its title is words or a part that names them."""
    return {"title": title, "payload": f"/{INTENT}{json.dumps(asked)}"}


def day(value: date) -> dict[str, str]:
    """Return a day to be written as the language writes it."""
    return {"date": value.isoformat()}


def stops_all(problems: Iterable[CourseProblem]) -> bool:
    """Tell whether other courses would not help: it is the time that is wrong."""
    return any(each.rule in {Rule.NO_WINDOW, Rule.NOT_OPEN_YET, Rule.CLOSED} for each in problems)
