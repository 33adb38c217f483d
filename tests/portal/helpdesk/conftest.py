"""Open the desk of a district with two families and a member of staff to each test."""

from pathlib import Path

import pytest

from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Role
from portal.transaction import Portal
from tests.support.desk_work import TwoFamilies, member_of, open_desk


@pytest.fixture
def two(portal: Portal, tmp_path: Path) -> TwoFamilies:
    return open_desk(portal, tmp_path)


@pytest.fixture
def dana(portal: Portal, two: TwoFamilies) -> StaffMember:
    return member_of(portal, Role.DESK)
