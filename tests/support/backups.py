"""Name installations that are backed up and restored, and ask what their portals answer."""

from collections.abc import Callable
from pathlib import Path

from bot.settings import Settings, read_settings
from portal.accounts.outcomes import SignedIn
from portal.core.audit import ChainIntact
from portal.core.database import open_engine
from portal.core.keys import Keys
from portal.records.answers import Question
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.hashing import CountingHasher
from tests.support.portals import sign_in

SECRET = "a secret of at least thirty-two bytes, for tests only"


def settings_of(var: Path, url: str, **given: str) -> Settings:
    """Return the settings of an installation."""
    return read_settings({"HALLPASS_VAR": str(var), "HALLPASS_DATABASE_URL": url, **given})


def on(settings: Settings, work: Callable[[Portal], object]) -> object:
    """Return what the portal of an installation answers."""
    engine = open_engine(settings.database_url)
    portal = Portal(engine, clock=FakeClock(), keys=Keys(SECRET.encode()), hasher=CountingHasher())
    try:
        return work(portal)
    finally:
        portal.close()
        engine.dispose()


def grades(portal: Portal) -> object:
    """Sign the parent in and return the answer about the children's grades."""
    outcome = sign_in(portal)
    assert isinstance(outcome, SignedIn), outcome
    with portal.begin() as tx:
        return tx.records.grades("conversation", Question())


def is_whole(portal: Portal) -> bool:
    """Tell whether the audit is."""
    with portal.begin(read_only=True) as tx:
        return isinstance(tx.audit.verify("westborough"), ChainIntact)
