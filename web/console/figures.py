"""Show how the help desk does, in figures and charts whose every number also stands in a table."""

from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_timedelta
from starlette.responses import Response

from bot.conversation.formats import Manner, formatted, locale_of
from portal.core.outcomes import Refused
from portal.helpdesk.figures import Figures
from portal.helpdesk.staff.roles import Deed
from web.console.page import ConsolePage
from web.console.visits import ConsoleVisit
from web.words import Words

# The drawing's own units; it is as wide as its place.
HEIGHT = 120
SLOT = 40


@dataclass(frozen=True, slots=True)
class Bar:
    """Place one bar of a chart: its words, its number, how high it stands."""

    label: str
    number: int
    height: int


class FiguresPage(ConsolePage):
    """Show waiting times, reasons, languages, and how many needed no person."""

    name = "figures"
    template = "figures.html"
    deed = Deed.SEE_FIGURES
    in_menu = True
    methods = ("GET",)

    async def show(self, visit: ConsoleVisit) -> Response:
        """Show the last twelve weeks."""
        figures = await self.within(visit, lambda tx, member: tx.case_figures.of(member))
        if isinstance(figures, Refused):
            return self.refuse(visit, figures)
        words = self.words(visit)
        return self.render(
            visit,
            figures=figures,
            by_week=_bars(figures, words),
            share=_share(figures),
            lasting=lambda span: _lasting(span, words.language),
            day=lambda at: _day(at, words.language),
            height=HEIGHT,
            slot=SLOT,
        )


def _bars(figures: Figures, words: Words) -> list[Bar]:
    most = max((week.opened for week in figures.weeks), default=0) or 1
    return [
        Bar(_day(week.monday, words.language), week.opened, round(HEIGHT * week.opened / most))
        for week in figures.weeks
    ]


def _share(figures: Figures) -> int | None:
    """Return of a hundred families how many needed no person."""
    if figures.alone is None or not figures.alone + figures.opened:
        return None
    return round(100 * figures.alone / (figures.alone + figures.opened))


def _lasting(span: timedelta | None, language: str) -> str:
    return "-" if span is None else format_timedelta(span, threshold=1.5, locale=locale_of(language))


def _day(at: date, language: str) -> str:
    return formatted("date", {"date": at.isoformat()}, Manner(language))
