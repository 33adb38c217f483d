"""Fill in the pages about an account as a parent does, but for what a test is about."""

import httpx

from portal.transaction import Portal
from tests.support.families import Letter
from tests.support.mails import Mailbox, delivered, token_in
from tests.support.portals import NEW_PASSWORD
from tests.support.public_site import fill

W, B = "/westborough/public/", "/boston/public/"
EMAIL = "Marisol@families.example"
SENT = 303


def student(letter: Letter, number: int = 1, **typed: str) -> dict[str, str]:
    """Return one group of fields as the school's letter has them."""
    given = {
        "student_name": letter.name,
        "access_id": letter.access_id,
        "access_password": letter.password,
        "relationship": "mother",
        **typed,
    }
    return {f"{name}_{number}": value for name, value in given.items()}


def new_account(*groups: dict[str, str], **typed: str) -> dict[str, str]:
    """Return the fields of Create Parent Account for Ana López."""
    filled = {
        "first_name": "Ana",
        "last_name": "López",
        "email": "ana@families.example",
        "username": "ana.lopez",
        "new_password": NEW_PASSWORD,
        "new_password_again": NEW_PASSWORD,
        "groups": str(max(len(groups), 1)),
    }
    for group in groups:
        filled |= group
    return {**filled, **typed}


def recovery(token: str, **typed: str) -> dict[str, str]:
    """Return the fields of Recover Password for mlopez."""
    passwords = {"new_password": NEW_PASSWORD, "new_password_again": NEW_PASSWORD}
    return {"token": token, "username": "mlopez", **passwords, **typed}


def requested(**typed: str) -> dict[str, str]:
    """Return the fields of both steps of Request Account for Ana López."""
    return {
        "first_name": "Ana",
        "last_name": "López",
        "school_district": "boston",
        "email": "ana@example.org",
        "new_password": NEW_PASSWORD,
        "new_password_again": NEW_PASSWORD,
        "question": "What was my first bicycle called?",
        "security_answer": "Blue Comet",
        **typed,
    }


async def recovery_mail(browser: httpx.AsyncClient, portal: Portal) -> str:
    """Ask for the mail that replaces the password of mlopez, and return the token in it."""
    answer = await fill(browser, f"{W}trouble", {"username": "mlopez", "email": EMAIL})
    assert answer.status_code == SENT, answer.text
    return await token_for(portal, EMAIL)


async def token_for(portal: Portal, address: str, box: Mailbox | None = None) -> str:
    """Deliver what is due, and return the token of the newest letter to an address that has one."""
    letters = (await delivered(portal, box)).to(address)
    return token_in([letter for letter in letters if letter.link and "#" in letter.link][-1]).value
