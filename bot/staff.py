"""Do at the command line what the help desk does."""

import csv
import getpass
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from portal.core.districts import District
from portal.core.errors import SettingsError
from portal.core.options import Profile
from portal.core.outcomes import Refused
from portal.helpdesk.outcomes import Case, WaitingRequest
from portal.transaction import Portal

# As in x_course_requests.csv, with when it was registered or taken back.
REGISTRATION_COLUMNS = ("studentIdentifier", "courseSourcedId", "schoolYear", "status", "at")

# What Aspen's own guide has staff do then; parents are only told that the school does it.
AFTER_REQUEST = (
    "Once the parent has confirmed: Student top tab > Contacts side tab > click into the contact > "
    'Options > "Update Contact Login with email address".'
)


def unlock_name(portal: Portal, district: str | None, username: str, reason: str) -> str:
    """Unlock a sign-in name and return the sentence that says so."""
    if not reason.strip():
        message = "Nothing was unlocked: --reason must say why; it is kept in the audit."
        raise SettingsError(message)
    with portal.begin() as tx:
        known = [found.slug for found in tx.districts.all()]
        slug = chosen(district, known)
        outcome = tx.accounts.unlock(slug, username, reason, who())
    if isinstance(outcome, Refused):
        message = (
            f"Nothing was unlocked: nobody in {slug} has or tried the name {username!r}; check its spelling."
        )
        raise SettingsError(message)
    if not outcome.was_locked:
        return f"{outcome.username} was not locked in {slug}; its count of failed attempts starts anew."
    return f"{outcome.username} may sign in again in {slug}. The password is what it was."


def waiting_cases(portal: Portal, district: str | None) -> list[str]:
    """Return the lines that show what waits for staff, the oldest first; the look is on record."""
    with portal.begin() as tx:
        known = {found.slug: found for found in tx.districts.all()}
        found = known[chosen(district, list(known))]
        cases = tx.cases.waiting(found.slug, by=who())
        requests = tx.cases.requests(found.slug)
    if not cases and not requests:
        return [f"Nothing waits for the help desk of {found.slug}."]
    between = [""] if cases and requests else []
    after = [AFTER_REQUEST] if requests and found.options.profile is Profile.ASPEN else []
    return [*_case_lines(cases, found), *between, *_request_lines(requests, found), *after]


def registration_lines(portal: Portal, district: str | None, *, again: bool = False) -> list[str]:
    """Return what families registered since the last look, or ever, as CSV; the look is on record."""
    with portal.begin() as tx:
        slug = chosen(district, [found.slug for found in tx.districts.all()])
        lines = tx.registrations.fetch(slug, by=who(), again=again)
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(REGISTRATION_COLUMNS)
    for each in lines:
        at = each.at.isoformat(timespec="seconds")
        writer.writerow((each.student, each.course, each.school_year, each.status, at))
    return written.getvalue().splitlines()


def _case_lines(cases: Sequence[Case], district: District) -> Iterator[str]:
    if not cases:
        return
    yield from table(
        ("case", "opened", "about", "language", "channel"),
        [
            (str(case.number), when(case.opened_at, district), case.kind.value, case.language, case.channel)
            for case in cases
        ],
    )
    for case in cases:
        yield ""
        yield f"Case {case.number}"
        for key, value in case.details.items():
            yield from (f"  {key}: {printable(line)}" for line in value.splitlines())


def _request_lines(requests: Sequence[WaitingRequest], district: District) -> Iterator[str]:
    if not requests:
        return
    yield "Requests for an account that differ from the records:"
    yield from table(
        ("asked", "name", "email", "differs"),
        [(when(each.asked_at, district), each.name, each.email, each.reason) for each in requests],
    )


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table, as wide as what stands in it."""
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    for row in (titles, *rows):
        cells = (printable(cell).ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def printable(text: str) -> str:
    """Return a text without what would steer the terminal that staff read it in; a family typed it."""
    return "".join(each if each.isprintable() else "?" for each in text)


def when(instant: datetime, district: District) -> str:
    """Return an instant as the clocks of the district show it."""
    return f"{instant.astimezone(ZoneInfo(district.options.time_zone)):%Y-%m-%d %H:%M}"


def who() -> str:
    """Name who gave the command, for the audit."""
    return f"command line: {getpass.getuser()}"


def chosen(district: str | None, known: list[str]) -> str:
    """Return the district that was named, or the only one; raise SettingsError for any other."""
    if district is None and len(known) == 1:
        return known[0]
    if district in known:
        return str(district)
    message = f"Say which district with --district: {', '.join(known) or 'there is none yet'}."
    raise SettingsError(message)
