"""Put one question to the portal and name the words for what comes back."""

from concurrent.futures import ThreadPoolExecutor

from rasa_sdk.interfaces import Action

from actions.access_id import TellAccessId
from actions.applications import OpenApplication
from actions.assignments import TellAssignments
from actions.attendance import TellAttendance
from actions.attendance_history import TellAttendanceHistory
from actions.base import PortalAction
from actions.calendars import SubscribeCalendar
from actions.calendars_kept import ManageCalendars
from actions.cases import CaseHelped, CaseNotHelped, HandBack, PressCaseButton
from actions.change_password import (
    AskNewPassword,
    BeginChangePassword,
    SettleChangePassword,
    ValidateChangePasswordForm,
)
from actions.charts import Draw, DrawAttendanceCalendar, DrawDays, DrawGradeTrend
from actions.child_question import ChildQuestion
from actions.comparing import CompareAttendance, CompareBefore, CompareChildren, CompareGrades
from actions.conversation import TalkToPerson, TellTopic
from actions.download_my_data import DownloadMyData
from actions.email_notifications import SetEmailNotifications
from actions.follow_up import FollowUp
from actions.get_account import BeginGetAccount, Correct, ForgetAnswers
from actions.grades import TellGrades
from actions.grades_history import TellGradesHistory
from actions.letters import LinkLetter, OpenLetter
from actions.link_student import (
    AskLinkSecret,
    AskUnlinkStudent,
    BeginLinkStudent,
    SettleLinkStudents,
    SettleUnlink,
    ValidateLinkStudents,
    ValidateUnlink,
)
from actions.manage_preferences import (
    AskChangeEmailSecret,
    AskChangeUsernameSecret,
    ManagePreferences,
    SettleChangeName,
    SettleSetting,
    ValidateChangeEmail,
    ValidateChangeName,
    ValidateChangeUsername,
)
from actions.message import AskMessageText, BeginMessage, SettleMessage, ValidateMessageForm
from actions.news import TellNews
from actions.notification_form import (
    AskNotifyConfirmed,
    AskNotifyStudents,
    AskNotifySubjects,
    SettleNotifications,
    ValidateNotifications,
)
from actions.open_account import (
    AskAccessId,
    AskDesiredUsername,
    AskOpenAccountConfirmed,
    AskOpenAccountSecret,
    AskRelationship,
    SettleOpenAccount,
    ValidateOpenAccount,
)
from actions.portal_facts import TellDistrictCode, TellLastSignIn, TellPortalAddress
from actions.print_page import PrintPage
from actions.recovery import (
    BeginConfirmEmail,
    BeginRecoverPassword,
    BeginRecoverUsername,
    SettleConfirmEmail,
    SettleRecoverPassword,
    SettleRecoverUsername,
    ValidateConfirmEmail,
    ValidateRecoverPassword,
    ValidateRecoverUsername,
)
from actions.registration import TellRegistration
from actions.registration_form import (
    AskRegistrationConfirmed,
    AskRegistrationCourses,
    SettleRegisterClasses,
    ValidateRegisterClasses,
)
from actions.request_account import (
    AskDistrict,
    AskOtherDistrict,
    AskRequestConfirmed,
    AskRequestSecret,
    AskSecurityQuestion,
    SettleRequestAccount,
    ValidateRequestAccount,
)
from actions.request_reply import AskRequestReply, SettleRequestReply, ValidateRequestReplyForm
from actions.restore import DeclineRestore, OfferRestore, Restore
from actions.school_life_balance import TellBalance
from actions.school_life_schedule import TellSchedule
from actions.school_life_school import TellSchoolBulletin, TellSchoolInformation
from actions.sign_in import (
    AskPassword,
    AskUsername,
    BeginSignIn,
    SettleSignIn,
    ValidateSignInForm,
)
from actions.sign_out import SignOut
from actions.small_talk import Greet, SayGoodbye, TakeNo, TakeYes, TellNature
from actions.sources import TellSource
from actions.students import SwitchStudent
from actions.teacher_comments import TellTeacherComments
from actions.test_results import TellTestResults
from actions.trouble import (
    ExplainTrouble,
    LookAtLock,
    ReportLockout,
    SettleReportLockout,
    TroubleSigningIn,
    ValidateReportLockoutForm,
)
from actions.unusual_activity import ReportUnusualActivity
from portal.transaction import Portal

