"""Requests for an account: one answer for everybody, and what differs from the records is for staff only."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.accounts.models import AccountRequestRow, AccountRow
from portal.accounts.outcomes import AccountRequested, SignedIn
from portal.core.models import AuditRow, OutboxRow, TokenRow
from portal.core.outcomes import Reason, Refused, Violation
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.families import asker, enroll, import_roster, mails, request_account
from tests.support.hashing import CountingHasher
from tests.support.portals import NEW_PASSWORD, make_parent, sign_in
from tests.support.rosters import Roster, small_roster

CONFIRM = ("confirm_request", "ana@example.org")
STAFF = ("staff_request", "helpdesk@schools.example")
ALREADY = ("already_account", "ana@example.org")


def boston_roster(access: str = "true", receives: str = "true", student: str = "NS1") -> Roster:
    rights = {"portalAccess": access, "receivesEmail": receives}
    return small_roster().add("x_portal_access", parentIdentifier="NP1", studentIdentifier=student, **rights)


def boston(portal: Portal, folder: Path, roster: Roster | None = None, **options: object) -> None:
    given = {"account_opening": "request", "password": {"min_length": 12}, **options}
    enroll(portal, folder, roster or boston_roster(), "boston", **given)


def rows(portal: Portal) -> list[AccountRequestRow]:
    with portal.begin(read_only=True) as tx:
        query = select(AccountRequestRow).order_by(AccountRequestRow.created_at)
        return list(tx.session.scalars(query))


def states(portal: Portal) -> list[tuple[str, str]]:
    return [(row.state, row.reason) for row in rows(portal)]


@pytest.mark.case("Q1")
@pytest.mark.requirement("R114", "R116", "R117", "R121", "R124", "R129")
@pytest.mark.parametrize(
    ("typed", "rights", "expected", "mail"),
    [
        ({}, ("true", "true"), ("mailed", ""), CONFIRM),
        ({"first_name": "ANA", "last_name": "Lopez"}, ("true", "true"), ("mailed", ""), CONFIRM),
        ({"first_name": "López", "last_name": "Ana"}, ("true", "true"), ("mailed", ""), CONFIRM),
        ({"email": "ANA@Example.ORG"}, ("true", "true"), ("mailed", ""), CONFIRM),
        ({"first_name": "Anna"}, ("true", "true"), ("staff", "name_differs"), STAFF),
        ({"email": "ana@home.example"}, ("true", "true"), ("staff", "email_differs"), STAFF),
        (
            {"first_name": "Zoe", "email": "zoe@home.example"},
            ("true", "true"),
            ("staff", "not_on_file"),
            STAFF,
        ),
        ({}, ("false", "true"), ("staff", "no_portal_access"), STAFF),
        ({}, ("true", "false"), ("staff", "receives_no_email"), STAFF),
    ],
)
def test_answer_is_the_same_whatever_the_records_say(
    portal: Portal,
    tmp_path: Path,
    hasher: CountingHasher,
    *,
    typed: dict[str, str],
    rights: tuple[str, str],
    expected: tuple[str, str],
    mail: tuple[str, str],
) -> None:
    boston(portal, tmp_path, boston_roster(*rights))

    outcome = request_account(portal, **typed)

    assert outcome == AccountRequested()
    assert states(portal) == [expected]
    assert mails(portal) == [mail]
    # The same work too: nothing that can be counted or timed tells the cases apart.
    assert (hasher.verified, hasher.hashed) == (1, 1)
    with portal.begin(read_only=True) as tx:
        tables = (OutboxRow, TokenRow, AuditRow)
        counts = [tx.session.scalar(select(func.count()).select_from(table)) for table in tables]
        events = list(tx.session.scalars(select(AuditRow.event)))
    assert counts[:2] == [2, 1]
    assert events.count("account.requested") == 1


@pytest.mark.case("Q1")
@pytest.mark.parametrize(
    ("roster", "reason"),
    [
        (small_roster(), "no_portal_access"),
        (boston_roster().change("users", 4, enabledUser="false"), "no_portal_access"),
        (
            boston_roster().parent("P2", "Ana", "López", "S1", email="Ana@example.org"),
            "several_match",
        ),
    ],
)
def test_contact_that_is_not_sure_goes_to_staff(
    portal: Portal, tmp_path: Path, roster: Roster, reason: str
) -> None:
    boston(portal, tmp_path, roster)

    assert request_account(portal) == AccountRequested()
    assert states(portal) == [("staff", reason)]
    assert mails(portal) == [STAFF]


def test_rights_of_a_student_who_left_do_not_count(portal: Portal, tmp_path: Path) -> None:
    boston(portal, tmp_path, boston_roster(student="NS2"))
    left = boston_roster(student="NS2").drop("users", sourcedId="S2").drop("enrollments", userSourcedId="S2")
    left.rows["x_portal_access"] = []
    left.change(
        "users", 2 + [row["sourcedId"] for row in left.rows["users"]].index("P1"), agentSourcedIds="S1"
    )
    import_roster(portal, tmp_path, left, "boston")

    request_account(portal)

    assert states(portal) == [("staff", "no_portal_access")]


def test_contact_who_left_the_records_is_not_written_to(portal: Portal, tmp_path: Path) -> None:
    boston(portal, tmp_path)
    import_roster(portal, tmp_path, small_roster().drop("users", sourcedId="P1"), "boston")

    request_account(portal)

    assert states(portal) == [("staff", "email_differs")]


@pytest.mark.requirement("R126")
def test_question_and_answer_are_kept_and_the_answer_only_as_its_hash(
    portal: Portal, tmp_path: Path, hasher: CountingHasher
) -> None:
    boston(portal, tmp_path, security_question=True)

    outcome = request_account(portal, question=" First pet? ", answer="Bubbles the fish")

    row = rows(portal)[0]
    assert outcome == AccountRequested()
    assert row.security_question == "First pet?"
    assert row.security_answer_hash is not None
    assert "Bubbles" not in row.security_answer_hash
    assert hasher.hashed == 2


def test_question_is_not_kept_where_the_district_asks_none(portal: Portal, tmp_path: Path) -> None:
    boston(portal, tmp_path)

    request_account(portal, question="First pet?", answer="Bubbles")

    assert (rows(portal)[0].security_question, rows(portal)[0].security_answer_hash) == (None, None)


@pytest.mark.requirement("R122", "R125", "R126")
def test_everything_wrong_is_said_at_once(portal: Portal, tmp_path: Path) -> None:
    boston(portal, tmp_path, security_question=True)

    outcome = request_account(portal, first_name="", last_name="\u202e", email="no", new="short", again="y")
    long = request_account(portal, question="q" * 201, answer="a")
    strange = request_account(portal, question="Pet?\r\nBcc: all", answer="a")

    assert outcome == Refused(
        Reason.FIELDS_REFUSED,
        violations=(
            Violation("empty", field="first_name"),
            Violation("characters", field="last_name"),
            Violation("email_invalid", field="email"),
            Violation("too_short", 12, "new_password"),
            Violation("verification_mismatch", field="new_password"),
            Violation("question_empty", field="question"),
            Violation("answer_empty", field="security_answer"),
        ),
    )
    assert isinstance(long, Refused)
    assert long.violations == (Violation("too_long", 200, "question"),)
    assert isinstance(strange, Refused)
    assert strange.violations == (Violation("characters", field="question"),)
    assert rows(portal) == []


def test_address_may_not_be_the_password(portal: Portal, tmp_path: Path) -> None:
    boston(portal, tmp_path)

    outcome = request_account(portal, email="analopez.ana@example.org", new="analopez.ana@example.org")

    assert isinstance(outcome, Refused)
    assert outcome.violations == (Violation("blocklisted", field="new_password"),)


def test_same_request_sent_twice_waits_once(portal: Portal, tmp_path: Path, clock: FakeClock) -> None:
    boston(portal, tmp_path)

    request_account(portal)
    clock.advance(minutes=1)
    request_account(portal, first_name="Ana ", last_name="LOPEZ")

    assert states(portal) == [("mailed", "")]
    assert mails(portal) == [CONFIRM, CONFIRM]


def test_repeated_request_id_has_the_same_outcome_and_no_second_mail(portal: Portal, tmp_path: Path) -> None:
    boston(portal, tmp_path)
    who = asker(district="boston")

    outcomes = [request_account(portal, who), request_account(portal, who)]

    assert outcomes == [AccountRequested(), AccountRequested()]
    assert mails(portal) == [CONFIRM]


def test_request_with_another_password_does_not_replace_the_parents(
    portal: Portal, tmp_path: Path, clock: FakeClock
) -> None:
    boston(portal, tmp_path)

    request_account(portal)
    clock.advance(minutes=1)
    request_account(portal, asker(district="boston", conversation="a stranger"), new="chosen by a stranger")

    first, second = rows(portal)
    assert first.password_hash != second.password_hash
    assert (first.conversation, second.conversation) == ("conversation", "a stranger")


@pytest.mark.parametrize("same", ["conversation", "password"])
def test_request_from_elsewhere_or_with_a_new_password_is_still_the_parents_own(
    portal: Portal, tmp_path: Path, clock: FakeClock, same: str
) -> None:
    boston(portal, tmp_path)
    request_account(portal)
    first = rows(portal)[0]
    clock.advance(minutes=1)

    if same == "conversation":
        request_account(portal, new="another green kettle")
    else:
        request_account(portal, asker(district="boston", conversation="page"))

    (row,) = rows(portal)
    assert row.request_id == first.request_id
    assert (row.password_hash != first.password_hash) == (same == "conversation")
    assert row.conversation == ("conversation" if same == "conversation" else "page")


def test_same_request_sent_four_times_at_once_waits_once(portal: Portal, tmp_path: Path) -> None:
    boston(portal, tmp_path)
    barrier = threading.Barrier(4)

    def send() -> None:
        barrier.wait()
        request_account(portal)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert states(portal) == [("mailed", "")]
    assert mails(portal) == [CONFIRM] * 3


def test_request_that_no_family_confirmed_is_forgotten_after_a_month(
    portal: Portal, tmp_path: Path, clock: FakeClock
) -> None:
    boston(portal, tmp_path)
    request_account(portal)
    request_account(portal, first_name="Anna")

    clock.advance(days=29, hours=23)
    portal.purge()
    before = states(portal)
    clock.advance(hours=1)
    portal.purge()

    assert sorted(before) == [("mailed", ""), ("staff", "name_differs")]
    assert states(portal) == [("staff", "name_differs")]


def test_request_moves_on_once_the_records_match(portal: Portal, tmp_path: Path, clock: FakeClock) -> None:
    boston(portal, tmp_path, boston_roster(receives="false"))
    request_account(portal)
    import_roster(portal, tmp_path, boston_roster(), "boston")
    clock.advance(hours=1)

    request_account(portal)

    assert states(portal) == [("mailed", "")]
    assert mails(portal) == [CONFIRM, STAFF]


def test_fourth_mail_within_the_hour_is_not_sent_and_nobody_can_tell(
    portal: Portal, tmp_path: Path, clock: FakeClock
) -> None:
    boston(portal, tmp_path)

    outcomes = [request_account(portal) for _ in range(4)]
    sent = mails(portal)
    clock.advance(hours=1)
    request_account(portal)

    assert outcomes == [AccountRequested()] * 4
    assert sent == [CONFIRM] * 3
    assert len(mails(portal)) == 4


def test_source_of_too_many_requests_is_throttled(portal: Portal, tmp_path: Path, clock: FakeClock) -> None:
    boston(portal, tmp_path)

    answers = [
        request_account(portal, asker(district="boston", source="one"), email=f"a{number}@example.org")
        for number in range(21)
    ]

    assert answers[:20] == [AccountRequested()] * 20
    assert isinstance(answers[20], Refused)
    assert answers[20].reason is Reason.THROTTLED


@pytest.mark.parametrize("confirmed", [True, False])
def test_family_that_has_an_account_is_told_by_mail_only(
    portal: Portal, tmp_path: Path, *, confirmed: bool
) -> None:
    boston(portal, tmp_path)
    account = make_parent(
        portal,
        "boston",
        username="ana@example.org",
        email="ana@example.org",
        email_confirmed=confirmed,
        display_name="Ana López",
    )

    outcome = request_account(portal)

    assert outcome == AccountRequested()
    assert states(portal) == [("active" if confirmed else "staff", "has_account")]
    assert mails(portal) == [ALREADY if confirmed else STAFF]
    assert rows(portal)[0].account_id == (account if confirmed else None)
    assert isinstance(sign_in(portal, "ana@example.org", district="boston"), SignedIn)


def test_contact_who_has_an_account_under_another_name_is_told_by_mail(
    portal: Portal, tmp_path: Path
) -> None:
    boston(portal, tmp_path)
    with portal.begin(read_only=True) as tx:
        contact = tx.imports.find_contact("boston", "P1")
    assert contact is not None
    make_parent(portal, "boston", email="ana@example.org", contact_id=contact.id)

    request_account(portal)

    assert mails(portal) == [ALREADY]


def test_disabled_account_goes_to_staff(portal: Portal, tmp_path: Path) -> None:
    boston(portal, tmp_path)
    make_parent(portal, "boston", username="ana@example.org", email="ana@example.org", email_confirmed=True)
    with portal.begin() as tx:
        tx.session.scalars(select(AccountRow)).one().disabled_at = tx.now

    request_account(portal)

    assert states(portal) == [("staff", "has_account")]


def test_requested_account_does_not_exist_before_it_is_confirmed(portal: Portal, tmp_path: Path) -> None:
    boston(portal, tmp_path)

    request_account(portal)

    assert sign_in(portal, "ana@example.org", NEW_PASSWORD, district="boston") == Refused(
        Reason.BAD_CREDENTIALS
    )


@pytest.mark.parametrize("options", [{"parent_single_sign_on": False}, {"account_opening": "access_id"}])
def test_district_that_opens_accounts_otherwise_refuses(
    portal: Portal, tmp_path: Path, options: dict[str, object]
) -> None:
    boston(portal, tmp_path, **options)

    assert request_account(portal) == Refused(Reason.TURNED_OFF)


@pytest.mark.case("P5", "P7")
@pytest.mark.parametrize(
    ("who", "typed"),
    [({"district": "nowhere"}, {}), ({"source": "\ud800"}, {}), ({}, {"new": "x" * 1025})],
)
def test_request_that_cannot_be_read_is_refused(
    portal: Portal, tmp_path: Path, who: dict[str, str], typed: dict[str, str]
) -> None:
    boston(portal, tmp_path)

    outcome = request_account(portal, asker(**{"district": "boston", **who}), **typed)

    assert outcome == Refused(Reason.INVALID_REQUEST)
