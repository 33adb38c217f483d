"""Sign in on the page, without a script."""

import httpx
import pytest

from tests.support.portals import PASSWORD
from tests.support.public_site import fill

SIGN_IN = "/westborough/public/sign-in"


@pytest.mark.requirement("R12")
async def test_right_password_leads_to_the_start_page(browser: httpx.AsyncClient) -> None:
    answer = await fill(browser, SIGN_IN, {"username": "mlopez", "password": PASSWORD})

    assert (answer.status_code, answer.headers["location"]) == (303, "/westborough/public/start")


async def test_wrong_password_shows_the_name_again_and_no_password(browser: httpx.AsyncClient) -> None:
    answer = await fill(browser, SIGN_IN, {"username": "mlopez", "password": "CANARY-wrong"})

    assert answer.status_code == 422
    assert "do not go together" in answer.text
    assert 'value="mlopez"' in answer.text
    assert "CANARY" not in answer.text
