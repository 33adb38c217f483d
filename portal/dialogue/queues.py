"""Measure what waits in the conversations: how much, and since when."""

from sqlalchemy import func, select

from portal.core.context import Context
from portal.core.queues import Queue, queue_of
from portal.dialogue.models import InboxRow, PushRow


class Queues:
    """Look at the queues, inside one transaction."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._session = context.session
        self._now = context.now

    def inbox(self) -> Queue:
        """Return the messages that nobody has answered yet; news wait for their parent and do not count."""
        # From the index alone, for the rows beside it hold whole answers.
        found = select(func.count(), func.min(InboxRow.received_at)).where(
            InboxRow.answered_at.is_(None), InboxRow.news.is_(None)
        )
        return queue_of(self._session.execute(found).one(), self._now)

    def pushes(self) -> Queue:
        """Return the answers and notices that are ready and have not left for their chats."""
        found = select(func.count(), func.min(PushRow.created_at)).where(PushRow.ready)
        return queue_of(self._session.execute(found).one(), self._now)
