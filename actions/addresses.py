"""Read an e-mail address out of what somebody typed."""

import re

from portal.accounts.addresses import address_of

# It is begun where a word begins: a long text without an address is then read but once.
_LOOKS_LIKE_ONE = re.compile(r"(?<![^\s<>(),;:\"])[^\s<>(),;:\"@]+@[^\s<>(),;:\"]+")
_AROUND = ".,;:!?'"


def find_address(text: str) -> str | None:
    """Return the one address that a text holds, as it was typed, or None."""
    found = {typed for match in _LOOKS_LIKE_ONE.finditer(text) if (typed := match[0].strip(_AROUND))}
    usable = [typed for typed in sorted(found) if address_of(typed) is not None]
    return usable[0] if len(usable) == 1 else None


def without_address(text: str) -> str:
    """Return what a text says beside the address."""
    return _LOOKS_LIKE_ONE.sub(" ", text).strip(f" {_AROUND}")
