"""What Telegram tells a page is believed only when this bot's Telegram has just said it."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import pytest
from aiogram.utils.web_app import check_webapp_signature

from bot.channels.telegram.miniapp import verify
from tests.support.telegram.emulator import TOKEN
from tests.support.telegram.opened import init_data

NOW = datetime(2026, 11, 22, 13, tzinfo=UTC)
OTHER = "220201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


def test_what_telegram_says_names_who_opened_the_page() -> None:
    told = init_data(41, NOW)

    opener = verify(told, TOKEN, NOW)

    assert opener is not None
    assert opener.user_id == 41
    # Somebody else's reading of the same page of Telegram's documentation.
    assert check_webapp_signature(TOKEN, told)


def _changed(name: str, value: str) -> str:
    return urlencode({**dict(parse_qsl(init_data(41, NOW))), name: value})


def _without(name: str) -> str:
    return urlencode({key: value for key, value in parse_qsl(init_data(41, NOW)) if key != name})


def _signed(**fields: str) -> str:
    told = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
    key = hmac.digest(b"WebAppData", TOKEN.encode(), "sha256")
    return urlencode({**fields, "hash": hmac.new(key, told.encode(), hashlib.sha256).hexdigest()})


AT = str(int(NOW.timestamp()))


@pytest.mark.case("C6")
@pytest.mark.parametrize(
    "told",
    [
        "",
        "hash=",
        "=&=",
        "%ff=1",
        "x" * 9_000,
        init_data(41, NOW) + "&more=\ud800",
        init_data(41, NOW) + "&more=%00",
        _without("hash"),
        _without("signature"),
        _changed("user", json.dumps({"id": 42})),
        _changed("auth_date", AT + "0"),
        _changed("hash", "0" * 64),
        _changed("hash", "é"),
        _changed("more", ""),
        init_data(41, NOW, token=OTHER),
        init_data(41, NOW) + "&user=" + urlencode({"": json.dumps({"id": 42})})[1:],
        init_data(41, NOW) + "&auth_date=" + AT,
        _signed(auth_date=AT),
        _signed(user='{"id": 41}'),
        _signed(user='{"id": 41}', auth_date="now"),
        _signed(user='{"id": 41}', auth_date="9" * 30),
        _signed(user='{"id": "41"}', auth_date=AT),
        _signed(user='{"id": true}', auth_date=AT),
        _signed(user='{"id": -41}', auth_date=AT),
        _signed(user="[41]", auth_date=AT),
        _signed(user="{", auth_date=AT),
        _signed(user="[" * 5_000, auth_date=AT),
    ],
)
def test_anything_else_names_nobody(told: str) -> None:
    assert verify(told, TOKEN, NOW) is None


@pytest.mark.case("C7")
@pytest.mark.parametrize(("age", "known"), [(0, True), (300, True), (301, False), (-30, True), (-31, False)])
def test_what_was_said_too_long_ago_or_will_be_said_names_nobody(age: int, known: bool) -> None:  # noqa: FBT001
    told = init_data(41, NOW - timedelta(seconds=age))

    assert (verify(told, TOKEN, NOW) is not None) is known


@pytest.mark.case("C7")
def test_the_same_fields_in_another_order_or_spelling_are_the_same_opening() -> None:
    told = init_data(41, NOW)
    spelt = "&".join(reversed(told.replace("AAHd", "%41AHd").split("&")))

    first, again = verify(told, TOKEN, NOW), verify(spelt, TOKEN, NOW)

    assert spelt != told
    assert first is not None
    assert first == again
