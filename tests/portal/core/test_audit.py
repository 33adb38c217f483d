"""The audit shows what was changed in it, and forgets a family without breaking."""

import threading

import pytest
from sqlalchemy import select, text

from portal.core.audit import AuditEvent, ChainBroken, ChainIntact
from portal.core.models import AuditRow
from portal.transaction import Portal

DISTRICT = "westborough"


def write(portal: Portal, count: int = 4) -> None:
    for number in range(count):
        with portal.begin() as tx:
            subject = f"account:{number % 2}"
            tx.audit.record(DISTRICT, AuditEvent.SIGNED_IN, subject=subject, channel="console")


def verify(portal: Portal) -> ChainIntact | ChainBroken:
    with portal.begin(read_only=True) as tx:
        return tx.audit.verify(DISTRICT)


def test_untouched_chain_is_intact(portal: Portal) -> None:
    write(portal)

    found = verify(portal)

    assert isinstance(found, ChainIntact)
    assert found.count == 4


def test_empty_chain_is_intact(portal: Portal) -> None:
    assert verify(portal) == ChainIntact(0, bytes(32))


@pytest.mark.case("G5")
@pytest.mark.parametrize(
    ("tampering", "first_bad"),
    [
        ("update audit set details = '{}' where number = 2", 2),
        ("update audit set at = at + 1 where number = 3", 3),
        ("delete from audit where number = 2", 2),
        ("delete from audit where number = 4", 4),
        ("update audit set number = 9 where number = 1", 1),
        ("update audit set subject = '' where number = 4", 4),
        (
            "insert into audit select district_id, 5, at, event, subject, details, digest"
            " from audit where number = 4",
            5,
        ),
    ],
)
def test_tampering_is_found_at_its_first_row(portal: Portal, tampering: str, first_bad: int) -> None:
    write(portal)
    with portal.begin() as tx:
        tx.session.execute(text(tampering))

    assert verify(portal) == ChainBroken(first_bad)


@pytest.mark.case("G5")
def test_tail_cut_with_its_head_shows_against_an_anchor_kept_outside(portal: Portal) -> None:
    write(portal)
    anchor = verify(portal)
    with portal.begin() as tx:
        tx.session.execute(text("delete from audit where number = 4"))
        cut = "update audit_heads set number = 3, digest = (select digest from audit where number = 3)"
        tx.session.execute(text(cut))

    found = verify(portal)

    assert isinstance(found, ChainIntact)
    assert found != anchor


def test_districts_have_chains_of_their_own(portal: Portal) -> None:
    write(portal)
    with portal.begin() as tx:
        tx.audit.record("boston", AuditEvent.SIGNED_IN, subject="account:0")
        numbers = set(tx.session.scalars(select(AuditRow.number).where(AuditRow.district_id == "boston")))

    assert numbers == {1}


def test_subjects_are_pseudonyms_that_stay_the_same(portal: Portal) -> None:
    write(portal)

    with portal.begin(read_only=True) as tx:
        subjects = list(tx.session.scalars(select(AuditRow.subject).order_by(AuditRow.number)))
        known = tx.audit.pseudonym(DISTRICT, "account:0")

    assert subjects[0] == subjects[2] == known
    assert subjects[1] == subjects[3] != known
    assert all(len(subject) == 64 for subject in subjects)


def test_forgotten_family_is_named_by_no_row_and_the_chain_holds(portal: Portal) -> None:
    write(portal)
    with portal.begin(read_only=True) as tx:
        before = tx.audit.pseudonym(DISTRICT, "account:0")
    with portal.begin() as tx:
        tx.audit.forget(DISTRICT, "account:0")
    with portal.begin() as tx:
        gone = tx.audit.pseudonym(DISTRICT, "account:0")
        tx.audit.record(DISTRICT, AuditEvent.SIGNED_IN, subject="account:0")
        after = tx.audit.pseudonym(DISTRICT, "account:0")

    assert gone is None
    assert after not in {None, before}
    assert isinstance(verify(portal), ChainIntact)


def test_event_about_nobody_has_no_subject(portal: Portal) -> None:
    with portal.begin() as tx:
        tx.audit.record(DISTRICT, AuditEvent.IMPORT_APPLIED, rows=3)
        row = tx.session.scalars(select(AuditRow)).one()

    assert (row.subject, row.details) == ("", '{"rows": 3}')


def test_events_at_once_make_one_chain(portal: Portal) -> None:
    threads = [threading.Thread(target=write, args=(portal, 5)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = verify(portal)

    assert isinstance(found, ChainIntact)
    assert found.count == 40


def test_exception_takes_the_event_back(portal: Portal) -> None:
    def fail() -> None:
        with portal.begin() as tx:
            tx.audit.record(DISTRICT, AuditEvent.SIGNED_IN)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert verify(portal) == ChainIntact(0, bytes(32))
