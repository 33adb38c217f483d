"""Look after the accounts of staff at the command line: the way in before there is an administrator."""

from collections.abc import Sequence

import pyotp

from bot.demo.sheet import read_sheet
from bot.settings import Settings
from bot.staff import chosen, printable, table, when, who
from portal.core.districts import District
from portal.core.errors import SettingsError
from portal.core.outcomes import Refused
from portal.helpdesk.staff.models import StaffRow
from portal.helpdesk.staff.outcomes import NewStaff, StaffInvited, StaffListed, StaffPlace
from portal.helpdesk.staff.roles import Role
from portal.transaction import Portal, Transaction

SAID = {
    "email": "that is no e-mail address",
    "email_taken": "somebody with that address works here already (hallpass staff list)",
    "empty": "--name must say who it is, in at most 100 characters",
    "which_schools": "a school administrator needs at least one --school of the district",
    "schools_not_theirs": "only a school administrator is bound to a --school",
}


def add(settings: Settings, portal: Portal, new: NewStaff, schools: Sequence[str]) -> list[str]:
    """Invite somebody and return the link with what to do with it."""
    with portal.begin() as tx:
        district = _district(tx, new.district or None)
        bound = _schools(tx, district, schools)
        invited = tx.staff.invite(NewStaff(district.slug, new.email, new.name, new.role, bound), by=who())
    if isinstance(invited, Refused):
        said = "; ".join(SAID.get(each.key, each.key) for each in invited.violations)
        message = f"Nobody was added: {said}."
        raise SettingsError(message)
    return _link_lines(settings, invited, district)


def listed(portal: Portal, district: str | None) -> list[str]:
    """Return the lines that list a district's staff."""
    with portal.begin(read_only=True) as tx:
        found = _district(tx, district)
        staff, schools = tx.staff.all(found.slug), tx.staff.schools(found.slug)
    if not staff:
        return [f"Nobody works at the help desk of {found.slug} yet: hallpass staff add"]
    rows = [
        (
            each.member.email,
            each.member.name,
            each.member.role.value,
            ", ".join(schools.get(school, school) for school in sorted(each.member.schools)),
            _state(each, found),
            when(each.last_sign_in_at, found) if each.last_sign_in_at else "-",
        )
        for each in staff
    ]
    return list(table(("email", "name", "role", "schools", "state", "last signed in"), rows))


def change_role(portal: Portal, email: str, role: Role, schools: Sequence[str]) -> str:
    """Give somebody another role and return the sentence that says so."""
    with portal.begin() as tx:
        row = _somebody(tx, email)
        district = tx.districts.get_one(row.district_id)
        bound = _schools(tx, district, schools)
        place = StaffPlace(row.staff_id, row.version, role, bound)
        outcome = tx.staff.place(row.district_id, place, by=who())
    if isinstance(outcome, Refused):
        said = "; ".join(SAID.get(each.key, each.key) for each in outcome.violations)
        message = f"Nothing was changed: {said or 'they have that role already'}."
        raise SettingsError(message)
    return f"{email} is {role.value} from now on, also in pages that are open."


def disable(portal: Portal, email: str, reason: str) -> str:
    """Let somebody go and return the sentence that says so."""
    with portal.begin() as tx:
        row = _somebody(tx, email)
        outcome = tx.staff.disable(row.district_id, row.staff_id, by=who(), reason=_given(reason))
    if isinstance(outcome, Refused):
        return f"{email} was let go before."
    return f"{email} is signed out and cannot sign in any more."


def enable(portal: Portal, email: str, reason: str) -> str:
    """Let somebody back and return the sentence that says so."""
    with portal.begin() as tx:
        row = _somebody(tx, email)
        outcome = tx.staff.enable(row.district_id, row.staff_id, by=who(), reason=_given(reason))
    if isinstance(outcome, Refused):
        return f"{email} was not let go: nothing to do."
    return f"{email} may sign in again."


def reset(settings: Settings, portal: Portal, email: str, reason: str) -> list[str]:
    """Void what somebody signs in with and return the link that sets it up anew."""
    with portal.begin() as tx:
        row = _somebody(tx, email)
        district = tx.districts.get_one(row.district_id)
        invited = tx.staff.reset(row.district_id, row.staff_id, by=who(), reason=_given(reason))
    if isinstance(invited, Refused):
        message = f"{email} was let go: hallpass staff enable comes first."
        raise SettingsError(message)
    return _link_lines(settings, invited, district)


def demo_code(settings: Settings, portal: Portal, email: str) -> str:
    """Return the code that the authenticator app of somebody of the demo would show now."""
    sheet = read_sheet(settings.var)
    staff = sheet.staff if sheet is not None else ()
    secret = next((str(each["totp_secret"]) for each in staff if each["email"] == email), None)
    if secret is None:
        known = ", ".join(str(each["email"]) for each in staff) or "there is no demo here: ./run makes one"
        message = f"{email} is nobody of the demo: {known}."
        raise SettingsError(message)
    return pyotp.TOTP(secret).at(portal.clock.now())


def _somebody(tx: Transaction, email: str) -> StaffRow:
    row = tx.staff.find(email)
    if row is None:
        message = f"Nobody with the address {printable(email)} works here: hallpass staff list."
        raise SettingsError(message)
    return row


def _district(tx: Transaction, district: str | None) -> District:
    known = {found.slug: found for found in tx.districts.all()}
    return known[chosen(district, list(known))]


def _schools(tx: Transaction, district: District, typed: Sequence[str]) -> frozenset[str]:
    """Return the ids of schools that were named by name or id."""
    known = tx.staff.schools(district.slug)
    ids = {name.casefold(): school for school, name in known.items()} | {each: each for each in known}
    unknown = [each for each in typed if each not in ids and each.casefold() not in ids]
    if unknown:
        message = (
            f"There is no school {printable(unknown[0])!r} in {district.slug}: {', '.join(known.values())}."
        )
        raise SettingsError(message)
    return frozenset(ids.get(each) or ids[each.casefold()] for each in typed)


def _given(reason: str) -> str:
    if not reason.strip():
        message = "Nothing was done: --reason must say why; it is kept in the audit."
        raise SettingsError(message)
    return reason.strip()


def _link_lines(settings: Settings, invited: StaffInvited, district: District) -> list[str]:
    origin = (settings.public_url or "").rstrip("/")
    address = f"  {origin}/helpdesk/join#{invited.token.value}"
    lines = [
        "Hand them this link yourself; it sets up a password and an app for codes, once, until "
        f"{when(invited.expires_at, district)}:",
        address,
    ]
    if not origin:
        lines.append("Put the address of this installation before it (HALLPASS_PUBLIC_URL is not set).")
    return lines


def _state(each: StaffListed, district: District) -> str:
    if each.disabled_at is not None:
        return f"let go {when(each.disabled_at, district)}"
    if each.has_joined:
        return "works here"
    if each.invited_until is not None:
        return f"invited until {when(each.invited_until, district)}"
    return "invitation over (hallpass staff reset-factor)"
