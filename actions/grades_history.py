"""Tell the grades of before, a term after the other."""

from collections import Counter
from datetime import date

from rasa_sdk.executor import CollectingDispatcher

from actions.also_asked import Asked
from actions.base import Words, part
from actions.chart_buttons import trend_buttons
from actions.child_question import ChildQuestion
from actions.grades import beside, finality_of, grade_line
from actions.refusals import button
from portal.core.outcomes import Refused
from portal.records.answers import GradeLine, Question, TermSpan
from portal.records.school_work import GradesHistory, TermHistory
from portal.transaction import Transaction


class TellGradesHistory(ChildQuestion[GradesHistory]):
    """Answer with the grades of the previous term, or with those of a course in every term."""

    intent = "ask_grades_history"
    intents = frozenset({"ask_grades_history"})

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_tell_grades_history"

    def look_up(self, tx: Transaction, conversation: str, question: Question) -> GradesHistory | Refused:
        """Ask the portal."""
        return tx.records.grades_history(conversation, question)

    def tell(self, dispatcher: CollectingDispatcher, answer: GradesHistory, asked: Asked, today: date) -> str:
        """Tell what is entered; the current grades are offered where there is nothing of before."""
        if answer.terms:
            chart = trend_buttons(asked, answer.student, has_trend=answer.has_trend)
            dispatcher.utter_message(**_words(answer), buttons=chart, private=True)
            return answer.student
        kept = {name: value for name, value in asked.items() if name in ("course", "class_period")}
        current: Asked = {**kept, "student": answer.student}
        now = button(part("utter_button_current_grades"), "ask_grades", current)
        dispatcher.utter_message(**_nothing(answer, asked), buttons=[now], private=True)
        return answer.student


def _nothing(answer: GradesHistory, asked: Asked) -> Words:
    course = part("utter_work_in_course", course=answer.course) if answer.course else ""
    named = {"student": answer.student, "course": course}
    if answer.asked is not None:
        return part("utter_no_grades_before_in", term=answer.asked.title, **named)
    whole = bool(answer.course or asked.get("date_range"))
    return part("utter_no_grades_on_record" if whole else "utter_no_term_before", **named)


def _words(answer: GradesHistory) -> Words:
    if answer.course:
        lines = [_of_term(line, each.term, answer) for each in answer.terms for line in each.lines]
        return part("utter_course_history", student=answer.student, course=answer.course, lines=lines)
    if len(answer.terms) > 1:
        blocks = [words for each in answer.terms for words in _block(each, answer)]
        return part("utter_terms_history", student=answer.student, lines=blocks)
    only = answer.terms[0]
    instead = part("utter_grades_before_instead", term=answer.asked.title) if answer.asked else ""
    return part(
        "utter_term_history",
        student=answer.student,
        instead=instead,
        note=_note(only.lines),
        lines=_lines(only.lines),
        **_dated(only.term),
    )


def _block(each: TermHistory, answer: GradesHistory) -> list[Words]:
    return [
        part("utter_term_heading", term=_term(each.term, answer), note=_note(each.lines)),
        *_lines(each.lines),
    ]


def _lines(lines: tuple[GradeLine, ...]) -> list[Words]:
    return [grade_line(line, mixed=_is_mixed(lines)) for line in lines]


def _note(lines: tuple[GradeLine, ...]) -> Words | str:
    """Say once whether they can still change, unless each line says it."""
    return "" if _is_mixed(lines) else beside(finality_of(lines))


def _is_mixed(lines: tuple[GradeLine, ...]) -> bool:
    return len({line.final for line in lines}) > 1


def _of_term(line: GradeLine, term: TermSpan, answer: GradesHistory) -> Words:
    worded = grade_line(line, mixed=True)
    return {**worded, "course": _term(term, answer)}


def _term(term: TermSpan, answer: GradesHistory) -> Words | str:
    titles = Counter(each.term.title for each in answer.terms)
    # Titles repeat every year; then only the days tell them apart.
    return part("utter_term_dated", **_dated(term)) if titles[term.title] > 1 else term.title


def _dated(term: TermSpan) -> Words:
    since, until = ({"date": each.isoformat()} for each in (term.since, term.until))
    return {"term": term.title, "since": since, "until": until}
