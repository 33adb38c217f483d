"""A process with another key than the database was written with does not start, and loses nothing."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.bootstrap import opened_portal
from bot.settings import Settings, read_settings
from portal.core.errors import SettingsError
from portal.core.sealed import seal
from portal.dialogue.models import ConversationRow, InboxRow
from portal.dialogue.outcomes import Arrival
from portal.transaction import Portal

OWN, ANOTHER = "a" * 32, "b" * 32


def settings(var: Path, url: str, key: str) -> Settings:
    return read_settings({"HALLPASS_VAR": str(var), "HALLPASS_DATABASE_URL": url, "HALLPASS_SECRET_KEY": key})


def talk(portal: Portal, sender: str) -> None:
    """Leave a message that waits in a conversation that has a state."""
    said = {"kind": "text", "text": "hi"}
    with portal.begin() as tx:
        received = tx.dialogue.receive(Arrival("rest", sender, f"message:{sender}", said, said))
        state = seal(tx.context.keys, {"slots": {}})
        mine = ConversationRow.id == received.conversation_id
        tx.session.execute(update(ConversationRow).where(mine).values(state=state))


def test_another_key_is_refused_before_anything_is_given_up(tmp_path: Path, database_url: str) -> None:
    with opened_portal(settings(tmp_path, database_url, OWN)) as portal:
        talk(portal, "ana")

    with (
        pytest.raises(SettingsError, match=r"put that secret\.key back"),
        opened_portal(settings(tmp_path, database_url, ANOTHER)),
    ):
        pass

    with opened_portal(settings(tmp_path, database_url, OWN)) as portal, portal.begin(read_only=True) as tx:
        assert len(tx.dialogue.unanswered()) == 1
        assert tx.session.scalars(select(InboxRow.answered_at)).all() == [None]


def test_one_state_that_rots_stops_nobody(tmp_path: Path, database_url: str) -> None:
    with opened_portal(settings(tmp_path, database_url, OWN)) as portal:
        talk(portal, "ana")
        talk(portal, "ben")
        with portal.begin() as tx:
            first = tx.session.scalars(select(ConversationRow.id)).first()
            rotten = update(ConversationRow).where(ConversationRow.id == first)
            tx.session.execute(rotten.values(state=b"not what was written"))

    with opened_portal(settings(tmp_path, database_url, OWN)) as portal, portal.begin(read_only=True) as tx:
        assert tx.sealing.fits()
