"""Leave news in conversations, in a process of its own: `-m tests.support.news_teller URL ID...`."""

import sys

from portal.core.clock import SystemClock
from portal.core.database import open_engine
from portal.core.keys import Keys
from portal.dialogue.outcomes import News, NewsKind
from portal.transaction import Portal
from tests.support.hashing import CountingHasher
from tests.support.victim import SECRET


def tell(url: str, conversations: list[str]) -> None:
    engine = open_engine(url)
    portal = Portal(engine, clock=SystemClock(), keys=Keys(SECRET), hasher=CountingHasher())
    portal.neighbours.open()
    for conversation in conversations:
        with portal.begin() as tx:
            tx.dialogue.tell(News(conversation, NewsKind.PASSWORD_SET, {"username": "mlopez"}))
    portal.neighbours.close()
    portal.close()
    engine.dispose()


if __name__ == "__main__":
    tell(sys.argv[1], sys.argv[2:])
