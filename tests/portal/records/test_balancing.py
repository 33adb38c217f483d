"""Answer what is on a child's accounts: exact sums, each child and each account by itself."""

from datetime import date
from decimal import Decimal

import pytest

from portal.records.answers import Question
from portal.records.school_life import AccountBalance, Balance, MoneyLine
from tests.support.rosters import Answered, Family, Roster, small_roster


def about(**question: object) -> object:
    return lambda records: records.balance("conversation", Question(**question))


def entry(roster: Roster, day: str, account: str, amount: str, **cells: str) -> Roster:
    row = {"studentIdentifier": "NS1", "date": day, "account": account, "amount": amount}
    return roster.add("x_transactions", **row | cells)


def two_accounts() -> Roster:
    """Return a lunch account with a payment and two meals, an open fee, and one to come."""
    roster = entry(small_roster(), "2026-09-28", "lunch", "20.00", description="Payment")
    entry(roster, "2026-10-13", "lunch", "-3.10", description="Lunch")
    entry(roster, "2026-10-14", "lunch", "-3.20", description="Lunch")
    entry(roster, "2026-10-01", "fees", "-18.00", description="Field trip")
    entry(roster, "2026-10-20", "fees", "-7.50", description="Locker")
    return entry(roster, "2026-10-14", "lunch", "-99.99", studentIdentifier="NS2")


@pytest.mark.requirement("R100")
def test_balance_of_each_account_is_the_exact_sum_of_what_happened_until_today(
    family: Family, ask: Answered
) -> None:
    family(two_accounts(), "NS1")

    answer: Balance = ask(about())

    assert answer.accounts == (
        AccountBalance("lunch", Decimal("13.70"), Decimal("6.30"), Decimal("20.00")),
        AccountBalance("fees", Decimal("-18.00"), Decimal("18.00"), Decimal("0")),
    )
    assert [(line.date.day, line.amount, line.counted) for line in answer.entries] == [
        (20, Decimal("-7.50"), False),
        (14, Decimal("-3.20"), True),
        (13, Decimal("-3.10"), True),
        (1, Decimal("-18.00"), True),
        (28, Decimal("20.00"), True),
    ]
    assert (answer.student, answer.since, answer.account) == ("Maya", None, "")


def test_each_child_has_its_own_money(family: Family, ask: Answered) -> None:
    family(two_accounts(), "NS1", "NS2")

    answer: Balance = ask(about(student="Diego"))

    assert [(each.account, each.balance) for each in answer.accounts] == [("lunch", Decimal("-99.99"))]
    assert answer.entries == (MoneyLine(date(2026, 10, 14), "lunch", "", Decimal("-99.99")),)


@pytest.mark.parametrize(("account", "balance"), [("lunch", "13.70"), ("fees", "-18.00")])
def test_one_account_is_answered_alone(family: Family, ask: Answered, account: str, balance: str) -> None:
    family(two_accounts(), "NS1")

    answer: Balance = ask(about(account=account))

    assert [(each.account, each.balance) for each in answer.accounts] == [(account, Decimal(balance))]
    assert {line.account for line in answer.entries} == {account}
    assert answer.account == account


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        (date(2026, 10, 13), date(2026, 10, 13), [13]),
        (date(2026, 10, 14), date(2026, 10, 1), [14, 13, 1]),
        (date(2026, 10, 13), None, [14, 13]),
        (None, date(2026, 10, 1), [1, 28]),
        (date(2026, 10, 15), date(2026, 10, 31), [20]),
        (date(2026, 8, 1), date(2026, 8, 31), []),
    ],
)
def test_range_shows_its_entries_beside_the_balance_of_today(
    family: Family, ask: Answered, since: date | None, until: date | None, days: list[int]
) -> None:
    family(two_accounts(), "NS1")

    answer: Balance = ask(about(since=since, until=until))

    assert [line.date.day for line in answer.entries] == days
    assert [each.balance for each in answer.accounts] == [Decimal("13.70"), Decimal("-18.00")]
    assert answer.since is not None


def test_range_sums_only_what_happened_in_it(family: Family, ask: Answered) -> None:
    family(two_accounts(), "NS1")

    answer: Balance = ask(about(since=date(2026, 10, 13), until=date(2026, 10, 31)))

    assert [(each.account, each.charged, each.paid) for each in answer.accounts] == [
        ("lunch", Decimal("6.30"), Decimal(0)),
        ("fees", Decimal(0), Decimal(0)),
    ]


def test_many_cents_add_up_to_the_cent(family: Family, ask: Answered) -> None:
    roster = small_roster()
    for _ in range(300):
        entry(roster, "2026-10-14", "lunch", "-0.10")
    family(roster, "NS1")

    assert ask(about()).accounts[0].balance == Decimal("-30.00")


@pytest.mark.parametrize("range_", [{}, {"since": date(2026, 10, 1), "until": date(2026, 10, 2)}])
def test_nothing_recorded_is_no_account(family: Family, ask: Answered, range_: dict[str, date]) -> None:
    family(small_roster(), "NS1")

    answer: Balance = ask(about(**range_))

    assert (answer.accounts, answer.entries) == ((), ())


def test_entry_that_the_school_took_back_is_gone(family: Family, ask: Answered) -> None:
    family(two_accounts(), "NS1")
    family(two_accounts().drop("x_transactions", account="fees"), conversation="another")

    assert [each.account for each in ask(about()).accounts] == ["lunch"]
