"""Set a page as PDF: for paper, and read aloud in order where somebody listens to it."""

import json
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import typst

if TYPE_CHECKING:
    from typst import PDFStandard

TEMPLATES = Path(__file__).resolve().parent / "templates"
PAGE = TEMPLATES / "page.typ"
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
# Tagged for screen readers; this standard is broken by a sign that no font has a letter for.
ACCESSIBLE: Final = "ua-1"
_NO_LETTER = "could not be displayed"
# A compiler sets one page at a time.
_setting = threading.Lock()


def typeset(page: Mapping[str, Any]) -> bytes:
    """Return the page as PDF; it says so itself where signs could not be printed."""
    try:
        return _compiled(page, [ACCESSIBLE], unprintable=False)
    except typst.TypstError as error:
        if _NO_LETTER not in error.message:
            raise
        return _compiled(page, [], unprintable=True)


def _compiled(page: Mapping[str, Any], standards: "list[PDFStandard]", *, unprintable: bool) -> bytes:
    compiler, fonts = _compiler()
    data = json.dumps({**page, "fonts": fonts, "unprintable": unprintable})
    with _setting:
        pdf = compiler.compile(PAGE, format="pdf", sys_inputs={"data": data}, pdf_standards=standards)
    # Only pictures of pages come in several pieces.
    return cast("bytes", pdf)


@cache
def _compiler() -> tuple[typst.Compiler, list[str]]:
    """Look the installed fonts up once: it takes longer than to set a page."""
    fonts = typst.Fonts()
    installed = set(fonts.families())
    # Without a package path of its own nothing is ever fetched; the template imports none.
    compiler = typst.Compiler(PAGE, root=TEMPLATES, font_paths=fonts)
    return compiler, [name for name in FONTS if name in installed]
