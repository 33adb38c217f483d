"""Mint and check the codes that an authenticator app shows."""

import base64
import hmac
from datetime import datetime

import pyotp

from portal.core.keys import Keys
from portal.core.secret import Secret

SECONDS = 30
DIGITS = 6
# As RFC 6238 recommends for SHA-1: as many bits as its digest has.
SECRET_BYTES = 20
ISSUER = "Hallpass help desk"


def derived_secret(keys: Keys, *parts: str) -> Secret:
    """Return the secret that a page shows; derived again when it is sent, and stored only then."""
    return Secret(base64.b32encode(keys.mac("staff codes", *parts)[:SECRET_BYTES]).decode())


def step_of(now: datetime) -> int:
    """Return which code an app shows now, counted from 1970."""
    return int(now.timestamp()) // SECONDS


def code_at(secret: Secret, step: int) -> str:
    """Return the code of one step."""
    return pyotp.TOTP(secret.value).generate_otp(step)


def matching_step(secret: Secret, typed: str, now: datetime, *, after: int) -> int | None:
    """Return the step whose code was typed, or None; a clock may be one step off.

    Only steps after the last one that was taken count: nobody uses a code twice, nor an older one.
    """
    code = _digits(typed)
    found = None
    for step in range(step_of(now) - 1, step_of(now) + 2):
        # All three are compared, and each in constant time.
        if hmac.compare_digest(code_at(secret, step), code) and step > after:
            found = step
    return found


def address_of_app(secret: Secret, email: str) -> str:
    """Return what the QR code holds that an authenticator app reads."""
    return pyotp.TOTP(secret.value).provisioning_uri(name=email, issuer_name=ISSUER)


def _digits(typed: str) -> str:
    # Apps show "123 456", and some keyboards write digits of another script.
    return "".join(str(int(each)) for each in typed[:64] if each.isdecimal())
