"""What staff sign in with is theirs alone, changes once, and stands nowhere that anybody reads."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, text

from portal.core.models import AuditRow
from portal.core.outcomes import Reason, Refused
from portal.core.secret import Secret
from portal.helpdesk.staff.codes import code_at, derived_secret, matching_step, step_of
from portal.helpdesk.staff.models import StaffInvitationRow, StaffRow, StaffSessionRow
from portal.helpdesk.staff.outcomes import NewStaff, PasswordRight, SignInChanged, StaffMember
from portal.helpdesk.staff.own import ChangingOwnSignIn, NewCodes, NewPassword, Shown
from portal.helpdesk.staff.proving import StaffCode
from portal.helpdesk.staff.roles import Role
from portal.helpdesk.staff.signing_in import SigningInStaff, StaffSignIn
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.portals import make_district
from tests.support.staff import EMAIL, PASSWORD, app_of, code, invite, join, joined
from web.public.cookies import new_token

NEW = "CANARY nine slow lanterns"
SEED = "5" * 32


@pytest.fixture(autouse=True)
def district(portal: Portal) -> None:
    make_district(portal)


def session_of(portal: Portal, member: StaffMember) -> str:
    token = new_token()
    with portal.begin() as tx:
        tx.staff_sessions.begin(member.staff_id, token, proven=True)
    return token


def shown(token: str, password: str = PASSWORD) -> Shown:
    return Shown(Secret(password), "source", token, new_token())


def sign_in(portal: Portal, password: str = PASSWORD, email: str = EMAIL) -> tuple[str, object]:
    token = new_token()
    return token, portal.run(SigningInStaff(StaffSignIn(email, Secret(password), "source", token)))


def prove(portal: Portal, half: str, typed: str) -> StaffMember | Refused:
    with portal.begin() as tx:
        return tx.staff_proving.prove(StaffCode(typed, "source", half, new_token()))


def at_once(work: Callable[[], object], times: int = 4) -> list[object]:
    outcomes: list[object] = []
    gate = threading.Barrier(times)

    def run() -> None:
        gate.wait()
        outcomes.append(work())

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_new_password_ends_other_sessions_and_replaces_the_old_one(portal: Portal) -> None:
    member, _ = joined(portal)
    mine, other = session_of(portal, member), session_of(portal, member)
    change = shown(mine)

    outcome = portal.run(ChangingOwnSignIn(change, NewPassword(Secret(NEW), Secret(NEW))))

    assert outcome == SignInChanged(member.staff_id)
    with portal.begin() as tx:
        alive = [tx.staff_sessions.current(token) for token in (mine, other, change.successor)]
    assert [isinstance(each, StaffMember) for each in alive] == [False, False, True]
    assert isinstance(sign_in(portal, NEW)[1], PasswordRight)
    assert sign_in(portal, PASSWORD)[1] == Refused(Reason.BAD_CREDENTIALS)


@pytest.mark.parametrize(
    ("new", "again", "broken"),
    [
        ("short", "short", {"too_short"}),
        (NEW, PASSWORD, {"verification_mismatch"}),
        ("Dana Whitlock", "Dana Whitlock", {"blocklisted"}),
        ("passwordpassword", "passwordpassword", {"blocklisted"}),
        ("tab\there is a long one", "tab\there is a long one", {"characters"}),
    ],
)
def test_new_password_must_keep_the_rules(portal: Portal, new: str, again: str, broken: set[str]) -> None:
    member, _ = joined(portal)

    outcome = portal.run(
        ChangingOwnSignIn(shown(session_of(portal, member)), NewPassword(Secret(new), Secret(again)))
    )

    assert isinstance(outcome, Refused)
    assert {each.key for each in outcome.violations} >= broken
    assert isinstance(sign_in(portal)[1], PasswordRight)


def test_wrong_present_passwords_are_counted_like_sign_ins(portal: Portal) -> None:
    member, _ = joined(portal)
    token = session_of(portal, member)
    change = NewPassword(Secret(NEW), Secret(NEW))
    guesses = [portal.run(ChangingOwnSignIn(shown(token, "three wrong kites"), change)) for _ in range(5)]

    locked = portal.run(ChangingOwnSignIn(shown(token), change))

    assert {each.violations[0].field for each in guesses if isinstance(each, Refused)} == {"current_password"}
    assert isinstance(locked, Refused)
    assert locked.reason is Reason.LOCKED_WAIT


def test_new_app_replaces_the_old_one(portal: Portal, clock: FakeClock) -> None:
    member, old = joined(portal)
    token = session_of(portal, member)
    clock.advance(minutes=1)
    with portal.begin(read_only=True) as tx:
        secret = NewCodes(SEED, "").secret(tx.context, member.staff_id)
    wrong = portal.run(ChangingOwnSignIn(shown(token), NewCodes(SEED, "000000")))
    step = step_of(clock.now())
    app = type(old)(secret.value)
    changed = portal.run(ChangingOwnSignIn(shown(token), NewCodes(SEED, app.generate_otp(step))))
    clock.advance(minutes=1)

    half, _ = sign_in(portal)
    with_old = prove(portal, half, code(portal, old))
    with_new = prove(portal, half, code(portal, app))

    assert isinstance(wrong, Refused)
    assert isinstance(changed, SignInChanged)
    assert isinstance(with_old, Refused)
    assert isinstance(with_new, StaffMember)


def test_one_code_at_once_lets_one_in(portal: Portal, clock: FakeClock) -> None:
    _, app = joined(portal)
    clock.advance(minutes=1)
    typed = code(portal, app)
    halves = [sign_in(portal)[0] for _ in range(4)]

    outcomes = at_once(lambda: prove(portal, halves.pop(), typed))

    assert sum(isinstance(each, StaffMember) for each in outcomes) == 1


def test_one_invitation_at_once_is_taken_up_once(portal: Portal) -> None:
    token = invite(portal).token
    typed = code(portal, app_of(portal, token))

    outcomes = at_once(lambda: join(portal, token, code=typed))

    assert sum(isinstance(each, StaffMember) for each in outcomes) == 1


def test_burst_of_wrong_passwords_is_answered_as_often_as_the_limit_says(portal: Portal) -> None:
    joined(portal)

    outcomes = at_once(lambda: sign_in(portal, "three wrong paper kites")[1], 12)

    assert outcomes.count(Refused(Reason.BAD_CREDENTIALS)) == 5


@pytest.mark.parametrize("typed", ["", "abc", "12345", "1" * 5000, "١٢٣٤٥٦", "²³⁴⁵⁶⁷", "-12345", "\x00"])
def test_what_is_no_code_matches_none(portal: Portal, typed: str) -> None:
    secret = derived_secret(portal.keys, "a test")

    assert matching_step(secret, typed, portal.clock.now(), after=0) is None


def test_codes_may_be_typed_with_a_space_and_in_other_digits(portal: Portal) -> None:
    secret, now = derived_secret(portal.keys, "a test"), portal.clock.now()
    step = step_of(now)
    shown_code = code_at(secret, step)
    arabic = shown_code.translate({ord("0") + digit: 0x0660 + digit for digit in range(10)})

    for typed in (f"{shown_code[:3]} {shown_code[3:]}", arabic):
        assert matching_step(secret, typed, now, after=0) == step


def test_one_address_is_one_member_in_all_districts(portal: Portal) -> None:
    make_district(portal, "boston")
    invite(portal)

    with portal.begin() as tx:
        again = tx.staff.invite(NewStaff("boston", EMAIL.upper(), "Dana", Role.DESK), by="test")

    assert isinstance(again, Refused)
    assert again.violations[0].key == "email_taken"


def test_purge_forgets_what_is_over_and_keeps_what_is_not(portal: Portal, clock: FakeClock) -> None:
    member, _ = joined(portal)
    clock.advance(hours=144)
    session_of(portal, member)
    open_link = invite(portal, email="b@schools.example").token

    portal.purge()

    with portal.begin(read_only=True) as tx:
        counts = [
            tx.session.scalar(select(func.count()).select_from(table))
            for table in (StaffSessionRow, StaffInvitationRow)
        ]
    assert counts == [1, 1]
    assert isinstance(join(portal, open_link), StaffMember)


@pytest.mark.case("G1")
def test_no_secret_stands_in_the_database_or_the_audit(
    portal: Portal, clock: FakeClock, capfd: pytest.CaptureFixture[str]
) -> None:
    invited = invite(portal)
    app = app_of(portal, invited.token)
    member = join(portal, invited.token, password=NEW)
    assert isinstance(member, StaffMember)
    clock.advance(minutes=1)
    half, _ = sign_in(portal, NEW)
    sign_in(portal, "CANARY typed by mistake")
    prove(portal, half, code(portal, app))

    secrets = {invited.token.value, app.secret, NEW, "CANARY", half}
    with portal.begin(read_only=True) as tx:
        told = "".join(f"{row.subject} {row.details}" for row in tx.session.scalars(select(AuditRow)))
        tables = tx.session.connection().engine.dialect.get_table_names(tx.session.connection())
        dump = "".join(
            repr(tuple(row))
            for table in tables
            for row in tx.session.execute(text(f"select * from {table}"))  # noqa: S608
        )
        row = tx.session.get_one(StaffRow, member.staff_id)

    written = capfd.readouterr()
    assert {each for each in (*secrets, EMAIL, "Dana") if each in told} == set()
    assert {each for each in secrets if each in dump} == set()
    assert {each for each in secrets if each in written.out + written.err} == set()
    assert row.totp_secret is not None
    assert "CANARY" not in repr((invited, StaffSignIn(EMAIL, Secret(NEW), "s", half), shown(half, NEW)))
