"""Find days and ranges of days that a sentence names, and turn them into ISO dates."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from bot.conversation.understanding.days import DAY, KINDS, Calendar, Clue
from bot.conversation.understanding.lexicon import Lexicon
from bot.conversation.understanding.parsed import Entity

NAME = "date_range"
# No question names more days than this; a wall of "1/1/1/1" would cost seconds.
MOST_DAYS = 30
# "Since" is said in so many words, at most.
_MOST_BEFORE = 3


@dataclass(frozen=True, slots=True)
class _Range:
    start: int
    end: int
    since: date
    until: date

    def entity(self) -> Entity:
        value = {"since": self.since.isoformat(), "until": self.until.isoformat()}
        return Entity(NAME, value, self.start, self.end)


def find_dates(folded: str, today: date, lexicon: Lexicon, *, language: str, forward: bool) -> list[Entity]:
    """Return the ranges named; `forward` says that a bare weekday means the coming one."""
    calendar = Calendar(today, lexicon, language, forward)
    spans = _longest_first(span for kind in KINDS for span in _spans(kind, folded, calendar))
    return [span.entity() for span in _joined(spans, folded, calendar)]


def _spans(kind: str, folded: str, calendar: Calendar) -> Iterator[_Range]:
    for match in islice(calendar.lexicon.matches(f"date_{kind}", folded), MOST_DAYS):
        days = KINDS[kind](Clue(match, calendar))
        if days is not None:
            yield _Range(*_place(match), *days)


def _place(match: re.Match[str]) -> tuple[int, int]:
    """Leave the word before a month ("since october") outside, so that ranges can be joined."""
    start = match.start("day") if _names_day(match) and match.start("day") > match.start() else match.start()
    return start, match.end()


def _names_day(match: re.Match[str]) -> bool:
    """Tell whether the pattern marks the name of the day by a group."""
    return "day" in match.re.groupindex and "which" not in match.re.groupindex


def _longest_first(spans: Iterator[_Range]) -> list[_Range]:
    """Keep the longest of overlapping spans and return them in the order of the text."""
    kept: list[_Range] = []
    for span in sorted(spans, key=lambda span: (span.start - span.end, span.start)):
        if all(span.end <= other.start or span.start >= other.end for other in kept):
            kept.append(span)
    return sorted(kept, key=lambda span: span.start)


def _joined(spans: list[_Range], folded: str, calendar: Calendar) -> Iterator[_Range]:
    at = 0
    while at < len(spans):
        first = spans[at]
        following = spans[at + 1] if at + 1 < len(spans) else None
        if following and _is(calendar, "date_until", folded[first.end : following.start]):
            yield _Range(first.start, following.end, *_ordered(first, following))
            at += 2
            continue
        yield _opened(first, folded, calendar)
        at += 1


def _ordered(first: _Range, last: _Range) -> tuple[date, date]:
    since, until = first.since, last.until
    if since > until and (since - until).days < 7:
        # "From Monday to Wednesday" said on a Tuesday: this Monday, and the Wednesday after it.
        return since, until + 7 * DAY
    return min(since, until), max(since, until)


def _opened(span: _Range, folded: str, calendar: Calendar) -> _Range:
    before = folded[: span.start].split()[-_MOST_BEFORE:]
    if _ends(calendar, "date_past", before) and span.since > calendar.today:
        span = _last_time(span, folded, calendar)
    since = _ends(calendar, "date_since", before) or _begins(calendar, "date_since_after", folded[span.end :])
    if since and span.since <= calendar.today:
        return _Range(span.start, span.end, span.since, max(calendar.today, span.since))
    return span


def _last_time(span: _Range, folded: str, calendar: Calendar) -> _Range:
    """Read a range that began already as past, also where what is asked for usually lies ahead."""
    past = replace(calendar, forward=False)
    again = (each for kind in KINDS for each in _spans(kind, folded, past))
    return next((each for each in again if (each.start, each.end) == (span.start, span.end)), span)


def _ends(calendar: Calendar, name: str, words: Sequence[str]) -> bool:
    """Tell whether the last words are said by a pattern: "since", or "a partir de"."""
    return any(_is(calendar, name, " ".join(words[at:])) for at in range(len(words)))


def _begins(calendar: Calendar, name: str, text: str) -> bool:
    return any(pattern.match(text.lstrip()) for pattern in calendar.lexicon.patterns.get(name, ()))


def _is(calendar: Calendar, name: str, text: str) -> bool:
    patterns = calendar.lexicon.patterns.get(name, ())
    return any(pattern.fullmatch(text.strip()) for pattern in patterns)
