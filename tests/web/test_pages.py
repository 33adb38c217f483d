from typing import Any

import pytest
from starlette.requests import Request

from bot.messages import SecretField, SecretRequest
from tests.support.doors import pages_of

MARKUP = "<img src=x onerror=alert(1)>\"'"


@pytest.fixture
def request_() -> Request:
    return Request({"type": "http", "headers": [], "method": "GET", "path": "/"})


def test_whatever_is_put_into_a_page_is_escaped(request_: Request) -> None:
    form = SecretRequest("sign_in", MARKUP, "/secret/x", (SecretField("password", MARKUP),))
    pages = pages_of()

    values: dict[str, Any] = {"texts": [MARKUP], "form": form, "back": "/chat", "proof": MARKUP}
    shown = bytes(pages.show(request_, "secret.html", **values).body).decode()

    assert "<img" not in shown
    assert "&lt;img src=x" in shown


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("username", "username"),
        ("password", "current-password"),
        ("current_password", "current-password"),
        ("new_password", "new-password"),
        ("new_password_again", "new-password"),
        ("access_password_1", "off"),
        ("security_answer", "off"),
    ],
)
def test_field_tells_the_password_manager_what_it_is(request_: Request, field: str, expected: str) -> None:
    form = SecretRequest("any", "t", "/secret/t", (SecretField(field, "Label"),))
    pages = pages_of()

    shown = bytes(
        pages.show(request_, "secret.html", texts=[], form=form, back="/chat", proof="").body
    ).decode()

    assert f'autocomplete="{expected}"' in shown
    assert f'type="{"text" if field == "username" else "password"}"' in shown
