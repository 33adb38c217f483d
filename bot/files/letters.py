"""Set the letters of a school as one PDF, each in the language of its family."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import segno

from bot.conversation.formats import Manner, listed
from bot.files.typesetting import TEMPLATES, prints, typeset
from bot.files.words import FALLBACK, PaperPacks, PaperWords
from portal.accounts.claims import links_by_access_id
from portal.core.districts import District
from portal.helpdesk.onboarding.outcomes import ChildOnLetter, LettersReady, SheetOfLetter

TEMPLATE = TEMPLATES / "letter.typ"
# What a printer of a school in the United States holds.
PAPER = "us-letter"
MEDIA_TYPE = "application/pdf"
STEPS = ("step_1", "step_2", "step_3", "step_4")
REQUEST_STEPS = ("request_1", "request_2", "request_3", "request_4", "request_5")
# Returns the address that the code of a letter is used by.
LinkOf = Callable[[District, str], str]


@dataclass(frozen=True, slots=True)
class LettersPdf:
    """Hold the PDF, and what whoever prints it should know.

    `in_english` are the languages that no installed font has the letters of; `unprintable` counts the
    children whose names hold such letters, `left_out` those who have a newer letter by now or are not served.
    """

    content: bytes = field(repr=False)
    letters: int
    in_english: tuple[str, ...] = ()
    unprintable: int = 0
    left_out: int = 0


class LetterPress:
    """Set letters in the words of the language packs."""

    def __init__(self, packs: PaperPacks, link_of: LinkOf) -> None:
        """Take the words, and where the code of a letter leads to."""
        self._packs = packs
        self._link_of = link_of

    def set(self, ready: LettersReady) -> LettersPdf:
        """Return the letters of a run as PDF."""
        languages = {sheet.language for sheet in ready.sheets}
        lacking = tuple(sorted(each for each in languages if not self._prints(each)))
        letters = [
            self._letter(ready, sheet, FALLBACK if sheet.language in lacking else sheet.language)
            for sheet in ready.sheets
        ]
        title = self._packs.words(FALLBACK)("letter_title")
        names = [child.name for sheet in ready.sheets for child in sheet.children]
        page = {
            "title": title,
            "district": ready.district.options.name,
            "paper": PAPER,
            "letters": letters,
        }
        content = typeset(page, TEMPLATE)
        unprintable = sum(not (name.isascii() or prints(name)) for name in names)
        return LettersPdf(content, len(names), lacking, unprintable, ready.left_out)

    def _prints(self, language: str) -> bool:
        words = self._packs.words(language)
        return prints("".join(sorted(words.letters)))

    def _letter(self, ready: LettersReady, sheet: SheetOfLetter, language: str) -> dict[str, Any]:
        words = self._packs.words(language)
        children = [self._child(ready.district, child) for child in sheet.children]
        return {"words": self._words(ready, sheet, words), "children": children}

    def _child(self, district: District, child: ChildOnLetter) -> dict[str, str]:
        return {
            "name": child.name,
            "school": child.school,
            "grade": child.grade.lstrip("0"),
            "access_id": child.access_id,
            "password": child.password.value if child.password else "",
            "qr": _square(self._link_of(district, child.code)),
        }

    def _words(self, ready: LettersReady, sheet: SheetOfLetter, words: PaperWords) -> dict[str, Any]:
        options = ready.district.options
        zone = ZoneInfo(options.time_zone)
        by_pair = links_by_access_id(ready.district)
        way = "" if by_pair else "_request"
        given = {"portal_url": options.portal_url, "district": options.name}
        students = listed([child.name for child in sheet.children], Manner(words.language))
        until = words.day(ready.codes_until.astimezone(zone).date(), "long")
        return {
            **_labels(words),
            "to": words("letter_to", students=students),
            "lead": words(f"letter_lead{way}", district=options.name),
            "portal_url": options.portal_url,
            "scan": words("letter_scan", day=until),
            "speaks": self._others(options.locales, words.language),
            "steps": [words(f"letter_{step}", **given) for step in (STEPS if by_pair else REQUEST_STEPS)],
            "one_account": words(f"letter_one_account{way}"),
            "private": words(f"letter_private{way}"),
            "lost": words(f"letter_lost{way}"),
            "questions": self._questions(ready, sheet, words),
            "printed": words(
                "letter_printed", day=words.day(ready.printed_at.astimezone(zone).date(), "long")
            ),
        }

    def _others(self, locales: tuple[str, ...], language: str) -> list[dict[str, str]]:
        """Return what families who read other languages of the district are told, in each of them."""
        others = [self._packs.words(each) for each in locales]
        return [
            {"lang": each.language.split("-")[0], "text": each("letter_speaks")}
            for each in others
            if each.language != language and self._prints(each.language)
        ]

    def _questions(self, ready: LettersReady, sheet: SheetOfLetter, words: PaperWords) -> str:
        school = sheet.children[0].school
        help_ = ready.district.options.help_at()
        phone = ready.phones.get(school) or help_.phone or ""
        name = school if school in ready.phones else help_.name or ready.district.options.name
        return words("letter_questions", school=name, phone=phone) if phone else ""


def _labels(words: PaperWords) -> dict[str, str]:
    """Return the words that are the same on every letter of a language."""
    same = (
        "title",
        "grade",
        "portal",
        "access_id",
        "access_password",
        "qr_alt",
        "scan_heading",
        "steps_heading",
    )
    labels = {name: words(f"letter_{name}") for name in same}
    language = words.language.split("-")[0]
    return {"lang": language, "student": words("student"), "school": words("school"), **labels}


def _square(link: str) -> str:
    drawn = io.BytesIO()
    segno.make_qr(link, error="m").save(drawn, kind="svg", border=2, dark="#000", light="#fff", xmldecl=False)
    return drawn.getvalue().decode()
