"""Set a page as PDF: for paper, and read aloud in order where somebody listens to it."""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    import typst
    from typst import PDFStandard

TEMPLATES = Path(__file__).resolve().parent / "templates"
PAGE = TEMPLATES / "page.typ"
PROBE = TEMPLATES / "probe.typ"
# The first of these that is installed sets the page; what its letters lack is taken from the others.
FONTS = (
    "Noto Sans",
    "Liberation Sans",
    "Arial",
    "DejaVu Sans",
    "Noto Sans Arabic",
    "Noto Naskh Arabic",
    "Noto Sans Telugu",
    "Noto Sans Hebrew",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Libertinus Serif",
)
# For what is copied by hand, letter by letter.
MONOSPACED = ("Noto Sans Mono", "DejaVu Sans Mono", "Liberation Mono", "Courier New")
# Tagged for screen readers; this standard is broken by a sign that no font has a letter for.
ACCESSIBLE: Final = "ua-1"
_NO_LETTER = "could not be displayed"


def typeset(page: Mapping[str, Any], template: Path = PAGE) -> bytes:
    """Return the page as PDF; it says so itself where signs could not be printed."""
    # What sets pages is a program of its own size: it is loaded with the first page.
    import typst  # noqa: PLC0415

    try:
        return _compiled({**page, "unprintable": False}, template, [ACCESSIBLE])
    except typst.TypstError as error:
        if _NO_LETTER not in error.message:
            raise
        return _compiled({**page, "unprintable": True}, template, [])


@lru_cache(maxsize=1024)
def prints(text: str) -> bool:
    """Tell whether the installed fonts have a letter for every sign of a text."""
    import typst  # noqa: PLC0415  (as above)

    try:
        _compiled({"text": text}, PROBE, [ACCESSIBLE])
    except typst.TypstError as error:
        if _NO_LETTER not in error.message:
            raise
        return False
    return True


def _compiled(page: Mapping[str, Any], template: Path, standards: "list[PDFStandard]") -> bytes:
    press = _press(template)
    data = json.dumps({**page, "fonts": press.fonts, "mono": [*press.mono, *press.fonts]})
    with press.lock:
        pdf = press.compiler.compile(
            template, format="pdf", sys_inputs={"data": data}, pdf_standards=standards
        )
    # Only pictures of pages come in several pieces.
    return cast("bytes", pdf)


@dataclass(frozen=True, slots=True)
class _Press:
    """Hold what sets one kind of page; it sets one at a time, and no other kind waits for it."""

    compiler: "typst.Compiler"
    fonts: Sequence[str]
    mono: Sequence[str]
    lock: threading.Lock = field(default_factory=threading.Lock)


@cache
def _press(template: Path) -> _Press:
    import typst  # noqa: PLC0415  (as above)

    found = _installed()
    families = set(found.families())
    fonts, mono = ([name for name in known if name in families] for known in (FONTS, MONOSPACED))
    # Without a package path of its own nothing is ever fetched; the templates import none.
    return _Press(typst.Compiler(template, root=TEMPLATES, font_paths=found), fonts, mono)


@cache
def _installed() -> "typst.Fonts":
    """Look the installed fonts up once: it takes longer than to set a page."""
    import typst  # noqa: PLC0415  (as above)

    return typst.Fonts()
