"""Set up a throw-away copy of a district: its own options, a made-up school, the real assistant."""

import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from actions import all_actions
from bot.conversation.project import load_project
from bot.conversation.turn import Assistant
from bot.conversation.understanding import Understanding
from bot.demo.files import DistrictFiles, PlannedParent, read_districts
from bot.demo.sheet import Situation
from bot.demo.shifting import ShiftedSource
from bot.settings import Settings
from portal.accounts.outcomes import AccountCreated, NewAccount
from portal.accounts.passwords import Argon2Hasher
from portal.core.clock import SystemClock
from portal.core.database import open_engine
from portal.core.errors import PortalError
from portal.core.keys import MINIMUM_LENGTH, Keys
from portal.core.options import AccountOpening, DistrictOptions
from portal.core.secret import Secret
from portal.migrations import migrate
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal

# The made-up districts of the demo; each is made for one way to an account.
_SCHOOLS = {AccountOpening.ACCESS_ID: "westborough", AccountOpening.REQUEST: "boston"}


@dataclass(frozen=True, slots=True)
class Letter:
    """Hold what a made-up letter says of one child."""

    access_id: str
    password: Secret


@dataclass(frozen=True, slots=True)
class Stage:
    """Hold the throw-away copy; `letters` are those of children by their numbers."""

    portal: Portal
    assistant: Assistant
    district: str
    options: DistrictOptions
    families: tuple[PlannedParent, ...]
    letters: Mapping[str, Letter]
    files: DistrictFiles

    def new_parent(self, username: str, family: PlannedParent) -> Secret:
        """Open an account for a made-up family and return its password."""
        password = new_password()
        with self.portal.begin(read_only=True) as tx:
            contact = tx.imports.find_contact(self.district, family.contact)
        new = NewAccount(
            district=self.district,
            username=username,
            display_name=family.name,
            email=f"{username}@families.example",
            email_confirmed=True,
            contact_id=contact.id if contact else None,
        )
        created = self.portal.create_account(new, password)
        if not isinstance(created, AccountCreated):
            message = f"The made-up parent {username} got no account ({created.reason.value})."
            raise PortalError(message)
        with self.portal.begin() as tx:
            for number, relation in family.children:
                student = tx.imports.find_student(self.district, number)
                if student is not None:
                    tx.links.link(created.account_id, student.id, relation)
        return password


def new_password() -> Secret:
    """Return a password that keeps every rule that a district can make."""
    return Secret(f"Quiet-Lantern-{secrets.token_hex(24)}-7Kq!")


@contextmanager
def staged(settings: Settings, district: str, given: Mapping[str, Any]) -> Iterator[Stage]:
    """Set the copy up in a folder of its own, which is deleted afterwards; real families are not in it."""
    with tempfile.TemporaryDirectory(prefix="hallpass-rehearsal-") as folder:
        engine = open_engine(f"sqlite:///{Path(folder, 'rehearsal.db')}")
        migrate(engine)
        keys = Keys(secrets.token_bytes(MINIMUM_LENGTH))
        portal = Portal(engine, clock=SystemClock(), keys=keys, hasher=Argon2Hasher())
        assistant: Assistant | None = None
        try:
            options = _applied(portal, district, given)
            files, letters = _enrolled(settings, portal, district, options)
            assistant = _assistant(settings, portal, district)
            families = tuple(each for each in files.parents if each.situation is Situation.OK)
            yield Stage(portal, assistant, district, options, families, letters, files)
        finally:
            if assistant is not None:
                assistant.close()
            portal.close()
            engine.dispose()


def _applied(portal: Portal, district: str, given: Mapping[str, Any]) -> DistrictOptions:
    # The made-up schools are not those of a pilot: everybody is let in here.
    options = {**given, "pilot_schools": []}
    with portal.begin() as tx:
        tx.districts.apply(district, options, "rehearsal")
        return tx.districts.get_one(district).options


def _enrolled(
    settings: Settings, portal: Portal, district: str, options: DistrictOptions
) -> tuple[DistrictFiles, dict[str, Letter]]:
    wanted = _SCHOOLS[options.account_opening]
    files = next(each for each in read_districts(settings.data / "demo") if each.slug == wanted)
    today = portal.clock.now().astimezone(ZoneInfo(options.time_zone)).date()
    source = ShiftedSource(OneRosterFolderOrZip(files.folder), files.dates.weeks_to(today))
    letters = {}
    with portal.begin() as tx:
        imported = tx.imports.run(district, source, mint=True)
        minted = {each.access_id: each.password for each in imported.minted}
        for number in {number for parent in files.parents for number, _ in parent.children}:
            student = tx.imports.find_student(district, number)
            if student is not None and student.access_id in minted:
                letters[number] = Letter(student.access_id, minted[student.access_id])
    return files, letters


def _assistant(settings: Settings, portal: Portal, district: str) -> Assistant:
    project = load_project(settings.intents, settings.data, settings.config)
    return Assistant(
        portal,
        project,
        all_actions(portal, settings.public_url),
        Understanding.load(settings.data, settings.var / "models"),
        default_district=district,
    )
