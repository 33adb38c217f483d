"""Say how a contact is found, however its name, address or number was written."""

from collections.abc import Mapping
from typing import Any

from portal.core.folding import fold

CONTACT_KEYS = ("family_key", "given_key", "email_key", "phone_key", "sms_key")
# A number with its country's code and without it are the same number here.
WITH_COUNTRY = 11


def phone_key(number: str) -> str:
    """Return a telephone number as it is compared: its digits, without the code of this country."""
    digits = "".join(each for each in number if each.isascii() and each.isdigit())
    return digits[1:] if len(digits) == WITH_COUNTRY and digits.startswith("1") else digits


def contact_keys(contact: Mapping[str, Any]) -> dict[str, str]:
    """Return what a contact is found by; a name without letters is found as it is written."""
    family, given = str(contact["family_name"]), str(contact["given_name"])
    return {
        "family_key": fold(family) or family,
        "given_key": fold(given) or given,
        "email_key": str(contact["email"]).strip().lower(),
        "phone_key": phone_key(str(contact["phone"])),
        "sms_key": phone_key(str(contact["sms"])),
    }
