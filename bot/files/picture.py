"""Draw a picture in the pixels of a phone's screen, made twice as fine for sharp text."""

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.text import Text

# The narrowest screen that the chat is made for.
WIDTH = 360
INK, QUIET, FAINT, PAPER = "#222222", "#555566", "#dddddd", "#ffffff"
_PER_INCH = 100
_FINENESS = 2
_POINTS = 72 / _PER_INCH
# Sixteen shades a channel: half the bytes on a parent's phone plan, and no eye sees it.
_SHADES = ((np.arange(256) + 8) // 17 * 17).astype(np.uint8)
# It comes with the library, and has Latin, Greek, Cyrillic and Arabic letters.
DEFAULT = "DejaVu Sans"
# This one has a box for every letter that there is.
_BOXES = "Last Resort"
# The library keeps fonts and settings for the whole process; a picture takes a tenth of a second.
_ONE_AT_A_TIME = Lock()


@contextmanager
def _alone() -> Iterator[None]:
    """Let nobody else draw meanwhile.

    A letter that the font lacks is drawn as a box, without a warning: the words beside the picture have it.
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@lru_cache(maxsize=64)
def families_for(letters: frozenset[str]) -> tuple[str, ...]:
    """Name the fonts of this machine that these letters can be drawn with, or none if it has none."""
    from matplotlib.font_manager import fontManager  # noqa: PLC0415  (most processes draw nothing)

    with _alone():
        regular = [each for each in fontManager.ttflist if each.style == "normal" and each.weight == 400]
        default = next(each for each in regular if each.name == DEFAULT)
        missing = letters - _letters_of(default.fname)
        if not missing:
            return (DEFAULT,)
        others = (each for each in regular if not each.name.startswith(_BOXES))
        found = next((each.name for each in others if missing <= _letters_of(each.fname)), None)
    return (DEFAULT, found) if found else ()


@cache
def _letters_of(path: str) -> frozenset[str]:
    from matplotlib.ft2font import FT2Font  # noqa: PLC0415

    return frozenset(map(chr, FT2Font(path).get_charmap()))


@dataclass(frozen=True, slots=True)
class Pen:
    """Say how a line or a mark looks; an open mark is filled with paper."""

    color: str = INK
    width: float = 2
    dashed: bool = False
    marker: str = ""
    size: float = 8
    open: bool = False


@dataclass(frozen=True, slots=True)
class Font:
    """Say how words look; a halo of paper keeps them apart from lines behind them."""

    size: float = 12
    color: str = INK
    bold: bool = False
    align: str = "left"
    halo: bool = False


class Picture:
    """Hold a sheet of paper; x goes right and y down, both in pixels of the screen."""

    def __init__(self, height: float, width: float = WIDTH, *, families: Sequence[str] = (DEFAULT,)) -> None:
        """Take the size and the fonts; the library is first imported when the first picture is begun."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415  (most processes draw nothing)
        from matplotlib.figure import Figure  # noqa: PLC0415

        self._families = list(families)
        self._figure = Figure(figsize=(width / _PER_INCH, height / _PER_INCH), dpi=_PER_INCH * _FINENESS)
        # The library has no types for what its canvas does.
        self._canvas: Any = FigureCanvasAgg(self._figure)
        self._sheet = self._figure.add_axes((0, 0, 1, 1))
        self._sheet.set(xlim=(0, width), ylim=(height, 0))
        self._sheet.axis("off")

    def write(self, x: float, y: float, words: str, font: Font) -> None:
        """Write words with their middle at this height."""
        self._text(x, y, words, font)

    def fitted(self, words: str, font: Font, room: float) -> str:
        """Return the words, cut short where they are wider than the room."""
        fitting = words
        while self._width(fitting, font) > room and len(fitting) > 1:
            fitting = f"{fitting.rstrip('…').rstrip()[:-1].rstrip()}…"
        return fitting

    def line(self, points: Sequence[tuple[float, float]], pen: Pen) -> None:
        """Draw a line through the points, without marks."""
        style: Any = (0, (4, 3)) if pen.dashed else "-"
        xs, ys = zip(*points, strict=True)
        self._sheet.plot(xs, ys, color=pen.color, linewidth=pen.width * _POINTS, linestyle=style)

    def mark(self, x: float, y: float, pen: Pen) -> None:
        """Put a mark on a point."""
        self._sheet.plot(
            [x],
            [y],
            marker=pen.marker,
            markersize=pen.size * _POINTS,
            markerfacecolor=PAPER if pen.open else pen.color,
            markeredgecolor=pen.color,
            markeredgewidth=1.5 * _POINTS,
        )

    def box(self, x: float, y: float, size: tuple[float, float], fill: str) -> None:
        """Fill a box whose upper left corner is at the point."""
        from matplotlib.patches import Rectangle  # noqa: PLC0415

        self._sheet.add_patch(Rectangle((x, y), *size, facecolor=fill, edgecolor="none"))

    def png(self) -> bytes:
        """Return the picture as a PNG file."""
        from matplotlib.image import imsave  # noqa: PLC0415

        with _alone():
            self._canvas.draw()
            colors = np.asarray(self._canvas.buffer_rgba())
        file = io.BytesIO()
        imsave(file, _SHADES[colors], format="png", pil_kwargs={"compress_level": 7})
        return file.getvalue()

    def _width(self, words: str, font: Font) -> float:
        text = self._text(0, 0, words, font)
        with _alone():
            width = text.get_window_extent(self._canvas.get_renderer()).width / _FINENESS
        text.remove()
        return float(width)

    def _text(self, x: float, y: float, words: str, font: Font) -> "Text":
        from matplotlib.patheffects import withStroke  # noqa: PLC0415

        text = self._sheet.text(
            x,
            y,
            words,
            fontsize=font.size * _POINTS,
            fontfamily=self._families,
            color=font.color,
            fontweight="bold" if font.bold else "normal",
            horizontalalignment=font.align,
            verticalalignment="center_baseline",
        )
        if font.halo:
            text.set_path_effects([withStroke(linewidth=3 * _POINTS, foreground=PAPER)])
        # A course may be called "Art for $5 or $10", which is no formula.
        text.set_parse_math(False)
        return text
