"""Tell a child's grades as the portal has them: nothing is rounded, guessed or called final."""

from collections.abc import Sequence
from datetime import date

from rasa_sdk.executor import CollectingDispatcher

from actions.also_asked import Asked
from actions.base import Words, part
from actions.chart_buttons import trend_buttons
from actions.child_question import ChildQuestion
from actions.refusals import not_begun
from portal.core.outcomes import Refused
from portal.records.answers import GradeLine, Grades, Question, ScoresSoFar
from portal.transaction import Transaction


class TellGrades(ChildQuestion[Grades]):
    """Answer with the grades of a term, one line a course."""

    intent = "ask_grades"
    # The previous term, asked for as such, is answered the same way.
    intents = frozenset({"ask_grades", "ask_grades_history"})

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_tell_grades"

    def look_up(self, tx: Transaction, conversation: str, question: Question) -> Grades | Refused:
        """Ask the portal."""
        return tx.records.grades(conversation, question)

    def tell(self, dispatcher: CollectingDispatcher, answer: Grades, asked: Asked, today: date) -> str:
        """Word one course as a sentence, several as lines."""
        if answer.term.since > today and not answer.lines:
            words = not_begun(answer.student, answer.term, answer.term.since, self.intent)
            dispatcher.utter_message(**words, private=True)
            return answer.student
        chart = trend_buttons(asked, answer.student, has_trend=answer.has_trend)
        dispatcher.utter_message(**_grades(answer, asked), buttons=chart, private=True)
        return answer.student


def _grades(answer: Grades, asked: Asked) -> Words:
    named = {"student": answer.student, "term": answer.term.title}
    stands_in = not answer.term.current and not asked.get("term") and not asked.get("date_range")
    older = [part("utter_grades_older_term")] if stands_in else []
    match answer.lines:
        case ():
            return part("utter_no_grades", **named)
        case (line,) if asked.get("course") or asked.get("class_period"):
            return _one(line, named, older)
        case lines:
            mixed = len({line.final for line in lines if is_graded(line)}) > 1
            note = older or [] if mixed else [*finality_of(lines), *older]
            worded = [grade_line(line, mixed=mixed) for line in lines]
            return part("utter_grades", note=beside(note), lines=worded, **named)


def _one(line: GradeLine, named: dict[str, str], older: list[Words]) -> Words:
    if not is_graded(line):
        return part(
            "utter_so_far_of_course",
            course=line.course,
            so_far=_so_far(line.so_far),
            note=beside(older),
            **named,
        )
    finality = part("utter_grade_final" if line.final else "utter_grade_not_final")
    note = beside([finality, *older])
    return part("utter_grade_of_course", course=line.course, grade=grade_of(line), note=note, **named)


def finality_of(lines: Sequence[GradeLine]) -> list[Words]:
    """Say once whether the grades can still change."""
    graded = [line for line in lines if is_graded(line)]
    if not graded:
        return []
    return [part("utter_grades_final" if graded[0].final else "utter_grades_not_final")]


def beside(notes: list[Words]) -> Words | str:
    """Put up to two notes side by side."""
    # Two sentences stand side by side, where a list would stand one below the other.
    match notes:
        case []:
            return ""
        case [only]:
            return only
        case _:
            return part("utter_two_notes", first=notes[0], second=notes[1])


def grade_line(line: GradeLine, *, mixed: bool) -> Words:
    """Word a course as a line; beside grades of the other kind it says whether it is final."""
    if not mixed or not is_graded(line):
        return part("utter_grade_line", course=line.course, grade=grade_of(line))
    key = "utter_grade_line_final" if line.final else "utter_grade_line_open"
    return part(key, course=line.course, grade=grade_of(line))


def is_graded(line: GradeLine) -> bool:
    """Tell whether there is a grade."""
    return bool(line.letter) or line.percent is not None


def grade_of(line: GradeLine) -> Words:
    """Word the grade of a course, or the scores so far, which are none."""
    if not is_graded(line):
        return _so_far(line.so_far)
    if line.percent is None:
        return part("utter_grade_letter", letter=line.letter)
    percent = {"percent": str(line.percent)}
    if not line.letter:
        return part("utter_grade_percent", percent=percent)
    return part("utter_grade_letter_and_percent", letter=line.letter, percent=percent)


def _so_far(scores: ScoresSoFar | None) -> Words:
    if scores is None or not scores.count:
        return part("utter_no_grade_yet")
    if scores.earned is None or scores.possible is None:
        return part("utter_scores_counted", count=scores.count)
    earned, possible = ({"number": str(each)} for each in (scores.earned, scores.possible))
    return part("utter_scores_so_far", count=scores.count, earned=earned, possible=possible)
