"""Read e-mail addresses: the spelling that mail goes to, and the key under which they are compared."""

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email


@dataclass(frozen=True, slots=True)
class Address:
    """Hold an address as it was spelled, and its key.

    The key folds the case of the part before the @, which nobody means to differ by; plus signs and
    dots stay, for what they mean is the mail provider's to say and not ours.
    """

    spelling: str
    key: str


def address_of(typed: str) -> Address | None:
    """Return the address that somebody typed, or None when no mail could go there."""
    try:
        found = validate_email(typed.strip(), allow_smtputf8=False, check_deliverability=False)
    except EmailNotValidError:
        # Its words quote what was typed; they must not travel on.
        return None
    local = found.local_part
    return Address(f"{local}@{found.domain}", f"{local.lower()}@{found.ascii_domain.lower()}")


def key_of(typed: str | None) -> str | None:
    """Return the key under which an address is compared, or None when it is none."""
    found = address_of(typed) if typed else None
    return None if found is None else found.key


def mailable(spelling: str) -> str:
    """Return an address as every mail server takes it: a domain in another script as its ASCII form."""
    found = address_of(spelling)
    if found is None:
        return spelling
    return f"{found.spelling.rpartition('@')[0]}@{found.key.rpartition('@')[2]}"
