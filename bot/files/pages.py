"""Print a page of the portal: what is answered there, with the student, the school and the district (R91)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from bot.conversation.formats import Manner, listed, locale_of
from bot.files.making import Draw, MadeFile
from bot.files.sheet import Sheet
from bot.files.sheets_attendance import attendance_history
from bot.files.sheets_grades import grades_and_attendance, grades_history
from bot.files.sheets_school import balance, schedule, school_bulletin, school_information
from bot.files.sheets_work import assignments, teacher_comments, test_results
from bot.files.typesetting import typeset
from bot.files.words import FALLBACK, PaperPacks, PaperWords
from portal.core.outcomes import Reason, Refused
from portal.records.answers import Child, Question
from portal.records.family import Family
from portal.records.files import OpenedFile, asked_in

MEDIA_TYPE = "application/pdf"
# Where paper is not A4; a language without a country is that of a district in the United States.
LETTER = frozenset({"US", "CA", "MX", "PR", "PH", "CL", "CO", "CR", "GT", "PA", "DO", "SV", "NI", "VE"})
# No file system takes these in a name.
_UNNAMEABLE = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')

MakeSheet = Callable[[Family, Question, PaperWords], Sheet | Refused]
PAGES: Mapping[str, MakeSheet] = {
    "grades": grades_and_attendance,
    "assignments": assignments,
    "test-results": test_results,
    "grades-history": grades_history,
    "attendance-history": attendance_history,
    "teacher-comments": teacher_comments,
    "school-bulletin": school_bulletin,
    "balance": balance,
    "my-schedule": schedule,
    "school-information": school_information,
}


class PagePrinter:
    """Print pages in the words of the language packs."""

    def __init__(self, packs: PaperPacks) -> None:
        """Take the words."""
        self._packs = packs

    def gather(self, opened: OpenedFile) -> Draw | Refused:
        """Ask for what stands on the page, as the parent; set it when nothing more is asked."""
        name, family = str(opened.details.get("page")), opened.family
        make = PAGES.get(name)
        if make is None:
            return Refused(Reason.NOT_FOUND)
        language = str(opened.details.get("language") or FALLBACK)
        words = self._packs.words(language)
        sheet = make(family, asked_in(opened.details), words)
        children = sheet if isinstance(sheet, Refused) else _children(family, sheet.student)
        if isinstance(sheet, Refused) or isinstance(children, Refused):
            return sheet if isinstance(sheet, Refused) else Refused(Reason.STUDENT_UNAVAILABLE)
        page = _page(words(f"page_{name}"), sheet, _whose(family, children, words), words)
        page["paper"] = _paper(language)
        file_name = _file_name(page, family, words)
        return lambda: MadeFile(typeset(page), MEDIA_TYPE, file_name)


def _children(family: Family, label: str) -> tuple[Child, ...] | Refused:
    """Return the child that the page is about, or all where it is the same for all of them."""
    if not label:
        return family.students().children
    child = family.child(label)
    return child if isinstance(child, Refused) else (child,)


def _whose(family: Family, children: tuple[Child, ...], words: PaperWords) -> dict[str, str]:
    manner = Manner(words.language)
    return {
        "student": listed([child.name for child in children], manner),
        "students": "students" if len(children) > 1 else "student",
        "school": listed(list(dict.fromkeys(child.school for child in children if child.school)), manner),
        "district": family.district().options.name,
        "printed": words.written("datetime", family.now().replace(tzinfo=None).isoformat()),
    }


def _page(title: str, sheet: Sheet, whose: dict[str, str], words: PaperWords) -> dict[str, Any]:
    facts = [
        (words(whose["students"]), whose["student"]),
        (words("school"), whose["school"]),
        (words("district"), whose["district"]),
        (words("printed"), whose["printed"]),
    ]
    return {
        "lang": words.language.split("-")[0],
        "title": title,
        "student": whose["student"],
        "district": whose["district"],
        "about": sheet.about,
        "facts": [fact for fact in facts if fact[1]],
        "blocks": [asdict(block) for block in sheet.blocks],
        "labels": {
            # The numbers are known to whoever sets the page.
            "page_of": words("page_of", page="{page}", pages="{pages}"),
            "unprintable": words("unprintable"),
        },
    }


def _paper(language: str) -> str:
    """Return the paper that a reader of this language has at hand."""
    country = locale_of(language).territory
    return "us-letter" if country is None or country in LETTER else "a4"


def _file_name(page: Mapping[str, Any], family: Family, words: PaperWords) -> str:
    day = family.today().isoformat()
    name = words("file_name", page=page["title"], student=page["student"], day=day)
    return f"{_UNNAMEABLE.sub('-', name)}.pdf"
