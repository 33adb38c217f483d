"""Fill both districts with families whose records the tests know by heart."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.school import write_school
from tests.flows.school_work import MORE
from tests.support.portals import make_district, make_parent
from tests.support.public_site import enter

HELP = {"default": {"name": "Parent help desk", "phone": "(508) 555-0192", "email": "help@schools.example"}}
EVERYTHING = {
    "profile": "powerschool",
    "locales": ["en", "es"],
    "help": HELP,
    "school_bulletin": True,
    "lunch_balance": True,
    "my_data": True,
    "school_map": True,
    "mobile_server": True,
    "district_code": "WQBK",
    "plugins": [{"name": "Library Search", "url": "https://library.example/search"}],
    "learning_platforms": [{"name": "Schoolnet", "url": "https://schoolnet.example/westborough"}],
}
NEXT_YEAR = {
    "courses.csv": """
        CA2,,,Y27,Algebra II,,09,O101,,
        CB,,,Y27,Biology,,09,O101,,
        CP,,,Y27,Physics,,09,O101,,
        CJ,,,Y27,Jazz Band,,09,O101,,
    """,
    "x_course_offerings.csv": """
        courseSourcedId,schoolYear,description,grades,seats,prerequisites
        CA2,2028,Functions and their graphs.,,,CA
        CB,2028,,,24,
        CP,2028,,,,CB
        CJ,2028,,,0,
    """,
    "x_registration_windows.csv": """
        schoolIdentifier,schoolYear,grade,opens,closes,leastCourses,mostCourses
        101,2028,,2026-10-01,2026-11-30,2,3
    """,
    "x_course_requests.csv": """
        studentIdentifier,courseSourcedId,schoolYear,status
        7001,CX,2028,approved
    """,
}
# The school takes a right away from Marisol: to see Maya, or both of her children.
NOT_MAYA = ("", "parentIdentifier,studentIdentifier,portalAccess,receivesEmail\n9001,7001,false,false\n")
NEITHER = ("", f"{NOT_MAYA[1]}9001,7002,false,false\n")
NUMBERS = {"Maya": "7001", "Leo": "7002", "Zoe": "7003"}
Import = Callable[..., dict[str, str]]


def write_everything(folder: Path, **changed: tuple[str, str]) -> Path:
    """Write the school with work, tests, remarks and courses for next year; `changed` replaces in a file."""
    write_school(folder)
    for name, content in (*MORE.items(), *NEXT_YEAR.items()):
        append(folder / name, content)
    for name, (old, new) in changed.items():
        path = folder / f"{name}.csv"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
    return folder


def append(path: Path, content: str) -> None:
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = "\n".join(line.strip() for line in content.strip().splitlines())
    path.write_text(f"{before}{lines}\n", encoding="utf-8")


@pytest.fixture
def import_school(portal: Portal, tmp_path: Path) -> Import:
    """Import the school, changed where a test says so, and return the children's ids by first name."""
    made = 0

    def run(district: str = "westborough", **changed: tuple[str, str]) -> dict[str, str]:
        nonlocal made
        made += 1
        folder = write_everything(tmp_path / f"school-{made}", **changed)
        with portal.begin() as tx:
            tx.imports.run(district, OneRosterFolderOrZip(folder))
            found = {name: tx.imports.find_student(district, number) for name, number in NUMBERS.items()}
        return {name: student.id for name, student in found.items() if student is not None}

    return run


@pytest.fixture
def districts(portal: Portal) -> None:
    make_district(portal, "westborough", **EVERYTHING)
    boston = {"name": "Boston Public Schools", "portal_url": "https://sis.mybps.org", "help": HELP}
    make_district(portal, "boston", profile="aspen", account_opening="request", **boston)


@pytest.fixture
def families(portal: Portal, districts: None, import_school: Import) -> dict[str, str]:
    """Give Maya and Leo to mlopez, and Zoe to kwhitfield; Boston's mlopez has no children yet."""
    ids = import_school()
    with portal.begin() as tx:
        contact = tx.imports.find_contact("westborough", "9001")
    assert contact is not None
    marisol = {"display_name": "Marisol López", "email": "marisol@mailbox.example", "email_confirmed": True}
    children = [ids["Maya"], ids["Leo"]]
    make_parent(portal, username="mlopez", contact_id=contact.id, children=children, **marisol)
    make_parent(portal, username="kwhitfield", display_name="Karen Whitfield", children=[ids["Zoe"]])
    make_parent(portal, "boston", username="mlopez", display_name="Marisol López")
    return ids


@pytest_asyncio.fixture
async def inside(browser: httpx.AsyncClient) -> httpx.AsyncClient:
    """Return a browser in which mlopez is signed in."""
    await enter(browser)
    return browser
