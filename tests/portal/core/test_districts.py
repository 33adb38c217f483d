"""Districts are applied when their options changed, and read back typed."""

from typing import Any

import pytest
from sqlalchemy import select

from portal.core.errors import PortalError, SettingsError
from portal.core.models import AuditRow, DistrictRow
from portal.transaction import Portal
from tests.support.clock import START, FakeClock

OPTIONS: dict[str, Any] = {
    "name": "Écoles de Westborough",
    "portal_url": "https://ps.westboroughk12.org/public",
    "time_zone": "America/New_York",
    "profile": "powerschool",
}


def test_applied_district_is_read_back(portal: Portal) -> None:
    with portal.begin() as tx:
        written = tx.districts.apply("westborough", OPTIONS, "hash")
    with portal.begin(read_only=True) as tx:
        district = tx.districts.get("westborough")
        same = tx.districts.get_one("westborough")
        nobody = tx.districts.get("nowhere")

    assert written
    assert district is not None
    assert (district.slug, district.options.name) == ("westborough", "Écoles de Westborough")
    assert same == district
    assert nobody is None


def test_district_that_must_be_there_and_is_not_is_a_bug(portal: Portal) -> None:
    with portal.begin(read_only=True) as tx, pytest.raises(PortalError, match="no district nowhere"):
        tx.districts.get_one("nowhere")


def test_same_hash_writes_nothing(portal: Portal, clock: FakeClock) -> None:
    with portal.begin() as tx:
        tx.districts.apply("westborough", OPTIONS, "hash")
    clock.advance(days=1)

    with portal.begin() as tx:
        written = tx.districts.apply("westborough", {**OPTIONS, "name": "Other"}, "hash")
        applied = tx.session.scalar(select(DistrictRow.applied_at))

    assert not written
    assert applied == START


def test_changed_hash_writes_and_names_the_profile_in_the_audit(portal: Portal) -> None:
    with portal.begin() as tx:
        tx.districts.apply("westborough", OPTIONS, "hash")

    with portal.begin() as tx:
        written = tx.districts.apply("westborough", {**OPTIONS, "name": "Other"}, "other hash")
        district = tx.districts.get("westborough")
        told = list(tx.session.execute(select(AuditRow.event, AuditRow.details)))

    assert written
    assert district is not None
    assert district.options.name == "Other"
    assert told == [("district.configured", '{"profile": "powerschool"}')] * 2


def test_all_districts_come_ordered(portal: Portal) -> None:
    with portal.begin() as tx:
        for slug in ("westborough", "boston"):
            tx.districts.apply(slug, OPTIONS, "hash")

        assert [district.slug for district in tx.districts.all()] == ["boston", "westborough"]


@pytest.mark.parametrize("slug", ["West", "w", "-west", "west/east", "helpdesk", "chat", ""])
def test_slug_that_is_no_page_name_is_refused(portal: Portal, slug: str) -> None:
    with portal.begin() as tx, pytest.raises(SettingsError, match="the file's name"):
        tx.districts.apply(slug, OPTIONS, "hash")


def test_wrong_option_changes_nothing(portal: Portal) -> None:
    with portal.begin() as tx:
        tx.districts.apply("westborough", OPTIONS, "hash")

    with portal.begin() as tx:
        with pytest.raises(SettingsError, match=r"districts/westborough\.yml: profile"):
            tx.districts.apply("westborough", {**OPTIONS, "profile": "x"}, "other")
        kept = tx.session.scalar(select(DistrictRow.content_hash))

    assert kept == "hash"
