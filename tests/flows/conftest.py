"""Let tests talk as a parent does: the real assistant, a real database, a school known by heart."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from actions import all_actions
from bot.conversation.project import Project
from bot.conversation.turn import Assistant
from bot.conversation.understanding import Understanding
from portal.core.districts import District
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.next_year import write_registration
from tests.flows.school import write_school
from tests.flows.school_work import write_school_with_work
from tests.support.conversation import TELEGRAM, WANTED, Chat, hallpass_project, make_assistant, through
from tests.support.families import Letter, import_roster
from tests.support.portals import make_district, make_parent
from tests.support.rosters import small_roster
from tests.support.trained import trained

HELP = {
    "101": {
        "name": "Assabet Ridge School",
        "phone": "(508) 555-0190",
        "email": "office.101@schools.example",
        "hours": "Monday to Friday, 7:30 a.m. to 3:30 p.m.",
    }
}
WESTBOROUGH = {
    "name": "Westborough Public Schools",
    "profile": "powerschool",
    "locales": ["en", "es"],
    "help": HELP,
    "password": {"min_length": 10},
}

BOSTON = {
    "name": "Boston Public Schools",
    "profile": "aspen",
    "portal_url": "https://sis.mybps.org",
    "account_opening": "request",
    "help": HELP,
}

# Bring in the courses of next year, with registration open between two days.
SetWindow = Callable[[str, str], None]
# Bring them in with changes: for a file, what stands in the place of what; or None for no such file.
BringIn = Callable[[Mapping[str, tuple[str, str] | None]], None]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what cannot happen in the channel that the conversations go through."""
    if WANTED == TELEGRAM:
        left_out = [item for item in items if item.get_closest_marker("not_in_telegram")]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


@pytest.fixture(autouse=True)
def channel() -> Iterator[str]:
    """Go through the channel that the flows are wanted through."""
    with through(WANTED):
        yield WANTED


@pytest.fixture(scope="session")
def project() -> Project:
    return hallpass_project()


@pytest.fixture(scope="session")
def understanding() -> Understanding:
    return trained()


@pytest.fixture
def district(portal: Portal) -> District:
    return make_district(portal, **WESTBOROUGH)


@pytest.fixture
def families(portal: Portal, district: District, tmp_path: Path) -> None:
    with portal.begin() as tx:
        tx.imports.run(district.slug, OneRosterFolderOrZip(write_school(tmp_path / "school")))
        ids = {number: tx.imports.find_student(district.slug, number) for number in ("7001", "7002", "7003")}
    maya, leo, zoe = (student.id for student in ids.values() if student is not None)
    make_parent(portal, district, username="mlopez", display_name="Marisol López", children=[maya, leo])
    make_parent(portal, district, username="kwhitfield", display_name="Karen Whitfield", children=[zoe])


@pytest.fixture
def work(portal: Portal, district: District, families: None, tmp_path: Path) -> None:
    """Let the same families have assignments, tests and remarks."""
    with portal.begin() as tx:
        tx.imports.run(district.slug, OneRosterFolderOrZip(write_school_with_work(tmp_path / "work")))


@pytest.fixture
def set_window(portal: Portal, district: District, tmp_path: Path) -> SetWindow:
    def bring_in(opens: str, closes: str) -> None:
        folder = write_registration(tmp_path / f"next-{opens}-{closes}", opens=opens, closes=closes)
        with portal.begin() as tx:
            tx.imports.run(district.slug, OneRosterFolderOrZip(folder))

    return bring_in


@pytest.fixture
def bring_in(portal: Portal, district: District, tmp_path: Path) -> BringIn:
    def bring(changes: Mapping[str, tuple[str, str] | None]) -> None:
        folder = write_registration(tmp_path / "changed")
        for name, change in changes.items():
            if change is None:
                (folder / name).unlink()
            else:
                text = (folder / name).read_text("utf-8")
                assert change[0] in text
                (folder / name).write_text(text.replace(*change), "utf-8")
        with portal.begin() as tx:
            tx.imports.run(district.slug, OneRosterFolderOrZip(folder))

    return bring


@pytest.fixture
def courses(families: None, set_window: SetWindow) -> None:
    """Let both families choose classes for next year until the end of November."""
    set_window("2026-10-01", "2026-11-30")


@pytest.fixture
def letters(portal: Portal, district: District, tmp_path: Path) -> Mapping[str, Letter]:
    """Enroll Maya (S1) and Diego (S2) López, with a letter for each; nobody has an account yet."""
    return import_roster(portal, tmp_path / "enrolled", small_roster(), district.slug)


@pytest.fixture
def boston(portal: Portal) -> District:
    return make_district(portal, "boston", **BOSTON)


@pytest.fixture
def assistant(portal: Portal, project: Project, understanding: Understanding) -> Iterator[Assistant]:
    made = make_assistant(portal, all_actions(portal), understanding, project)
    yield made
    made.close()


@pytest.fixture
def new_chat(assistant: Assistant, district: District) -> Callable[[], Chat]:
    return lambda: Chat(assistant, district=district.slug)


@pytest.fixture
def chat(new_chat: Callable[[], Chat]) -> Chat:
    return new_chat()
