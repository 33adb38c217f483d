"""Keep the words of parents' names as staff look for them."""

from sqlalchemy import delete, exists, insert, select

from portal.accounts.models import AccountNameRow, AccountRow
from portal.core.context import Context
from portal.core.folding import fold

# How many accounts of an older version are given their words in one go.
AT_ONCE = 2000


def words_of(name: str) -> set[str]:
    """Return the words that a name is found by; one without letters is found as it is written."""
    return set((fold(name) or name.strip()).split())


class Called:
    """Keep by which words accounts are found."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._session = context.session

    def set(self, account: AccountRow) -> None:
        """Keep the words of an account's name as it is now."""
        mine = AccountNameRow.account_id == account.account_id
        self._session.execute(delete(AccountNameRow).where(mine))
        self._add([account])

    def catch_up(self) -> None:
        """Give their words to accounts that were made before words were kept."""
        missing = ~exists().where(AccountNameRow.account_id == AccountRow.account_id)
        self._add(list(self._session.scalars(select(AccountRow).where(missing).limit(AT_ONCE))))

    def _add(self, accounts: list[AccountRow]) -> None:
        rows = [
            {"account_id": each.account_id, "district_id": each.district_id, "word": word}
            for each in accounts
            for word in words_of(each.display_name) or {""}
        ]
        if rows:
            self._session.execute(insert(AccountNameRow), rows)
