"""Two versions of the program run at once: a newer one has changed the tables under an older one.

What happens: the newer one brings the tables up to date before it serves, and its changes only add; an
older one that runs already goes on answering on them, until it is replaced; one that starts on newer tables
refuses with what to do. A newer one never meets older tables: it changes them first, and of several that
start at once one does.
"""

import pytest
from sqlalchemy import Engine, text

from bot.conversation.turn import Assistant
from portal.core.errors import SettingsError
from portal.migrations import migrate
from tests.support.conversation import Chat

NEWER = (
    "alter table dialogue_conversation add column mood varchar(16)",
    "alter table dialogue_inbox add column weight integer not null default 0",
    "create table weather (id integer primary key, district_id varchar(64) not null)",
    "update alembic_version set version_num = '9999'",
)


async def test_older_worker_goes_on_answering_on_newer_tables(desk: Assistant, engine: Engine) -> None:
    chat = Chat(desk, channel="rest", sender="ana")
    await chat.say("count")

    with engine.begin() as connection:
        for change in NEWER:
            connection.execute(text(change))
    try:
        await chat.say("count")
        again = Chat(desk, channel="rest", sender="ben")
        await again.say("count")

        assert (chat.text, again.text) == ("2", "1")
        with pytest.raises(SettingsError, match="newer"):
            migrate(engine)
    finally:
        with engine.begin() as connection:
            connection.execute(text("drop table weather"))
