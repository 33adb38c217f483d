"""Open a page inside Telegram: sign what Telegram would tell it."""

import hashlib
import hmac
import json
from datetime import datetime
from urllib.parse import urlencode

from tests.support.telegram.emulator import TOKEN


def init_data(user: int, at: datetime, *, token: str = TOKEN, **more: str) -> str:
    """Return what the app hands to a page that this person opens."""
    fields = {
        "query_id": "AAHdF6IQAAAAAN0XohDhrOrc",
        "user": json.dumps({"id": user, "first_name": "Ána", "language_code": "en"}),
        "auth_date": str(int(at.timestamp())),
        "signature": "AbC_-01",
        **more,
    }
    told = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
    key = hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()
    return urlencode({**fields, "hash": hmac.new(key, told.encode(), hashlib.sha256).hexdigest()})
