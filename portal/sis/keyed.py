"""Give their keys to contacts that were imported before contacts had any."""

from sqlalchemy import select

from portal.core.context import Context
from portal.sis.finding import contact_keys
from portal.sis.models import Contact

# How many are done in one go: the rest follows with the next round.
AT_ONCE = 2000


class ContactKeys:
    """Keep by what contacts are found."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._session = context.session

    def catch_up(self) -> None:
        """Give keys to those that have none; an import gives its own."""
        query = select(Contact).where(Contact.family_key == "", Contact.family_name != "").limit(AT_ONCE)
        for row in self._session.scalars(query):
            named = ("family_name", "given_name", "email", "phone", "sms")
            for key, value in contact_keys({name: getattr(row, name) for name in named}).items():
                setattr(row, key, value)
