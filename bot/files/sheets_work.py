"""Put on paper what is answered about assignments, tests and teachers' comments."""

from collections.abc import Sequence
from decimal import Decimal

from bot.files.sheet import Align, Block, Column, Heading, Paragraph, Sheet, Table, section, table
from bot.files.spans import span_words
from bot.files.words import PaperWords
from portal.core.outcomes import Refused
from portal.records.answers import Question
from portal.records.family import Family
from portal.records.school_work import AssignmentLine, AssignmentState, Remark, TestLine

# Only here a score counts: what a gradebook holds of the others is no result.
SCORED = frozenset({AssignmentState.SCORED, AssignmentState.PARTLY})


def assignments(family: Family, question: Question, words: PaperWords) -> Sheet | Refused:
    """Show the assignments of a term or of a range of days, or the part of them that was asked for."""
    answer = family.assignments(question)
    if isinstance(answer, Refused):
        return answer
    lines: Block = _work(answer.lines, words) if answer.lines else Paragraph(words("no_work"))
    blocks: tuple[Block, ...] = (lines,)
    if answer.work is not None:
        blocks = (Heading(words(f"work_{answer.work.value}")), *blocks)
    if answer.coming:
        blocks += section(words("work_coming"), _work(answer.coming, words))
    if answer.unscored and not any(line.state is AssignmentState.UNSCORED for line in answer.lines):
        blocks += (Paragraph(words.counted("work_unscored", answer.unscored), quiet=True),)
    return Sheet(answer.student, span_words(answer.term, answer.since, answer.until, words), blocks)


def test_results(family: Family, question: Question, words: PaperWords) -> Sheet | Refused:
    """Show the tests of a term or of a range of days."""
    answer = family.test_results(question)
    if isinstance(answer, Refused):
        return answer
    first: Block = _tests(answer.lines, words) if answer.lines else Paragraph(words("no_tests"))
    blocks: tuple[Block, ...] = (first,)
    for heading, lines in (("tests_other", answer.others), ("tests_earlier", answer.earlier)):
        blocks += section(words(heading), _tests(lines, words)) if lines else ()
    return Sheet(answer.student, span_words(answer.term, answer.since, answer.until, words), blocks)


def teacher_comments(family: Family, question: Question, words: PaperWords) -> Sheet | Refused:
    """Show what teachers wrote, word for word."""
    answer = family.teacher_comments(question)
    if isinstance(answer, Refused):
        return answer
    first: Block = _remarks(answer.lines, words) if answer.lines else Paragraph(words("no_comments"))
    earlier = section(words("comments_earlier"), _remarks(answer.earlier, words)) if answer.earlier else ()
    about = span_words(answer.term, answer.since, answer.until, words)
    return Sheet(answer.student, about, (first, *earlier))


def _work(lines: Sequence[AssignmentLine], words: PaperWords) -> Table:
    columns = [
        Column(words("column_due")),
        Column(words("column_assignment"), wide=True),
        Column(words("column_course")),
        Column(words("column_score"), align=Align.END),
        Column(words("column_status")),
        Column(words("column_comment"), wide=True),
    ]
    return table(columns, [_task(line, words) for line in lines])


def _task(line: AssignmentLine, words: PaperWords) -> tuple[str, ...]:
    score = (_score(line.score, line.maximum, words) or line.text) if line.state in SCORED else ""
    is_told = line.state is AssignmentState.SCORED and bool(score)
    state = "" if is_told else words(f"state_{line.state.value}")
    status = ", ".join(each for each in (state, words("late") if line.late else "") if each)
    return words.day(line.due), line.title, line.course, score, status, line.remark


def _score(score: Decimal | None, maximum: Decimal | None, words: PaperWords) -> str:
    if score is None or maximum is None:
        return words.number(score)
    return words("score_of", score=words.number(score), maximum=words.number(maximum))


def _tests(lines: Sequence[TestLine], words: PaperWords) -> Table:
    columns = [
        Column(words("column_date")),
        Column(words("column_test"), wide=True),
        Column(words("column_subject")),
        Column(words("column_score"), align=Align.END),
        Column(words("column_level")),
    ]
    rows = [
        (words.day(each.day), each.test, each.subject, _score(each.score, each.maximum, words), each.level)
        for each in lines
    ]
    return table(columns, rows)


def _remarks(lines: Sequence[Remark], words: PaperWords) -> Table:
    columns = [
        Column(words("column_course")),
        Column(words("column_teacher")),
        Column(words("column_about")),
        Column(words("column_comment"), wide=True),
    ]
    return table(columns, [_remark(each, words) for each in lines])


def _remark(remark: Remark, words: PaperWords) -> tuple[str, ...]:
    about = ", ".join(each for each in (remark.assignment or remark.term, words.day(remark.day)) if each)
    return remark.course, remark.teacher, about, remark.text
