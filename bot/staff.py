"""Do at the command line what the help desk does."""

import getpass

from portal.core.errors import SettingsError
from portal.core.outcomes import Refused
from portal.transaction import Portal


def unlock_name(portal: Portal, district: str | None, username: str, reason: str) -> str:
    """Unlock a sign-in name and return the sentence that says so."""
    if not reason.strip():
        message = "Nothing was unlocked: --reason must say why; it is kept in the audit."
        raise SettingsError(message)
    with portal.begin() as tx:
        known = [found.slug for found in tx.districts.all()]
        slug = _chosen(district, known)
        outcome = tx.accounts.unlock(slug, username, reason, f"command line: {getpass.getuser()}")
    if isinstance(outcome, Refused):
        message = (
            f"Nothing was unlocked: nobody in {slug} has or tried the name {username!r}; check its spelling."
        )
        raise SettingsError(message)
    if not outcome.was_locked:
        return f"{outcome.username} was not locked in {slug}; its count of failed attempts starts anew."
    return f"{outcome.username} may sign in again in {slug}. The password is what it was."


def _chosen(district: str | None, known: list[str]) -> str:
    if district is None and len(known) == 1:
        return known[0]
    if district in known:
        return str(district)
    message = f"Say which district with --district: {', '.join(known) or 'there is none yet'}."
    raise SettingsError(message)
