"""Import the made-up districts and open the made-up parents' accounts, once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.demo.accounts import open_accounts
from bot.demo.files import OPTIONS, DistrictFiles, PlannedParent, read_districts
from bot.demo.marks import Mark, read_marks, write_marks
from bot.demo.sheet import Demo, DemoChild, DemoParent, read_sheet, write_sheet
from bot.demo.shifting import ShiftedSource
from bot.demo.staff import open_staff
from bot.district_files import apply_districts
from portal.core.errors import PortalError
from portal.sis.service import ImportedPerson
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.transaction import Portal, Transaction

AccessPasswords = dict[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class _Step:
    """Say what one district needs: nothing, an import with new dates, or everything."""

    files: DistrictFiles
    before: Mark | None
    after: Mark


def seed(portal: Portal, data: Path, var: Path) -> Demo:
    """Bring the made-up districts below `data` into the portal and return everybody's sheet.

    A second call changes nothing, unless the files changed or today has left the demo's current
    term: then the files are imported again, with new dates. `var` is the state folder.
    """
    districts = read_districts(data)
    _apply_options(portal, districts, var / "districts")
    marks = read_marks(var)
    steps = [_step(portal, files, marks) for files in districts]
    sheet = read_sheet(var)
    if sheet is None or any(step.before != step.after for step in steps):
        sheet = _import(portal, steps, var, sheet)
    working = tuple(entry for files in districts for entry in files.staff)
    if sheet.staff != working:
        sheet = replace(sheet, staff=working)
        write_sheet(var, sheet)
    for step in steps:
        open_accounts(portal, step.files, settle_all=step.before is None)
    for entry in working:
        open_staff(portal, entry)
    # Written last: whatever is killed before this is done again, and nothing is done twice.
    reached = {step.files.slug: step.after for step in steps}
    if reached != marks:
        write_marks(var, reached)
    return sheet


def _apply_options(portal: Portal, districts: list[DistrictFiles], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for files in districts:
        path = folder / f"{files.slug}.yml"
        # Once there, the file belongs to whoever tries options out in it.
        if not path.exists():
            path.write_bytes((files.folder / OPTIONS).read_bytes())
    apply_districts(portal, folder)


def _step(portal: Portal, files: DistrictFiles, marks: Mapping[str, Mark]) -> _Step:
    with portal.begin(read_only=True) as tx:
        today = _today(tx, files.slug)
        known = tx.imports.find_contact(files.slug, files.parents[0].contact)
    # A mark speaks of a database; in another one, nothing of it is true.
    before = marks.get(files.slug) if known is not None else None
    weeks = files.dates.weeks_to(today)
    if before is not None and files.dates.holds(today, before.weeks):
        weeks = before.weeks
    return _Step(files, before, Mark(files.fingerprint, weeks))


def _today(tx: Transaction, slug: str) -> date:
    zones = {district.slug: district.options.time_zone for district in tx.districts.all()}
    return tx.now.astimezone(ZoneInfo(zones[slug])).date()


def _import(portal: Portal, steps: list[_Step], var: Path, old: Demo | None) -> Demo:
    passwords = dict(_kept(old))
    with portal.begin() as tx:
        for step in steps:
            if step.before != step.after:
                source = ShiftedSource(OneRosterFolderOrZip(step.files.folder), step.after.weeks)
                minted = tx.imports.run(step.files.slug, source, mint=True).minted
                passwords |= {(step.files.slug, each.access_id): each.password.value for each in minted}
        districts = [step.files for step in steps]
        parents = [_parent(tx, files.slug, plan, passwords) for files in districts for plan in files.parents]
        demo = Demo(tuple(parents))
        # The clear access passwords exist only here, so they are on disk before they are in force.
        write_sheet(var, demo)
    return demo


def _kept(old: Demo | None) -> Iterator[tuple[tuple[str, str], str]]:
    for parent in old.parents if old else ():
        for child in parent.children:
            if child.access_password is not None:
                yield (parent.district, child.access_id), child.access_password


def _parent(tx: Transaction, slug: str, plan: PlannedParent, passwords: AccessPasswords) -> DemoParent:
    contact = _imported(tx.imports.find_contact(slug, plan.contact), slug, plan.contact)
    children = []
    for identifier, _ in plan.children:
        student = _imported(tx.imports.find_student(slug, identifier), slug, identifier)
        name = f"{student.given_name} {student.family_name}"
        password = passwords.get((slug, student.access_id))
        children.append(DemoChild(name, identifier, student.access_id, password))
    return DemoParent(
        district=slug,
        username=plan.username,
        password=plan.password.value,
        email=contact.email or None,
        children=tuple(children),
        situation=plan.situation,
    )


def _imported(person: ImportedPerson | None, slug: str, identifier: str) -> ImportedPerson:
    if person is None:
        message = f"data/demo/{slug}/parents.yml names {identifier}, who is not in users.csv: make it anew."
        raise PortalError(message)
    return person
