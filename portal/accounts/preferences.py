"""Show a parent their own settings, and change those that need no password."""

from portal.accounts.calendars import Calendars
from portal.accounts.called import Called
from portal.accounts.devices import Devices
from portal.accounts.fields import name_violations, refused
from portal.accounts.models import AccountRow
from portal.accounts.outcomes import LiveSession, PreferencesShown
from portal.accounts.sessions import Sessions
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import Districts
from portal.core.outcomes import Reason, Refused
from portal.core.secret import Secret
from portal.core.tokens import OpenToken, TokenPurpose, Tokens


class Preferences:
    """Keep the settings of whoever is signed in on a conversation."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._tokens = Tokens(context)

    def show(self, conversation: str) -> PreferencesShown | Refused:
        """Return the settings of the signed-in parent."""
        account = self._account(conversation)
        return account if isinstance(account, Refused) else self._shown(account)

    def change_name(self, conversation: str, first_name: str, last_name: str) -> PreferencesShown | Refused:
        """Change the name that the parent is greeted with."""
        account = self._account(conversation)
        if isinstance(account, Refused):
            return account
        broken = [*name_violations("first_name", first_name), *name_violations("last_name", last_name)]
        wrong = refused(broken)
        if wrong is not None:
            return wrong
        account.display_name = " ".join(f"{first_name} {last_name}".split())
        Called(self._context).set(account)
        # Without the names themselves: nothing takes them out of the audit again.
        self._record(account, AuditEvent.NAME_CHANGED)
        return self._shown(account)

    def change_language(self, conversation: str, language: str) -> PreferencesShown | Refused:
        """Change the language that mails are written in and the assistant starts with."""
        account = self._account(conversation)
        if isinstance(account, Refused):
            return account
        district = Districts(self._context).get_one(account.district_id)
        if language not in district.options.locales:
            return Refused(Reason.INVALID_REQUEST)
        account.language = language
        return self._shown(account)

    def cancel_email_change(self, conversation: str) -> PreferencesShown | Refused:
        """Take back a change of address that waits to be confirmed."""
        account = self._account(conversation)
        if isinstance(account, Refused):
            return account
        if self._pending(account) is not None:
            self._tokens.void(account.account_id, TokenPurpose.CONFIRM_EMAIL)
        return self._shown(account)

    def undo_email_change(self, district: str, token: str) -> bool:
        """Stop a change of address with the token that went to the old one; end sessions and calendars.

        The change may have been confirmed already: then the old address is put back.
        """
        spent = self._tokens.spend(district, TokenPurpose.UNDO_EMAIL, Secret(token))
        if isinstance(spent, Refused):
            return False
        account = self._context.session.get_one(AccountRow, spent.account_id, with_for_update=True)
        account.email, account.email_key = spent.details["email"], spent.details["email_key"]
        # Its owner read the mail just now.
        account.email_confirmed_at = self._context.now
        # Whoever asked for the change knows the password and may sit in a session: every way that was
        # opened is closed, so that the next one is the recovery by the address that was put back.
        self._tokens.void(account.account_id, TokenPurpose.RECOVER_PASSWORD, TokenPurpose.CONFIRM_EMAIL)
        # Earlier ones stay: whoever took the account over and moved it twice holds a token of their own,
        # and must not make the first owner's worthless by using it.
        self._tokens.void_later(spent)
        Sessions(self._context).end_all(account.account_id)
        Calendars(self._context).end_all(account.account_id)
        Devices(self._context).forget(account.account_id)
        self._record(account, AuditEvent.EMAIL_CHANGE_UNDONE)
        return True

    def _account(self, conversation: str) -> AccountRow | Refused:
        live = Sessions(self._context).current(conversation)
        if not isinstance(live, LiveSession):
            return live
        return self._context.session.get_one(AccountRow, live.account_id)

    def _pending(self, account: AccountRow) -> OpenToken | None:
        waiting = self._tokens.waiting(account.account_id, TokenPurpose.CONFIRM_EMAIL)
        if waiting is None or waiting.details.get("email_key", account.email_key) == account.email_key:
            return None
        return waiting

    def _shown(self, account: AccountRow) -> PreferencesShown:
        pending = self._pending(account)
        return PreferencesShown(
            display_name=account.display_name,
            username=account.username,
            email=account.email,
            email_confirmed=account.email_confirmed_at is not None,
            pending_email=None if pending is None else pending.details["email"],
            language=account.language,
        )

    def _record(self, account: AccountRow, event: AuditEvent) -> None:
        Audit(self._context).record(account.district_id, event, subject=f"account:{account.account_id}")
