"""Remember which files the demo was made from, and by how many weeks they were moved."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.demo.sheet import write_private

MARKS = "demo-dates.json"


@dataclass(frozen=True, slots=True)
class Mark:
    """Name the files (by their fingerprint) and the weeks by which their dates were moved."""

    files: str
    weeks: int


def read_marks(folder: Path) -> dict[str, Mark]:
    """Return the mark of every district whose seeding was finished."""
    path = folder / MARKS
    if not path.exists():
        return {}
    return {slug: Mark(**values) for slug, values in json.loads(path.read_text(encoding="utf-8")).items()}


def write_marks(folder: Path, marks: Mapping[str, Mark]) -> None:
    """Replace the marks."""
    write_private(folder / MARKS, {slug: asdict(mark) for slug, mark in marks.items()})
