"""Draw as the product does, and note what is drawn."""

import struct
from collections.abc import Sequence

import pytest

from bot.files import attendance_calendar, grade_trend
from bot.files.picture import DEFAULT, WIDTH, Font, Pen, Picture


class NotedPicture(Picture):
    """Draw, and keep every word, mark, line and box with its place."""

    def __init__(self, height: float, width: float = WIDTH, *, families: Sequence[str] = (DEFAULT,)) -> None:
        super().__init__(height, width, families=families)
        self.height = height
        self.words: list[tuple[str, float, float]] = []
        self.marks: list[tuple[Pen, float, float]] = []
        self.lines: list[tuple[Pen, Sequence[tuple[float, float]]]] = []
        self.boxes: list[tuple[str, float, float]] = []

    def write(self, x: float, y: float, words: str, font: Font) -> None:
        """Note the words, then write them."""
        self.words.append((words, x, y))
        super().write(x, y, words, font)

    def mark(self, x: float, y: float, pen: Pen) -> None:
        """Note the mark, then make it."""
        self.marks.append((pen, x, y))
        super().mark(x, y, pen)

    def line(self, points: Sequence[tuple[float, float]], pen: Pen) -> None:
        """Note the line, then draw it."""
        self.lines.append((pen, points))
        super().line(points, pen)

    def box(self, x: float, y: float, size: tuple[float, float], fill: str) -> None:
        """Note the box, then fill it."""
        self.boxes.append((fill, x, y))
        super().box(x, y, size, fill)

    @property
    def text(self) -> list[str]:
        """Return the words alone."""
        return [words for words, _, _ in self.words]


def note_pictures(monkeypatch: pytest.MonkeyPatch) -> list[NotedPicture]:
    """Let charts be drawn on noted pictures from now on; return where they are kept."""
    made: list[NotedPicture] = []

    def begin(height: float, width: float = WIDTH, *, families: Sequence[str] = (DEFAULT,)) -> NotedPicture:
        made.append(NotedPicture(height, width, families=families))
        return made[-1]

    for module in (attendance_calendar, grade_trend):
        monkeypatch.setattr(module, "Picture", begin)
    return made


def size_of(png: bytes) -> tuple[int, int]:
    """Return the width and the height of a PNG file, in its own pixels."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height
