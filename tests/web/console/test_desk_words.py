"""Whatever the desk shows has words; a page never fails for want of one."""

import pytest

from portal.accounts.attempts import Asked
from portal.accounts.outcomes import FailedWayIn
from portal.accounts.relationships import RELATIONSHIPS
from portal.core.outcomes import Reason
from portal.helpdesk.desk.outcomes import Check, Why
from tests.support.console import console_pages
from web.console.desk.deeds import DeedPage
from web.console.desk.pages import DESK_PAGES

pytestmark = pytest.mark.words

LOCKED = (Reason.LOCKED_CONTACT_SCHOOL, Reason.LOCKED_WAIT, Reason.PASSWORD_DISABLED)
TROUBLE = ("in", "unknown_name", "wrong_password", "disabled", "temporary_used", "temporary_over", *LOCKED)
DEEDS = [page.deed_name.replace("-", "_") for page in DESK_PAGES if issubclass(page, DeedPage)]
TOLD = ["unlock", "sign_out", "link", "unlink", "disable", "enable"]
KEYS = [
    *(f"{part}_{cause}" for cause in FailedWayIn for part in ("cause", "step")),
    *(f"check_{each}" for each in Check),
    *(f"reason_of_{each}" for each in Why),
    *(f"asked_{each}" for each in Asked),
    *(f"why_{each}" for each in TROUBLE),
    *(f"relation_{each}" for each in RELATIONSHIPS),
    *(f"{part}_{deed}" for deed in DEEDS for part in ("deed", "deed_about", "note")),
    *(f"note_{deed}_untold" for deed in TOLD),
    *(f"found_by_{by}" for by in ("username", "email", "student", "phone", "name")),
    *(f"link_{state}" for state in ("used", "void", "expired", "open")),
]


@pytest.mark.parametrize("key", KEYS)
def test_everything_that_the_desk_shows_has_words(key: str) -> None:
    assert console_pages().words("en").knows(key)
