"""Open the doors onto the real assistant: a real database, a school known by heart."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from actions import all_actions
from bot.channels.districts import PortalDistricts
from bot.conversation.project import Project
from bot.conversation.turn import Assistant
from bot.conversation.understanding import Understanding
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.school import write_school
from tests.support.conversation import hallpass_project, make_assistant
from tests.support.doors import build_app
from tests.support.portals import make_district, make_parent
from tests.support.trained import trained
from web.public.gateway import Gateway


@pytest.fixture(scope="session")
def project() -> Project:
    return hallpass_project()


@pytest.fixture(scope="session")
def understanding() -> Understanding:
    return trained()


@pytest.fixture
def families(portal: Portal, tmp_path: Path) -> None:
    """Bring in Maya and Leo, the children of mlopez, and Zoe, whose parent is kwhitfield."""
    make_district(portal, "westborough", profile="powerschool")
    make_district(portal, "boston", name="Boston Public Schools", profile="aspen", account_opening="request")
    with portal.begin() as tx:
        tx.imports.run("westborough", OneRosterFolderOrZip(write_school(tmp_path / "school")))
        found = [tx.imports.find_student("westborough", number) for number in ("7001", "7002", "7003")]
    maya, leo, zoe = (student.id for student in found if student is not None)
    make_parent(portal, username="mlopez", display_name="Marisol López", children=[maya, leo])
    make_parent(portal, username="kwhitfield", display_name="Karen Whitfield", children=[zoe])


@pytest.fixture
def real_assistant(
    portal: Portal, families: None, project: Project, understanding: Understanding
) -> Iterator[Assistant]:
    made = make_assistant(portal, all_actions(portal), understanding, project)
    yield made
    made.close()


@pytest.fixture
def app(portal: Portal, real_assistant: Assistant) -> Iterator[ASGIApp]:
    """Return the whole application, put together as bootstrap does."""
    gateway = Gateway(portal)
    yield build_app(real_assistant, districts=PortalDistricts(portal, preset="westborough"), gateway=gateway)
    gateway.close()
