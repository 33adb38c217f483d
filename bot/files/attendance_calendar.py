"""Draw a child's attendance as calendar pages, each exception marked by letter, shape and colour."""

from calendar import Calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from babel import Locale

from bot.conversation.formats import weekdays
from bot.files.picture import DEFAULT, INK, PAPER, QUIET, WIDTH, Font, Pen, Picture, families_for
from bot.files.words import PaperWords
from portal.records.answers import AttendanceKind
from portal.records.charted import AttendanceCalendar

# The gravest first, as they stand where a day has several.
PENS = {
    AttendanceKind.UNEXCUSED: Pen("#bb4400", marker="s"),
    AttendanceKind.EXCUSED: Pen("#0066aa", marker="o"),
    AttendanceKind.PARTIAL: Pen("#883366", marker="h"),
    AttendanceKind.TARDY: Pen("#665500", marker="D"),
}
ORDER = tuple(PENS)
MARGIN, TOP, LEGEND_LINE, HEADING = 14, 58, 24, 52
WEEKEND, CLOSED, PALE = "#eeeeee", "#dddddd", "#888888"
DASH = "\N{EN DASH}"
DAYS, SATURDAY, COUNTRY = 7, 5, "US"
# More months than this stand in two columns; more than a year's are left out where nothing is marked.
MOST_WIDE, MOST_MONTHS = 4, 12
MOST_MARKS = 2
# A mark of a diamond's shape needs less side for the same weight.
SIDES = {"D": 0.78, "s": 0.9}


@dataclass(frozen=True, slots=True)
class _Mark:
    """Name what a day is marked with; an open mark is about single classes only."""

    kind: AttendanceKind
    open: bool


@dataclass(frozen=True, slots=True)
class _Layout:
    """Say how large the pages of the months are."""

    columns: int
    cell: tuple[float, float]
    mark: float

    def places(self, months: Sequence[date], weeks: Calendar) -> tuple[list[tuple[float, float]], float]:
        """Return the corner of each month, and the height of them all."""
        corners, top = [], 0.0
        for first in range(0, len(months), self.columns):
            row = months[first : first + self.columns]
            corners += [(MARGIN + at * (self.cell[0] * DAYS + MARGIN), top) for at, _ in enumerate(row)]
            most = max(len(weeks.monthdayscalendar(month.year, month.month)) for month in row)
            top += HEADING + self.cell[1] * most
        return corners, top


WIDE = _Layout(1, ((WIDTH - 2 * MARGIN) / DAYS, 31), 20)
NARROW = _Layout(2, ((WIDTH - 3 * MARGIN) / 2 / DAYS, 27), 13.5)


@dataclass(frozen=True, slots=True)
class _Days:
    """Hold what is known of each day."""

    since: date
    until: date
    marks: Mapping[date, Sequence[_Mark]]
    closed: frozenset[date]

    @property
    def months(self) -> list[date]:
        """Return the first days of the months to draw."""
        first, last = self.since.replace(day=1), self.until.replace(day=1)
        count = (last.year - first.year) * 12 + last.month - first.month + 1
        months = [_month_after(first, number) for number in range(count)]
        if count <= MOST_MONTHS:
            return months
        marked = {day.replace(day=1) for day in self.marks}
        return [month for month in months if month in marked]


