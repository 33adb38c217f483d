"""Tell staff at a terminal what the console shows of a parent: attempts, mails, sessions, children."""

from collections.abc import Iterator, Sequence

from bot.staff import table, when, who
from portal.accounts.outcomes import Diagnosed
from portal.core.districts import District
from portal.core.outcomes import Refused
from portal.helpdesk.desk.history import History
from portal.helpdesk.desk.outcomes import AttemptShown, ChildShown, MailShown, SessionShown
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Role
from portal.services import Transaction

# What came of an attempt that was not one of the failures.
GOT_IN = "got in"


def past_lines(tx: Transaction, district: District, diagnosed: Diagnosed) -> Iterator[str]:
    """Yield what was tried on a name, and of an account what was mailed, opened and linked."""
    if diagnosed.account_id is None:
        name = tx.gate.name_key(district.slug, diagnosed.username)
        yield from _attempts(History(tx.context).attempts(name), district)
        return
    # Whoever may use the terminal of the server sees all of the district already.
    operator = StaffMember(who(), district.slug, who(), "", Role.DISTRICT_ADMINISTRATOR)
    shown = tx.parents.explained(operator, diagnosed.account_id)
    if isinstance(shown, Refused):
        return
    yield from _attempts(shown.attempts, district)
    yield from _mails(shown.mails, district)
    yield from _sessions(shown.sessions, district)
    yield from _children(shown.children)


def _attempts(attempts: Sequence[AttemptShown], district: District) -> Iterator[str]:
    rows = [
        (
            when(each.at, district),
            each.asked.replace("_", " "),
            each.why.replace("_", " ") or GOT_IN,
            each.channel,
            _number(each.device) + (" (known)" if each.is_known_device else ""),
            _number(each.place),
        )
        for each in attempts
    ]
    yield from _titled("Attempts", ("at", "asked", "came of it", "channel", "device", "connection"), rows)


def _mails(mails: Sequence[MailShown], district: District) -> Iterator[str]:
    rows = [
        (when(each.written_at, district), each.kind.replace("_", " "), each.address, _sent(each), each.link)
        for each in mails
    ]
    yield from _titled("Mails", ("written", "mail", "to", "state", "link"), rows)


def _sessions(sessions: Sequence[SessionShown], district: District) -> Iterator[str]:
    rows = [
        (
            when(each.started_at, district),
            each.channel,
            when(each.seen_at, district),
            "signed in" if each.is_alive else "over",
        )
        for each in sessions
    ]
    yield from _titled("Sessions", ("began", "channel", "last seen", "state"), rows)


def _children(children: Sequence[ChildShown]) -> Iterator[str]:
    rows = [
        (each.name, each.number, each.relationship, "linked" if each.is_linked else "not linked")
        for each in children
    ]
    yield from _titled("Children", ("name", "number", "relationship", "account"), rows)


def _titled(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if rows:
        yield ""
        yield f"{title}:"
        yield from table(heads, rows)


def _sent(mail: MailShown) -> str:
    if mail.refused_at is not None:
        return f"refused {mail.error}".strip()
    return "waits" if mail.sent_at is None else "sent"


def _number(number: int | None) -> str:
    return "" if number is None else str(number)
