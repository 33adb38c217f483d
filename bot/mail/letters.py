"""Word a mail: from what the portal keeps to a subject, a text and its HTML."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.units import format_unit
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.conversation.formats import Manner, formatted, locale_of
from bot.mail.words import MailPacks, MailWords
from portal.accounts.addresses import address_of
from portal.core.districts import District
from portal.core.errors import SettingsError
from portal.core.options import HelpContact
from portal.core.outbox import MailKind
from portal.core.tokens import TokenPurpose
from portal.delivery.outcomes import Mail

HERE = Path(__file__).resolve().parent
SIGN_IN = "sign-in"
FORGOT_PASSWORD = "trouble?tab=password"  # noqa: S105  (a page's address)
TOKEN_PAGES = {
    TokenPurpose.RECOVER_PASSWORD: "recover-password",
    TokenPurpose.CONFIRM_EMAIL: "confirm-email",
    TokenPurpose.CONFIRM_REQUEST: "confirm-email",
    TokenPurpose.UNDO_EMAIL: "undo-email",
}
# Where the button of a mail without a token leads; mails to staff have none.
PAGES = {
    MailKind.RECOVER_USERNAME: SIGN_IN,
    MailKind.ACCOUNT_UNLOCKED: SIGN_IN,
    MailKind.ACCOUNT_CREATED: SIGN_IN,
    MailKind.ACCOUNT_ACTIVE: SIGN_IN,
    MailKind.STUDENTS_LINKED: SIGN_IN,
    MailKind.PASSWORD_CHANGED: FORGOT_PASSWORD,
    MailKind.ALREADY_ACCOUNT: FORGOT_PASSWORD,
    MailKind.EMAIL_CHANGE_ASKED: FORGOT_PASSWORD,
    MailKind.EMAIL_CHANGED: FORGOT_PASSWORD,
    MailKind.USERNAME_CHANGED: FORGOT_PASSWORD,
    MailKind.UNUSUAL_ACTIVITY: FORGOT_PASSWORD,
}
STAFF = frozenset(
    {MailKind.STAFF_CASE, MailKind.STAFF_REQUEST, MailKind.STAFF_BARRED, MailKind.STAFF_ACCESS_ID_PAUSED}
)


@dataclass(frozen=True, slots=True)
class Letter:
    """Hold a mail as it leaves; `sender` is the name that the parent sees it come from."""

    message_id: str
    sender: str
    to: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    language: str
    link: str | None = field(repr=False)
    reply_to: str | None


class Letters:
    """Word mails in the reader's language, with links that begin with the district's public address."""

    def __init__(self, packs: MailPacks, public_url: str | None) -> None:
        """Take the words, and the address of districts that name none of their own."""
        self._packs = packs
        self._public_url = public_url.rstrip("/") if public_url else None
        loader = FileSystemLoader(HERE / "templates")
        environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
        self._template = environment.get_template("letter.html")

    def write(self, mail: Mail) -> Letter:
        """Return the mail in words; SettingsError where the district has no public address."""
        words = self._packs.first_of(mail.language, *mail.district.options.locales)
        page = self._page(mail)
        link = f"{page}#{mail.token.token.value}" if page and mail.token else page
        wording = _Wording(mail, words, page, link)
        parts = wording.parts()
        return Letter(
            message_id=mail.message_id,
            sender=" ".join(mail.district.options.name.split()),
            to=mail.address,
            subject=wording.line("subject"),
            text=_as_text(parts),
            html=self._template.render(words=words, subject=wording.line("subject"), **parts),
            language=words.language,
            link=link,
            reply_to=_reply_to(mail.district.options.help_at()),
        )

    def base_of(self, district: District) -> str:
        """Return what links begin with; SettingsError where the district has no public address."""
        # Never from what a request says of itself: whoever asks could then choose where the link leads.
        base = district.options.public_base_url or self._public_url
        if base is None:
            message = (
                f"Mails of {district.slug} need the address that families reach Hallpass at: "
                "set HALLPASS_PUBLIC_URL, or public_base_url in the district's file."
            )
            raise SettingsError(message)
        return base

    def _page(self, mail: Mail) -> str | None:
        page = TOKEN_PAGES[mail.token.purpose] if mail.token else PAGES.get(mail.kind)
        return None if page is None else f"{self.base_of(mail.district)}/{mail.district.slug}/public/{page}"


class _Wording:
    def __init__(self, mail: Mail, words: MailWords, page: str | None, link: str | None) -> None:
        self._mail, self._words, self._page, self._link = mail, words, page, link
        self._values = {**mail.details, **_values(mail, words), "page": page or "", "link": link or ""}

    def parts(self) -> dict[str, Any]:
        """Return the pieces of the mail, in the order in which they are read."""
        mail = self._mail
        button = self.line("button") if self._link else None
        token = mail.token.token.value if mail.token else None
        return {
            "hello": self._common("hello"),
            "text": self.paragraphs("text"),
            "names": mail.usernames,
            "button": button,
            "link": self._link,
            "link_line": button and self._common("link", button=button),
            "valid": token and self._common("valid"),
            "token_line": token and self._common("token"),
            "token": token,
            "after": self.paragraphs("after"),
            "help": self._help(),
            "footer": self._common("footer_staff" if mail.kind in STAFF else "footer"),
        }

    def line(self, part: str) -> str:
        """Return one piece of this mail on one line: a subject with a line break would be two headers."""
        return " ".join(self._words.texts[f"mail_{self._mail.kind}_{part}"].format(**self._values).split())

    def paragraphs(self, part: str) -> list[str]:
        """Return a piece of this mail paragraph by paragraph; none where it has no such piece."""
        text = self._words.get(f"{self._mail.kind}_{part}") or ""
        return [" ".join(each.format(**self._values).split()) for each in text.split("\n\n") if each.strip()]

    def _common(self, key: str, **values: str) -> str:
        return self._words.texts[f"mail_{key}"].format(**{**self._values, **values})

    def _help(self) -> str:
        contact = _contact(self._mail.district.options.help_at())
        if self._mail.kind in STAFF:
            return ""
        return self._common("help", contact=contact) if contact else self._common("help_school")


def _values(mail: Mail, words: MailWords) -> dict[str, str]:
    manner = Manner(words.language, ZoneInfo(mail.district.options.time_zone))
    return {
        "district": mail.district.options.name,
        "when": formatted("datetime", {"datetime": mail.created_at.isoformat()}, manner),
        "valid": _length(mail.token.life, words.language) if mail.token else "",
    }


def _length(life: timedelta, language: str) -> str:
    """Write a length exactly in the largest unit that it is a whole number of, such as "30 minutes"."""
    seconds = int(life.total_seconds())
    sizes = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
    unit, size = next((unit, size) for unit, size in sizes if seconds % size == 0 and seconds >= size)
    return format_unit(seconds // size, f"duration-{unit}", locale=locale_of(language))


def _reply_to(help_: HelpContact) -> str | None:
    # A slip in the district's file must not keep its mails from leaving.
    address = address_of(help_.email or "")
    return None if address is None else address.spelling


def _contact(help_: HelpContact) -> str:
    return ", ".join(each for each in (help_.name, help_.phone, help_.email, help_.hours) if each)


def _as_text(parts: dict[str, Any]) -> str:
    names: Sequence[str] = parts["names"]
    after_token = [parts["valid"], parts["token_line"], parts["token"]] if parts["token"] else []
    lines = [parts["hello"], *parts["text"], "\n".join(f"  {name}" for name in names), parts["link_line"]]
    lines += [*after_token, *parts["after"], parts["help"], f"-- \n{parts['footer']}"]
    return "\n\n".join(line for line in lines if line) + "\n"
