"""List who makes which file."""

from collections.abc import Mapping
from pathlib import Path

from bot.conversation.yaml_files import Reader, read_yaml
from bot.files.charts import ChartMaker
from bot.files.making import Gather
from bot.files.my_data import gather_my_data
from bot.files.pages import PagePrinter
from bot.files.words import PaperPacks
from portal.records.files import FileKind


def makers(data: Path, read_pack: Reader = read_yaml) -> Mapping[FileKind, Gather]:
    """Return the maker of each kind of file; `data` is the folder of the language packs."""
    packs = PaperPacks(data, read_pack)
    charts = ChartMaker(packs)
    return {
        FileKind.GRADE_TREND: charts.gather_trend,
        FileKind.ATTENDANCE_CALENDAR: charts.gather_calendar,
        FileKind.MY_DATA: gather_my_data,
        FileKind.PAGE: PagePrinter(packs).gather,
    }
