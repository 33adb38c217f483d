"""Word why a question about a child is not answered, with the buttons that put it right."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from actions.also_asked import Asked
from actions.base import Words, part
from actions.sessions import needs_session
from portal.core.outcomes import Reason, Refused
from portal.records.answers import TermSpan

# These are the same for all the children, and name none of them.
SAID_ONCE = frozenset({Reason.OUTSIDE_RECORDS, Reason.NO_SUCH_TERM, Reason.NO_STUDENT})


def refusal(refused: Refused, asked: Asked, about: str) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Return the words of a refusal, and the buttons that put the question right."""
    match refused.reason:
        case Reason.WHICH_STUDENT:
            return {"response": "utter_which_student"}, choices(refused, asked, about, "student")
        case Reason.NOT_YOUR_STUDENT:
            name = asked.get("student") or ""
            words = {
                "response": "utter_not_your_student",
                "student": name.title() if name.islower() else name,
                "students": list(refused.choices),
            }
            return words, choices(refused, asked, about, "student")
        case Reason.NO_STUDENT:
            return {"response": "utter_no_student"}, []
        case Reason.WHICH_COURSE:
            return {"response": "utter_which_course"}, choices(refused, asked, about, "course")
        case Reason.NO_SUCH_COURSE | Reason.NO_SUCH_TERM | Reason.OUTSIDE_RECORDS:
            return _not_found(refused, asked, about)
        case _:
            # The first line is the portal's own sentence, the rest is what to do now (R80).
            return {"response": "utter_student_unavailable"}, []


def is_said_once(answers: Sequence[Any]) -> bool:
    """Tell whether several children share one refusal whose words name none of them."""
    first = answers[0] if len(answers) > 1 else None
    shared = isinstance(first, Refused) and (needs_session(first) or first.reason in SAID_ONCE)
    return shared and all(each == first for each in answers)


def _not_found(refused: Refused, asked: Asked, about: str) -> tuple[dict[str, Any], list[dict[str, str]]]:
    if refused.reason is Reason.OUTSIDE_RECORDS:
        now = {name: value for name, value in asked.items() if name != "date_range"}
        offered = [button(part("utter_button_now"), about, now), *choices(refused, now, about, "term")]
        return {"response": "utter_outside_records"}, offered
    kind = "course" if refused.reason is Reason.NO_SUCH_COURSE else "term"
    if not refused.choices:
        return {"response": f"utter_no_such_{kind}_at_all"}, []
    typed = _as_typed(asked) if kind == "course" else asked.get(kind)
    words = {"response": f"utter_no_such_{kind}", kind: typed or asked.get("class_period") or ""}
    if kind == "course" and typed and asked.get("student"):
        # "And Leo?" may be asked after a course that only the other child has.
        words |= {"response": "utter_no_such_course_of", "student": asked["student"]}
    return words, choices(refused, asked, about, kind)


def _as_typed(asked: Asked) -> str | None:
    """Return the course by its title, or in the words of the parent where it is none of the titles."""
    found: str | None = asked.get("course")
    return asked.get("subject", found) if found and found == found.lower() else found


def choices(refused: Refused, asked: Asked, about: str, kind: str) -> list[dict[str, str]]:
    """Return a button for each choice, carrying the whole question so that none is asked twice."""
    # What was typed is only kept where it was not what did not fit.
    unfit = {"subject", "class_period"} if kind == "course" else set()
    kept = {name: value for name, value in asked.items() if name not in unfit}
    return [button(choice, about, {**kept, kind: choice}) for choice in refused.choices]


def button(title: Any, about: str, asked: Asked) -> dict[str, Any]:
    """Return a button that asks a whole question; its title is words or a part that names them."""
    return {"title": title, "payload": f"/{about}{json.dumps(asked)}"}


def not_begun(student: str, term: TermSpan | None, since: date, about: str) -> dict[str, Any]:
    """Return the words for days that are still to come, with a button for how it is now."""
    named = {"student": student, "since": {"date": since.isoformat()}}
    words = part("utter_term_not_begun", term=term.title, **named) if term else part("utter_not_yet", **named)
    return {**words, "buttons": [button(part("utter_button_now"), about, {"student": student})]}


def spoken_range(since: date, until: date, term: TermSpan | None) -> Words:
    """Return the words for the term or the days that an answer is about."""
    first, last = ({"date": each.isoformat()} for each in (since, until))
    if term is None:
        return part("utter_range_day" if since == until else "utter_range_days", since=first, until=last)
    key = "utter_range_in_term" if term.current else "utter_range_in_older_term"
    return part(key, term=term.title, since=first, until=last)