def draw_calendar(answer: AttendanceCalendar, words: PaperWords) -> bytes:
    """Return the calendar as a PNG file."""
    days = _Days(answer.since, answer.until, _marks(answer), frozenset(each.day for each in answer.no_school))
    months = days.months
    layout = WIDE if len(months) <= MOST_WIDE else NARROW
    entries = _entries(days)
    corners, height = layout.places(months, _weeks())
    begin = TOP + LEGEND_LINE * -(-len(entries) // 2) + 12
    picture = Picture(begin + height, families=families_for(words.letters) or (DEFAULT,))
    _head(picture, answer, words)
    _legend(picture, entries, words)
    for month, (x, y) in zip(months, corners, strict=True):
        _month(picture, month, (x, y + begin), layout, days, words)
    return picture.png()


def _head(picture: Picture, answer: AttendanceCalendar, words: PaperWords) -> None:
    about = answer.attendance
    key = "calendar_title_of_course" if about.course else "calendar_title"
    title = words(key, student=answer.student, course=about.course)
    font = Font(15, bold=True)
    picture.write(MARGIN, 20, picture.fitted(title, font, WIDTH - 2 * MARGIN), font)
    first, last = (words.written("date", each.isoformat()) for each in (answer.since, answer.until))
    key = "calendar_day" if first == last else "calendar_range"
    picture.write(MARGIN, 40, words(key, since=first, until=last), Font(11, QUIET))


def _entries(days: _Days) -> list[str]:
    """Return what the legend explains: only what there is."""
    marks = [mark for each in days.marks.values() for mark in each]
    kinds = {mark.kind for mark in marks}
    entries = [kind.value for kind in ORDER if kind in kinds]
    if any(mark.open for mark in marks):
        entries.append("class")
    return [*entries, "no_school"] if days.closed else entries


def _legend(picture: Picture, entries: Sequence[str], words: PaperWords) -> None:
    for number, entry in enumerate(entries):
        row, column = divmod(number, 2)
        x, y = MARGIN + column * (WIDTH / 2 - 6), TOP + LEGEND_LINE * row + 8
        match entry:
            case "class":
                picture.mark(x + 9, y, Pen(QUIET, marker="o", size=16, open=True))
            case "no_school":
                picture.box(x, y - 9, (18, 18), CLOSED)
                picture.write(x + 9, y, DASH, Font(12, INK, align="center"))
            case _:
                _mark(picture, _Mark(AttendanceKind(entry), open=False), (x + 9, y), 17, words)
        picture.write(x + 24, y, words(f"calendar_{entry}"), Font(11.5))


def _month(  # noqa: PLR0913, PLR0917  (where, how large, what of, and in which words)
    picture: Picture,
    month: date,
    corner: tuple[float, float],
    layout: _Layout,
    days: _Days,
    words: PaperWords,
) -> None:
    left, top = corner
    wide, high = layout.cell
    picture.write(left, top + 12, words.written("month", month.isoformat()), Font(12.5, bold=True))
    weeks = _weeks()
    names = weekdays("narrow", words.language)
    for column, weekday in enumerate(weeks.iterweekdays()):
        place = (left + wide * (column + 0.5), top + 30)
        picture.write(*place, names[weekday], Font(10, QUIET, align="center"))
    for number, day in enumerate(weeks.itermonthdates(month.year, month.month)):
        if day.month == month.month:
            row, column = divmod(number, DAYS)
            _day(picture, day, (left + wide * column, top + 40 + high * row), layout, days, words)


def _day(  # noqa: PLR0913, PLR0917  (where, how large, what of, and in which words)
    picture: Picture,
    day: date,
    corner: tuple[float, float],
    layout: _Layout,
    days: _Days,
    words: PaperWords,
) -> None:
    x, y = corner
    wide, high = layout.cell
    closed = day in days.closed
    if closed or day.weekday() >= SATURDAY:
        picture.box(x + 1, y + 1, (wide - 2, high - 2), CLOSED if closed else WEEKEND)
    marks = days.marks.get(day, ())
    within = days.since <= day <= days.until
    spacious = layout is WIDE
    font = Font(10.5 if spacious else 8.5, INK if within else PALE, align="center")
    beside = bool(marks) and spacious
    above = (bool(marks) or closed) and not beside
    at = (x + (9 if beside else wide / 2), y + high * (0.3 if above else 0.5))
    picture.write(*at, str(day.day), font)
    if closed and not marks:
        picture.write(x + wide / 2, y + high - 9, DASH, font)
    center = (x + wide - 16, y + high / 2) if spacious else (x + wide / 2, y + high - 9)
    _day_marks(picture, marks, center, layout, words)


def _day_marks(
    picture: Picture,
    marks: Sequence[_Mark],
    center: tuple[float, float],
    layout: _Layout,
    words: PaperWords,
) -> None:
    """Put the marks of a day beside each other, smaller where there are several."""
    shown = marks[:MOST_MARKS]
    size = layout.mark if len(shown) < 2 else layout.mark * 0.66
    for number, mark in enumerate(shown):
        shift = (number - (len(shown) - 1) / 2) * size * 1.05
        _mark(picture, mark, (center[0] + shift, center[1]), size, words)


def _mark(picture: Picture, mark: _Mark, center: tuple[float, float], size: float, words: PaperWords) -> None:
    pen = PENS[mark.kind]
    side = size * SIDES.get(pen.marker, 1)
    picture.mark(*center, Pen(pen.color, marker=pen.marker, size=side, open=mark.open))
    font = Font(size * 0.56, pen.color if mark.open else PAPER, bold=True, align="center")
    picture.write(*center, words(f"calendar_letter_{mark.kind.value}"), font)


def _marks(answer: AttendanceCalendar) -> dict[date, list[_Mark]]:
    """Return what marks each day, the gravest first and what counts for the whole day before a class."""
    whole = answer.attendance.course or answer.attendance.period
    found: dict[date, set[_Mark]] = {}
    for each in answer.attendance.days:
        if answer.since <= each.date <= answer.until:
            found.setdefault(each.date, set()).add(_Mark(each.kind, open=bool(each.course) and not whole))
    return {day: _ordered(marks) for day, marks in found.items()}


def _ordered(marks: Iterable[_Mark]) -> list[_Mark]:
    return sorted(marks, key=lambda mark: (mark.open, ORDER.index(mark.kind)))


def _weeks() -> Calendar:
    """Return weeks that begin as those of the districts do: where the dollar is, whatever the language."""
    return Calendar(Locale("en", COUNTRY).first_week_day)


def _month_after(first: date, number: int) -> date:
    years, month = divmod(first.month - 1 + number, 12)
    return date(first.year + years, month + 1, 1)
