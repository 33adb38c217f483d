"""Name the pages of the desk in the order of the menu."""

from collections.abc import Sequence

from web.console.desk.deeds import (
    DisablePage,
    EmailPage,
    EnablePage,
    EndSessionsPage,
    LinkPage,
    RecoveryPage,
    UnlinkPage,
    UnlockPage,
)
from web.console.desk.parent import CallerPage, ParentPage
from web.console.desk.search import SearchPage
from web.console.desk.spray import SprayPage
from web.console.desk.temporary import TemporaryPasswordPage
from web.console.page import ConsolePage

DESK_PAGES: Sequence[type[ConsolePage]] = (
    SearchPage,
    ParentPage,
    CallerPage,
    UnlockPage,
    RecoveryPage,
    TemporaryPasswordPage,
    EndSessionsPage,
    EmailPage,
    LinkPage,
    UnlinkPage,
    DisablePage,
    EnablePage,
    SprayPage,
)
