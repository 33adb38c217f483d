"""Write dates, numbers and amounts on pages as the chat writes them, in the language of the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bot.conversation.formats import Manner, formatted, listed, plural
from portal.core.districts import District
from portal.records.answers import GradeLine, TermSpan
from portal.records.school_work import AssignmentLine, AssignmentState
from web.words import Words

SCORED = frozenset({AssignmentState.SCORED, AssignmentState.PARTLY})
# From here on days in a row are written as "Monday to Friday".
IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class Writing:
    """Write for one language and one district's time zone; what is absent is written as a dash."""

    words: Words
    zone: str

    @classmethod
    def of(cls, words: Words, district: District) -> "Writing":
        """Return the writing of a page's language in a district."""
        return cls(words, district.options.time_zone)

    def day(self, day: date | None, style: str = "medium") -> str:
        """Write a day."""
        return self._written("date", day and day.isoformat(), style=style)

    def at(self, instant: datetime) -> str:
        """Write the day of an instant, in the district's zone."""
        return self.day(instant.astimezone(ZoneInfo(self.zone)).date(), "long")

    def moment(self, instant: datetime) -> str:
        """Write day and time of an instant, in the district's zone."""
        return self._written("datetime", instant.isoformat())

    def month(self, day: date) -> str:
        """Write the month of a day, with its year."""
        return self._written("month", day.isoformat())

    def time(self, clock: str) -> str:
        """Write a time of the day such as "07:40"."""
        return self._written("time", clock or None)

    def times(self, start: str, end: str) -> str:
        """Write from when to when."""
        if not start:
            return self.words("dash")
        return self.words("times", start=self.time(start), end=self.time(end)) if end else self.time(start)

    def number(self, number: Decimal | None) -> str:
        """Write a number digit by digit, never rounded."""
        return self._written("number", number)

    def percent(self, percent: Decimal) -> str:
        """Write a percentage, never rounded."""
        return self._written("percent", percent)

    def money(self, amount: Decimal) -> str:
        """Write an amount; a charge keeps its minus."""
        return self._written("money", amount)

    def points(self, score: Decimal | None, maximum: Decimal | None) -> str:
        """Write what was scored of what was possible."""
        if score is None:
            return self.words("dash")
        if maximum is None:
            return self.words("points", score=self.number(score))
        return self.words("points_of", score=self.number(score), maximum=self.number(maximum))

    def score(self, line: AssignmentLine) -> str:
        """Write what an assignment brought: points, words, or both; nothing of one that is not scored."""
        if line.state not in SCORED or (line.score is None and not line.text):
            return self.words("dash")
        if line.score is None:
            return line.text
        points = self.points(line.score, line.maximum)
        return self.words("points_and_words", points=points, text=line.text) if line.text else points

    def grade(self, line: GradeLine) -> str:
        """Write the grade of a course; points are no grade and are never written as one."""
        if line.percent is not None and line.letter:
            return self.words("letter_and_percent", letter=line.letter, percent=self.percent(line.percent))
        if line.percent is not None:
            return self.percent(line.percent)
        return line.letter or self.words("no_grade_yet")

    def weekdays(self, days: Sequence[int]) -> str:
        """Write the days of a week on which a class meets."""
        if not days:
            return self.words("dash")
        first, last = min(days), max(days)
        if len(days) >= IN_A_ROW and last - first == len(days) - 1:
            return self.words("weekdays", first=self._weekday(first), last=self._weekday(last))
        return listed([self._weekday(day) for day in sorted(days)], self._manner)

    def days(self, since: date, until: date) -> str:
        """Write a range of days."""
        if since == until:
            return self.day(since, "long")
        return self.words("days", since=self.day(since, "long"), until=self.day(until, "long"))

    def term(self, term: TermSpan) -> str:
        """Write a term with its days."""
        return self.words("term_days", term=term.title, days=self.days(term.since, term.until))

    def names(self, names: Sequence[str]) -> str:
        """Write names one after the other; a grade is "9" to a parent and "09" to the files."""
        return listed([name.lstrip("0") or name for name in names], self._manner)

    def counted(self, key: str, count: int, **values: Any) -> str:
        """Return the words for that many; `<key>_zero` says it of none where there are such words."""
        which = "zero" if count == 0 and self.words.knows(f"{key}_zero") else plural(count, self._manner)
        found = f"{key}_{which}"
        return self.words(found if self.words.knows(found) else f"{key}_other", count=count, **values)

    @property
    def _manner(self) -> Manner:
        return Manner(self.words.language, ZoneInfo(self.zone))

    def _weekday(self, day: int) -> str:
        return self._written("weekday", day)

    def _written(self, kind: str, value: object | None, **how: str) -> str:
        if value is None:
            return self.words("dash")
        return formatted(kind, {kind: value, **how}, self._manner)
