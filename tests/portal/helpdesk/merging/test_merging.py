"""Two accounts of one parent become one: nothing lost, nothing double, and the other ends for good."""

import threading
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from portal.accounts.models import AccountRow, KnownDeviceRow, LinkRow
from portal.accounts.outcomes import NewAccount, RecoverPassword, SignedIn, StudentsLinked
from portal.core.models import AuditRow, TokenRow
from portal.core.outcomes import Reason, Refused
from portal.core.secret import Secret
from portal.core.tokens import TokenPurpose
from portal.helpdesk.desk.models import DeskDeedRow
from portal.helpdesk.merging.outcomes import Doubt, Merge, Merged, MergePlan, Obstacle
from portal.helpdesk.outcomes import CaseKind, NewCase
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Role
from portal.transaction import Portal
from tests.support.boston import does, mailed_token
from tests.support.desk_work import member_of, order, verify
from tests.support.families import Letter, asker, enroll, import_roster, link, mails
from tests.support.portals import PASSWORD, make_parent, sign_in
from tests.support.rosters import Roster, small_roster

WHY = "both at the counter, passport seen"
Families = dict[str, str]


def roster() -> Roster:
    return (
        small_roster()
        .student("S9", "Leo", "López", identifier="NS9")
        .student("S8", "Zoe", "López", identifier="NS8")
    )


@pytest.fixture
def letters(portal: Portal, tmp_path: Path) -> dict[str, Letter]:
    return dict(enroll(portal, tmp_path, roster()))


@pytest.fixture
def pair(portal: Portal, letters: dict[str, Letter]) -> Families:
    """Make two accounts of Ana, with Maya and Leo, and with Leo and Zoe."""
    maya, leo, zoe = (letters[key].student_id for key in ("S1", "S9", "S8"))
    given = {"display_name": "Ana López", "email_confirmed": True}
    kept = make_parent(portal, username="ana.lopez", children=[maya, leo], email="ana@example.org", **given)
    ended = make_parent(portal, username="ana.old", children=[leo, zoe], email="old@example.org", **given)
    return {"kept": kept, "ended": ended, "maya": maya, "leo": leo, "zoe": zoe}


@pytest.fixture(autouse=True)
def desk(portal: Portal, pair: Families) -> StaffMember:
    """Let somebody of the desk have made sure of the parent of both accounts."""
    found = member_of(portal, Role.DESK)
    for key in ("kept", "ended"):
        verify(portal, found, pair[key])
    return found


def planned(portal: Portal, pair: Families, desk: StaffMember) -> MergePlan:
    plan = does(portal, lambda tx: tx.merging.plan(desk, pair["kept"], pair["ended"]))
    assert isinstance(plan, MergePlan)
    return plan


def merged(
    portal: Portal, pair: Families, desk: StaffMember, fingerprint: str = "", why: str = WHY
) -> Merged | Refused:
    mark = fingerprint or planned(portal, pair, desk).fingerprint
    merge = Merge(pair["kept"], pair["ended"], mark, why, uuid4().hex)
    return does(portal, lambda tx: tx.merging.merge(desk, merge))


def children(portal: Portal, account_id: str) -> list[str]:
    with portal.begin(read_only=True) as tx:
        return sorted(each.student_id for each in tx.links.students_of(account_id))


def of(pair: Families, *names: str) -> list[str]:
    return sorted(pair[name] for name in names)


def recover(portal: Portal) -> None:
    """Forget the password of the account that will end."""
    wish = RecoverPassword(asker(), "ana.old", "old@example.org")
    assert not isinstance(does(portal, lambda tx: tx.recovery.ask_password(wish)), Refused)


@pytest.mark.case("T6")
def test_dry_run_shows_before_and_after_and_changes_nothing(
    portal: Portal, desk: StaffMember, pair: Families
) -> None:
    sign_in(portal, "ana.old")
    recover(portal)

    plan = planned(portal, pair, desk)

    assert sorted(each.student_id for each in plan.after) == of(pair, "maya", "leo", "zoe")
    assert plan.moved == (pair["zoe"],)
    assert [each.channel for each in plan.ended.sessions] == ["console"]
    assert [each.purpose for each in plan.ended.tokens] == ["recover_password"]
    assert plan.ended.chats == ("console",)
    assert plan.doubts == ()
    assert plan.obstacles == ()
    assert children(portal, pair["ended"]) == of(pair, "leo", "zoe")
    assert isinstance(sign_in(portal, "ana.old"), SignedIn)


