"""Put on paper what is answered about attendance."""

from bot.files.sheet import Align, Block, Column, Facts, Paragraph, Sheet, section, table
from bot.files.spans import days_words, span_words
from bot.files.words import PaperWords
from portal.core.outcomes import Refused
from portal.records.answers import Attendance, AttendanceDay, Question
from portal.records.family import Family


def attendance_history(family: Family, question: Question, words: PaperWords) -> Sheet | Refused:
    """Show the whole attendance of a term or of a range of days, by month and by day."""
    answer = family.attendance_history(question)
    if isinstance(answer, Refused):
        return answer
    whole = answer.whole
    blocks = _counts(whole, words)
    if len(answer.months) > 1:
        columns = [
            Column(words("column_month"), wide=True),
            *(
                Column(words(f"column_{name}"), align=Align.END)
                for name in ("absences", "excused", "unexcused", "tardies")
            ),
        ]
        rows = [_month(each, words) for each in answer.months]
        blocks += section(words("by_month"), table(columns, rows))
    return Sheet(
        whole.student,
        span_words(whole.term, whole.since, whole.until, words),
        (*blocks, *_days(whole, words)),
    )


def summed_up(attendance: Attendance, words: PaperWords, told: tuple[Block, ...] = ()) -> tuple[Block, ...]:
    """Return the attendance beside the grades: what is `told` of it, the numbers, then every day."""
    return (*section(words("attendance"), *told, *_counts(attendance, words)), *_days(attendance, words))


def _counts(attendance: Attendance, words: PaperWords) -> tuple[Block, ...]:
    if not attendance.days:
        return (Paragraph(words("no_attendance")),)
    split = words("split", excused=attendance.excused, unexcused=attendance.unexcused)
    absent = f"{attendance.absences} {split}" if attendance.absences else "0"
    counts = {
        "days_absent": absent,
        "class_absences": str(attendance.class_absences) if attendance.class_absences else "",
        "times_tardy": str(attendance.tardies),
        "partial_days": str(attendance.partial) if attendance.partial else "",
    }
    return (Facts(tuple((words(name), value) for name, value in counts.items() if value)),)


def _month(month: Attendance, words: PaperWords) -> tuple[str, ...]:
    name = words.written("month", month.since.isoformat())
    return (
        name,
        str(month.absences),
        str(month.excused),
        str(month.unexcused),
        str(month.tardies),
    )


def _days(attendance: Attendance, words: PaperWords) -> tuple[Block, ...]:
    if not attendance.days:
        return ()
    names = ("date", "attendance", "course", "reason", "arrival")
    columns = [Column(words(f"column_{name}"), wide=name == "reason") for name in names]
    days = sorted(attendance.days, key=lambda day: day.date)
    return section(words("day_by_day"), table(columns, [_day(day, words) for day in days]))


def _day(day: AttendanceDay, words: PaperWords) -> tuple[str, ...]:
    arrival = words.written("time", day.arrival) if day.arrival else ""
    kind = words(f"kind_{day.kind.value}")
    return days_words(day.date, day.date, words), kind, day.course, day.reason, arrival
