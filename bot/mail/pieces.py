"""Word the pieces that every mail is made of, and put them together as text."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from bot.conversation.formats import Manner, formatted, length
from bot.mail.words import MailWords
from portal.core.options import HelpContact
from portal.core.outbox import MailKind
from portal.delivery.outcomes import Mail

STAFF = frozenset(
    {
        MailKind.STAFF_CASE,
        MailKind.STAFF_REQUEST,
        MailKind.STAFF_ROSTER,
        MailKind.STAFF_BARRED,
        MailKind.STAFF_ACCESS_ID_PAUSED,
    }
)


class Pieces:
    """Word one mail piece by piece; `unsubscribe` is the address that ends mails that come regularly."""

    unsubscribe: str | None = None

    def __init__(self, mail: Mail, words: MailWords, page: str | None, link: str | None) -> None:
        """Take the mail, the words of its language, the page that it leads to, and the link there."""
        self._mail, self._words, self._link = mail, words, link
        self._values = {**mail.details, **_values(mail, words), "page": page or "", "link": link or ""}

    def parts(self) -> dict[str, Any]:
        """Return the pieces of the mail, in the order in which they are read."""
        mail = self._mail
        button = self.line("button") if self._link else None
        token = mail.token.token.value if mail.token else None
        return {
            "hello": self._common("hello"),
            "text": self.text(),
            "sections": [],
            "names": mail.usernames,
            "button": button,
            "link": self._link,
            "link_line": button and self._common("link", button=button),
            "valid": token and self._common("valid"),
            "token_line": token and self._common("token"),
            "token": token,
            "after": self.paragraphs("after"),
            "links": [],
            "help": self._help(),
            "footer": self._common("footer_staff" if mail.kind in STAFF else "footer"),
        }

    def subject(self) -> str:
        """Return what the mail is called."""
        return self.line("subject")

    def text(self) -> list[str]:
        """Return what the mail says before anything else."""
        return self.paragraphs("text")

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
        "valid": length(mail.token.life, words.language) if mail.token else "",
    }


def _contact(help_: HelpContact) -> str:
    return ", ".join(each for each in (help_.name, help_.phone, help_.email, help_.hours) if each)


def as_text(parts: dict[str, Any]) -> str:
    """Return the pieces as they are read without HTML."""
    names: Sequence[str] = parts["names"]
    after_token = [parts["valid"], parts["token_line"], parts["token"]] if parts["token"] else []
    links = [f"{words}:\n{address}" for words, address in parts["links"]]
    lines = [parts["hello"], *parts["text"], *map(_section_text, parts["sections"])]
    lines += ["\n".join(f"  {name}" for name in names), parts["link_line"]]
    lines += [*after_token, *parts["after"], *links, parts["help"], f"-- \n{parts['footer']}"]
    return "\n\n".join(line for line in lines if line) + "\n"


def _section_text(section: dict[str, Any]) -> str:
    lines = [section["heading"], *(f"- {line}" for line in section["lines"]), section["note"]]
    return "\n".join(line for line in lines if line)
