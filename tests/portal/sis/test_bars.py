"""Whoever is barred from a child stays barred, and is named where a set lets them back in."""

import pytest

from portal.accounts.outcomes import SignedIn
from portal.core.outcomes import Reason, Refused
from portal.sis.outcomes import Imported
from portal.transaction import Portal
from tests.support.changes import Changes
from tests.support.portals import make_parent, sign_in
from tests.support.rosters import Import, Roster, small_roster

LIFTED = "a guardian was barred from this student, and without a row of its own may see it again"


def barred(roster: Roster, student: str = "NS1", *, allowed: str = "false") -> Roster:
    row = {"portalAccess": allowed, "receivesEmail": "false"}
    return roster.add("x_portal_access", parentIdentifier="NP1", studentIdentifier=student, **row)


def lifted(done: Imported) -> list[str]:
    return [each.value for each in done.warnings if each.text == LIFTED]


@pytest.fixture
def parent(portal: Portal, run: Import) -> None:
    """Bar Ana from Maya, who is linked to her account, and sign her in."""
    run(barred(small_roster()))
    with portal.begin(read_only=True) as tx:
        maya = tx.imports.find_student("westborough", "NS1")
        ana = tx.imports.find_contact("westborough", "NP1")
    assert maya is not None
    assert ana is not None
    make_parent(portal, children=[maya.id], contact_id=ana.id)
    assert isinstance(sign_in(portal), SignedIn)


def is_closed(portal: Portal) -> bool:
    with portal.begin() as tx:
        found = tx.records.child("conversation", "Maya")
    return isinstance(found, Refused) and found.reason is Reason.STUDENT_UNAVAILABLE


@pytest.mark.usefixtures("parent")
@pytest.mark.parametrize("file", [None, "NS2"], ids=["no file", "no row"])
def test_bar_that_a_whole_set_leaves_out_is_lifted_and_named(
    portal: Portal, run: Import, file: str | None
) -> None:
    before = is_closed(portal)

    done = run(small_roster() if file is None else barred(small_roster(), file))

    assert before
    assert not is_closed(portal)
    assert lifted(done) == ["P1 S1"]


@pytest.mark.usefixtures("parent")
def test_bar_that_is_said_again_or_lifted_by_its_own_row_is_not_named(run: Import) -> None:
    again = run(barred(small_roster()))

    open_again = run(barred(small_roster(), allowed="true"))

    assert (again.warnings, open_again.warnings) == ((), ())


@pytest.mark.usefixtures("parent")
def test_bar_that_ends_with_the_link_lets_nobody_in(portal: Portal, run: Import) -> None:
    alone = small_roster()
    alone.change("users", 4, agentSourcedIds="S2")

    done = run(alone)

    assert is_closed(portal)
    assert lifted(done) == []


@pytest.mark.usefixtures("parent")
@pytest.mark.parametrize(
    "changes",
    [
        Changes().person("S1", "Maya", "López", "student", agentSourcedIds="P1"),
        Changes().person("P1", "Ana", "López", "parent", identifier="N-OTHER", agentSourcedIds="S1,S2"),
        Changes().person("P1", "Ana", "López", "teacher"),
        Changes().person("P1", "Ana", "López", "parent"),
        Changes().gone("users", "P1"),
    ],
    ids=["student", "identifier", "no contact", "no link", "gone"],
)
def test_bar_outlives_every_change_that_does_not_speak_of_it(
    portal: Portal, run: Import, changes: Changes
) -> None:
    run(changes)
    between = is_closed(portal)

    back = run(Changes().person("P1", "Ana", "López", "parent", agentSourcedIds="S1,S2"))

    assert between
    assert is_closed(portal)
    assert lifted(back) == []


@pytest.mark.usefixtures("parent")
def test_barred_contact_that_a_set_takes_away_is_named_with_what_bars_it(run: Import) -> None:
    done = run(Changes().gone("users", "P1"))

    assert any("portal access row(s) still name it" in each.text for each in done.warnings)
