"""Draw how a child's grades went: a line a course, or a small chart a course where there are many."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.files.picture import DEFAULT, FAINT, QUIET, WIDTH, Font, Pen, Picture, families_for
from bot.files.words import PaperWords
from portal.records.answers import TermSpan
from portal.records.charted import CourseTrend, GradePoint, GradeTrend

# Told apart by colour-blind people, dark enough on white, and never by colour alone.
PENS = (
    Pen("#0077bb", marker="o"),
    Pen("#bb5500", marker="s"),
    Pen("#007755", marker="^", size=9),
    Pen("#aa3377", marker="D", size=7),
    Pen("#776600", marker="v", size=9),
    Pen("#222222", marker="P", size=9),
    Pen("#4477aa", marker="X", size=9),
    Pen("#774422", marker="*", size=12),
)
MOST_TOGETHER = len(PENS)
MARGIN, TOP, FOOT = 14, 72, 44
AXIS = 44
# Few terms leave more room for the names of the courses.
LABELS, WIDE_LABELS, FEW_TERMS = 118, 148, 3
LABEL_HEIGHT, LEAST_HEIGHT = 30, 230
SMALL_HEIGHT, SMALL_FOOT, GAP = 104, 34, 24
NUMBERED = re.compile(r"(\w)\w* (\d{1,2})")
SMALL, TINY = Font(11.5), Font(10.5, QUIET)


@dataclass(frozen=True, slots=True)
class _Frame:
    """Place percents and terms in a box of the picture."""

    left: float
    top: float
    width: float
    height: float
    lowest: int
    highest: int
    ends: tuple[date, ...]

    def x(self, point: GradePoint) -> float:
        """Return where a term stands; the first and the last keep half a step from the border."""
        return self.left + self.width * (self.ends.index(point.term.until) + 0.5) / len(self.ends)

    def y(self, percent: Decimal | int) -> float:
        """Return where a percent stands."""
        share = (float(percent) - self.lowest) / (self.highest - self.lowest)
        return self.top + self.height * (1 - share)


def draw_trend(trend: GradeTrend, words: PaperWords) -> bytes:
    """Return the chart as a PNG file."""
    courses = [each for each in trend.courses if each.points]
    terms = _terms(courses)
    together = len(courses) <= MOST_TOGETHER
    rows = -(-len(courses) // 2)
    height = (
        TOP + max(LEAST_HEIGHT, len(courses) * LABEL_HEIGHT) + FOOT
        if together
        else TOP + rows * (SMALL_HEIGHT + GAP) + SMALL_FOOT
    )
    picture = Picture(height, families=families_for(words.letters) or (DEFAULT,))
    _head(picture, trend, words)
    draw = _together if together else _apart
    draw(picture, courses, terms, words)
    return picture.png()


def _head(picture: Picture, trend: GradeTrend, words: PaperWords) -> None:
    title = Font(15, bold=True)
    name = words("trend_title", student=trend.student)
    picture.write(MARGIN, 20, picture.fitted(name, title, WIDTH - 2 * MARGIN), title)
    picture.write(MARGIN, 39, words("trend_note"), TINY)
    if any(not point.final for each in trend.courses for point in each.points):
        picture.write(MARGIN, 54, words("trend_open"), TINY)


def _together(
    picture: Picture, courses: Sequence[CourseTrend], terms: Mapping[date, TermSpan], words: PaperWords
) -> None:
    height = max(LEAST_HEIGHT, len(courses) * LABEL_HEIGHT)
    labels = WIDTH - (WIDE_LABELS if len(terms) <= FEW_TERMS else LABELS)
    frame = _Frame(AXIS, TOP, labels - AXIS, height, *_bounds(courses), tuple(terms))
    _grid(picture, frame, words)
    _ticks(picture, frame, list(terms.values()))
    lasts = sorted(zip(courses, PENS, strict=False), key=lambda each: frame.y(each[0].points[-1].percent))
    wanted = [frame.y(course.points[-1].percent) for course, _ in lasts]
    for (course, pen), y in zip(lasts, _spread(wanted, frame), strict=True):
        last = course.points[-1]
        leader = [(frame.x(last), frame.y(last.percent)), (labels + 1, y), (labels + 8, y)]
        picture.line(leader, Pen(pen.color, width=0.8))
        _label(picture, course, (labels + 12, y), words)
    for course, pen in zip(courses, PENS, strict=False):
        _course(picture, frame, course, pen)


def _label(picture: Picture, course: CourseTrend, at: tuple[float, float], words: PaperWords) -> None:
    x, y = at
    name = picture.fitted(_name(course, words), SMALL, WIDTH - x - 4)
    picture.write(x, y - 6, name, SMALL)
    percent = words.written("percent", str(course.points[-1].percent))
    picture.write(x, y + 8, percent, Font(11.5, bold=True))


def _apart(
    picture: Picture, courses: Sequence[CourseTrend], terms: Mapping[date, TermSpan], words: PaperWords
) -> None:
    width = (WIDTH - AXIS - MARGIN - GAP / 2) / 2
    bounds = _bounds(courses)
    for number, course in enumerate(courses):
        row, column = divmod(number, 2)
        left = AXIS + column * (width + GAP / 2)
        top = TOP + row * (SMALL_HEIGHT + GAP) + 18
        frame = _Frame(left, top, width, SMALL_HEIGHT - 18, *bounds, tuple(terms))
        _grid(picture, frame, words, named=column == 0)
        bold = Font(11, bold=True)
        picture.write(left + 2, top - 11, picture.fitted(_name(course, words), bold, width - 4), bold)
        _course(picture, frame, course, PENS[0])
        _values(picture, frame, course, words)
        if number >= len(courses) - 2:
            _ticks(picture, frame, list(terms.values()))


def _values(picture: Picture, frame: _Frame, course: CourseTrend, words: PaperWords) -> None:
    """Write the first and the last percent where they stand."""
    for point in dict.fromkeys((course.points[0], course.points[-1])):
        y = frame.y(point.percent)
        above = y - frame.top > 20
        percent = words.written("percent", str(point.percent))
        picture.write(
            frame.x(point), y - 11 if above else y + 12, percent, Font(10, align="center", halo=True)
        )


def _course(picture: Picture, frame: _Frame, course: CourseTrend, pen: Pen) -> None:
    places = [(frame.x(point), frame.y(point.percent)) for point in course.points]
    for number, point in enumerate(course.points[1:], 1):
        line = Pen(pen.color, pen.width, dashed=not point.final)
        picture.line(places[number - 1 : number + 1], line)
    for (x, y), point in zip(places, course.points, strict=True):
        picture.mark(x, y, Pen(pen.color, marker=pen.marker, size=pen.size, open=not point.final))


def _grid(picture: Picture, frame: _Frame, words: PaperWords, *, named: bool = True) -> None:
    step = 10 if frame.highest - frame.lowest <= 50 and frame.height > SMALL_HEIGHT else 20
    for percent in range(frame.highest, frame.lowest - 1, -step):
        y = frame.y(percent)
        picture.line([(frame.left, y), (frame.left + frame.width, y)], Pen(FAINT, width=1))
        if named:
            font = Font(10.5, QUIET, align="right")
            picture.write(frame.left - 6, y, words.written("percent", percent), font)


def _ticks(picture: Picture, frame: _Frame, terms: Sequence[TermSpan]) -> None:
    """Name the terms below, each with its year where the year is another."""
    names = [_short(term.title) if len(terms) > FEW_TERMS else term.title for term in terms]
    step = frame.width / len(terms)
    font, y = Font(10.5, align="center"), frame.top + frame.height
    for number, (name, term) in enumerate(zip(names, terms, strict=True)):
        x = frame.left + step * (number + 0.5)
        picture.write(x, y + 14, picture.fitted(name, font, step), font)
        # A quarter from November to January belongs to the year in which it began.
        year = str(term.since.year)
        if number == 0 or terms[number - 1].since.year != term.since.year:
            picture.write(x, y + 28, year, Font(10, QUIET, align="center"))


def _terms(courses: Sequence[CourseTrend]) -> dict[date, TermSpan]:
    """Return the terms from the first to the last; of those that end on one day the shortest."""
    spans = {point.term for each in courses for point in each.points}
    ordered = sorted(spans, key=lambda span: (span.until, span.since))
    return {span.until: span for span in ordered}


def _bounds(courses: Sequence[CourseTrend]) -> tuple[int, int]:
    percents = [float(point.percent) for each in courses for point in each.points]
    lowest = max(0, math.floor((min(percents) - 4) / 10) * 10)
    return min(lowest, 80), max(100, math.ceil(max(percents) / 10) * 10)


def _spread(wanted: Sequence[float], frame: _Frame) -> list[float]:
    """Move labels apart that would overlap, as little as that takes; both are ordered downwards."""
    lowest = frame.top + frame.height - LABEL_HEIGHT / 2
    placed: list[float] = []
    for y in wanted:
        placed.append(max([y, frame.top, *(each + LABEL_HEIGHT for each in placed[-1:])]))
    for at in range(len(placed) - 1, -1, -1):
        placed[at] = min([placed[at], lowest, *(each - LABEL_HEIGHT for each in placed[at + 1 : at + 2])])
    return placed


def _short(title: str) -> str:
    """Return "Q1" for "Quarter 1"; other titles stay as they are."""
    numbered = NUMBERED.fullmatch(title)
    return f"{numbered[1]}{numbered[2]}" if numbered else title


def _name(course: CourseTrend, words: PaperWords) -> str:
    if not course.period:
        return course.course
    return words("trend_class", course=course.course, period=course.period)
