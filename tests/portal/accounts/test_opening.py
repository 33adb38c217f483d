"""Opening an account with Access IDs: all of it or nothing, and nobody learns more than the letter says."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.accounts.gate import Kind
from portal.accounts.models import AccountRow, LinkRow
from portal.accounts.outcomes import AccountOpened, LiveSession, SignedIn
from portal.accounts.service import Accounts
from portal.core.models import AuditRow
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.secret import Secret
from portal.core.tokens import TokenPurpose
from portal.transaction import Portal
from tests.support.clock import START, FakeClock
from tests.support.families import asker, enroll, import_roster, link, mails, open_account
from tests.support.hashing import CountingHasher
from tests.support.portals import NEW_PASSWORD, make_parent, sign_in
from tests.support.rosters import Roster, small_roster


def fields(*violations: Violation) -> Refused:
    return Refused(Reason.FIELDS_REFUSED, violations=violations)


def account(portal: Portal, username: str = "ana.lopez") -> AccountRow:
    with portal.begin(read_only=True) as tx:
        found = tx.session.scalar(select(AccountRow).where(AccountRow.username_key == username))
    assert found is not None
    return found


def count(portal: Portal, table: type[AccountRow] | type[LinkRow]) -> int:
    with portal.begin(read_only=True) as tx:
        return tx.session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.requirement("R49", "R50", "R54", "R58")
def test_letters_of_two_students_open_an_account_with_both(portal: Portal, tmp_path: Path) -> None:
    letters = enroll(portal, tmp_path)
    maya, diego = letters["S1"], letters["S2"]

    outcome = open_account(portal, [maya.claim(), diego.claim(relationship="legal_guardian")])

    assert isinstance(outcome, AccountOpened)
    assert (outcome.username, outcome.students) == ("ana.lopez", ("Maya López", "Diego López"))
    with portal.begin(read_only=True) as tx:
        linked = tx.links.students_of(outcome.account_id)
    assert {each.student_id: each.relationship for each in linked} == {
        maya.student_id: "mother",
        diego.student_id: "legal_guardian",
    }


@pytest.mark.requirement("R63")
def test_new_account_is_not_signed_in_until_its_parent_signs_in(portal: Portal, tmp_path: Path) -> None:
    letters = enroll(portal, tmp_path)

    open_account(portal, [letters["S1"].claim()])
    with portal.begin() as tx:
        before = tx.sessions.current("conversation")
    signed_in = sign_in(portal, "ana.lopez", NEW_PASSWORD)

    assert before == Refused(Reason.NOT_SIGNED_IN)
    assert isinstance(signed_in, SignedIn)
    assert signed_in.display_name == "Ana López"


@pytest.mark.case("L5")
@pytest.mark.requirement("R59")
def test_typed_student_name_is_ignored_for_the_schools(portal: Portal, tmp_path: Path) -> None:
    letters = enroll(portal, tmp_path)

    outcome = open_account(portal, [letters["S1"].claim(name="Somebody Else")])

    assert isinstance(outcome, AccountOpened)
    assert outcome.students == ("Maya López",)


@pytest.mark.case("L5")
def test_schools_name_of_a_student_is_not_told_before_the_pair_is_right(
    portal: Portal, tmp_path: Path
) -> None:
    letters = enroll(portal, tmp_path)

    outcome = open_account(portal, [letters["S1"].claim("wrong", name="Somebody Else")])

    assert "Maya" not in repr(outcome)


@pytest.mark.case("L6")
def test_one_wrong_pair_of_three_opens_nothing_and_names_its_row_only(portal: Portal, tmp_path: Path) -> None:
    roster = small_roster().student("S3", "Nora", "López")
    letters = enroll(portal, tmp_path, roster)
    claims = [letters["S1"].claim(), letters["S2"].claim("wrong"), letters["S3"].claim()]

    outcome = open_account(portal, claims, asker(source="home"))

    assert outcome == Refused(Reason.PAIR_NOT_FOUND, violations=(Violation("pair_not_found", row=2),))
    assert (count(portal, AccountRow), count(portal, LinkRow)) == (0, 0)
    with portal.begin() as tx:
        counter = tx.gate.counter(tx.gate.key(Kind.LINKING, "westborough", "source:home"))
    assert counter is not None
    assert counter.fails == 1


@pytest.mark.case("L7")
def test_student_typed_twice_is_linked_once(portal: Portal, tmp_path: Path) -> None:
    letters = enroll(portal, tmp_path)

    outcome = open_account(portal, [letters["S1"].claim(), letters["S1"].claim(name="Once more")])

    assert isinstance(outcome, AccountOpened)
    assert outcome.students == ("Maya López",)
    assert count(portal, LinkRow) == 1


@pytest.mark.case("L8")
def test_two_parents_of_a_child_have_an_account_each(portal: Portal, tmp_path: Path) -> None:
    roster = small_roster().parent("P2", "Luis", "López", "S1", email="luis@example.org")
    letters = enroll(portal, tmp_path, roster)

    first = open_account(portal, [letters["S1"].claim()])
    second = open_account(
        portal,
        [letters["S1"].claim(relationship="father")],
        first_name="Luis",
        email="luis@example.org",
        username="luis.lopez",
    )

    assert isinstance(first, AccountOpened)
    assert isinstance(second, AccountOpened)
    assert count(portal, LinkRow) == 2
    assert not {"ana", "Ana"} & set(repr(second).replace(".", " ").replace("'", " ").split())
    assert {each for each in mails(portal) if "luis" not in each[1]} == {
        ("account_created", "ana@example.org")
    }


@pytest.mark.requirement("R55")
def test_address_that_the_school_has_counts_as_confirmed(portal: Portal, tmp_path: Path) -> None:
    letters = enroll(portal, tmp_path)

    open_account(portal, [letters["S1"].claim()], email="ANA@Example.org")

    assert account(portal).email_confirmed_at is not None
    assert mails(portal) == [("account_created", "ANA@example.org")]


@pytest.mark.requirement("R55")
def test_other_address_must_be_confirmed_first(portal: Portal, tmp_path: Path) -> None:
    letters = enroll(portal, tmp_path)

    open_account(portal, [letters["S1"].claim()], asker(language="es"), email="ana@home.example")
    opened = account(portal)
    with portal.begin() as tx:
        token = tx.tokens.waiting(opened.account_id, TokenPurpose.CONFIRM_EMAIL)

    assert (opened.email_confirmed_at, opened.language) == (None, "es")
    assert mails(portal) == [("confirm_email", "ana@home.example")]
    assert token is not None
    assert token.conversation == "conversation"


@pytest.mark.requirement("R56")
def test_taken_username_is_answered_with_three_free_ones(portal: Portal, tmp_path: Path) -> None:
    letters = enroll(portal, tmp_path)
    make_parent(portal, username="ana.lopez")
    make_parent(portal, username="alopez")

    outcome = open_account(portal, [letters["S1"].claim()], username="Ana.Lopez")

    taken = Violation("username_taken", field="username")
    free = ("a.lopez", "analopez", "ana.lopez2")
    assert outcome == Refused(Reason.FIELDS_REFUSED, violations=(taken,), choices=free)
    assert count(portal, LinkRow) == 0


@pytest.mark.requirement("R56")
def test_nobody_without_a_letter_learns_that_a_username_is_taken(portal: Portal, tmp_path: Path) -> None:
    letters = enroll(portal, tmp_path)
    make_parent(portal, username="ana.lopez")

    taken = open_account(portal, [letters["S1"].claim("wrong")])
    free = open_account(portal, [letters["S1"].claim("wrong")], username="somebody.else")

    assert taken == free


def test_username_taken_while_the_password_is_hashed_is_refused(
    portal: Portal, tmp_path: Path, hasher: CountingHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = enroll(portal, tmp_path)
    hash_it = hasher.hash

    def taken_meanwhile(secret: object) -> str:
        monkeypatch.setattr(hasher, "hash", hash_it)
        make_parent(portal, username="ana.lopez")
        return "1:anything"

    monkeypatch.setattr(hasher, "hash", taken_meanwhile)

    outcome = open_account(portal, [letters["S1"].claim()])

    assert isinstance(outcome, Refused)
    assert [each.key for each in outcome.violations] == ["username_taken"]
    assert (count(portal, AccountRow), count(portal, LinkRow)) == (1, 0)


def test_username_taken_in_the_same_instant_is_refused(
    portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = enroll(portal, tmp_path)
    make_parent(portal, username="ana.lopez")
    # As it looks from a transaction that began before the other one ended.
    monkeypatch.setattr(Accounts, "_row", lambda *_: None)
    monkeypatch.setattr("portal.accounts.opening._is_taken", lambda *_: False)

    outcome = open_account(portal, [letters["S1"].claim()])

    assert isinstance(outcome, Refused)
    assert [each.key for each in outcome.violations] == ["username_taken"]
    assert (count(portal, AccountRow), count(portal, LinkRow)) == (1, 0)


@pytest.mark.requirement("R56")
def test_one_of_four_who_want_a_username_at_once_gets_it(portal: Portal, tmp_path: Path) -> None:
    letters = enroll(portal, tmp_path)
    barrier = threading.Barrier(4)
    outcomes: list[AccountOpened | Refused] = []

    def open_one(number: int) -> None:
        barrier.wait()
        who = asker(conversation=f"conversation {number}")
        outcomes.append(open_account(portal, [letters["S1"].claim()], who))

    threads = [threading.Thread(target=open_one, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(isinstance(each, AccountOpened) for each in outcomes) == 1
    refused = [each for each in outcomes if isinstance(each, Refused)]
    assert {violation.key for each in refused for violation in each.violations} == {"username_taken"}
    assert (count(portal, AccountRow), count(portal, LinkRow)) == (1, 1)


def test_same_request_sent_twice_opens_one_account(portal: Portal, tmp_path: Path) -> None:
    letters = enroll(portal, tmp_path)
    who = asker()

    first = open_account(portal, [letters["S1"].claim()], who)
    second = open_account(portal, [letters["S1"].claim()], who)

    assert isinstance(first, AccountOpened)
    assert second == first
    assert (count(portal, AccountRow), len(mails(portal))) == (1, 1)


def test_button_pressed_twice_gives_the_second_press_what_comes_of_the_first(
    portal: Portal, tmp_path: Path, hasher: CountingHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = enroll(portal, tmp_path)
    who, hash_it, second = asker(), hasher.hash, []
    press = threading.Thread(target=lambda: second.append(open_account(portal, [letters["S1"].claim()], who)))

    def pressed_again_meanwhile(secret: Secret) -> str:
        press.start()
        press.join(0.3)
        return hash_it(secret)

    monkeypatch.setattr(hasher, "hash", pressed_again_meanwhile)

    first = open_account(portal, [letters["S1"].claim()], who)
    press.join()

    assert isinstance(first, AccountOpened)
    assert second == [first]
    assert count(portal, AccountRow) == 1


def test_request_that_was_killed_is_not_replayed(
    portal: Portal, tmp_path: Path, hasher: CountingHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = enroll(portal, tmp_path)
    who = asker()
    monkeypatch.setattr("portal.transaction.BETWEEN_LOOKS", 0)

    def killed(secret: Secret) -> str:
        raise MemoryError

    monkeypatch.setattr(hasher, "hash", killed)
    with pytest.raises(MemoryError):
        open_account(portal, [letters["S1"].claim()], who)

    repeated = open_account(portal, [letters["S1"].claim()], who)

    assert repeated == Refused(Reason.TICKET_VOID)
    assert count(portal, AccountRow) == 0


def test_name_that_others_tried_before_is_free_of_their_lock(portal: Portal, tmp_path: Path) -> None:
    letters = enroll(portal, tmp_path, lock={"mode": "until_staff", "fails": 2})
    for _ in range(3):
        sign_in(portal, "ana.lopez", "a guess by somebody")

    open_account(portal, [letters["S1"].claim()])

    assert isinstance(sign_in(portal, "ana.lopez", NEW_PASSWORD), SignedIn)


@pytest.mark.requirement("R57", "R64")
def test_everything_wrong_is_said_at_once_and_counts_nothing(portal: Portal, tmp_path: Path) -> None:
    letters = enroll(portal, tmp_path, password={"min_length": 12})

    outcome = open_account(
        portal,
        [letters["S1"].claim(relationship="neighbour"), letters["S2"].claim("", access_id=" ")],
        asker(source="home"),
        first_name=" ",
        email="ana@",
        username="ana lopez",
        new="short",
        again="other",
    )

    assert outcome == fields(
        Violation("empty", field="first_name"),
        Violation("email_invalid", field="email"),
        Violation("username_invalid", field="username"),
        Violation("too_short", 12, "new_password"),
        Violation("verification_mismatch", field="new_password"),
        Violation("relationship_unknown", field="relationship", row=1),
        Violation("empty", field="access_id", row=2),
        Violation("empty", field="access_password", row=2),
    )
    with portal.begin() as tx:
        assert tx.gate.counter(tx.gate.key(Kind.LINKING, "westborough", "source:home")) is None


@pytest.mark.requirement("R52")
@pytest.mark.parametrize("options", [{"parent_single_sign_on": False}, {"account_opening": "request"}])
def test_district_that_opens_accounts_otherwise_refuses(
    portal: Portal, tmp_path: Path, options: dict[str, object]
) -> None:
    letters = enroll(portal, tmp_path, **options)

    assert open_account(portal, [letters["S1"].claim()]) == Refused(Reason.TURNED_OFF)


@pytest.mark.case("P5", "P7")
@pytest.mark.parametrize(
    ("who", "typed"),
    [
        ({"district": "nowhere"}, {}),
        ({"conversation": "a\0b"}, {}),
        ({}, {"new": "x" * 1025}),
        ({}, {"again": "x" * 1025}),
    ],
)
def test_request_that_cannot_be_read_is_refused_before_anything_is_stored(
    portal: Portal, tmp_path: Path, who: dict[str, str], typed: dict[str, str]
) -> None:
    letters = enroll(portal, tmp_path)

    outcome = open_account(portal, [letters["S1"].claim()], asker(**who), **typed)

    assert outcome == Refused(Reason.INVALID_REQUEST)


@pytest.mark.parametrize(
    ("typed", "name", "linked"),
    [
        ("José-María Nuñez", ("Jose Maria", "Nunez"), True),
        ("Marie-Claire O'Brien", ("marieclaire", "OBRIEN"), True),
        ("Hùng Nguyễn", ("Nguyen", "Hung"), True),
        ("Ana López", ("Anna", "López"), False),
    ],
)
def test_contact_is_recognised_whatever_the_accents_hyphens_case_and_order(
    portal: Portal, tmp_path: Path, typed: str, name: tuple[str, str], *, linked: bool
) -> None:
    given, family = typed.split(" ")
    roster = small_roster().drop("users", sourcedId="P1").parent("P7", given, family, "S1", "S2")
    letters = enroll(portal, tmp_path, roster)

    open_account(portal, [letters["S1"].claim()], first_name=name[0], last_name=name[1])

    with portal.begin(read_only=True) as tx:
        contact = tx.imports.find_contact("westborough", "P7")
    assert contact is not None
    assert account(portal).contact_id == (contact.id if linked else None)


def test_two_contacts_of_one_name_are_told_apart_by_the_address(portal: Portal, tmp_path: Path) -> None:
    roster = small_roster().parent("P2", "Ana", "López", "S1", email="ana.senior@example.org")
    letters = enroll(portal, tmp_path, roster)

    open_account(portal, [letters["S1"].claim()], email="ana.senior@example.org")
    open_account(portal, [letters["S1"].claim()], email="neither@example.org", username="other.ana")

    with portal.begin(read_only=True) as tx:
        contact = tx.imports.find_contact("westborough", "P2")
    assert contact is not None
    assert account(portal).contact_id == contact.id
    assert account(portal, "other.ana").contact_id is None


def barring_roster() -> Roster:
    roster = small_roster().parent("P2", "Luis", "López", "S1", "S2", email="luis@example.org")
    rights = {"portalAccess": "false", "receivesEmail": "false"}
    return roster.add("x_portal_access", parentIdentifier="NP2", studentIdentifier="NS1", **rights)


@pytest.mark.parametrize(
    "typed",
    [
        {"first_name": "Luís", "last_name": "LOPEZ", "email": "new@example.org"},
        {"first_name": "Invented", "email": "luis@example.org"},
        {"first_name": "Luis", "email": "ana@example.org"},
    ],
)
def test_barred_contact_is_sent_to_the_school_and_staff_get_a_case(
    portal: Portal, tmp_path: Path, typed: dict[str, str]
) -> None:
    letters = enroll(portal, tmp_path, barring_roster())

    who = asker()
    outcome = open_account(portal, [letters["S1"].claim()], who, **typed)
    again = open_account(portal, [letters["S1"].claim()], who, **typed)
    with portal.begin() as tx:
        cases = tx.cases.waiting("westborough")
        events = set(tx.session.scalars(select(AuditRow.event)))

    assert outcome == again == Refused(Reason.BARRED)
    assert count(portal, AccountRow) == 0
    assert mails(portal) == [("staff_barred", "helpdesk@schools.example")]
    assert [(case.kind, case.details["email"]) for case in cases] == [("barred", typed["email"])]
    assert letters["S1"].access_id in cases[0].details["students"]
    assert letters["S1"].password not in repr(cases[0].details)
    assert "link.refused" in events


def test_contact_barred_from_one_child_opens_an_account_for_the_other(portal: Portal, tmp_path: Path) -> None:
    letters = enroll(portal, tmp_path, barring_roster())

    outcome = open_account(portal, [letters["S2"].claim()], first_name="Luis", email="luis@example.org")

    assert isinstance(outcome, AccountOpened)


def test_namesake_of_a_barred_contact_gets_in_by_the_address_that_the_school_has(
    portal: Portal, tmp_path: Path
) -> None:
    roster = barring_roster()
    roster.parent("P3", "Luis", "López", "S1", email="young.luis@example.org")
    letters = enroll(portal, tmp_path, roster)

    known = open_account(
        portal, [letters["S1"].claim()], first_name="Luis", email="young.luis@example.org", username="luis.y"
    )
    unknown = open_account(portal, [letters["S1"].claim()], first_name="Luis", email="which@example.org")

    assert isinstance(known, AccountOpened)
    assert unknown == Refused(Reason.BARRED)


def test_contact_who_is_no_longer_the_students_is_sent_to_the_school(portal: Portal, tmp_path: Path) -> None:
    roster = small_roster().parent("P2", "Luis", "López", "S1", "S2")
    letters = enroll(portal, tmp_path, roster)
    import_roster(portal, tmp_path, small_roster().parent("P2", "Luis", "López", "S2"), "westborough")

    gone = open_account(portal, [letters["S1"].claim()], first_name="Luis", email="l@example.org")
    still = open_account(portal, [letters["S2"].claim()], first_name="Luis", email="l@example.org")

    assert gone == Refused(Reason.BARRED)
    assert isinstance(still, AccountOpened)


def test_contact_whom_the_school_entered_anew_is_not_turned_away(portal: Portal, tmp_path: Path) -> None:
    letters = enroll(portal, tmp_path)
    roster = small_roster().drop("users", sourcedId="P1").parent("P9", "Ana", "López", "S1", "S2")
    import_roster(portal, tmp_path, roster, "westborough")

    outcome = open_account(portal, [letters["S1"].claim()])

    with portal.begin(read_only=True) as tx:
        contact = tx.imports.find_contact("westborough", "P9")
    assert isinstance(outcome, AccountOpened)
    assert contact is not None
    assert account(portal).contact_id == contact.id


@pytest.mark.requirement("R49")
def test_student_whose_record_is_closed_is_not_linked(portal: Portal, tmp_path: Path) -> None:
    letters = enroll(portal, tmp_path)
    roster = small_roster().drop("users", sourcedId="S1").drop("enrollments", userSourcedId="S1")
    roster.change(
        "users", 2 + [row["sourcedId"] for row in roster.rows["users"]].index("P1"), agentSourcedIds="S2"
    )
    import_roster(portal, tmp_path, roster, "westborough")

    outcome = open_account(portal, [letters["S1"].claim(), letters["S2"].claim()])

    assert outcome == Refused(Reason.BARRED)
    assert count(portal, LinkRow) == 0


def test_opened_account_can_link_more_at_once(portal: Portal, tmp_path: Path) -> None:
    letters = enroll(portal, tmp_path)
    open_account(portal, [letters["S1"].claim()])
    sign_in(portal, "ana.lopez", NEW_PASSWORD)

    link(portal, letters["S2"].claim())
    with portal.begin() as tx:
        live = tx.sessions.current("conversation")
        assert isinstance(live, LiveSession)
        linked = tx.links.students_of(live.account_id)

    assert {each.student_id for each in linked} == {each.student_id for each in letters.values()}


def test_one_letter_opens_no_more_accounts_than_any_family_needs(
    portal: Portal, tmp_path: Path, clock: FakeClock
) -> None:
    letters = enroll(portal, tmp_path)
    maya, diego = letters["S1"].claim(), letters["S2"].claim()

    # Each would send a mail to an address of the opener's choice, and tell whether a username exists.
    outcomes = [open_account(portal, [maya], username=f"parent{number}") for number in range(20)]
    throttled = open_account(portal, [diego, maya], username="one.more")
    other = open_account(portal, [diego], username="sibling")
    clock.advance(days=1)
    later = open_account(portal, [maya], username="tomorrow")

    assert all(isinstance(each, AccountOpened) for each in outcomes)
    assert isinstance(throttled, Refused)
    assert throttled.reason is Reason.THROTTLED
    assert throttled.retry_at == START + timedelta(days=1)
    assert isinstance(other, AccountOpened)
    assert isinstance(later, AccountOpened)


def test_name_taken_meanwhile_keeps_the_counter_of_its_owner(
    portal: Portal, tmp_path: Path, hasher: CountingHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = enroll(portal, tmp_path)
    plain = hasher.hash

    def slowly(secret: Secret) -> str:
        monkeypatch.setattr(hasher, "hash", plain)
        open_account(portal, [letters["S1"].claim()], asker(conversation="first"))
        sign_in(portal, username="ana.lopez", password="wrong")
        return plain(secret)

    monkeypatch.setattr(hasher, "hash", slowly)
    outcome = open_account(portal, [letters["S2"].claim()])

    assert isinstance(outcome, Refused)
    with portal.begin(read_only=True) as tx:
        counter = tx.gate.counter(tx.gate.name_key("westborough", "ana.lopez"))
    assert counter is not None
    assert counter.fails == 1
