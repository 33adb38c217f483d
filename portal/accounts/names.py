"""Compare usernames as people mean them: without regard to case, width or outer spaces."""

import re
import unicodedata

from precis_i18n import get_profile

MOST_CHARACTERS = 1024
# What a new account may be called; look-alike letters of other scripts cannot get in.
ALLOWED = re.compile(r"[a-z0-9][a-z0-9._-]{2,48}[a-z0-9]")
_PRECIS = get_profile("UsernameCaseMapped")


def compared(typed: str) -> str:
    """Return the form under which a typed name is counted and looked up.

    A name that no account can have (one with a space, an apostrophe, an emoji) still has a form, so
    that it is counted and answered like any other unknown name.
    """
    name = typed.strip()
    try:
        return str(_PRECIS.enforce(name))
    except UnicodeEncodeError:
        return unicodedata.normalize("NFC", name).casefold()


def is_storable(*texts: str) -> bool:
    """Tell whether texts can be keyed and stored on every database: no NUL, no half character."""
    return all(len(text) <= MOST_CHARACTERS and "\0" not in text and _is_whole(text) for text in texts)


def _is_whole(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)