@pytest.mark.case("T6", "RT6")
def test_merged_account_has_all_children_once_and_the_other_ends(
    portal: Portal, desk: StaffMember, pair: Families
) -> None:
    sign_in(portal, "ana.old", conversation="old chat", device="her telephone")
    recover(portal)
    token = mailed_token(portal, TokenPurpose.RECOVER_PASSWORD)

    outcome = merged(portal, pair, desk)

    assert outcome == Merged(pair["kept"], 1)
    assert children(portal, pair["kept"]) == of(pair, "maya", "leo", "zoe")
    assert children(portal, pair["ended"]) == []
    assert sign_in(portal, "ana.old", PASSWORD) == Refused(Reason.BAD_CREDENTIALS)
    assert isinstance(sign_in(portal, "ana.lopez", PASSWORD), SignedIn)
    with portal.begin() as tx:
        assert tx.sessions.current("old chat") == Refused(Reason.SESSION_ENDED)
        found = tx.tokens.find("westborough", TokenPurpose.RECOVER_PASSWORD, Secret(token))
        assert found == Refused(Reason.TOKEN_VOID)
        assert not tx.session.scalars(
            select(KnownDeviceRow).where(KnownDeviceRow.account_id == pair["ended"])
        ).all()
        assert tx.sessions.conversations_of(pair["ended"]) == {}


@pytest.mark.case("T6")
def test_name_of_the_ended_account_is_nobody_elses(portal: Portal, desk: StaffMember, pair: Families) -> None:
    merged(portal, pair, desk)

    new = NewAccount("westborough", "Ana.Old", "Somebody Else")
    assert portal.create_account(new, Secret(PASSWORD)) == Refused(Reason.USERNAME_TAKEN)


@pytest.mark.case("T6")
def test_merged_once_more_nothing_is_done(portal: Portal, desk: StaffMember, pair: Families) -> None:
    mark = planned(portal, pair, desk).fingerprint
    merged(portal, pair, desk, mark)
    before = len(mails(portal))

    again = merged(portal, pair, desk, mark)

    assert again == Merged(pair["kept"], 0, is_repeat=True)
    assert len(mails(portal)) == before
    with portal.begin(read_only=True) as tx:
        events = list(tx.session.scalars(select(AuditRow.event)))
    assert events.count("merge.done") == 2


@pytest.mark.case("T6")
def test_audit_lists_both_accounts_and_each_names_the_other(
    portal: Portal, desk: StaffMember, pair: Families
) -> None:
    merged(portal, pair, desk)

    with portal.begin(read_only=True) as tx:
        names = [tx.audit.pseudonym("westborough", f"account:{pair[key]}") for key in ("kept", "ended")]
        query = select(AuditRow).where(AuditRow.event == "merge.done").order_by(AuditRow.number)
        rows = tx.session.scalars(query).all()
        assert [row.subject for row in rows] == names
        for row, other in zip(rows, names[::-1], strict=True):
            assert str(other) in row.details
            assert desk.by in row.details
            assert WHY not in row.details


def test_both_addresses_are_told(portal: Portal, desk: StaffMember, pair: Families) -> None:
    merged(portal, pair, desk)

    told = [address for kind, address in mails(portal) if kind == "accounts_merged"]
    assert told == ["ana@example.org", "old@example.org"]


def test_cases_and_what_was_left_to_be_done_move_along(
    portal: Portal, desk: StaffMember, pair: Families
) -> None:
    case = NewCase("westborough", CaseKind.OTHER, "chat", "webchat", "en", pair["ended"], {"happened": "x"})
    does(portal, lambda tx: tx.cases.open(case))

    merged(portal, pair, desk)

    with portal.begin() as tx:
        assert [each.account_id for each in tx.cases.waiting("westborough")] == [pair["kept"]]


