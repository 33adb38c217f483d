"""Put one question to the portal and name the words for what comes back."""

from concurrent.futures import ThreadPoolExecutor

from rasa_sdk.interfaces import Action

from actions.attendance import TellAttendance
from actions.base import PortalAction
from actions.change_password import (
    AskNewPassword,
    BeginChangePassword,
    SettleChangePassword,
    ValidateChangePasswordForm,
)
from actions.child_question import FollowUp
from actions.conversation import OnItsWay, TalkToPerson, TellTopic
from actions.grades import TellGrades
from actions.portal_facts import TellDistrictCode, TellLastSignIn, TellPortalAddress
from actions.sign_in import (
    AskPassword,
    AskUsername,
    BeginSignIn,
    SettleSignIn,
    ValidateSignInForm,
)
from actions.sign_out import SignOut
from actions.small_talk import Greet, SayGoodbye, TakeNo, TakeYes, TellNature
from actions.students import SwitchStudent
from actions.trouble import ReportLockout, TroubleSigningIn
from portal.transaction import Portal

# As many questions at once as the database serves well; more wait their turn.
MOST_AT_ONCE = 8

_PORTAL_ACTIONS: tuple[type[PortalAction], ...] = (
    AskNewPassword,
    AskPassword,
    AskUsername,
    BeginChangePassword,
    BeginSignIn,
    Greet,
    OnItsWay,
    ReportLockout,
    SayGoodbye,
    SettleChangePassword,
    SettleSignIn,
    SignOut,
    SwitchStudent,
    TakeNo,
    TakeYes,
    TalkToPerson,
    TellAttendance,
    TellDistrictCode,
    TellGrades,
    TellLastSignIn,
    TellNature,
    TellPortalAddress,
    TellTopic,
    TroubleSigningIn,
)


def all_actions(portal: Portal) -> list[Action]:
    """Return every action, all asking one portal in the same bounded threads."""
    threads = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="actions")
    asking = [action(portal, threads) for action in _PORTAL_ACTIONS]
    return [*asking, FollowUp(), ValidateSignInForm(), ValidateChangePasswordForm()]
