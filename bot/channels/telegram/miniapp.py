"""Verify what Telegram tells a page that it opens: who opened it, and when."""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

# https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app
OLDEST = timedelta(seconds=300)
# Clocks differ a little, and no more.
NEWEST = timedelta(seconds=30)
MOST_FIELDS = 30
LONGEST = 8_000

_SECONDS = re.compile(r"[0-9]{1,11}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Opener:
    """Name the person who opened a page in Telegram; `proof` is the same for the same opening."""

    user_id: int
    proof: str


def verify(init_data: str, token: str, now: datetime) -> Opener | None:
    """Return who opened the page, or None for whatever this bot's Telegram did not just say.

    Every field but the hash is signed, `signature` too: that one is for those who do not hold the token.
    """
    fields = _fields(init_data)
    shown = fields.pop("hash", "")
    told = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
    key = hmac.digest(b"WebAppData", token.encode(), "sha256")
    expected = hmac.new(key, told.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), shown.encode()) or not _is_recent(fields, now):
        return None
    user = _user(fields.get("user", ""))
    # Not the string itself: the same fields in another order or spelling are the same opening.
    return None if user is None else Opener(user, expected)


def _fields(init_data: str) -> dict[str, str]:
    # Telegram escapes whatever is not ASCII.
    if not 0 < len(init_data) <= LONGEST or not init_data.isascii():
        return {}
    try:
        pairs = parse_qsl(
            init_data,
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        return {}
    # Of a name that comes twice, one value would be signed and the other believed.
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else {}


def _is_recent(fields: dict[str, str], now: datetime) -> bool:
    seconds = fields.get("auth_date", "")
    if not _SECONDS.fullmatch(seconds):
        return False
    age = now - datetime.fromtimestamp(int(seconds), UTC)
    return -NEWEST <= age <= OLDEST


def _user(encoded: str) -> int | None:
    try:
        user = json.loads(encoded)
    except (ValueError, RecursionError):
        return None
    number = user.get("id") if isinstance(user, dict) else None
    return number if isinstance(number, int) and number > 0 and number is not True else None
