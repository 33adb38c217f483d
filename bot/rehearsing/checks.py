"""Look at what a district has before its families come: what must be mended, and what is better mended."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.settings import Settings
from portal.core.options import DEFAULT_SCHOOL, AccountOpening, DistrictOptions
from portal.helpdesk.readiness import Stock
from portal.helpdesk.staff.roles import Role

FRESH = timedelta(days=7)
# Below this share of families with an address, a lost password is a call for too many.
REACHABLE = 0.8


@dataclass(frozen=True, slots=True)
class Finding:
    """Say what is missing and what to do; `must` when families would meet it on the first day."""

    said: str
    must: bool = False


def findings(settings: Settings, options: DistrictOptions, stock: Stock, now: datetime) -> list[Finding]:
    """Return all that is to be said, the most urgent first."""
    found = [
        *_records(options, stock, now),
        *_ways_in(settings, options),
        *_help(options, stock),
        *_languages(settings, options),
        *_pages(options, stock),
        *_staff(stock),
    ]
    return sorted(found, key=lambda each: not each.must)


def _records(options: DistrictOptions, stock: Stock, now: datetime) -> Iterator[Finding]:
    if stock.imported_at is None:
        yield Finding("No roster is here: run `hallpass import PATH --district ...`.", must=True)
        return
    days = (now - stock.imported_at).days
    if now - stock.imported_at > FRESH:
        yield Finding(f"The roster is {days} days old: import it again, or use `import --watch`.")
    if options.account_opening is AccountOpening.ACCESS_ID and stock.with_letter < stock.students:
        lacking = stock.students - stock.with_letter
        yield Finding(
            f"{lacking:,} of {stock.students:,} students have no letter: print them (`hallpass letters`).",
            must=not stock.with_letter,
        )
    if stock.students and stock.reachable < REACHABLE * stock.students:
        yield Finding(
            f"Only {stock.reachable:,} of {stock.students:,} students have a contact with an e-mail address: "
            "the others' parents cannot recover a password by mail. Complete the addresses in the school's "
            "records."
        )


def _ways_in(settings: Settings, options: DistrictOptions) -> Iterator[Finding]:
    base = options.public_base_url or settings.public_url
    if base is None:
        yield Finding("No public address: links in mails lead nowhere. Set HALLPASS_PUBLIC_URL.", must=True)
    elif not base.startswith("https://") and not settings.demo:
        yield Finding(f"{base} is not HTTPS: passwords would be read on the way.", must=True)
    if settings.smtp_url is None and not settings.demo:
        yield Finding("No mail leaves: set HALLPASS_SMTP_URL and HALLPASS_MAIL_FROM.", must=True)
    if settings.telegram_token is None:
        yield Finding("Telegram is off: set TELEGRAM_TOKEN if families shall write there.")


def _help(options: DistrictOptions, stock: Stock) -> Iterator[Finding]:
    contact = options.help.get(DEFAULT_SCHOOL)
    if contact is None or not (contact.phone or contact.email):
        yield Finding('"Contact your school" says nothing: give help.default a phone and e-mail.', must=True)
    elif not contact.email:
        yield Finding("help.default has no e-mail: nobody is told of cases and requests.", must=True)
    for key in options.help:
        if key != DEFAULT_SCHOOL and stock.schools and key not in stock.schools:
            yield Finding(f"help names the school {key}, which is not in the roster: mend its number.")
    for key in options.pilot_schools:
        if key not in stock.schools:
            yield Finding(f"pilot_schools names {key}, which is not in the roster.", must=True)
    if options.pilot_schools:
        called = ", ".join(stock.schools.get(each, each) for each in options.pilot_schools)
        yield Finding(f"A pilot: only families of {called} are served.")


def _languages(settings: Settings, options: DistrictOptions) -> Iterator[Finding]:
    for language in options.locales:
        if not (settings.data / language / "language.yml").exists():
            yield Finding(f"There is no language pack {language}: families would read English.", must=True)


def _pages(options: DistrictOptions, stock: Stock) -> Iterator[Finding]:
    if options.school_bulletin and not stock.notices:
        yield Finding("school_bulletin is on and there is no notice: announce one in the console.")
    if options.lunch_balance and not stock.money_entries:
        yield Finding("lunch_balance is on and the roster holds no entry: import them, or turn it off.")
    if options.class_registration and not stock.offerings:
        yield Finding("class_registration is on and no course is offered: import them, or turn it off.")


def _staff(stock: Stock) -> Iterator[Finding]:
    if not stock.staff.get(Role.DISTRICT_ADMINISTRATOR.value):
        yield Finding("No district administrator works in the console: run `hallpass staff add`.", must=True)
    helpers = sum(number for role, number in stock.staff.items() if role != Role.AUDITOR.value)
    if helpers == 1:
        yield Finding("Only one person can help families in the console: invite another one.")
