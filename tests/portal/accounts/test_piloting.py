"""While some schools try the assistant out, families of the others are told so and lose nothing."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from portal.accounts.outcomes import AccountOpened, SignedIn, StudentsLinked
from portal.core.outcomes import Reason, Refused
from portal.transaction import Portal
from tests.support.families import Letter, enroll, link, open_account
from tests.support.portals import make_district, make_parent, sign_in
from tests.support.rosters import small_roster

NOT_IN_PILOT = Refused(Reason.NOT_IN_PILOT)


@pytest.fixture
def letters(portal: Portal, tmp_path: Path) -> Mapping[str, Letter]:
    """Enroll a family with one child at each of two schools."""
    return enroll(portal, tmp_path, small_roster().change("users", 3, orgSourcedIds="MS"))


def pilot(portal: Portal, *schools: str) -> None:
    make_district(portal, "westborough", pilot_schools=list(schools))


def student(portal: Portal, number: str) -> str:
    with portal.begin(read_only=True) as tx:
        found = tx.imports.find_student("westborough", number)
    assert found is not None
    return found.id


def test_family_of_a_pilot_school_signs_in_and_one_of_another_is_told(
    portal: Portal, letters: Mapping[str, Letter]
) -> None:
    make_parent(portal, username="pilot", children=[student(portal, "S1")])
    make_parent(portal, username="other", children=[student(portal, "S2")])
    make_parent(portal, username="both", children=[student(portal, "S1"), student(portal, "S2")])
    make_parent(portal, username="nobody")
    pilot(portal, "100")

    told = {name: sign_in(portal, name) for name in ("pilot", "other", "both", "nobody")}

    assert told["other"] == NOT_IN_PILOT
    assert all(isinstance(told[name], SignedIn) for name in ("pilot", "both", "nobody"))


def test_only_whoever_knows_the_password_is_told_and_is_not_locked_out(
    portal: Portal, letters: Mapping[str, Letter]
) -> None:
    make_parent(portal, username="other", children=[student(portal, "S2")])
    pilot(portal, "100")

    wrong = sign_in(portal, "other", "not the password")
    right = [sign_in(portal, "other") for _ in range(12)]
    pilot(portal)

    assert wrong == Refused(Reason.BAD_CREDENTIALS)
    assert set(right) == {NOT_IN_PILOT}
    assert isinstance(sign_in(portal, "other"), SignedIn)


def test_account_is_opened_only_with_a_child_in_the_pilot(
    portal: Portal, letters: Mapping[str, Letter]
) -> None:
    pilot(portal, "100")

    other = open_account(portal, [letters["S2"].claim()])
    both = open_account(portal, [letters["S1"].claim(), letters["S2"].claim()])

    assert other == NOT_IN_PILOT
    assert isinstance(both, AccountOpened)


def test_family_in_the_pilot_links_its_child_at_another_school(
    portal: Portal, letters: Mapping[str, Letter]
) -> None:
    make_parent(portal, children=[student(portal, "S1")])
    pilot(portal, "100")
    sign_in(portal)

    assert isinstance(link(portal, letters["S2"].claim()), StudentsLinked)


def test_parent_without_children_links_none_outside_the_pilot(
    portal: Portal, letters: Mapping[str, Letter]
) -> None:
    make_parent(portal)
    pilot(portal, "100")
    sign_in(portal)

    assert link(portal, letters["S2"].claim()) == NOT_IN_PILOT
