"""Usernames that are suggested are free, readable and allowed."""

import pytest

from portal.accounts.names import ALLOWED
from portal.accounts.suggestions import free_usernames
from portal.transaction import Portal
from tests.support.portals import make_district, make_parent


def suggested(portal: Portal, desired: str, first: str = "Ana", last: str = "López") -> tuple[str, ...]:
    with portal.begin(read_only=True) as tx:
        return free_usernames(tx.context, "westborough", desired, first, last)


@pytest.mark.requirement("R56")
@pytest.mark.parametrize(
    ("first", "last", "desired", "expected"),
    [
        ("Ana", "López", "alopez", ("ana.lopez", "a.lopez", "analopez")),
        ("Siobhán", "O'Brien", "sob1", ("siobhan.obrien", "sobrien", "s.obrien")),
        ("Jean-Luc", "St. John", "jsj1", ("jeanluc.stjohn", "jstjohn", "j.stjohn")),
        ("李", "王", "liwang", ("liwang2", "liwang3", "liwang4")),
        ("Bo", "Y", "bo.y", ("bo.y2", "bo.y3", "bo.y4")),
    ],
)
def test_suggestions_are_made_of_the_parents_names(
    portal: Portal, first: str, last: str, desired: str, expected: tuple[str, ...]
) -> None:
    make_district(portal)

    assert suggested(portal, desired, first, last) == expected


def test_names_that_others_have_are_not_suggested(portal: Portal) -> None:
    make_district(portal)
    for taken in ("ana.lopez", "alopez", "a.lopez"):
        make_parent(portal, username=taken)

    assert suggested(portal, "Ana.Lopez") == ("analopez", "ana.lopez2", "ana.lopez3")


def test_names_of_another_district_do_not_matter(portal: Portal) -> None:
    make_district(portal)
    make_district(portal, "boston")
    make_parent(portal, "boston", username="ana.lopez")

    assert suggested(portal, "alopez")[0] == "ana.lopez"


def test_suggestions_from_the_longest_names_are_still_allowed(portal: Portal) -> None:
    make_district(portal)

    found = suggested(portal, "z" * 50, "Wolfeschlegelsteinhausen" * 3, "Bergerdorff" * 6)

    assert len(found) == 3
    assert all(ALLOWED.fullmatch(each) for each in found)
