"""Remember that a password may stand in a chat from which it could not be deleted."""

from sqlalchemy import select, update

from portal.accounts.models import AccountRow
from portal.accounts.outcomes import LiveSession
from portal.accounts.service import Accounts
from portal.accounts.sessions import Sessions
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.sealed import unseal
from portal.dialogue.models import ChatRow, ConversationRow, TicketRow
from portal.dialogue.outcomes import Purpose


class Exposures:
    """Note what stands in a chat that should not, inside one transaction."""

    def __init__(self, context: Context) -> None:
        """Work in the transaction of this context."""
        self._context = context

    def note(self, chat: str, *, is_password: bool) -> None:
        """Record it, and let the parent be offered a new password at the next sign-in.

        The account is the one that is signed in, or that was being signed in to: nobody is told which.
        """
        session = self._context.session
        mine = select(ConversationRow).join(ChatRow, ChatRow.conversation_id == ConversationRow.id)
        conversation = session.scalar(mine.where(ChatRow.id == chat))
        if conversation is None or not conversation.district_id:
            return
        account = self._account(conversation)
        subject = f"account:{account}" if account else f"chat:{chat}"
        audit = Audit(self._context)
        audit.record(conversation.district_id, AuditEvent.CHAT_DELETE_FAILED, subject=subject)
        if account and is_password:
            exposed = update(AccountRow).where(AccountRow.account_id == account)
            session.execute(exposed.values(exposed_at=self._context.now))

    def _account(self, conversation: ConversationRow) -> str | None:
        live = Sessions(self._context).any_scope(conversation.id, touch=False)
        if isinstance(live, LiveSession):
            return live.account_id
        latest = (
            select(TicketRow.context)
            .where(TicketRow.conversation_id == conversation.id, TicketRow.purpose == Purpose.SIGN_IN)
            .order_by(TicketRow.expires_at.desc())
            .limit(1)
        )
        sealed = self._context.session.scalar(latest)
        if sealed is None:
            return None
        told = unseal(self._context.keys, sealed)
        found = Accounts(self._context).find(str(told.get("district", "")), str(told.get("username", "")))
        return found.account_id if found else None
