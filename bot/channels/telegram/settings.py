"""Hold what the Telegram channel is set up with, and derive its addresses from the token."""

import hashlib
import hmac
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

API = "https://api.telegram.org"
WEBHOOKS = "/telegram"
OWN_NAMES = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


@dataclass(frozen=True, slots=True)
class Pace:
    """Say in seconds how fast is written and how often is looked.

    Telegram takes 30 messages a second from a bot and one a second in a chat. `every` and `burst` keep
    the first: a bucket of `burst` that gains one each `every`.
    """

    chat: float = 1.0
    every: float = 1 / 27
    burst: int = 3
    look: float = 2.0
    typing: float = 0.7
    away: float = 5.0
    stop: float = 10.0


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """Hold the bot's token, where the Bot API answers, and where this server is reached.

    `languages` are those that the bot introduces itself in; what Telegram was told of it is kept in the
    folder `state`. Without one it does not introduce itself.
    """

    token: str = field(repr=False)
    public_url: str | None = None
    api_url: str = API
    pace: Pace = Pace()
    state: Path | None = None
    languages: tuple[str, ...] = ()

    @property
    def bot_id(self) -> str:
        """Return the bot's own number, which is the public half of its token."""
        return self.token.partition(":")[0]

    @property
    def via(self) -> str:
        """Name this bot among all that share a database."""
        return f"telegram:{self.bot_id}"

    @property
    def is_public(self) -> bool:
        """Tell whether Telegram can reach this server: it calls public HTTPS addresses only."""
        return is_reachable(self.public_url or "")

    @property
    def webhook_path(self) -> str:
        """Return a path that only Telegram is told; the token cannot be read from it."""
        return f"{WEBHOOKS}/{self._derived('path')[:32]}"

    @property
    def webhook_url(self) -> str:
        """Return where Telegram brings updates to; nothing where they are fetched."""
        return f"{(self.public_url or '').rstrip('/')}{self.webhook_path}" if self.is_public else ""

    @property
    def webhook_secret(self) -> str:
        """Return what Telegram shows with every update, so that nobody else can bring one."""
        return self._derived("secret")

    def _derived(self, what: str) -> str:
        return hmac.new(self.token.encode(), f"hallpass telegram {what}".encode(), hashlib.sha256).hexdigest()


def is_reachable(address: str) -> bool:
    """Tell whether a phone anywhere can open an address: HTTPS, and no address of one machine or house."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme != "https" or not host or host.endswith(OWN_NAMES):
        return False
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host
