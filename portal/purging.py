"""Forget what is over, one kind after the other: none holds back the others."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial

import structlog

from portal.accounts.attempts import Attempts
from portal.accounts.called import Called
from portal.accounts.devices import Devices
from portal.accounts.requests import Requests
from portal.accounts.waiting import WaitingRequests
from portal.core.errors import UnavailableError
from portal.services import Transaction
from portal.sis.keyed import ContactKeys

Begin = Callable[[], AbstractContextManager[Transaction]]
# An hour's purge lets go of a great deal, and never goes on for good.
MOST_ROUNDS = 1000
_log = structlog.get_logger("portal")


def _waiting_requests(tx: Transaction) -> None:
    for district in tx.districts.all():
        WaitingRequests(tx.context, district).purge()


KINDS: Mapping[str, Callable[[Transaction], object]] = {
    "counters": lambda tx: tx.gate.purge(),
    "attempts": lambda tx: Attempts(tx.context).purge(),
    "names called": lambda tx: Called(tx.context).catch_up(),
    "contact keys": lambda tx: ContactKeys(tx.context).catch_up(),
    "callers": lambda tx: tx.callers.purge(),
    "devices": lambda tx: Devices(tx.context).purge(),
    "sessions": lambda tx: tx.sessions.purge(),
    "requests": lambda tx: Requests(tx.context).purge(),
    "tokens": lambda tx: tx.tokens.purge(),
    "waiting requests": _waiting_requests,
    "rounds of requests": lambda tx: tx.request_rounds.purge(),
    "conversations": lambda tx: tx.dialogue.purge(),
    "start codes": lambda tx: tx.start_codes.purge(),
    "letters": lambda tx: tx.letters.purge(),
    "joins": lambda tx: tx.joins.purge(),
    "mails": lambda tx: tx.deliveries.purge(),
    "files": lambda tx: tx.files.purge(),
    "calendars": lambda tx: tx.feeds.purge(),
    "staff sessions": lambda tx: tx.staff_sessions.purge(),
    "staff": lambda tx: tx.staff.purge(),
}


def purge(begin: Begin) -> None:
    """Forget each kind in a transaction of its own, and then what was kept long enough.

    Raises UnavailableError where the database is away, and at the end an ExceptionGroup with what went
    wrong: a row that cannot be forgotten must not keep all others.
    """
    failed: list[Exception] = []
    for kind, forget in KINDS.items():
        failed += _tried(kind, partial(_once, begin, forget))
    failed += _tried("what was kept long enough", partial(_in_rounds, begin))
    if failed:
        message = "Some of what is over could not be forgotten."
        raise ExceptionGroup(message, failed)


def _tried(kind: str, forget: Callable[[], object]) -> list[Exception]:
    try:
        forget()
    except UnavailableError:
        raise
    except Exception as error:  # noqa: BLE001  (raised at the end, with all others)
        _log.error("kind_not_purged", kind=kind, error=type(error).__name__)
        return [error]
    return []


def _once(begin: Begin, forget: Callable[[Transaction], object]) -> None:
    with begin() as tx:
        forget(tx)


def _in_rounds(begin: Begin) -> None:
    for _ in range(MOST_ROUNDS):
        # A round each in a transaction of its own: whoever writes meanwhile waits for one, not for all.
        with begin() as tx:
            if not tx.retention.purge():
                return
