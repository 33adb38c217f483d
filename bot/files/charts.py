"""Make the charts that a parent opens: what is drawn is asked for as that parent, then and there."""

from functools import partial

from bot.files.attendance_calendar import draw_calendar
from bot.files.grade_trend import draw_trend
from bot.files.making import Draw, MadeFile
from bot.files.picture import families_for
from bot.files.words import FALLBACK, PaperPacks, PaperWords
from portal.core.outcomes import Reason, Refused
from portal.records.charted import AttendanceCalendar, GradeTrend
from portal.records.files import OpenedFile, asked_in

MEDIA_TYPE = "image/png"


class ChartMaker:
    """Draw charts with the words of the language packs."""

    def __init__(self, packs: PaperPacks) -> None:
        """Take the words."""
        self._packs = packs

    def gather_trend(self, opened: OpenedFile) -> Draw | Refused:
        """Ask how the grades went; refused where nothing that could be drawn is left."""
        trend = opened.family.grade_trend(asked_in(opened.details))
        if isinstance(trend, Refused):
            return trend
        if not any(each.points for each in trend.courses):
            return Refused(Reason.NOT_FOUND)
        return partial(self._trend, trend, _language(opened))

    def gather_calendar(self, opened: OpenedFile) -> Draw | Refused:
        """Ask for the attendance, day by day."""
        calendar = opened.family.attendance_calendar(asked_in(opened.details))
        if isinstance(calendar, Refused):
            return calendar
        return partial(self._calendar, calendar, _language(opened))

    def _trend(self, trend: GradeTrend, language: str) -> MadeFile:
        return MadeFile(draw_trend(trend, self._words(language)), MEDIA_TYPE)

    def _calendar(self, calendar: AttendanceCalendar, language: str) -> MadeFile:
        return MadeFile(draw_calendar(calendar, self._words(language)), MEDIA_TYPE)

    def _words(self, language: str) -> PaperWords:
        words = self._packs.words(language)
        # Where no font of the machine has the letters, the picture is in English; the words beside it,
        # which say the same, are in the family's language.
        return words if families_for(words.letters) else self._packs.words(FALLBACK)


def _language(opened: OpenedFile) -> str:
    return str(opened.details.get("language") or FALLBACK)
