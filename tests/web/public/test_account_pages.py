"""Look at every page about an account as whoever comes by finds it."""

import httpx
import pytest

from tests.support.public_site import HTML

W, B = "/westborough/public/", "/boston/public/"
PAGES = [
    (f"{W}trouble", "Recover Account Sign In Information"),
    (f"{W}trouble?tab=username", "Recover Account Sign In Information"),
    (f"{W}trouble?tab=password&sent=1", "An email has been sent"),
    (f"{W}trouble?tab=username&sent=1", "An email has been sent"),
    (f"{W}recover-password", "Recover Password"),
    (f"{W}create-account", "Create Account"),
    (f"{W}create-parent-account", "Create Parent Account"),
    (f"{W}confirm-email", "Confirm Email Address"),
    (f"{W}confirm-email?confirmed=account", "Your email address is confirmed"),
    (f"{W}confirm-email?confirmed=nonsense", "Confirm Email Address"),
    (f"{W}send-confirmation", "Send the Email Again"),
    (f"{W}send-confirmation?sent=1", "Send the Email Again"),
    (f"{W}undo-email", "Keep Your Email Address"),
    (f"{W}undo-email?undone=1", "Your email address stays as it was"),
    (f"{B}request-account", "Request Account"),
    (f"{B}request-account?step=name", "Request Account"),
    (f"{B}request-account?step=done", "Account Request Processed!"),
    (f"{B}confirm-email?confirmed=request", "The account is now active."),
]


@pytest.mark.parametrize(("address", "heading"), PAGES)
async def test_page_is_shown_to_whoever_comes_by(
    browser: httpx.AsyncClient, address: str, heading: str
) -> None:
    page = await browser.get(address, headers=HTML)

    assert page.status_code == 200
    assert heading in page.text


@pytest.mark.parametrize("name", ["link-students", "preferences"])
async def test_page_of_an_account_leads_a_stranger_to_sign_in(browser: httpx.AsyncClient, name: str) -> None:
    page = await browser.get(W + name, headers=HTML)

    assert (page.status_code, page.headers["location"]) == (303, f"{W}sign-in")
