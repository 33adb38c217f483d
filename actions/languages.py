"""Name languages as their own speakers do."""

from babel import Locale, UnknownLocaleError

# The one language of the two portals whose own name Babel does not know.
_OWN_NAMES = {"ht": "Kreyòl ayisyen"}


def own_name(code: str) -> str:
    """Return what the speakers of a language call it, else its code."""
    if code in _OWN_NAMES:
        return _OWN_NAMES[code]
    try:
        name = Locale.parse(code, sep="-").get_display_name() or code
    except (ValueError, UnknownLocaleError):
        return code
    return name[:1].upper() + name[1:]
