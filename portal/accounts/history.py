"""Keep the passwords that were in use, so that they are not used again."""

from uuid import uuid4

from sqlalchemy import Select, delete, select

from portal.accounts.models import AccountRow, PasswordRow
from portal.core.context import Context
from portal.core.options import MOST_HISTORY


class PasswordHistory:
    """Replace passwords and remember, as hashes, those that were."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def earlier(self, account: AccountRow, history: int) -> tuple[str, ...]:
        """Return the hashes that a new password must not match beside the current one.

        The current password is the first of the history.
        """
        kept = self._replaced(account).limit(max(history - 1, 0)).subquery()
        query = select(PasswordRow.password_hash).join(kept, PasswordRow.password_id == kept.c.password_id)
        return tuple(self._context.session.scalars(query))

    def replace(self, account: AccountRow, hashed: str) -> None:
        """Store a new password; one that was temporary or expired is so no longer."""
        session = self._context.session
        session.add(
            PasswordRow(
                password_id=uuid4().hex,
                district_id=account.district_id,
                account_id=account.account_id,
                password_hash=account.password_hash,
                replaced_at=self._context.now,
            )
        )
        account.password_hash = hashed
        account.password_changed_at = self._context.now
        # Whatever stands in a chat is the password no more.
        account.exposed_at = None
        account.password_expired = False
        account.temporary_until = account.temporary_used_at = None
        session.flush()
        kept = self._replaced(account).limit(MOST_HISTORY)
        session.execute(
            delete(PasswordRow).where(
                PasswordRow.account_id == account.account_id, PasswordRow.password_id.not_in(kept)
            )
        )

    def _replaced(self, account: AccountRow) -> Select[str]:
        query = select(PasswordRow.password_id).where(PasswordRow.account_id == account.account_id)
        return query.order_by(PasswordRow.replaced_at.desc(), PasswordRow.password_id)