# As many questions at once as the database serves well; more wait their turn.
MOST_AT_ONCE = 8

_PORTAL_ACTIONS: tuple[type[PortalAction], ...] = (
    AskAccessId,
    AskChangeEmailSecret,
    AskChangeUsernameSecret,
    AskDesiredUsername,
    AskDistrict,
    AskLinkSecret,
    AskMessageText,
    AskNewPassword,
    AskNotifyConfirmed,
    AskNotifyStudents,
    AskNotifySubjects,
    AskOpenAccountConfirmed,
    AskOpenAccountSecret,
    AskOtherDistrict,
    AskPassword,
    AskRegistrationConfirmed,
    AskRegistrationCourses,
    AskRelationship,
    AskRequestConfirmed,
    AskRequestSecret,
    AskSecurityQuestion,
    AskUnlinkStudent,
    AskUsername,
    BeginChangePassword,
    BeginConfirmEmail,
    BeginGetAccount,
    BeginLinkStudent,
    BeginMessage,
    BeginRecoverPassword,
    BeginRecoverUsername,
    BeginSignIn,
    CaseHelped,
    CaseNotHelped,
    CompareAttendance,
    CompareGrades,
    Correct,
    DeclineRestore,
    DownloadMyData,
    DrawAttendanceCalendar,
    DrawGradeTrend,
    ExplainTrouble,
    ForgetAnswers,
    Greet,
    HandBack,
    LinkLetter,
    LookAtLock,
    ManagePreferences,
    OfferRestore,
    OpenApplication,
    OpenLetter,
    PressCaseButton,
    PrintPage,
    ReportLockout,
    ReportUnusualActivity,
    Restore,
    SayGoodbye,
    SetEmailNotifications,
    SettleChangeName,
    SettleChangePassword,
    SettleConfirmEmail,
    SettleLinkStudents,
    SettleMessage,
    AskRequestReply,
    ValidateRequestReplyForm,
    SettleRequestReply,
    SettleNotifications,
    SettleOpenAccount,
    SettleRecoverPassword,
    SettleRecoverUsername,
    SettleRegisterClasses,
    SettleReportLockout,
    SettleRequestAccount,
    SettleSetting,
    SettleSignIn,
    SettleUnlink,
    SignOut,
    SwitchStudent,
    TakeNo,
    TakeYes,
    TalkToPerson,
    TellAccessId,
    TellAssignments,
    TellAttendance,
    TellAttendanceHistory,
    TellBalance,
    TellDistrictCode,
    TellGrades,
    TellGradesHistory,
    TellLastSignIn,
    TellNature,
    TellNews,
    TellPortalAddress,
    TellRegistration,
    TellSchedule,
    TellSchoolBulletin,
    TellSchoolInformation,
    TellTeacherComments,
    TellTestResults,
    TellTopic,
    TroubleSigningIn,
    ValidateChangeEmail,
    ValidateChangeName,
    ValidateChangeUsername,
    ValidateConfirmEmail,
    ValidateLinkStudents,
    ValidateMessageForm,
    ValidateNotifications,
    ValidateOpenAccount,
    ValidateRecoverPassword,
    ValidateRecoverUsername,
    ValidateRegisterClasses,
    ValidateReportLockoutForm,
    ValidateRequestAccount,
    ValidateUnlink,
)

_OTHER_ACTIONS: tuple[type[Action], ...] = (
    CompareBefore,
    CompareChildren,
    Draw,
    DrawDays,
    FollowUp,
    ValidateChangePasswordForm,
    ValidateSignInForm,
)


def all_actions(portal: Portal, public_url: str | None = None) -> list[Action]:
    """Return every action, all asking one portal in the same bounded threads.

    `public_url` is the address under which families reach Hallpass, of districts that name none.
    """
    threads = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="actions")
    asking = [action(portal, threads) for action in _PORTAL_ACTIONS]
    calendars = [action(portal, threads, public_url) for action in (SubscribeCalendar, ManageCalendars)]
    questions = {each.name(): each for each in asking if isinstance(each, ChildQuestion)}
    source = TellSource(portal, threads, questions)
    return [*asking, *calendars, source, *(action() for action in _OTHER_ACTIONS)]
