"""Set a page as PDF: for paper, and read aloud in order where somebody listens to it."""

import json
import threading
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import typst

if TYPE_CHECKING:
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
# A compiler sets one page at a time.
_setting = threading.Lock()


def typeset(page: Mapping[str, Any], template: Path = PAGE) -> bytes:
    """Return the page as PDF; it says so itself where signs could not be printed."""
    try:
        return _compiled({**page, "unprintable": False}, template, [ACCESSIBLE])
    except typst.TypstError as error:
        if _NO_LETTER not in error.message:
            raise
        return _compiled({**page, "unprintable": True}, template, [])


@lru_cache(maxsize=1024)
def prints(text: str) -> bool:
    """Tell whether the installed fonts have a letter for every sign of a text."""
    try:
        _compiled({"text": text}, PROBE, [ACCESSIBLE])
    except typst.TypstError as error:
        if _NO_LETTER not in error.message:
            raise
        return False
    return True


def _compiled(page: Mapping[str, Any], template: Path, standards: "list[PDFStandard]") -> bytes:
    compiler, fonts, mono = _compiler()
    data = json.dumps({**page, "fonts": fonts, "mono": [*mono, *fonts]})
    with _setting:
        pdf = compiler.compile(template, format="pdf", sys_inputs={"data": data}, pdf_standards=standards)
    # Only pictures of pages come in several pieces.
    return cast("bytes", pdf)


@cache
def _compiler() -> tuple[typst.Compiler, list[str], list[str]]:
    """Look the installed fonts up once: it takes longer than to set a page."""
    found = typst.Fonts()
    installed = set(found.families())
    # Without a package path of its own nothing is ever fetched; the template imports none.
    compiler = typst.Compiler(PAGE, root=TEMPLATES, font_paths=found)
    fonts, mono = ([name for name in known if name in installed] for known in (FONTS, MONOSPACED))
    return compiler, fonts, mono
