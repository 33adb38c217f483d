"""Tell what is on a child's lunch and fee accounts, to the cent."""

from datetime import date
from decimal import Decimal

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.also_asked import Asked
from actions.base import Words, entity, part
from actions.child_question import ChildQuestion
from portal.core.outcomes import Refused
from portal.records.answers import Question
from portal.records.school_life import AccountBalance, Balance, MoneyLine
from portal.transaction import Transaction

# As many entries as a parent reads in a chat; older ones are counted.
MOST_LATEST = 5
MOST_IN_RANGE = 12


class TellBalance(ChildQuestion[Balance]):
    """Answer with the current balance and the latest entries."""

    intent = "ask_balance"
    intents = frozenset({"ask_balance"})
    is_of_a_course = False

    def name(self) -> str:
        """Name the action in the rules."""
        return "action_tell_balance"

    def steps(self, tracker: Tracker) -> str | None:
        """Say that nobody can pay here, where that was wanted; else the steps on the portal."""
        return "utter_pay_balance" if entity(tracker, "paying") else super().steps(tracker)

    def look_up(self, tx: Transaction, conversation: str, question: Question) -> Balance | Refused:
        """Ask the portal."""
        return tx.records.balance(conversation, question)

    def tell(self, dispatcher: CollectingDispatcher, answer: Balance, asked: Asked, today: date) -> str:
        """Say first what was asked for: what is on the accounts, or what came and went in some days."""
        in_range = [*_range(answer), *entry_lines(answer)]
        lines = account_lines(answer) + in_range if answer.since is None else in_range + account_lines(answer)
        dispatcher.utter_message(**part("utter_balance", lines=lines), private=True)
        return answer.student


def account_lines(answer: Balance) -> list[Words]:
    """Say what is on each account, or that nothing is recorded."""
    if answer.accounts:
        return [_account(each, answer.student) for each in answer.accounts]
    key = f"utter_no_{answer.account}_entries" if answer.account else "utter_no_money_entries"
    return [part(key, student=answer.student)]


def _account(each: AccountBalance, student: str) -> Words:
    sign = "negative" if each.balance < 0 else "positive" if each.balance > 0 else "even"
    return part(f"utter_balance_{each.account}_{sign}", student=student, amount=_money(abs(each.balance)))


def _range(answer: Balance) -> list[Words]:
    if answer.since is None or answer.until is None or not answer.accounts:
        return []
    since, until = (_day(each) for each in (answer.since, answer.until))
    one_day = answer.since == answer.until
    key = "utter_money_range_day" if one_day else "utter_money_range_days"
    when = part(key, since=since, until=until)
    if not answer.entries:
        return [part("utter_money_none_then", when=when)]
    return [
        part(
            f"utter_money_{each.account}_then",
            when=when,
            charged=_money(each.charged),
            paid=_money(each.paid),
        )
        for each in answer.accounts
        if each.charged or each.paid
    ]


def entry_lines(answer: Balance) -> list[Words]:
    """Word the entries, the newest first, as many as a parent reads at once."""
    most = MOST_LATEST if answer.since is None else MOST_IN_RANGE
    shown = [_entry(each, several=not answer.account) for each in answer.entries[:most]]
    if not shown:
        return []
    heading = [] if answer.since is not None else [part("utter_money_latest")]
    earlier = len(answer.entries) - len(shown)
    return [*heading, *shown, *([part("utter_days_earlier", count=earlier)] if earlier else [])]


def _entry(each: MoneyLine, *, several: bool) -> Words:
    account = part(f"utter_money_account_{each.account}")
    return part(
        "utter_money_line" if each.counted else "utter_money_line_to_come",
        date=_day(each.date),
        description=each.description or account,
        account=part("utter_money_of_account", account=account) if several and each.description else "",
        amount=_money(each.amount),
    )


def _money(amount: Decimal) -> dict[str, str]:
    return {"money": str(amount)}


def _day(day: date) -> dict[str, str]:
    return {"date": day.isoformat(), "style": "medium"}
