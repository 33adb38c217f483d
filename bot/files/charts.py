"""Make the charts that a parent opens: what is drawn is asked for as that parent, then and there."""

from functools import partial

from bot.files.attendance_calendar import draw_calendar
from bot.files.grade_trend import draw_trend
from bot.files.making import Draw, MadeFile
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
        return partial(_trend, trend, self._words(opened))

    def gather_calendar(self, opened: OpenedFile) -> Draw | Refused:
        """Ask for the attendance, day by day."""
        calendar = opened.family.attendance_calendar(asked_in(opened.details))
        if isinstance(calendar, Refused):
            return calendar
        return partial(_calendar, calendar, self._words(opened))

    def _words(self, opened: OpenedFile) -> PaperWords:
        words = self._packs.words(opened.details.get("language") or FALLBACK)
        # The drawing library neither joins Arabic letters nor has Chinese ones: such a picture is in
        # English, and the words beside it, which say the same, are in the family's language.
        return words if words.is_latin else self._packs.words(FALLBACK)


def _trend(trend: GradeTrend, words: PaperWords) -> MadeFile:
    return MadeFile(draw_trend(trend, words), MEDIA_TYPE)


def _calendar(calendar: AttendanceCalendar, words: PaperWords) -> MadeFile:
    return MadeFile(draw_calendar(calendar, words), MEDIA_TYPE)
