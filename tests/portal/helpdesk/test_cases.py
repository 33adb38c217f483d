"""Cases: a family that nothing else helps is heard by a person, once, with what it gave."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.core.models import AuditRow, OutboxRow
from portal.helpdesk.models import CaseRow
from portal.helpdesk.outcomes import Case, CaseKind, CaseOpened, NewCase
from portal.helpdesk.service import MOST_DETAIL
from portal.transaction import Portal
from tests.support.clock import START, FakeClock
from tests.support.families import HELP, mails
from tests.support.portals import make_district, make_parent

NO_EMAIL = NewCase(
    district="westborough",
    kind=CaseKind.NO_EMAIL,
    conversation="conversation",
    channel="webchat",
    language="es",
    details={"name": "Ana López", "telephone": "(508) 555-0111"},
)
TOLD = ("staff_case", "helpdesk@schools.example")


def opened(portal: Portal, new: NewCase = NO_EMAIL) -> CaseOpened:
    with portal.begin() as tx:
        return tx.cases.open(new)


def waiting(portal: Portal, district: str = "westborough") -> list[Case]:
    with portal.begin() as tx:
        return tx.cases.waiting(district)


def test_case_waits_with_what_the_family_gave_and_staff_are_told(portal: Portal) -> None:
    make_district(portal, help=HELP)

    outcome = opened(portal)

    assert outcome == CaseOpened(number=1, is_new=True)
    assert waiting(portal) == [
        Case(1, CaseKind.NO_EMAIL, "open", "webchat", "es", None, dict(NO_EMAIL.details), START)
    ]
    assert mails(portal) == [TOLD]


def test_neither_mail_nor_audit_nor_table_shows_what_the_family_gave(portal: Portal) -> None:
    make_district(portal, help=HELP)

    opened(portal)

    with portal.begin() as tx:
        mail = tx.session.scalars(select(OutboxRow)).one()
        row = tx.session.scalars(select(CaseRow)).one()
        audit = list(tx.session.scalars(select(AuditRow.details)))
    assert mail.details == '{"case": "no_email", "number": 1}'
    assert not any("555" in kept or "Ana" in kept for kept in (mail.details, repr(row.details), *audit))


def test_repeat_from_the_same_conversation_adds_to_the_open_case(portal: Portal, clock: FakeClock) -> None:
    make_district(portal, help=HELP)
    account = make_parent(portal)
    opened(portal)
    clock.advance(minutes=5)
    more = {"telephone": "(508) 555-0222", "name": "Ana López", "note": " ", "school": "Assabet"}

    outcome = opened(portal, replace(NO_EMAIL, details=more, account_id=account))

    assert outcome == CaseOpened(number=1, is_new=False)
    (case,) = waiting(portal)
    assert case.details == {
        "name": "Ana López",
        "telephone": "(508) 555-0111\n(508) 555-0222",
        "school": "Assabet",
    }
    assert (case.account_id, case.opened_at) == (account, START)
    assert mails(portal) == [TOLD]


@pytest.mark.parametrize("other", [{"conversation": "another"}, {"kind": CaseKind.LOST_LETTER}])
def test_other_conversation_or_other_trouble_is_a_case_of_its_own(
    portal: Portal, other: dict[str, str]
) -> None:
    make_district(portal, help=HELP)
    opened(portal)

    outcome = opened(portal, replace(NO_EMAIL, **other))  # type: ignore[arg-type]  # the test names the fields

    assert outcome == CaseOpened(number=2, is_new=True)
    assert mails(portal) == [TOLD, TOLD]


def test_closed_case_is_not_added_to(portal: Portal) -> None:
    make_district(portal, help=HELP)
    opened(portal)
    with portal.begin() as tx:
        row = tx.session.scalars(select(CaseRow)).one()
        row.state, row.closed_at = "closed", tx.now

    outcome = opened(portal)

    assert outcome == CaseOpened(number=2, is_new=True)
    assert [case.number for case in waiting(portal)] == [2]


def test_each_district_counts_and_sees_its_own_cases(portal: Portal, clock: FakeClock) -> None:
    make_district(portal, help=HELP)
    make_district(portal, "boston")
    opened(portal)
    clock.advance(minutes=1)
    opened(portal, replace(NO_EMAIL, conversation="later"))

    outcome = opened(portal, replace(NO_EMAIL, district="boston"))

    assert outcome == CaseOpened(number=1, is_new=True)
    assert [case.number for case in waiting(portal)] == [1, 2]
    assert len(waiting(portal, "boston")) == 1
    assert mails(portal) == [TOLD, TOLD]


def test_case_of_a_barred_contact_is_told_as_such(portal: Portal) -> None:
    make_district(portal, help=HELP)

    opened(portal, replace(NO_EMAIL, kind=CaseKind.BARRED))

    assert mails(portal) == [("staff_barred", "helpdesk@schools.example")]


def test_more_text_than_anybody_reads_is_cut(portal: Portal) -> None:
    make_district(portal)
    many = {f"field {number}": "x" * 9000 for number in range(30)}

    opened(portal, replace(NO_EMAIL, details=many))

    (case,) = waiting(portal)
    assert len(case.details) == 20
    assert {len(value) for value in case.details.values()} == {MOST_DETAIL}


def test_cases_opened_at_once_have_a_number_each(portal: Portal) -> None:
    make_district(portal)
    barrier, numbers = threading.Barrier(8), []

    def open_one(index: int) -> None:
        barrier.wait()
        numbers.append(opened(portal, replace(NO_EMAIL, conversation=f"conversation {index}")).number)

    threads = [threading.Thread(target=open_one, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(numbers) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_look_of_staff_is_on_record(portal: Portal) -> None:
    make_district(portal)
    opened(portal)

    with portal.begin() as tx:
        tx.cases.waiting("westborough", by="console: ruth")
        seen = tx.session.scalars(select(AuditRow.details).where(AuditRow.event == "case.seen")).all()

    assert seen == ['{"by": "console: ruth", "count": 1}']
