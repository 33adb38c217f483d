"""Tell what a child was given to do: what the school marked, with the day and the points as entered."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions.also_asked import Asked
from actions.base import Words, part
from actions.child_question import ChildQuestion
from actions.refusals import button, spoken_range
from portal.core.outcomes import Refused
from portal.records.answers import Question
from portal.records.school_work import AssignmentLine, Assignments, AssignmentState, Work
from portal.transaction import Transaction

# As many lines as a parent reads in a chat; the others are counted.
MOST_LINES = 12
# What is next, where nothing is due when it was asked for.
MOST_COMING = 3


class TellAssignments(ChildQuestion[Assignments]):
    """Answer with what is missing, late, scored or due; asked for nothing of these, with all."""

    intent = "ask_assignments"
    intents = frozenset({"ask_assignments"})

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_tell_assignments"

    def look_up(self, tx: Transaction, conversation: str, question: Question) -> Assignments | Refused:
        """Ask the portal."""
        return tx.records.assignments(conversation, question)

    def tell(self, dispatcher: CollectingDispatcher, answer: Assignments, asked: Asked, today: date) -> str:
        """Say the number first, then what it is made of."""
        if answer.work is None and answer.term is not None and answer.lines:
            words, buttons = _all_of_term(answer), _parts(answer, asked)
        else:
            words, buttons = _one_part(answer), []
        dispatcher.utter_message(**words, buttons=buttons, private=True)
        return answer.student


def _all_of_term(answer: Assignments) -> Words:
    """Count everything, and name only what there is to do about it."""
    missing = [line for line in answer.lines if line.state is AssignmentState.MISSING]
    due = [line for line in answer.lines if line.state is AssignmentState.DUE]
    scored = sum(line.state in (AssignmentState.SCORED, AssignmentState.PARTLY) for line in answer.lines)
    counted = [
        part("utter_work_scored", count=scored),
        part("utter_work_missing", count=len(missing)),
        part("utter_work_due", count=len(due)),
    ]
    named = _named(answer)
    said = [
        part("utter_work_of_term", counts=part("utter_three_counts", **_three(counted)), **named),
        *_unscored(answer),
    ]
    for heading, lines in (("utter_work_missing_heading", missing), ("utter_work_due_heading", due)):
        said += [part(heading), *_lines(lines, answer)] if lines else []
    return part("utter_work", lines=said)


def _three(counted: Sequence[Words]) -> dict[str, Words]:
    return dict(zip(("first", "second", "third"), counted, strict=True))


def _parts(answer: Assignments, asked: Asked) -> list[dict[str, Any]]:
    """Offer the scores, which the overview only counts."""
    scored = any(line.state is AssignmentState.SCORED for line in answer.lines)
    title = part("utter_button_scores")
    wanted = {**asked, "student": answer.student, "work": Work.SCORES.value}
    return [button(title, "ask_assignments", wanted)] if scored else []


def _one_part(answer: Assignments) -> Words:
    key = f"utter_work_{answer.work.value}_list" if answer.work else "utter_work_list"
    said = [part(key, count=len(answer.lines), **_named(answer)), *_lines(answer.lines, answer)]
    if answer.work is Work.MISSING:
        said += _unscored(answer)
    if answer.coming:
        said += [part("utter_work_coming"), *_lines(answer.coming[:MOST_COMING], answer)]
    return part("utter_work", lines=said)


def _unscored(answer: Assignments) -> list[Words]:
    """Say what is past its day without a word from the school, which makes it neither missing nor done."""
    return [part("utter_work_unscored", count=answer.unscored)] if answer.unscored else []


def _named(answer: Assignments) -> Words:
    course = part("utter_work_in_course", course=answer.course) if answer.course else ""
    return {"student": answer.student, "course": course, "range": _range(answer)}


def _range(answer: Assignments) -> Words:
    if answer.until is None:
        return part("utter_range_from_today")
    # Of a term the days to come may be all that is asked for; it is named as a whole.
    term = answer.term
    since, until = (term.since, term.until) if term else (answer.since, answer.until)
    return spoken_range(since, until, term)


def _lines(lines: Sequence[AssignmentLine], answer: Assignments) -> list[Words]:
    return work_lines(lines, answer.course)


def work_lines(lines: Sequence[AssignmentLine], course: str = "") -> list[Words]:
    """Word as many assignments as a parent reads at once; each names its course unless all have the same."""
    shown = [_line(line, course) for line in lines[:MOST_LINES]]
    more = len(lines) - len(shown)
    return [*shown, part("utter_lines_more", count=more)] if more else shown


def _line(line: AssignmentLine, course: str) -> Words:
    due = {"date": line.due.isoformat(), "style": "medium"} if line.due else None
    return part(
        "utter_work_line",
        title=line.title,
        course="" if course else part("utter_work_line_course", course=line.course),
        due=part("utter_work_line_due", due=due) if due else "",
        state=_state(line),
        late=part("utter_work_line_late") if line.late else "",
        incomplete=part("utter_work_line_incomplete") if line.incomplete else "",
        in_progress=part("utter_work_line_in_progress") if line.in_progress else "",
        remark=part("utter_work_line_remark", remark=" ".join(line.remark.split())) if line.remark else "",
    )


def _state(line: AssignmentLine) -> Words | str:
    if line.state is AssignmentState.DUE:
        return "" if line.maximum is None else part("utter_work_worth", maximum=_number(line.maximum))
    points = _points(line)
    if points is None or line.state not in (AssignmentState.SCORED, AssignmentState.PARTLY):
        return part(f"utter_work_state_{line.state.value}")
    key = "utter_work_score" if line.state is AssignmentState.SCORED else "utter_work_score_so_far"
    return part(key, points=points)


def _points(line: AssignmentLine) -> Words | None:
    if line.score is None:
        return part("utter_score_in_words", text=line.text) if line.text else None
    if line.maximum is None:
        points = part("utter_points", score=_number(line.score))
    else:
        points = part("utter_points_of", score=_number(line.score), maximum=_number(line.maximum))
    return part("utter_points_and_words", points=points, text=line.text) if line.text else points


def _number(value: Decimal) -> dict[str, str]:
    return {"number": str(value)}
