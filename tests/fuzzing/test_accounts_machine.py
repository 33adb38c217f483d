"""Any order of guesses, right passwords, recoveries and time: the gate, the tokens and the sessions hold.

Beside the portal stands a second, plain account of the rules. Whatever is done, both must say the same; a
name that nobody has is treated like any other; and no answer costs more than one verification.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from portal.accounts.outcomes import LiveSession, MailAsked, PasswordSet, RecoverPassword, SignedIn
from portal.core.models import OutboxRow
from portal.core.outcomes import Reason, Refused
from portal.transaction import Portal
from tests.fuzzing.plain_account import CALM, FAILS, HOUR, IDLE, MAILS, TOKEN, WINDOW, Counted, Held, Seat
from tests.fuzzing.profiles import BRIEF, LONG
from tests.support.clock import FakeClock
from tests.support.hashing import CountingHasher
from tests.support.mailbox import asker, set_password
from tests.support.portals import make_district, make_parent, sign_in

PARENTS = ("mlopez", "kwhitfield")
NAMES = (*PARENTS, "nobody")
PLACES = ("sofa", "library")
DISTRICTS = count()
# An end is the first instant that it holds at: no second and no microsecond before.
AT = st.sampled_from((-1, -0.000001, 0, 1))


class Accounts(RuleBasedStateMachine):
    """Do to two parents and to nobody whatever can be done, in any order."""

    def __init__(self, portal: Portal, clock: FakeClock, hasher: CountingHasher) -> None:
        super().__init__()
        self.portal, self.clock, self.hasher = portal, clock, hasher
        self.numbers = count()
        self.district = f"district-{next(DISTRICTS)}"
        make_district(portal, self.district, lock={"mode": "wait", "fails": FAILS})
        self.held = {name: Held(self.fresh()) for name in NAMES}
        self.accounts = {name: self.open_account(name) for name in PARENTS}
        self.seats: dict[str, Seat] = {}

    def open_account(self, name: str) -> str:
        given = {"email": self.address(name), "email_confirmed": True}
        password = self.held[name].password
        return make_parent(self.portal, self.district, username=name, password=password, **given)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def fresh(self) -> str:
        return f"nine quiet lanterns {next(self.numbers)}"

    def enter(self, name: str, password: str, place: str) -> object:
        return sign_in(
            self.portal, name, password, district=self.district, conversation=f"{self.district}/{place}"
        )

    @rule(
        name=st.sampled_from(NAMES),
        typed=st.sampled_from((str, str.upper, " {} ".format)),
        times=st.sampled_from((1, 2, FAILS)),
    )
    def guess(self, name: str, typed: Callable[[str], str], times: int) -> None:
        """Guess: the answers and the work are the same whoever it is."""
        for _ in range(times):
            self.guess_once(name, typed)

    def guess_once(self, name: str, typed: Callable[[str], str]) -> None:
        verified, counted = self.hasher.verified, self.held[name].counted

        outcome = self.enter(typed(name), "some quite wrong words", "sofa")

        is_answered = counted.take(self.now)
        if is_answered:
            counted.fail(self.now)
        assert isinstance(outcome, Refused)
        assert (outcome.reason is Reason.BAD_CREDENTIALS) is is_answered, outcome
        assert self.hasher.verified - verified == is_answered

    @rule(name=st.sampled_from(NAMES), fails=st.integers(1, FAILS - 1), seconds=AT)
    def guess_around_the_end_of_the_window(self, name: str, fails: int, seconds: float) -> None:
        """Guess, and again when the window ends: what was counted before it counts no more."""
        self.guess(name, str, fails)
        counted = self.held[name].counted
        if counted.since is not None:
            self.wait_until(counted.since + WINDOW, seconds)
            self.guess(name, str, fails)

    @rule(name=st.sampled_from(NAMES), seconds=AT)
    def guess_around_the_end_of_a_lock(self, name: str, seconds: float) -> None:
        """Lock the name, and guess when the lock ends."""
        self.guess(name, str, FAILS)
        counted = self.held[name].counted
        if counted.locked_until is not None:
            self.wait_until(counted.locked_until, seconds)
            self.guess_once(name, str)

    @rule(name=st.sampled_from(NAMES), seconds=AT)
    def lock_around_the_end_of_a_calm(self, name: str, seconds: float) -> None:
        """Lock the name, and lock it again after half a day: only a calm so long makes locks short again."""
        self.guess(name, str, FAILS)
        counted = self.held[name].counted
        if counted.touched is not None:
            self.wait_until(counted.touched + CALM, seconds)
            self.guess(name, str, FAILS)

    @rule(name=st.sampled_from(NAMES), place=st.sampled_from(PLACES))
    def come_in(self, name: str, place: str) -> None:
        """Sign in with the right password; a name that nobody has has none."""
        held = self.held[name]

        outcome = self.enter(name, held.password, place)

        is_answered = held.counted.take(self.now)
        is_right = is_answered and name in PARENTS
        assert isinstance(outcome, SignedIn) is is_right, outcome
        if is_right:
            held.counted.clear()
            self.seats[place] = Seat(name, self.now, self.now)
        elif is_answered:
            held.counted.fail(self.now)

    @rule(minutes=st.sampled_from((0.5, 7, 15, 61, 725)))
    def wait(self, minutes: float) -> None:
        """Let time pass."""
        self.clock.advance(minutes=minutes)

    @rule(chosen=st.integers(0, 99), seconds=st.sampled_from((-0.001, 0)))
    def reach(self, chosen: int, seconds: float) -> None:
        """Let time pass until something ends, or to the instant before."""
        ends = [seat.active + IDLE for seat in self.seats.values()]
        for held in self.held.values():
            counted = held.counted
            ends += [end for end in (counted.locked_until, held.token_until) if end]
            ends += [counted.since + WINDOW] if counted.since else []
            ends += [held.mails_since + HOUR] if held.mails_since else []
        ahead = sorted({end for end in ends if end > self.now + timedelta(seconds=1)})
        if ahead:
            self.clock.advance(seconds=(ahead[chosen % len(ahead)] - self.now).total_seconds() + seconds)

    def wait_until(self, end: datetime, seconds: float) -> None:
        """Let time pass until so long after an end, unless that is over."""
        left = (end - self.now).total_seconds() + seconds
        if left > 0:
            self.clock.advance(seconds=left)

    @rule(place=st.sampled_from(PLACES), seconds=AT)
    def use_around_the_end(self, place: str, seconds: float) -> None:
        """Do something where somebody is signed in, when that ends."""
        if place in self.seats:
            self.wait_until(self.seats[place].active + IDLE, seconds)
            self.use(place)

    @rule(place=st.sampled_from(PLACES))
    def use(self, place: str) -> None:
        """Do something where somebody may be signed in."""
        with self.portal.begin() as tx:
            found = tx.sessions.current(f"{self.district}/{place}")

        self.expect_seat(place, found)
        if place in self.seats:
            self.seats[place].use(self.now)

    @rule(place=st.sampled_from(PLACES))
    def leave(self, place: str) -> None:
        """Sign out."""
        with self.portal.begin() as tx:
            tx.sessions.end(f"{self.district}/{place}")
        self.seats.pop(place, None)

    @rule(name=st.sampled_from(NAMES), is_right=st.booleans())
    def ask_mail(self, name: str, *, is_right: bool) -> None:
        """Ask for a link: everybody hears the same, and only the right pair gets one, three times an hour."""
        address = self.address(name if is_right else "other")
        before = self.mailed(name)
        with self.portal.begin() as tx:
            asked = RecoverPassword(asker(district=self.district), name, address)
            outcome = tx.recovery.ask_password(asked)

        assert isinstance(outcome, MailAsked)
        is_due = is_right and name in PARENTS and self.held[name].take_mail(self.now)
        known = {mail.message_id for mail in before}
        new = [mail for mail in self.mailed(name) if mail.message_id not in known]
        assert len(new) == is_due
        if is_due:
            self.take_token(name, new[0])

    @rule(name=st.sampled_from(PARENTS), seconds=AT)
    def ask_around_the_end_of_the_hour(self, name: str, seconds: float) -> None:
        """Ask for more links than an hour has, and for another when it ends."""
        for _ in range(MAILS + 1):
            self.ask_mail(name, is_right=True)
        since = self.held[name].mails_since
        if since is not None:
            self.wait_until(since + HOUR, seconds)
            self.ask_mail(name, is_right=True)

    @rule(name=st.sampled_from(PARENTS), seconds=AT)
    def use_token_around_its_end(self, name: str, seconds: float) -> None:
        """Ask for a link, and set a password with the newest when it ends."""
        self.ask_mail(name, is_right=True)
        until = self.held[name].token_until
        if until is not None:
            self.wait_until(until, seconds)
            self.use_token(name, is_old=False)

    @rule(name=st.sampled_from(PARENTS), is_old=st.booleans())
    def use_token(self, name: str, *, is_old: bool) -> None:
        """Set a password with the newest link, or try one that is over."""
        held = self.held[name]
        token = held.over[-1] if is_old and held.over else held.token
        if token is None:
            return
        is_good = token == held.token and held.token_until is not None and self.now < held.token_until
        new = self.fresh()

        page = f"{self.district}/page-{next(self.numbers)}"
        outcome = set_password(
            self.portal, token, new, username=name, district=self.district, conversation=page
        )

        assert isinstance(outcome, PasswordSet) is is_good, outcome
        if is_good:
            held.password, held.token = new, None
            held.over.append(token)
            held.counted.clear()
            self.seats = {place: seat for place, seat in self.seats.items() if seat.name != name}

    @invariant()
    def sessions_are_those_of_the_rules(self) -> None:
        for place in PLACES:
            with self.portal.begin(read_only=True) as tx:
                found = tx.sessions.current(f"{self.district}/{place}", touch=False)
            self.expect_seat(place, found)

    @invariant()
    def counters_are_those_of_the_rules(self) -> None:
        for name, held in self.held.items():
            with self.portal.begin(read_only=True) as tx:
                found = tx.gate.counter(tx.gate.name_key(self.district, name))
            kept = Counted() if found is None else Counted.kept(found)
            # How often it was locked is no part of a counter: it shows in how long the next lock is.
            assert kept == replace(held.counted, locks=0), name

    def expect_seat(self, place: str, found: LiveSession | Refused) -> None:
        if place in self.seats and self.seats[place].is_over(self.now):
            del self.seats[place]
        seat = self.seats.get(place)
        assert isinstance(found, LiveSession) is (seat is not None), (place, found)
        if isinstance(found, LiveSession) and seat is not None:
            assert found.account_id == self.accounts[seat.name]

    def mailed(self, name: str) -> list[OutboxRow]:
        with self.portal.begin(read_only=True) as tx:
            query = select(OutboxRow).where(OutboxRow.address == self.address(name))
            return list(tx.session.scalars(query))

    def address(self, name: str) -> str:
        return f"{name}@{self.district}.example"

    def take_token(self, name: str, mail: OutboxRow) -> None:
        """Hand a mail over, and keep the token in it as the one that counts."""
        held = self.held[name]
        if held.token is not None:
            held.over.append(held.token)
        with self.portal.begin() as tx:
            assert mail.token_id is not None
            assert tx.tokens.sending(mail.token_id)
            held.token = tx.tokens.derive(mail.token_id).value
            tx.tokens.sent(mail.token_id)
        held.token_until = self.now + TOKEN


def run(portal: Portal, clock: FakeClock, hasher: CountingHasher, profile: settings) -> None:
    run_state_machine_as_test(lambda: Accounts(portal, clock, hasher), settings=profile)


@pytest.mark.case("A13", "A14", "A15", "A16", "E5", "RT1", "RT3", "RT5", "S5")
def test_accounts_keep_the_rules_in_any_order(
    portal: Portal, clock: FakeClock, hasher: CountingHasher
) -> None:
    run(portal, clock, hasher, BRIEF)


@pytest.mark.nightly
def test_accounts_keep_the_rules_in_any_order_for_long(
    portal: Portal,
    clock: FakeClock,
    hasher: CountingHasher,
    record_property: Callable[[str, object], None],
) -> None:
    run(portal, clock, hasher, LONG)

    record_property("passwords verified", hasher.verified)