def test_child_that_was_linked_since_the_dry_run_is_looked_at_first(
    portal: Portal, desk: StaffMember, pair: Families, letters: dict[str, Letter]
) -> None:
    plan = planned(portal, pair, desk)
    sign_in(portal, "ana.old")
    link(portal, letters["S2"].claim())

    outcome = merged(portal, pair, desk, plan.fingerprint)

    assert outcome == Refused(Reason.OUTDATED)
    assert letters["S2"].student_id in children(portal, pair["ended"])
    assert isinstance(merged(portal, pair, desk), Merged)
    assert letters["S2"].student_id in children(portal, pair["kept"])


def test_merge_while_the_parent_links_a_child_loses_nothing(
    portal: Portal, desk: StaffMember, pair: Families, letters: dict[str, Letter]
) -> None:
    sign_in(portal, "ana.old")
    mark = planned(portal, pair, desk).fingerprint
    meet = threading.Barrier(2)
    came: dict[str, object] = {}

    def linking() -> None:
        meet.wait()
        came["linked"] = link(portal, letters["S2"].claim())

    def merging() -> None:
        meet.wait()
        came["merged"] = merged(portal, pair, desk, mark)

    threads = [threading.Thread(target=each) for each in (linking, merging)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    child = letters["S2"].student_id
    if isinstance(came["merged"], Merged):
        # The parent is told, and links the child again where the account goes on.
        assert came["linked"] == Refused(Reason.SESSION_ENDED)
        assert children(portal, pair["ended"]) == []
    else:
        assert came["merged"] == Refused(Reason.OUTDATED)
        assert isinstance(came["linked"], StudentsLinked)
        assert child in children(portal, pair["ended"])


def test_two_merges_crosswise_at_once_end_one_account(
    portal: Portal, desk: StaffMember, pair: Families
) -> None:
    crosswise = {**pair, "kept": pair["ended"], "ended": pair["kept"]}
    marks = [planned(portal, each, desk).fingerprint for each in (pair, crosswise)]
    meet = threading.Barrier(2)
    came: list[object] = []

    def work(each: Families, mark: str) -> None:
        meet.wait()
        came.append(merged(portal, each, desk, mark))

    threads = [
        threading.Thread(target=work, args=each) for each in zip((pair, crosswise), marks, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(type(each).__name__ for each in came) == ["Merged", "Refused"]
    assert Refused(Reason.ALREADY_DONE) in came
    with portal.begin(read_only=True) as tx:
        rows = tx.session.scalars(select(AccountRow)).all()
        assert len([row for row in rows if row.merged_into]) == 1
        assert len(tx.session.scalars(select(LinkRow)).all()) == 3


def test_reason_is_asked_for(portal: Portal, desk: StaffMember, pair: Families) -> None:
    outcome = merged(portal, pair, desk, why=" ")

    assert isinstance(outcome, Refused)
    assert [(each.key, each.field) for each in outcome.violations] == [("empty", "reason")]
    assert children(portal, pair["ended"]) == of(pair, "leo", "zoe")


def test_account_is_not_merged_with_itself(portal: Portal, desk: StaffMember, pair: Families) -> None:
    same = {**pair, "ended": pair["kept"]}

    assert planned(portal, same, desk).obstacles == (Obstacle.SAME,)
    assert merged(portal, same, desk) == Refused(Reason.OUTDATED)


def test_bar_of_the_records_is_not_lost_by_going_on_as_the_other(
    portal: Portal, desk: StaffMember, pair: Families, tmp_path: Path
) -> None:
    rights = {"portalAccess": "false", "receivesEmail": "true"}
    barred = roster().add("x_portal_access", parentIdentifier="NP1", studentIdentifier="NS1", **rights)
    import_roster(portal, tmp_path, barred, "westborough")
    with portal.begin() as tx:
        contact = tx.imports.find_contact("westborough", "P1")
        assert contact is not None
        tx.session.get_one(AccountRow, pair["ended"]).contact_id = contact.id

    plan = planned(portal, pair, desk)

    assert plan.obstacles == (Obstacle.BARRED,)
    assert merged(portal, pair, desk, plan.fingerprint) == Refused(Reason.OUTDATED)


def test_two_parents_of_one_child_are_doubted(
    portal: Portal, desk: StaffMember, letters: dict[str, Letter]
) -> None:
    maya, leo = letters["S1"].student_id, letters["S9"].student_id
    ana = make_parent(portal, username="ana.two", display_name="Ana López", children=[maya])
    luis = make_parent(portal, username="luis.lopez", display_name="Luis López", children=[leo])

    plan = planned(portal, {"kept": ana, "ended": luis}, desk)

    assert plan.doubts == (Doubt.NAMES_DIFFER, Doubt.NO_COMMON_CHILD, Doubt.EMAIL_UNCONFIRMED)


@pytest.mark.case("T1")
@pytest.mark.parametrize("role", [Role.SCHOOL_ADMINISTRATOR, Role.AUDITOR])
def test_merging_spans_schools_and_is_not_for_every_role(
    portal: Portal, desk: StaffMember, pair: Families, role: Role
) -> None:
    who = StaffMember("x", "westborough", "X", "x@schools.example", role)

    assert does(portal, lambda tx: tx.merging.find(who, "ana.lopez")) == Refused(Reason.FORBIDDEN)
    planned_ = does(portal, lambda tx: tx.merging.plan(who, pair["kept"], pair["ended"]))
    assert planned_ == Refused(Reason.FORBIDDEN)
    merge = Merge(pair["kept"], pair["ended"], "", WHY, uuid4().hex)
    assert does(portal, lambda tx: tx.merging.merge(who, merge)) == Refused(Reason.FORBIDDEN)


def test_account_is_found_by_name_or_by_an_address_of_one_alone(
    portal: Portal, desk: StaffMember, pair: Families
) -> None:
    def find(typed: str) -> str | Refused:
        return does(portal, lambda tx: tx.merging.find(desk, typed))

    assert find(" ANA.Lopez ") == pair["kept"]
    assert find("OLD@example.org") == pair["ended"]
    make_parent(portal, username="third.one", email="old@example.org")
    assert find("old@example.org") == Refused(Reason.NOT_FOUND)
    assert find("nobody") == Refused(Reason.NOT_FOUND)
    assert find("\0") == Refused(Reason.NOT_FOUND)


def test_accounts_of_another_district_do_not_exist(portal: Portal, desk: StaffMember, pair: Families) -> None:
    stranger = StaffMember("x", "boston", "X", "x@schools.example", Role.DISTRICT_ADMINISTRATOR)

    refused = does(portal, lambda tx: tx.merging.plan(stranger, pair["kept"], pair["ended"]))

    assert refused == Refused(Reason.NOT_FOUND)


def test_mail_of_an_ended_account_that_waits_never_leaves(
    portal: Portal, desk: StaffMember, pair: Families
) -> None:
    recover(portal)

    merged(portal, pair, desk)

    with portal.begin(read_only=True) as tx:
        rows = tx.session.scalars(select(TokenRow).where(TokenRow.account_id == pair["ended"])).all()
    assert rows
    assert all(row.voided_at is not None for row in rows)


@pytest.mark.parametrize("missing", ["kept", "ended"])
def test_nobody_gets_the_children_of_an_account_whose_parent_was_not_made_sure_of(
    portal: Portal, pair: Families, missing: str
) -> None:
    other = member_of(portal, Role.DESK)
    verify(portal, other, pair["ended" if missing == "kept" else "kept"])

    plan = planned(portal, pair, other)

    assert plan.unverified == (pair[missing],)
    assert merged(portal, pair, other) == Refused(Reason.CALLER_NOT_VERIFIED)
    assert children(portal, pair["ended"]) == of(pair, "leo", "zoe")


def test_ended_account_is_not_brought_back(portal: Portal, pair: Families, desk: StaffMember) -> None:
    merged(portal, pair, desk)

    for deed in ("enable", "unlock", "send_recovery"):
        asked = order(pair["ended"])
        outcome = does(portal, lambda tx, deed=deed, asked=asked: getattr(tx.desk, deed)(desk, asked))

        assert isinstance(outcome, Refused)
        assert [each.key for each in outcome.violations] == ["account_ended"]


def test_merge_stands_on_the_screens_of_both_accounts(
    portal: Portal, pair: Families, desk: StaffMember
) -> None:
    merged(portal, pair, desk)

    with portal.begin(read_only=True) as tx:
        rows = tx.session.scalars(select(DeskDeedRow)).all()
    assert sorted(str(row.account_id) for row in rows) == of(pair, "kept", "ended")
    assert {row.deed for row in rows} == {"merge"}
    assert not any(WHY.encode() in row.note for row in rows)
