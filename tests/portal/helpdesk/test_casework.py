"""Staff work on cases: each change once, nothing lost, nobody else's."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.core.audit import AuditEvent
from portal.core.models import AuditRow
from portal.core.outcomes import Reason, Refused
from portal.core.sealed import seal
from portal.dialogue.models import ChatRow, PushRow
from portal.dialogue.outcomes import Arrival
from portal.helpdesk.case_outcomes import CaseChanged, CaseView, EntryKind
from portal.helpdesk.casework import Outcome
from portal.helpdesk.due import due_at
from portal.helpdesk.figures import Figures
from portal.helpdesk.models import CaseEntryRow
from portal.helpdesk.outcomes import CaseKind, NewCase
from portal.helpdesk.staff.models import StaffRow
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Role
from portal.helpdesk.staff.sessions import member_of
from portal.transaction import Portal, Transaction
from tests.support.clock import START, FakeClock
from tests.support.console import make_staff
from tests.support.families import HELP
from tests.support.portals import make_district

Deed = Callable[[Transaction, StaffMember], Outcome]


@pytest.fixture
def chat(portal: Portal) -> str:
    """Open case 1 in a web chat and return its conversation."""
    make_district(portal, help=HELP)
    with portal.begin() as tx:
        arrival = Arrival("webchat", "family", "m1", {"kind": "text", "text": "hello"}, {})
        conversation = tx.dialogue.receive(arrival).conversation_id
        tx.cases.open(NewCase("westborough", CaseKind.OTHER, conversation, "webchat"))
    return conversation


def done(portal: Portal, staff_id: str, deed: Deed) -> Outcome:
    """Do something as a member of staff."""
    with portal.begin() as tx:
        return deed(tx, member_of(tx.session.get_one(StaffRow, staff_id)))


def seen(portal: Portal, staff_id: str) -> CaseView:
    with portal.begin() as tx:
        view = tx.case_lists.look(member_of(tx.session.get_one(StaffRow, staff_id)), 1)
    assert isinstance(view, CaseView)
    return view


@pytest.mark.parametrize(
    "deed",
    [
        lambda tx, member: tx.casework.note(member, 1, "x", "1"),
        lambda tx, member: tx.casework.answer(member, 1, "x", "1"),
        lambda tx, member: tx.casework.assign(member, 1, "", 1),
        lambda tx, member: tx.casework.set_due(member, 1, None, 1),
        lambda tx, member: tx.casework.take_over(member, 1, 1),
        lambda tx, member: tx.casework.hand_back(member, 1),
        lambda tx, member: tx.casework.close(member, 1, "x", 1),
        lambda tx, member: tx.casework.reopen(member, 1, 1),
        lambda tx, member: tx.casework.open_for(member, "mlopez", CaseKind.OTHER, "x"),
    ],
    ids=["note", "answer", "assign", "due", "take", "back", "close", "reopen", "open"],
)
@pytest.mark.case("T1")
def test_who_may_only_look_changes_nothing(portal: Portal, chat: str, deed: Deed) -> None:
    assert done(portal, make_staff(portal, Role.AUDITOR), deed) == Refused(Reason.FORBIDDEN)


def test_case_of_another_district_does_not_exist(portal: Portal, chat: str) -> None:
    make_district(portal, "boston", name="Boston Public Schools", help=HELP)

    outcome = done(
        portal,
        make_staff(portal, district="boston"),
        lambda tx, member: tx.casework.note(member, 1, "x", "1"),
    )

    assert outcome == Refused(Reason.NOT_FOUND)


@pytest.mark.parametrize("whose", ["another district", "an auditor", "nobody", "somebody who left"])
def test_case_is_given_only_to_somebody_who_may_work_on_it(portal: Portal, chat: str, whose: str) -> None:
    make_district(portal, "boston", name="Boston Public Schools", help=HELP)
    left = make_staff(portal)
    with portal.begin() as tx:
        tx.session.get_one(StaffRow, left).disabled_at = tx.now
    given = {
        "another district": make_staff(portal, district="boston"),
        "an auditor": make_staff(portal, Role.AUDITOR),
        "nobody": "nobody",
        "somebody who left": left,
    }[whose]

    outcome = done(portal, make_staff(portal), lambda tx, member: tx.casework.assign(member, 1, given, 1))

    assert outcome == Refused(Reason.INVALID_REQUEST)


def test_what_is_said_is_encrypted_and_in_no_audit(portal: Portal, chat: str) -> None:
    staff_id = make_staff(portal)

    done(portal, staff_id, lambda tx, member: tx.casework.answer(member, 1, "CANARY one", "1"))
    done(portal, staff_id, lambda tx, member: tx.casework.note(member, 1, "CANARY two", "2"))
    done(portal, staff_id, lambda tx, member: tx.casework.close(member, 1, "CANARY three", 1))

    with portal.begin() as tx:
        kept = [row.content for row in tx.session.scalars(select(CaseEntryRow))]
        audit = list(tx.session.scalars(select(AuditRow.details)))
    assert len(kept) == 4
    assert not any(b"CANARY" in each for each in kept)
    assert not any("CANARY" in each for each in audit)


@pytest.mark.case("Q4")
def test_of_two_who_take_a_chat_over_at_once_one_has_it(portal: Portal, chat: str) -> None:
    staff = [make_staff(portal, name=name) for name in ("Dana Whitlock", "Rosa Delgado")]
    outcomes = at_once(portal, staff, lambda tx, member: tx.casework.take_over(member, 1, 1))

    assert sorted(outcomes, key=repr) == [CaseChanged(1), Refused(Reason.OUTDATED)]
    events = [entry.what for entry in seen(portal, staff[0]).entries if entry.kind is EntryKind.EVENT]
    assert events == ["taken_over"]


def test_the_same_answer_at_once_is_one(portal: Portal, chat: str) -> None:
    staff_id = make_staff(portal)

    outcomes = at_once(
        portal, [staff_id, staff_id], lambda tx, member: tx.casework.answer(member, 1, "hello", "form")
    )

    assert outcomes == [CaseChanged(1), CaseChanged(1)]
    assert [entry.text for entry in seen(portal, staff_id).entries] == ["hello"]


def test_what_the_family_writes_into_a_closed_case_opens_it_again(portal: Portal, chat: str) -> None:
    staff_id = make_staff(portal)
    done(portal, staff_id, lambda tx, member: tx.casework.close(member, 1, "Done.", 1))

    with portal.begin() as tx:
        tx.case_chats.hear(chat, 1, "One more thing")

    view = seen(portal, staff_id)
    assert view.line.state == "open"
    assert view.line.waiting_since == START


def test_chats_of_staff_are_told_when_a_family_says_that_it_did_not_help(portal: Portal, chat: str) -> None:
    staff_id = make_staff(portal)
    with portal.begin() as tx:
        place = {"id": "c1", "district_id": "westborough", "via": "telegram:1", "created_at": tx.now}
        tx.session.add(ChatRow(**place, address=seal(tx.context.keys, {"chat": 5})))
    done(portal, staff_id, lambda tx, member: tx.casework.close(member, 1, "Done.\r\nCalled her.", 1))

    with portal.begin() as tx:
        late = tx.case_chats.judge(chat, 7, helped=False)
        tx.case_chats.judge(chat, 1, helped=False)
        notices = list(tx.session.scalars(select(PushRow.chat_id)))

    assert late is False
    assert notices == ["c1"]
    assert seen(portal, staff_id).entries[0].text == "Done.\nCalled her."


def test_no_chat_is_taken_over_where_there_is_none(portal: Portal) -> None:
    make_district(portal, help=HELP)
    with portal.begin() as tx:
        tx.cases.open(NewCase("westborough", CaseKind.OTHER, "a page", "web"))

    outcome = done(portal, make_staff(portal), lambda tx, member: tx.casework.take_over(member, 1, 1))

    assert outcome == Refused(Reason.INVALID_REQUEST)


@pytest.mark.parametrize(
    ("kind", "opened", "due"),
    [
        (CaseKind.UNUSUAL_ACTIVITY, timedelta(), timedelta(hours=2)),
        (CaseKind.CANNOT_SIGN_IN, timedelta(), timedelta(days=1)),
        # START is a Thursday.
        (CaseKind.CANNOT_SIGN_IN, timedelta(days=1), timedelta(days=4)),
        (CaseKind.OTHER, timedelta(days=1), timedelta(days=5)),
    ],
)
def test_case_is_due_on_a_day_when_somebody_is_there(
    portal: Portal, kind: CaseKind, opened: timedelta, due: timedelta
) -> None:
    district = make_district(portal, help=HELP)

    assert due_at(START + opened, kind, district) == START + due


def test_figures_count_waiting_reasons_and_what_needed_no_person(
    portal: Portal, chat: str, clock: FakeClock
) -> None:
    staff_id = make_staff(portal)
    clock.advance(hours=2)
    done(portal, staff_id, lambda tx, member: tx.casework.answer(member, 1, "hello", "1"))
    clock.advance(hours=2)
    done(portal, staff_id, lambda tx, member: tx.casework.close(member, 1, "Done.", 1))
    with portal.begin() as tx:
        tx.case_chats.judge(chat, 1, helped=True)
        tx.cases.open(NewCase("westborough", CaseKind.NO_EMAIL, "another", "web", "es"))
        tx.audit.record("westborough", AuditEvent.PASSWORD_RECOVERED)
        tx.audit.record("westborough", AuditEvent.EMAIL_CHANGED, by="staff:somebody")

    with portal.begin() as tx:
        figures = tx.case_figures.of(member_of(tx.session.get_one(StaffRow, staff_id)))

    assert isinstance(figures, Figures)
    assert (figures.open_now, figures.opened, figures.alone) == (1, 2, 1)
    assert (figures.answered_in, figures.closed_in) == (timedelta(hours=2), timedelta(hours=4))
    assert (figures.helped, figures.not_helped) == (1, 0)
    assert dict(figures.reasons) == {CaseKind.OTHER: 1, CaseKind.NO_EMAIL: 1}
    assert dict(figures.languages) == {"en": 1, "es": 1}
    assert (figures.weeks[-1].opened, figures.weeks[-1].closed) == (2, 1)


def at_once(portal: Portal, staff: list[str], deed: Deed) -> list[Outcome]:
    """Let several do something at the same moment."""
    barrier, outcomes = threading.Barrier(len(staff)), []

    def run(staff_id: str) -> None:
        barrier.wait()
        outcomes.append(done(portal, staff_id, deed))

    threads = [threading.Thread(target=run, args=(each,)) for each in staff]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
