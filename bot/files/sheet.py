"""Say what stands on a printed page, in words that are ready to be set."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Align(StrEnum):
    """Say at which side of its column a text stands; the start is right in Arabic."""

    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True)
class Column:
    """Head a column of a table; a `wide` one takes the room that the others leave."""

    title: str
    wide: bool = False
    align: Align = Align.START


@dataclass(frozen=True, slots=True)
class Table:
    """Hold rows under their headings."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class Heading:
    """Begin a part of the page."""

    text: str
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Hold a text that may have several lines; a quiet one explains the rest."""

    text: str
    quiet: bool = False
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Facts:
    """Hold names with what each is."""

    items: tuple[tuple[str, str], ...]
    kind: Literal["facts"] = "facts"


Block = Table | Heading | Paragraph | Facts


@dataclass(frozen=True, slots=True)
class Sheet:
    """Hold a page: whose it is ("" for all the children), what time it is about, and what it says."""

    student: str
    about: str
    blocks: tuple[Block, ...]


def section(heading: str, *blocks: Block) -> tuple[Block, ...]:
    """Return blocks under their heading."""
    return (Heading(heading), *blocks)


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> Table:
    """Return a table without the columns in which no row says anything."""
    kept = [n for n, _ in enumerate(columns) if any(row[n] for row in rows)]
    return Table(tuple(columns[n] for n in kept), tuple(tuple(row[n] for n in kept) for row in rows))
