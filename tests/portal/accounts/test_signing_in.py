"""Signing in: who gets in, what is counted, and what everybody else is told."""

import pytest

from portal.accounts.outcomes import SignedIn
from portal.core.outcomes import Reason, Refused
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.hashing import CountingHasher
from tests.support.portals import make_district, make_parent, sign_in


@pytest.mark.requirement("R1", "R12")
def test_right_password_signs_in(portal: Portal) -> None:
    make_district(portal)
    account = make_parent(portal)

    outcome = sign_in(portal)

    assert outcome == SignedIn(account, "Marisol Quintero", None)
