"""List who makes which file."""

from collections.abc import Mapping
from pathlib import Path

from bot.files.making import Gather
from bot.files.words import PaperPacks
from portal.records.files import FileKind


def makers(data: Path) -> Mapping[FileKind, Gather]:
    """Return the maker of each kind of file; `data` is the folder of the language packs."""
    packs = PaperPacks(data)  # noqa: F841
    return {}
