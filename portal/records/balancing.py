"""Answer what is on a child's lunch and fee accounts: exact sums of what the school recorded."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.records.answers import Question
from portal.records.children import LinkedChild
from portal.records.school_life import AccountBalance, Balance, MoneyLine
from portal.sis.models import MoneyEntry

ACCOUNTS = ("lunch", "fees")


class Balancing:
    """Answer about the money of one child; nothing is added up over children or accounts."""

    def __init__(self, session: Session, linked: LinkedChild, today: date) -> None:
        """Take the child and today in the district's time zone."""
        self._session = session
        self._student = linked.student
        self._label = linked.child.label
        self._today = today

    def answer(self, question: Question) -> Balance:
        """Answer for one account or for both, with the entries of the range or with all of them."""
        wanted = [name for name in ACCOUNTS if question.account in (None, "", name)]
        entries = [each for each in self._entries() if each.account in wanted]
        since, until = self._range(question, entries)
        shown = [each for each in entries if since is None or since <= each.date <= (until or self._today)]
        return Balance(
            student=self._label,
            accounts=tuple(_account(name, entries, shown) for name in wanted if _has(name, entries)),
            entries=tuple(shown),
            since=since,
            until=until,
            account=wanted[0] if len(wanted) == 1 else "",
        )

    def _range(self, question: Question, entries: Sequence[MoneyLine]) -> tuple[date | None, date | None]:
        if question.since is None and question.until is None:
            return None, None
        until = question.until or max(self._today, question.since or self._today)
        since = question.since or min((each.date for each in entries), default=until)
        return min(since, until), max(since, until)

    def _entries(self) -> Sequence[MoneyLine]:
        query = select(MoneyEntry).where(
            MoneyEntry.district_id == self._student.district_id,
            MoneyEntry.student_id == self._student.id,
            MoneyEntry.retired_at.is_(None),
        )
        rows = self._session.scalars(query.order_by(MoneyEntry.day.desc(), MoneyEntry.id))
        return [
            MoneyLine(row.day, row.account, row.description, row.amount, counted=row.day <= self._today)
            for row in rows
        ]


def _has(name: str, entries: Sequence[MoneyLine]) -> bool:
    return any(each.account == name for each in entries)


def _account(name: str, entries: Sequence[MoneyLine], shown: Sequence[MoneyLine]) -> AccountBalance:
    # What is dated ahead is not on the account yet.
    own = [each.amount for each in entries if each.account == name and each.counted]
    asked = [each.amount for each in shown if each.account == name and each.counted]
    return AccountBalance(
        account=name,
        balance=sum(own, Decimal(0)),
        charged=-sum((amount for amount in asked if amount < 0), Decimal(0)),
        paid=sum((amount for amount in asked if amount > 0), Decimal(0)),
    )
