"""A letter says all that a family needs, in a language that can be printed; its square holds no secret."""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from bot.files import letters
from bot.files.letters import LetterPress, LettersPdf
from bot.files.words import PaperPacks
from portal.core.districts import District
from portal.core.options import read_options
from portal.core.secret import Secret
from portal.helpdesk.onboarding.outcomes import (
    AUTO,
    ChildOnLetter,
    Layout,
    LetterRun,
    LettersReady,
    SheetOfLetter,
)
from tests.support.doors import DATA
from tests.support.pdf import pages_of

PRINTED, UNTIL = datetime(2026, 9, 1, 3, tzinfo=UTC), datetime(2026, 10, 31, 3, tzinfo=UTC)
MAYA = ChildOnLetter(
    "s1", "Maya López", "Assabet High", "09", "A7KQ4WXM", Secret("7KQ-4WX-MPR-DAC-TYQ-N3M"), "code-of-maya"
)
STEPS = ("Create Account", "Create Parent Account", "Link Students to Account", "Enter", "Parent Sign In")
FIELDS = ("First Name", "Last Name", "Email", "Desired Username", "Password", "Re-Enter Password")
REQUEST = (
    *("Request Account.", "(Optional)", "Create My Account."),
    "Click or tap here if you are new to the district",
    "the system doesn't contain any of your information.",
)


def ready(*languages: str, child: ChildOnLetter = MAYA, **options: object) -> LettersReady:
    given = {
        "name": "Westborough Public Schools",
        "portal_url": "https://ps.westboroughk12.org/public",
        "time_zone": "America/New_York",
        "locales": ["en", "es"],
        "help": {"default": {"name": "Parent help desk", "phone": "(508) 555-0192"}},
        **options,
    }
    district = District("westborough", read_options("westborough", given))
    run = LetterRun("r", "westborough", "", "", AUTO, Layout.EACH, "me", PRINTED, None, None, 1, 1)
    sheets = [SheetOfLetter(language, (child,)) for language in languages]
    return LettersReady(run, district, sheets, PRINTED, UNTIL)


def printed(*languages: str, links: list[str] | None = None, **how: object) -> LettersPdf:
    def link(_: District, code: str) -> str:
        made = f"https://hallpass.example/start/{code}"
        (links if links is not None else []).append(made)
        return made

    return LetterPress(PaperPacks(DATA), link).set(ready(*languages, **how))  # type: ignore[arg-type]


@pytest.mark.requirement("R53", "R54", "R58", "R63")
def test_a_letter_says_who_it_is_for_and_every_step_with_the_portals_labels() -> None:
    [page] = pages_of(printed("en").content)

    facts = ("Maya López", "Assabet High", "A7KQ4WXM", "7KQ-4WX-MPR-DAC-TYQ-N3M", "(508) 555-0192")
    assert [said for said in (*facts, *STEPS, *FIELDS) if said not in page] == []
    assert "you need just one account for all your children" in page
    assert "Nobody from the school will ever ask you for it" in page
    # As the clocks of the district say: the evening before.
    assert "Printed on August 31, 2026" in page
    assert "until October 30, 2026" in page


@pytest.mark.words
@pytest.mark.parametrize("language", ["es", "fr", "pt", "kea", "ht", "so", "vi"])
def test_every_language_keeps_the_portals_labels(language: str) -> None:
    [page] = pages_of(printed(language).content)

    assert [said for said in (*STEPS, *FIELDS, "Access ID", "Access Password") if said not in page] == []


@pytest.mark.requirement("R119", "R120", "R122", "R127")
def test_where_the_school_links_the_children_the_letter_shows_how_to_request_an_account() -> None:
    child = ChildOnLetter("s1", "Maya López", "Assabet High", "09", code="code-of-maya")

    [page] = pages_of(printed("en", child=child, account_opening="request").content)

    assert [said for said in REQUEST if said not in page] == []
    assert "Access ID" not in page
    assert "Westborough Public Schools" in page


def test_a_few_lines_too_many_make_a_letter_smaller_before_they_take_a_second_page() -> None:
    sizes = []
    for words in range(0, 400, 12):
        child = ChildOnLetter("s1", "Maya López", "Assabet " * words, "09", code="code-of-maya")
        pages = PdfReader(BytesIO(printed("en", child=child).content)).pages
        if len(pages) > 1:
            break
        pages[0].extract_text(visitor_text=lambda text, page, *_: sizes.append(page[0]) if text else None)

    assert len(pages) > 1
    assert 0.85 <= min(sizes) < max(sizes)


def test_the_square_holds_the_link_and_nothing_that_opens_anything() -> None:
    links: list[str] = []

    printed("en", links=links)

    assert links == ["https://hallpass.example/start/code-of-maya"]


def test_families_who_read_another_language_are_told_so_in_it() -> None:
    [english, spanish] = pages_of(printed("en", "es").content)

    assert "El asistente también habla español" in english
    assert "The assistant speaks English with you" in spanish


def test_a_language_without_letters_is_printed_in_english_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def prints(text: str) -> bool:
        return "ñ" not in text

    monkeypatch.setattr(letters, "prints", prints)

    made = printed("es", "en")

    pages: Sequence[str] = pages_of(made.content)
    assert made.in_english == ("es",)
    assert all("Your way into the parent portal" in page for page in pages)
    assert "El asistente" not in pages[1]


def test_a_name_that_cannot_be_printed_is_counted_and_the_letter_made_all_the_same() -> None:
    # A place in Unicode that is assigned to no letter: no font has one.
    child = ChildOnLetter("s1", "Maya \u0378", "Assabet High", "09", "A7KQ4WXM", MAYA.password, "code")

    made = printed("en", child=child)

    assert made.unprintable == 1
    assert "A7KQ4WXM" in pages_of(made.content)[0]


@pytest.mark.parametrize("name", ['#set text(red)"', "$x$ *b* _i_ `c` @ref <a>", "\\u{41}"])
def test_markup_in_a_name_is_text(name: str) -> None:
    child = ChildOnLetter("s1", name, "Assabet High", "09", "A7KQ4WXM", MAYA.password, "code")

    [page] = pages_of(printed("en", child=child).content)

    assert name in page
