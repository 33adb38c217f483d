"""Put on paper what is answered about grades, and about the attendance beside them."""

from collections.abc import Sequence

from bot.files.sheet import Align, Block, Column, Paragraph, Sheet, section, table
from bot.files.sheets_attendance import summed_up
from bot.files.spans import span_words, term_words
from bot.files.words import PaperWords
from portal.core.outcomes import Refused
from portal.records.answers import AttendanceLine, GradeLine, Question, ScoresSoFar
from portal.records.family import Family


def grades_and_attendance(family: Family, question: Question, words: PaperWords) -> Sheet | Refused:
    """Show the grades of a term and the attendance in it, by course and by day."""
    grades, attendance = family.grades(question), family.attendance(question)
    if isinstance(grades, Refused):
        return grades
    if isinstance(attendance, Refused):
        return attendance
    about, counted = term_words(grades.term, words), grades.term == attendance.term
    # A school may grade by semester and count days by quarter; and days may have been asked for.
    when = span_words(attendance.term, attendance.since, attendance.until, words)
    told = () if counted else (Paragraph(when, quiet=True),)
    graded = _graded(grades.lines, words, attendance.by_course if counted else ())
    if counted and grades.lines and attendance.by_course and attendance.whole_days:
        # Beside a zero for each class, days absent would look forgotten.
        graded = (*graded, Paragraph(words("whole_days_apart"), quiet=True))
    return Sheet(grades.student, about, (*graded, *summed_up(attendance, words, told)))


def grades_history(family: Family, question: Question, words: PaperWords) -> Sheet | Refused:
    """Show the grades of before, a term after the other."""
    answer = family.grades_history(question)
    if isinstance(answer, Refused):
        return answer
    blocks: tuple[Block, ...] = ()
    for each in answer.terms:
        blocks += section(term_words(each.term, words), *_graded(each.lines, words))
    if answer.asked is not None and blocks:
        blocks = (Paragraph(words("no_grades_then", term=answer.asked.title), quiet=True), *blocks)
    about = answer.asked.title if answer.asked else answer.course
    return Sheet(answer.student, about, blocks or (Paragraph(words("no_grades")),))


def _graded(
    lines: Sequence[GradeLine], words: PaperWords, missed: Sequence[AttendanceLine] = ()
) -> tuple[Block, ...]:
    if not lines:
        return (Paragraph(words("no_grades")),)
    columns = [
        Column(words("column_course"), wide=True),
        Column(words("column_period")),
        Column(words("column_teacher")),
        Column(words("column_grade")),
        Column(words("column_percent"), align=Align.END),
        Column(words("column_status")),
        Column(words("column_absences"), align=Align.END),
        Column(words("column_tardies"), align=Align.END),
    ]
    rows = [(*_grade(line, words), *_missed(line, missed)) for line in lines]
    return (table(columns, rows), *_comments(lines, words))


def _comments(lines: Sequence[GradeLine], words: PaperWords) -> tuple[Block, ...]:
    comments = [(line.course, line.comment) for line in lines if line.comment]
    if not comments:
        return ()
    columns = [Column(words("column_course")), Column(words("column_comment"), wide=True)]
    return section(words("page_teacher-comments"), table(columns, comments))


def _grade(line: GradeLine, words: PaperWords) -> tuple[str, ...]:
    is_graded = bool(line.letter) or line.percent is not None
    finality = words("final" if line.final else "not_final")
    status = finality if is_graded else _so_far(line.so_far, words)
    return line.course, line.period, line.teacher, line.letter, words.percent(line.percent), status


def _so_far(scores: ScoresSoFar | None, words: PaperWords) -> str:
    """Tell the points of a course without a grade; they are none, and are not worded as one."""
    if scores is None or not scores.count:
        return words("no_grade_yet")
    if scores.earned is None or scores.possible is None:
        return words.counted("scores_counted", scores.count)
    points = {"earned": words.number(scores.earned), "possible": words.number(scores.possible)}
    return words.counted("scores_so_far", scores.count, **points)


def _missed(line: GradeLine, missed: Sequence[AttendanceLine]) -> tuple[str, str]:
    if not missed:
        # Nothing is counted by class here: a zero would say more than the school does.
        return "", ""
    own = [each for each in missed if (each.course, each.period) == (line.course, line.period)]
    return str(sum(each.absences for each in own)), str(sum(each.tardies for each in own))
