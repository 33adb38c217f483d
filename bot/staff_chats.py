"""Look after the Telegram chats of staff at the command line."""

from bot.settings import Settings
from bot.staff import chosen, printable, table, when, who
from portal.core.districts import District
from portal.core.errors import SettingsError
from portal.core.outcomes import Refused
from portal.dialogue.staff_chats import StaffChat
from portal.transaction import Portal, Transaction


def add_lines(settings: Settings, portal: Portal, district: str | None) -> list[str]:
    """Return a new code with what to do with it; who asked for it is on record."""
    if settings.telegram_token is None:
        message = (
            "There is no bot yet: set TELEGRAM_TOKEN as @BotFather shows it, and start Hallpass with it."
        )
        raise SettingsError(message)
    with portal.begin() as tx:
        found = _district(tx, district)
        minted = tx.staff_chats.new_code(found.slug, by=who())
    if isinstance(minted, Refused):
        message = f"No code could be made ({minted.reason.value}): try again."
        raise SettingsError(message)
    return [
        "Add the bot to the group of the help desk, or open a chat with it, and send this there:",
        f"  /staff {minted.code}",
        f"It counts once, until {when(minted.expires_at, found)}. Whoever reads that chat learns that a case",
        "waits and what it is about: no name, and nothing that a family wrote.",
    ]


def chat_lines(portal: Portal, district: str | None) -> list[str]:
    """Return the lines that list a district's chats of staff."""
    with portal.begin(read_only=True) as tx:
        found = _district(tx, district)
        chats = tx.staff_chats.all(found.slug)
    if not chats:
        return [f"No chat is told of new cases of {found.slug}: hallpass staff add-chat"]
    rows = [(each.id, each.name, when(each.since, found), _state(each, found)) for each in chats]
    return list(table(("chat", "name", "since", "state"), rows))


def remove_chat(portal: Portal, district: str | None, chat: str) -> str:
    """End what a chat is told and return the sentence that says so."""
    with portal.begin() as tx:
        found = _district(tx, district)
        ended = tx.staff_chats.end(found.slug, chat, by=who())
    if ended is None:
        message = f"There is no such chat in {found.slug}: hallpass staff chats lists them."
        raise SettingsError(message)
    return f"{printable(ended.name)} ({ended.id}) is told of no new cases any more."


def _district(tx: Transaction, district: str | None) -> District:
    known = {found.slug: found for found in tx.districts.all()}
    return known[chosen(district, list(known))]


def _state(chat: StaffChat, district: District) -> str:
    if chat.unreachable_since is None:
        return "told"
    return f"out of reach since {when(chat.unreachable_since, district)}"
