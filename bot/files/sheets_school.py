"""Put on paper what is answered about the schedule, the accounts, the bulletin and the school."""

from collections.abc import Sequence
from datetime import date

from bot.files.sheet import Align, Block, Column, Facts, Heading, Paragraph, Sheet, Table, section, table
from bot.files.spans import days_words, term_words
from bot.files.words import PaperWords
from portal.core.outcomes import Refused
from portal.records.answers import Question
from portal.records.family import Family
from portal.records.school_life import AccountBalance, CalendarDay, ClassTime, MoneyLine, Notice, SchoolCard


def schedule(family: Family, question: Question, words: PaperWords) -> Sheet | Refused:
    """Show when and where a child has class, and with whom."""
    answer = family.schedule(question)
    if isinstance(answer, Refused):
        return answer
    if answer.term is not None:
        about = term_words(answer.term, words)
    else:
        about = days_words(answer.since or answer.at.date(), answer.until, words)
    lines: Block = _classes(answer.lines, words) if answer.lines else Paragraph(words("no_classes"))
    usual = section(words("usual_classes"), _classes(answer.usual, words)) if answer.usual else ()
    return Sheet(answer.student, about, (lines, *usual, *_calendar(answer.calendar, words)))


def balance(family: Family, question: Question, words: PaperWords) -> Sheet | Refused:
    """Show the lunch and fee accounts, and what came and went."""
    answer = family.balance(question)
    if isinstance(answer, Refused):
        return answer
    moved = answer.since is not None
    items = tuple((words(f"account_{a.account}"), _account(a, words, moved=moved)) for a in answer.accounts)
    blocks: tuple[Block, ...] = (Facts(items) if items else Paragraph(words("no_accounts")),)
    if answer.entries:
        blocks += section(words("entries"), _entries(answer.entries, words))
    about = _range(answer.since, answer.until, words)
    return Sheet(answer.student, about or words("as_of", day=words.day(family.today(), "long")), blocks)


def school_bulletin(family: Family, question: Question, words: PaperWords) -> Sheet | Refused:
    """Show what a school announced, and what its calendar holds."""
    answer = family.school_bulletin(question)
    if isinstance(answer, Refused):
        return answer
    blocks: tuple[Block, ...] = () if answer.notices else (Paragraph(words("no_notices")),)
    blocks += _notices(answer.notices, words)
    if answer.older:
        blocks += (Paragraph(words("notices_older"), quiet=True), *_notices(answer.older, words))
    about = _range(answer.since, answer.until, words)
    return Sheet(answer.student, about, (*blocks, *_calendar(answer.calendar, words)))


def school_information(family: Family, question: Question, words: PaperWords) -> Sheet | Refused:
    """Show where a school is and how it is reached."""
    answer = family.school_information(question)
    if isinstance(answer, Refused):
        return answer
    blocks: tuple[Block, ...] = ()
    for card in answer.schools:
        blocks += section(card.name, _card(card, words))
    return Sheet(answer.student, "", blocks)


def _classes(lines: Sequence[ClassTime], words: PaperWords) -> Table:
    names = ("days", "period", "time", "course", "room", "teacher")
    columns = [Column(words(f"column_{name}"), wide=name == "course") for name in names]
    return table(columns, [_class(each, words) for each in lines])


def _class(each: ClassTime, words: PaperWords) -> tuple[str, ...]:
    times = [words.written("time", time) for time in (each.start, each.end) if time]
    time = " \N{EN DASH} ".join(times)
    return words.weekdays(each.weekdays), each.period, time, each.course, each.room, each.teacher


def _entries(lines: Sequence[MoneyLine], words: PaperWords) -> Table:
    columns = [
        Column(words("column_date")),
        Column(words("column_account")),
        Column(words("column_description"), wide=True),
        Column(words("column_amount"), align=Align.END),
        Column(words("column_status")),
    ]
    rows = [
        (
            words.day(each.date),
            words(f"account_{each.account}"),
            each.description,
            _money(each.amount, words),
            "" if each.counted else words("not_counted"),
        )
        for each in lines
    ]
    return table(columns, rows)


def _account(account: AccountBalance, words: PaperWords, *, moved: bool) -> str:
    balance = _money(account.balance, words)
    if not moved:
        return balance
    amounts = {"charged": _money(account.charged, words), "paid": _money(account.paid, words)}
    return words("account_moved", balance=balance, **amounts)


def _money(amount: object, words: PaperWords) -> str:
    return words.written("money", str(amount))


def _notices(notices: Sequence[Notice], words: PaperWords) -> tuple[Block, ...]:
    blocks: tuple[Block, ...] = ()
    for each in (notice.in_language(words.language) for notice in notices):
        blocks += (Heading(each.title), Paragraph(words.day(each.date, "long"), quiet=True))
        blocks += (Paragraph(each.text),) if each.text else ()
    return blocks


def _calendar(days: Sequence[CalendarDay], words: PaperWords) -> tuple[Block, ...]:
    if not days:
        return ()
    columns = [Column(words("column_date")), Column(words("column_event"), wide=True)]
    rows = [(days_words(each.date, each.date, words), each.title) for each in days]
    return section(words("calendar"), table(columns, rows))


def _card(card: SchoolCard, words: PaperWords) -> Block:
    city = f"{card.city} {card.postal_code}".strip()
    known = {
        "address": "\n".join(each for each in (card.address, city) if each),
        "phone": card.phone,
        "fax": card.fax,
        "email": card.email,
        "hours": card.hours,
        "map": card.map_url,
    }
    items = tuple((words(f"school_{name}"), value) for name, value in known.items() if value)
    return Facts(items) if items else Paragraph(words("no_card"))


def _range(since: date | None, until: date | None, words: PaperWords) -> str:
    return "" if since is None else days_words(since, until, words)
