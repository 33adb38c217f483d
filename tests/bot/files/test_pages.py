"""A printed page says what is answered, breaks well, can be read aloud, and is honest about its letters."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import typst
from pypdf import PdfReader

from bot.files.pages import PAGES, PagePrinter
from bot.files.sheet import Align, Block, Column, Facts, Heading, Paragraph, Table, table
from bot.files.typesetting import typeset
from bot.files.words import PaperPacks
from portal.core.districts import District
from portal.core.outcomes import Refused
from portal.records.answers import Question
from portal.records.files import FileKind, as_asked
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.school import write_school
from tests.flows.school_work import write_school_with_work
from tests.support.doors import DATA
from tests.support.pdf import pages_of, read_pdf
from tests.support.portals import make_district, make_parent, sign_in

LABELS = {"page_of": "Page {page} of {pages}", "unprintable": "Some signs have no letter here."}
MANY = 120


def page(*blocks: Block, **given: object) -> dict[str, Any]:
    made = {
        "lang": "en",
        "paper": "us-letter",
        "title": "Grades and Attendance",
        "student": "Maya López",
        "district": "Westborough Public Schools",
        "about": "Fall",
        "facts": [["Student", "Maya López"]],
        "labels": LABELS,
        "blocks": [asdict(block) for block in blocks],
    }
    return {**made, **given}


def long_table() -> Table:
    columns = [Column("Course", wide=True), Column("Percent", align=Align.END)]
    return table(columns, [(f"Course {number}", f"{number}%") for number in range(MANY)])


@pytest.mark.requirement("R91")
def test_a_long_table_goes_on_under_its_headings() -> None:
    told = pages_of(typeset(page(long_table())))

    assert len(told) > 2
    assert all("Course Percent" in each for each in told)
    assert [f"Page {number} of {len(told)}" in each for number, each in enumerate(told, 1)] == [True] * len(
        told
    )
    assert sum(each.count("%") for each in told) == MANY


def test_what_is_longer_than_a_page_goes_on_over_the_next() -> None:
    remark = "word " * 4000
    columns = [Column("Course"), Column("Comment", wide=True)]

    told = pages_of(typeset(page(table(columns, [("Art", remark)]))))

    assert sum(each.count("word") for each in told) == 4000


@pytest.mark.requirement("R91")
def test_a_wide_column_keeps_its_room_beside_a_long_one() -> None:
    columns = [Column("Course", wide=True), Column("Period"), Column("Status")]
    said = "No grade yet; " * 20

    told = read_pdf(typeset(page(table(columns, [("Algebra", "3", said), ("Art", "5", "Not final")]))))

    assert "Course Period Status" in told
    assert "Art 5 Not final" in told


def test_a_word_longer_than_the_page_is_broken() -> None:
    told = pages_of(typeset(page(Paragraph("x" * 12_000))))

    # On one line it would leave the paper; broken, it fills several pages.
    assert len(told) > 1


@pytest.mark.requirement("R91")
def test_a_page_is_tagged_and_says_its_language_and_its_title() -> None:
    reader = PdfReader(BytesIO(typeset(page(Heading("Attendance"), Facts((("Days absent", "3"),))))))

    root = reader.root_object
    assert str(root["/Lang"]).startswith("en")
    assert {"/MarkInfo", "/StructTreeRoot"} <= root.keys()
    assert reader.metadata is not None
    assert reader.metadata.title == "Grades and Attendance - Maya López"


@pytest.mark.parametrize(("paper", "width"), [("us-letter", 612), ("a4", 595)])
def test_the_paper_is_that_of_the_country(paper: str, width: int) -> None:
    reader = PdfReader(BytesIO(typeset(page(paper=paper))))

    assert round(float(reader.pages[0].mediabox.width)) == width


@pytest.mark.parametrize("name", ["Zoë Nguyễn Łukasz", "Анна Ковальчук", "ليلى حداد"])
def test_names_in_other_scripts_are_printed(name: str) -> None:
    made = typeset(page(Paragraph(name), student=name))

    told = read_pdf(made)
    assert LABELS["unprintable"] not in told
    if not any("\u0600" <= sign <= "\u06ff" for sign in name):
        assert name in told


def test_signs_without_a_letter_are_admitted() -> None:
    told = read_pdf(typeset(page(Paragraph("A bag: \U0001f9f3\U000f0000"))))

    assert LABELS["unprintable"] in told
    assert "A bag:" in told


@pytest.mark.parametrize("text", ["#panic()", "*bold* _it_ $x$ = `raw` @ref <label>", "\\", "{page}", "\x00"])
def test_what_looks_like_a_template_is_printed_as_it_is(text: str) -> None:
    told = read_pdf(typeset(page(Heading(text), Paragraph(text), student=text, title=text)))

    assert text.strip("\x00") in told


def test_a_page_that_lacks_something_fails_aloud() -> None:
    with pytest.raises(typst.TypstError):
        typeset({"title": "Grades"})


@pytest.fixture
def district(portal: Portal) -> District:
    return make_district(portal, password={"min_length": 10}, school_bulletin=True, lunch_balance=True)


@pytest.fixture
def family(portal: Portal, district: District, tmp_path: Path) -> None:
    with portal.begin() as tx:
        tx.imports.run(district.slug, OneRosterFolderOrZip(write_school_with_work(tmp_path / "school")))
        found = [tx.imports.find_student(district.slug, number) for number in ("7001", "7002")]
    make_parent(portal, district, children=[child.id for child in found if child is not None])
    sign_in(portal)


def printed(portal: Portal, name: str, question: Question, language: str = "en") -> bytes | Refused:
    details: Mapping[str, str] = as_asked(question)
    with portal.begin() as tx:
        path = tx.files.offer("conversation", FileKind.PAGE, language=language, page=name, **details)
        assert isinstance(path, str)
        opened = tx.files.open(path.removeprefix("/files/"))
        assert not isinstance(opened, Refused)
        draw = PagePrinter(PaperPacks(DATA)).gather(opened)
    return draw if isinstance(draw, Refused) else draw().content


@pytest.mark.requirement("R91")
@pytest.mark.parametrize("name", sorted(PAGES))
@pytest.mark.parametrize("student", ["Maya", "Leo"])
def test_every_page_is_printed_with_student_school_and_district(
    portal: Portal, family: None, name: str, student: str
) -> None:
    made = printed(portal, name, Question(student=student))

    assert isinstance(made, bytes)
    told = read_pdf(made)
    assert f"Student {student} López" in told
    assert "School Assabet Ridge School" in told
    assert "School district Westborough Public Schools" in told


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_page_of_a_range_of_days_is_printed(portal: Portal, family: None, name: str) -> None:
    question = Question(student="Maya", since=date(2026, 10, 5), until=date(2026, 10, 9))

    assert isinstance(printed(portal, name, question), bytes)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_no_page_is_printed_of_a_child_of_others(portal: Portal, family: None, name: str) -> None:
    assert isinstance(printed(portal, name, Question(student="Zoe")), Refused)


@pytest.mark.parametrize(("language", "width"), [("en", 612), ("en-GB", 595), ("es-MX", 612), ("de-DE", 595)])
def test_the_paper_goes_with_the_language(portal: Portal, family: None, language: str, width: int) -> None:
    made = printed(portal, "my-schedule", Question(student="Maya"), language)

    assert isinstance(made, bytes)
    assert round(float(PdfReader(BytesIO(made)).pages[0].mediabox.width)) == width


@pytest.mark.parametrize(
    ("work", "shown"),
    [
        (
            "missing",
            "Marked missing Due Assignment Course Status Oct 12, 2026 Problem set 1 Algebra I Missing",
        ),
        ("late", "Marked late Due Assignment Course Score Status"),
        ("scores", "With a score"),
        ("due", "Still to come"),
    ],
)
def test_a_part_of_the_assignments_is_printed_under_its_name(
    portal: Portal, family: None, work: str, shown: str
) -> None:
    made = printed(portal, "assignments", Question(student="Maya", work=work))

    assert isinstance(made, bytes)
    assert shown in read_pdf(made)


def test_points_so_far_are_told_as_points(portal: Portal, district: District, tmp_path: Path) -> None:
    with portal.begin() as tx:
        tx.imports.run(district.slug, OneRosterFolderOrZip(write_school(tmp_path / "school")))
        maya = tx.imports.find_student(district.slug, "7001")
    assert maya is not None
    make_parent(portal, district, children=[maya.id])
    sign_in(portal)

    made = printed(portal, "grades", Question(student="Maya"))

    assert isinstance(made, bytes)
    assert "Art 5 No grade yet; 2 scores so far, 27 of 30 points" in read_pdf(made)
