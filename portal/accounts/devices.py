"""Remember from which devices a name was signed in with, so that strangers cannot lock its owner out."""

from datetime import timedelta

from sqlalchemy import delete, select, text

from portal.accounts.models import AccountRow, KnownDeviceRow
from portal.accounts.names import compared
from portal.core.context import Context
from portal.core.database import microseconds

# As long as a browser keeps the cookie that names it.
KEPT = timedelta(days=400)
# A name that changed hands takes no device along: the row must belong to whoever has the name now.
_IS_KNOWN = (
    select(KnownDeviceRow.k)
    .join(AccountRow, AccountRow.account_id == KnownDeviceRow.account_id)
    .where(AccountRow.district_id == KnownDeviceRow.district_id)
)
_REMEMBER = text(
    "insert into known_devices(k, district_id, account_id, seen_at) values(:k, :district, :account, :now)"
    " on conflict (k) do update set account_id = :account, seen_at = :now"
)


class Devices:
    """Keep the devices of names that were signed in with; a device is an opaque key of a browser or chat."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def key(self, district: str, username: str, device: str) -> bytes:
        """Return under what the pair of a name and a device is kept and counted; it hides both."""
        return self._context.keys.mac("gate device", district, compared(username), device)

    def is_known(self, district: str, username: str, device: str) -> bool:
        """Tell whether the name was signed in with from this device; one query for every name alike."""
        mine = (
            KnownDeviceRow.k == self.key(district, username, device),
            AccountRow.username_key == compared(username),
        )
        return bool(device) and self._context.session.scalar(_IS_KNOWN.where(*mine)) is not None

    def remember(self, account: AccountRow, device: str) -> None:
        """Keep that the account was signed in with from this device; nothing for an unnamed one."""
        if not device:
            return
        values = {
            "k": self.key(account.district_id, account.username, device),
            "district": account.district_id,
            "account": account.account_id,
            "now": microseconds(self._context.now),
        }
        self._context.session.execute(_REMEMBER, values)

    def forget(self, account_id: str) -> None:
        """Forget every device of an account: whoever held one may be who the account was recovered from."""
        self._context.session.execute(delete(KnownDeviceRow).where(KnownDeviceRow.account_id == account_id))

    def keys_of(self, account_id: str) -> list[bytes]:
        """Return the keys of an account's devices, under which their attempts are counted."""
        query = select(KnownDeviceRow.k).where(KnownDeviceRow.account_id == account_id)
        return list(self._context.session.scalars(query))

    def purge(self) -> None:
        """Forget devices that nobody signed in from for so long that their browsers forgot them too."""
        old = KnownDeviceRow.seen_at <= self._context.now - KEPT
        self._context.session.execute(delete(KnownDeviceRow).where(old))
