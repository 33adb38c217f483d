"""Whoever repeats a request is answered with exactly what came of it the first time."""

from datetime import timedelta

import pytest

from portal.accounts.kept import AnyOutcome, read, written
from portal.accounts.outcomes import (
    AccountOpened,
    AccountRequested,
    Cause,
    Confirmation,
    EmailChangeAsked,
    EmailConfirmed,
    MailAsked,
    MustChangePassword,
    PasswordChanged,
    PasswordSet,
    SignedIn,
    StudentsLinked,
    UsernameChanged,
)
from portal.core.outcomes import Reason, Refused, Violation
from tests.support.clock import START

OUTCOMES: list[AnyOutcome] = [
    SignedIn("id", "Zo\u00eb", START + timedelta(microseconds=1), offers_restore=True),
    SignedIn("id", "Zo\u00eb", None),
    MustChangePassword("id", Cause.EXPIRED),
    PasswordChanged(signed_in=True),
    PasswordSet("id", "mlopez", signed_in=False, asked_in="asking"),
    PasswordSet("id", "mlopez", signed_in=False, is_locked=True),
    MailAsked(),
    EmailConfirmed(Confirmation.CHANGE, "mlopez", "asking"),
    AccountOpened("id", "mlopez", ("Ana", "Luis")),
    AccountRequested(),
    StudentsLinked(("Ana",), ()),
    UsernameChanged("mlopez"),
    EmailChangeAsked("a@x.example"),
    Refused(Reason.LOCKED_WAIT, retry_at=START),
    Refused(
        Reason.FIELDS_REFUSED,
        violations=(Violation("too_long", 80, "first_name"), Violation("pair_not_found", row=2)),
        choices=("marisol2", "mquintero"),
    ),
]


@pytest.mark.parametrize("outcome", OUTCOMES, ids=repr)
def test_outcome_is_read_as_it_was_written(outcome: AnyOutcome) -> None:
    assert read(written(outcome)) == outcome


def test_outcome_of_the_version_before_is_read_too() -> None:
    refused = '{"kind": "refused", "reason": "busy", "retry_at": null, "violations": [["too_short", 8]]}'
    signed_in = '{"kind": "signed_in", "account_id": "id", "name": "A", "last": null}'

    assert read(refused) == Refused(Reason.BUSY, violations=(Violation("too_short", 8),))
    assert read(signed_in) == SignedIn("id", "A", None)
