"""Word a mail: from what the portal keeps to a subject, a text and its HTML."""

from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.conversation.wording import Wording
from bot.mail.digest_pieces import Addresses, DigestPieces
from bot.mail.pieces import Pieces, as_text
from bot.mail.words import MailPacks, MailWords
from portal.accounts.addresses import address_of
from portal.core.districts import District
from portal.core.errors import SettingsError
from portal.core.options import HelpContact
from portal.core.outbox import MailKind
from portal.core.tokens import TokenPurpose
from portal.delivery.outcomes import Mail
from portal.records.notifications import Digest

HERE = Path(__file__).resolve().parent
SIGN_IN = "sign-in"
START = "start"
SETTINGS = "email-notifications"
GET_HELP = "get-help"
FORGOT_PASSWORD = "trouble?tab=password"  # noqa: S105  (a page's address)
TOKEN_PAGES = {
    TokenPurpose.RECOVER_PASSWORD: "recover-password",
    TokenPurpose.CONFIRM_EMAIL: "confirm-email",
    TokenPurpose.CONFIRM_REQUEST: "confirm-email",
    TokenPurpose.UNDO_EMAIL: "undo-email",
    TokenPurpose.ANSWER_REQUEST: "school-question",
}
# Where the button of a mail without a token leads; mails to staff have none.
PAGES = {
    MailKind.RECOVER_USERNAME: SIGN_IN,
    MailKind.ACCOUNT_UNLOCKED: SIGN_IN,
    MailKind.ACCOUNT_DISABLED: GET_HELP,
    MailKind.ACCOUNT_FORGOTTEN: GET_HELP,
    MailKind.ACCOUNT_ENABLED: SIGN_IN,
    MailKind.SESSIONS_ENDED: SIGN_IN,
    MailKind.TEMPORARY_PASSWORD: SIGN_IN,
    MailKind.STUDENTS_UNLINKED: SIGN_IN,
    MailKind.ACCOUNT_CREATED: SIGN_IN,
    MailKind.ACCOUNT_ACTIVE: SIGN_IN,
    MailKind.STUDENTS_LINKED: SIGN_IN,
    MailKind.ACCOUNTS_MERGED: SIGN_IN,
    MailKind.PASSWORD_CHANGED: FORGOT_PASSWORD,
    MailKind.ALREADY_ACCOUNT: FORGOT_PASSWORD,
    MailKind.EMAIL_CHANGE_ASKED: FORGOT_PASSWORD,
    MailKind.EMAIL_CHANGED: FORGOT_PASSWORD,
    MailKind.USERNAME_CHANGED: FORGOT_PASSWORD,
    MailKind.UNUSUAL_ACTIVITY: FORGOT_PASSWORD,
    MailKind.CASE_ANSWERED: GET_HELP,
    MailKind.NOTIFICATION: START,
}


@dataclass(frozen=True, slots=True)
class Letter:
    """Hold a mail as it leaves; `sender` is the name that the parent sees it come from.

    `unsubscribe` is the address that ends mails of this kind, for those that come regularly.
    """

    message_id: str
    sender: str
    to: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    language: str
    link: str | None = field(repr=False)
    reply_to: str | None
    unsubscribe: str | None = field(default=None, repr=False)


class Letters:
    """Word mails in the reader's language, with links that begin with the district's public address."""

    def __init__(self, packs: MailPacks, public_url: str | None, wording: Wording) -> None:
        """Take the words, the address of districts that name none of their own, and what words answers."""
        self._packs = packs
        self._wording = wording
        self._public_url = public_url.rstrip("/") if public_url else None
        loader = FileSystemLoader(HERE / "templates")
        environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
        self._template = environment.get_template("letter.html")

    def write(self, mail: Mail) -> Letter:
        """Return the mail in words; SettingsError where the district has no public address."""
        words = self._packs.first_of(mail.language, *mail.district.options.locales)
        page = self._page(mail)
        link = f"{page}#{mail.token.token.value}" if page and mail.token else page
        pieces = self._pieces(mail, words, page, link)
        parts = pieces.parts()
        return Letter(
            message_id=mail.message_id,
            sender=" ".join(mail.district.options.name.split()),
            to=mail.address,
            subject=pieces.subject(),
            text=as_text(parts),
            html=self._template.render(words=words, subject=pieces.subject(), **parts),
            language=words.language,
            link=link,
            reply_to=_reply_to(mail.district.options.help_at()),
            unsubscribe=pieces.unsubscribe,
        )

    def _pieces(self, mail: Mail, words: MailWords, page: str | None, link: str | None) -> Pieces:
        if not isinstance(mail.content, Digest) or page is None:
            return Pieces(mail, words, page, link)
        base = self.base_of(mail.district)
        addresses = Addresses(
            page=page,
            settings=f"{base}/{mail.district.slug}/public/{SETTINGS}",
            stop=f"{base}/unsubscribe/{mail.content.stop_key.value}",
        )
        return DigestPieces(mail, words, mail.content, addresses, self._wording)

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


def _reply_to(help_: HelpContact) -> str | None:
    # A slip in the district's file must not keep its mails from leaving.
    address = address_of(help_.email or "")
    return None if address is None else address.spelling
