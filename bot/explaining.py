"""Tell staff why a name cannot get in: all that was found, what was tried, and what to do next."""

import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from bot.explaining_past import past_lines
from bot.staff import chosen, printable, when, who
from portal.accounts.outcomes import Diagnosed, FailedWayIn, Finding
from portal.core.audit import AuditEvent
from portal.core.districts import District
from portal.transaction import Portal

WIDTH = 80


@dataclass(frozen=True, slots=True)
class Advice:
    """Say what a finding means, what to do next, and with which command, if there is one."""

    meaning: str
    step: str
    command: str = ""


UNLOCK = 'hallpass staff unlock {name} --district {district} --reason "..."'
BY_MAIL = "let the parent set a new password by mail, or give out a new temporary one."
ADVICE = {
    FailedWayIn.NOTHING: Advice(
        "Nothing stands in the way of this name",
        "ask what the page says, and whether the username and the district are the right ones; a "
        "forgotten password is recovered by mail.",
    ),
    FailedWayIn.UNKNOWN_NAME: Advice(
        "Nobody has this username",
        "ask how it is spelled; the parent can have it mailed with Forgot Username, or has no account yet.",
    ),
    FailedWayIn.LOCKED: Advice(
        "The name is locked after too many wrong passwords",
        "make sure that it is the parent who asks, then unlock it.",
        UNLOCK,
    ),
    FailedWayIn.PASSWORD_DISABLED: Advice(
        "The password is disabled: too many attempts failed since the last success",
        "this may be an attack. Make sure that it is the parent who asks, then unlock it.",
        UNLOCK,
    ),
    FailedWayIn.DISABLED: Advice(
        "The school disabled the account",
        "find out in your records why, before anything else.",
    ),
    FailedWayIn.TEMPORARY_USED: Advice("The temporary password was used, and it works once only", BY_MAIL),
    FailedWayIn.TEMPORARY_OVER: Advice("The temporary password is over", BY_MAIL),
    FailedWayIn.MUST_CHANGE: Advice(
        "The password must be changed at the next sign-in",
        "tell the parent to sign in with it and to choose a new one when asked.",
    ),
    FailedWayIn.WRONG_PASSWORD: Advice(
        "Wrong passwords were typed since the last success",
        "the parent can recover the password by mail before the name locks.",
    ),
    FailedWayIn.NO_EMAIL: Advice(
        "There is no e-mail address on the account, so nothing can be recovered by mail",
        "make sure who asks, and add an address to the family's contact.",
    ),
    FailedWayIn.EMAIL_UNCONFIRMED: Advice(
        "The e-mail address was never confirmed, so nothing can be recovered by mail",
        "the parent opens the link of the confirmation mail; it can be sent again from the chat.",
    ),
    FailedWayIn.MAIL_REFUSED: Advice(
        "The newest mail to this account's address was refused by the mail server for good",
        "make sure who asks, and mend the address; the audit has the mail server's code.",
    ),
    FailedWayIn.RECOVERY_WAITING: Advice(
        "A mail to set a new password is on its way or in the inbox",
        "ask the parent to look in junk mail, and to use the newest mail only.",
    ),
    FailedWayIn.RECOVERY_EXPIRED: Advice(
        "The link to set a new password was not used in time",
        "the parent asks for a new one with Forgot Password.",
    ),
    FailedWayIn.REQUEST_UNCONFIRMED: Advice(
        "The account was asked for, and the parent has not confirmed it from the mail",
        "ask the parent to look in junk mail, or to ask for the account again.",
    ),
    FailedWayIn.REQUEST_WITH_STAFF: Advice(
        "The account was asked for, and what was typed differs from your records",
        "compare the two.",
        "hallpass staff cases --district {district}",
    ),
    FailedWayIn.BARRED: Advice(
        "Your records bar this contact from students",
        "nothing is to be done here: custody and access are decided in your records.",
    ),
}


def explained(portal: Portal, district: str | None, username: str) -> list[str]:
    """Return the lines that explain a name to staff; the look is on record in the audit."""
    with portal.begin() as tx:
        known = {each.slug: each for each in tx.districts.all()}
        found = known[chosen(district, list(known))]
        diagnosed = tx.diagnosis.of(found.slug, username)
        subject = f"account:{diagnosed.account_id}" if diagnosed.account_id else ""
        causes = ", ".join(each.cause.value for each in diagnosed.findings)
        tx.audit.record(found.slug, AuditEvent.ACCOUNT_EXPLAINED, subject=subject, by=who(), causes=causes)
        past = list(past_lines(tx, found, diagnosed))
    return [*_lines(diagnosed, found), *past]


def _lines(diagnosed: Diagnosed, district: District) -> Iterator[str]:
    name = printable(diagnosed.username)
    yield from _wrapped("", f"{name} in {district.slug} ({district.options.name})")
    for number, finding in enumerate(diagnosed.findings, 1):
        advice = ADVICE[finding.cause]
        yield from _wrapped(f"{number}. ", f"{advice.meaning}{_details(finding, district)}.")
        yield from _wrapped("   Next: ", advice.step)
        if advice.command:
            # On a line of its own, however long, so that it can be copied.
            yield "     " + advice.command.format(name=shlex.quote(name), district=district.slug)
    for username in diagnosed.instead:
        yield from _wrapped("   ", f"The address that was typed belongs to the account {username}:")
        yield f"     hallpass explain {shlex.quote(username)} --district {district.slug}"


def _details(finding: Finding, district: District) -> str:
    since, until, count = finding.since, finding.until, finding.count
    said = [
        "" if since is None else f"since {when(since, district)}",
        "" if until is None else f"until {when(until, district)}",
        "" if count is None else _counted(finding.cause, count),
    ]
    return "".join(f", {each}" for each in said if each)


def _counted(cause: FailedWayIn, count: int) -> str:
    return f"{count} student(s)" if cause is FailedWayIn.BARRED else f"{count} attempt(s)"


def _wrapped(head: str, text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=head, subsequent_indent=" " * 3, break_on_hyphens=False)
