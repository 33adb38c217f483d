"""Mint, look at and spend the codes that a chat is opened with."""

import re

import pytest
from sqlalchemy import select

from portal.core.outcomes import Reason, Refused
from portal.dialogue.models import StartCodeRow
from portal.dialogue.start_codes import (
    LIVES,
    VOID,
    MintedStartCode,
    NewStartCode,
    StartCode,
    StartKind,
)
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.portals import make_district

ALL = frozenset(StartKind)


@pytest.fixture(autouse=True)
def _districts(portal: Portal) -> None:
    make_district(portal)
    make_district(portal, "boston")


def mint(portal: Portal, kind: StartKind = StartKind.PAGE, **new: object) -> str:
    with portal.begin() as tx:
        minted = tx.start_codes.mint(NewStartCode("westborough", kind, **new))  # type: ignore[arg-type]
    assert isinstance(minted, MintedStartCode)
    return minted.code


def spend(
    portal: Portal,
    code: str,
    turn: str = "t1",
    *,
    kinds: frozenset[StartKind] = ALL,
    within: str | None = None,
) -> StartCode | Refused:
    with portal.begin() as tx:
        return tx.start_codes.spend(code, kinds, turn_id=turn, within=within)


def test_a_code_says_where_to_begin_and_fits_into_a_link(portal: Portal) -> None:
    code = mint(portal, language="es", details={"case": "7"})

    spent = spend(portal, code)

    assert re.fullmatch(r"[A-Za-z0-9_-]{40,64}", code)
    assert spent == StartCode("westborough", StartKind.PAGE, "es", details={"case": "7"})


def test_a_code_serves_once_and_a_turn_that_is_taken_up_anew_gets_it_again(portal: Portal) -> None:
    code = mint(portal)
    first = spend(portal, code, "t1")

    again, other = spend(portal, code, "t1"), spend(portal, code, "t2")

    assert (again, other) == (first, VOID)


def test_looking_at_a_code_spends_nothing_and_a_spent_one_is_not_shown(portal: Portal) -> None:
    code = mint(portal)
    with portal.begin(read_only=True) as tx:
        looks = [tx.start_codes.find(code), tx.start_codes.find(code)]

    spend(portal, code)

    with portal.begin(read_only=True) as tx:
        after = tx.start_codes.find(code)
    assert all(isinstance(look, StartCode) for look in looks)
    assert after == VOID


@pytest.mark.parametrize("kind", list(StartKind))
def test_a_code_is_over_when_its_time_is(portal: Portal, clock: FakeClock, kind: StartKind) -> None:
    late, early = mint(portal, kind), mint(portal, kind)
    clock.advance(seconds=LIVES[kind].total_seconds() - 1)
    in_time = spend(portal, early)

    clock.advance(seconds=1)

    assert isinstance(in_time, StartCode)
    assert spend(portal, late) == VOID


@pytest.mark.parametrize("made_up", ["", "abc", "\udcff", "é" * 5000, "x" * 64])
def test_a_made_up_code_is_void(portal: Portal, made_up: str) -> None:
    mint(portal)

    assert spend(portal, made_up) == VOID


def test_a_code_of_another_kind_or_district_is_refused_and_left_as_it_is(portal: Portal) -> None:
    code = mint(portal, StartKind.STAFF)

    refused = (
        spend(portal, code, kinds=frozenset({StartKind.LETTER})),
        spend(portal, code, within="boston"),
    )

    assert refused == (VOID, VOID)
    assert isinstance(spend(portal, code, within="westborough"), StartCode)


def test_the_table_holds_neither_the_code_nor_what_it_says(portal: Portal) -> None:
    code = mint(portal, details={"note": "canary-41"})

    with portal.begin() as tx:
        row = tx.session.scalars(select(StartCodeRow)).one()
        stored = repr([getattr(row, column.key) for column in StartCodeRow.__table__.columns])

    assert code not in stored
    assert "canary-41" not in stored


def test_a_code_for_a_child_that_is_not_there_is_not_made(portal: Portal) -> None:
    with portal.begin() as tx:
        minted = tx.start_codes.mint(NewStartCode("westborough", StartKind.LETTER, student="nobody"))

    assert minted == Refused(Reason.NOT_FOUND)


def test_codes_that_are_over_are_forgotten(portal: Portal, clock: FakeClock) -> None:
    mint(portal)
    clock.advance(seconds=LIVES[StartKind.PAGE].total_seconds())
    kept = mint(portal)

    portal.purge()

    with portal.begin() as tx:
        assert len(tx.session.scalars(select(StartCodeRow)).all()) == 1
    assert isinstance(spend(portal, kept), StartCode)
