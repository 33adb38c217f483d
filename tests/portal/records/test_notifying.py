"""Let a parent say what they are told regularly; nobody else is told anything."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.accounts.models import AccountRow
from portal.accounts.outcomes import SignedIn
from portal.core.districts import District
from portal.core.models import AuditRow, OutboxRow
from portal.core.outcomes import Reason, Refused
from portal.records.models import NotificationRow
from portal.records.notifications import (
    Frequency,
    InChat,
    NotificationChange,
    Notifications,
    NotificationSent,
    Subject,
)
from portal.records.stopping import stop_key
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.flows.school import write_school
from tests.support.clock import FakeClock
from tests.support.portals import make_district, make_parent, sign_in

HERE = "conversation"
WEEKLY = NotificationChange(Frequency.WEEKLY)


@pytest.fixture
def district(portal: Portal, tmp_path: Path) -> District:
    made = make_district(portal)
    with portal.begin() as tx:
        tx.imports.run(made.slug, OneRosterFolderOrZip(write_school(tmp_path / "school")))
    return made


@pytest.fixture
def parent(portal: Portal, district: District) -> str:
    """Sign the mother of Maya and Leo in; Zoe is another family's."""
    account = make_parent(
        portal,
        district,
        email="marisol@mailbox.example",
        email_confirmed=True,
        children=[student(portal, "7001"), student(portal, "7002")],
    )
    assert isinstance(sign_in(portal), SignedIn)
    return account


def student(portal: Portal, number: str) -> str:
    with portal.begin(read_only=True) as tx:
        found = tx.imports.find_student("westborough", number)
    assert found is not None
    return found.id


def change(
    portal: Portal, change: NotificationChange = WEEKLY, students: tuple[str, ...] | None = ("Maya",)
) -> Notifications | Refused:
    with portal.begin() as tx:
        return tx.notifications.change(HERE, students, change)


def shown(portal: Portal, students: tuple[str, ...] | None = None) -> Notifications:
    with portal.begin() as tx:
        found = tx.notifications.settings(HERE, students)
    assert isinstance(found, Notifications)
    return found


@pytest.mark.requirement("R96")
def test_nothing_is_set_before_a_parent_sets_it(portal: Portal, parent: str) -> None:
    found = shown(portal)

    assert found.address == "m•••@mailbox.example"
    assert found.confirmed
    assert found.offered == (Subject.GRADES, Subject.ASSIGNMENTS, Subject.ATTENDANCE)
    assert [(each.student, each.frequency, each.due_at) for each in found.children] == [
        ("Leo", Frequency.NEVER, None),
        ("Maya", Frequency.NEVER, None),
    ]


@pytest.mark.requirement("R96")
def test_what_is_set_for_one_child_is_due_on_the_next_morning_of_the_district(
    portal: Portal, parent: str
) -> None:
    wish = NotificationChange(Frequency.WEEKLY, (Subject.ATTENDANCE, Subject.GRADES), InChat.NEWS)

    changed = change(portal, wish)

    leo, maya = shown(portal).children
    assert isinstance(changed, Notifications)
    assert changed.children == (maya,)
    assert (maya.subjects, maya.frequency) == ((Subject.GRADES, Subject.ATTENDANCE), Frequency.WEEKLY)
    assert maya.in_chat is InChat.NEWS
    assert maya.due_at is not None
    assert maya.due_at.isoformat() == "2026-10-16T06:00:00-04:00"
    assert leo.frequency is Frequency.NEVER
