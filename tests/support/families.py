"""Enroll a family, hand out its letters, and fill in the forms of new accounts in one line each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from portal.accounts.outcomes import (
    AccountOpened,
    AccountRequested,
    Asker,
    LinkStudents,
    OpenAccount,
    RequestAccount,
    StudentClaim,
    StudentsLinked,
)
from portal.core.models import OutboxRow
from portal.core.outcomes import Refused
from portal.core.secret import Secret
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal
from tests.support.portals import NEW_PASSWORD, make_district
from tests.support.rosters import Roster, small_roster

HELP = {"default": {"name": "Help desk", "email": "helpdesk@schools.example"}}


@dataclass(frozen=True, slots=True)
class Letter:
    """Hold what a school's letter says of one student."""

    student_id: str
    name: str
    access_id: str
    password: str

    def claim(self, password: str | None = None, **typed: str) -> StudentClaim:
        """Fill in the student's fields as they are in the letter, but for what the test is about."""
        given = {"name": self.name, "access_id": self.access_id, "relationship": "mother", **typed}
        return StudentClaim(access_password=Secret(self.password if password is None else password), **given)


def enroll(
    portal: Portal, folder: Path, roster: Roster | None = None, slug: str = "westborough", **options: Any
) -> Mapping[str, Letter]:
    """Make a district with a roster's families; return the letters by the students' source ids."""
    make_district(portal, slug, **{"help": HELP, **options})
    return import_roster(portal, folder, roster or small_roster(), slug)


def import_roster(portal: Portal, folder: Path, roster: Roster, slug: str) -> Mapping[str, Letter]:
    """Import a set; only students who had no letter get one."""
    source = OneRosterFolderOrZip(roster.folder(folder / uuid4().hex))
    with portal.begin() as tx:
        minted = {
            each.student_id: each.password.value for each in tx.imports.run(slug, source, mint=True).minted
        }
        students = [row for row in roster.rows["users"] if row["role"] == "student"]
        letters = {}
        for row in students:
            found = tx.imports.find_student(slug, row["sourcedId"])
            assert found is not None
            name = f"{found.given_name} {found.family_name}"
            letters[row["sourcedId"]] = Letter(found.id, name, found.access_id, minted.get(found.id, ""))
        return letters


def asker(**given: str) -> Asker:
    """Ask from a source of its own, as a new request, unless the test says otherwise."""
    usual = {
        "district": "westborough",
        "conversation": "conversation",
        "channel": "web",
        "source": uuid4().hex,
        "request_id": uuid4().hex,
    }
    return Asker(**{**usual, **given})


def open_account(
    portal: Portal, students: Sequence[StudentClaim], who: Asker | None = None, **typed: str
) -> AccountOpened | Refused:
    """Fill in Create Parent Account for Ana López, but for what the test is about."""
    given = {
        "first_name": "Ana",
        "last_name": "López",
        "email": "ana@example.org",
        "username": "ana.lopez",
        **typed,
    }
    new = given.pop("new", NEW_PASSWORD)
    again = given.pop("again", new)
    return portal.open_account(
        OpenAccount(
            asker=who or asker(), new=Secret(new), again=Secret(again), students=tuple(students), **given
        )
    )


def link(portal: Portal, *students: StudentClaim, **given: str) -> StudentsLinked | Refused:
    """Link students to the account that is signed in on the conversation that `sign_in` uses."""
    usual = {"conversation": "conversation", "source": uuid4().hex, "request_id": uuid4().hex, **given}
    return portal.link_students(LinkStudents(students=tuple(students), **usual))


def request_account(portal: Portal, who: Asker | None = None, **typed: str) -> AccountRequested | Refused:
    """Fill in Request Account for Ana López, but for what the test is about."""
    given = {"first_name": "Ana", "last_name": "López", "email": "ana@example.org", **typed}
    new = given.pop("new", NEW_PASSWORD)
    again, answer = given.pop("again", new), given.pop("answer", "")
    return portal.request_account(
        RequestAccount(
            asker=who or asker(district="boston"),
            new=Secret(new),
            again=Secret(again),
            answer=Secret(answer),
            **given,
        )
    )


def mails(portal: Portal) -> list[tuple[str, str]]:
    """Return the kind and the address of each mail that is to leave, in the order of their kinds."""
    with portal.begin(read_only=True) as tx:
        rows = tx.session.scalars(select(OutboxRow).where(OutboxRow.address.is_not(None)))
        return sorted((row.kind, str(row.address)) for row in rows)
