"""Walk through each flow, the same way in every language; a walk that stumbles says where."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from structlog.testing import capture_logs

from bot.rehearsing.stage import Stage, new_password
from bot.rehearsing.talk import StumbledError, Talk
from portal.accounts.outcomes import LiveSession
from portal.core.errors import PortalError
from portal.core.options import AccountOpening

LATEST = 20
# Whatever a parent who is signed in asks; what the district turned off must be said to be off.
QUESTIONS = (
    "ask_grades",
    "ask_assignments",
    "ask_attendance",
    "ask_grades_history",
    "ask_attendance_history",
    "ask_test_results",
    "ask_teacher_comments",
    "ask_school_bulletin",
    "register_classes",
    "ask_balance",
    "subscribe_calendar",
    "ask_schedule",
    "ask_school_information",
    "set_email_notifications",
    "download_my_data",
    "print_page",
    "open_application",
    "manage_preferences",
    "ask_last_sign_in",
)
# And whatever anybody may ask who is not.
OPEN_QUESTIONS = (
    "greet",
    "ask_help",
    "ask_portal_address",
    "ask_district_code",
    "ask_access_id",
    "trouble_signing_in",
    "report_lockout",
    "recover_username",
    "report_unusual_activity",
    "talk_to_person",
    "ask_bot_nature",
)


@dataclass(frozen=True, slots=True)
class Walked:
    """Report one walk in one language; `trouble` is empty where all went well."""

    name: str
    language: str
    steps: int
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class _Scene:
    """Hold what a walk is walked with; `number` makes its made-up names its own."""

    stage: Stage
    language: str
    number: int
    logged: Sequence[MutableMapping[str, Any]]

    def talk(self) -> Talk:
        return Talk(self.stage.assistant, self.stage.district, self.language, self.logged)

    def name(self, what: str) -> str:
        return f"{what}{self.number}"


async def walk_all(stage: Stage, tell: Callable[[Walked], None]) -> None:
    """Walk through everything in each language of the district, and tell of each walk."""
    for number, language in enumerate(stage.options.locales):
        for name, walk in _walks(stage):
            with capture_logs() as logged:
                scene = _Scene(stage, language, number, logged)
                tell(await _walked(name, walk, scene))


async def _walked(name: str, walk: "_Walk", scene: _Scene) -> Walked:
    try:
        return Walked(name, scene.language, await walk(scene))
    except (StumbledError, PortalError) as error:
        return Walked(name, scene.language, 0, str(error))


async def _answers_everybody(scene: _Scene) -> int:
    for intent in OPEN_QUESTIONS:
        talk = scene.talk()
        await _asked(talk, intent)
    return len(OPEN_QUESTIONS)


async def _signs_in_and_asks(scene: _Scene) -> int:
    family = scene.stage.families[0]
    talk = await _signed_in(scene, "family", replace(family, children=family.children[:1]))
    for intent in QUESTIONS:
        await _asked(talk, intent)
        await talk.ask("cancel")
    await talk.ask("sign_out")
    if isinstance(_session(scene, talk), LiveSession):
        message = "sign_out left the session open"
        raise StumbledError(message)
    return len(QUESTIONS) + 2


async def _tells_children_apart(scene: _Scene) -> int:
    family = max(scene.stage.families, key=lambda each: len(each.children))
    talk = await _signed_in(scene, "several", family)
    await talk.ask("ask_grades")
    if len(family.children) > 1:
        await talk.press()
    return 3


async def _changes_password(scene: _Scene) -> int:
    username = scene.name("changes")
    password = scene.stage.new_parent(username, scene.stage.families[0])
    talk = await _entered(scene, username, password.value)
    await talk.ask("change_password")
    if scene.stage.options.parent_single_sign_on:
        new = new_password().value
        await talk.submit(current_password=password.value, new_password=new, new_password_again=new)
        await _entered(scene, username, new)
    return 4


async def _locks(scene: _Scene) -> int:
    username = scene.name("locks")
    scene.stage.new_parent(username, scene.stage.families[0])
    fails = scene.stage.options.lock.fails
    for _ in range(fails):
        await _tried(scene, username, "not the password")
    with scene.stage.portal.begin(read_only=True) as tx:
        found = tx.diagnosis.safely(scene.stage.district, username, "")
    if not found.is_locked:
        message = f"{fails} wrong passwords did not lock the name"
        raise StumbledError(message)
    await _tried(scene, username, "not the password")
    return fails + 1


async def _recovers(scene: _Scene) -> int:
    username = scene.name("recovers")
    scene.stage.new_parent(username, scene.stage.families[0])
    talk = scene.talk()
    await talk.ask("recover_password")
    if scene.stage.options.parent_single_sign_on:
        await talk.say(username)
        await talk.say(f"{username}@families.example")
        _expect_mail(scene, f"{username}@families.example")
    return 3


async def _opens_account(scene: _Scene) -> int:
    stage, talk = scene.stage, scene.talk()
    username, new = scene.name("opens"), new_password().value
    letter = stage.letters[stage.families[0].children[0][0]]
    await talk.ask("get_account")
    for answer in ("Ana Ruiz", f"{username}@families.example", username, letter.access_id):
        await talk.say(answer)
    await talk.press()
    await talk.ask("deny")
    await talk.ask("affirm")
    access = letter.password.value
    await talk.submit(new_password=new, new_password_again=new, access_password_1=access)
    await _entered(scene, username, new)
    return 10


async def _requests_account(scene: _Scene) -> int:
    talk, new = scene.talk(), new_password().value
    email = f"{scene.name('requests')}@families.example"
    await talk.ask("get_account")
    await talk.say("Ana Ruiz")
    await talk.ask("affirm")
    await talk.say(email)
    asks = scene.stage.options.security_question
    if asks:
        await talk.press()
    await talk.ask("affirm")
    answer = {"security_answer": "a made-up answer"} if asks else {}
    await talk.submit(new_password=new, new_password_again=new, **answer)
    with scene.stage.portal.begin(read_only=True) as tx:
        waiting = [each.email for each in tx.cases.requests(scene.stage.district)]
    if email not in waiting:
        message = "the request did not reach the staff's queue"
        raise StumbledError(message)
    return 7


_Walk = Callable[[_Scene], Awaitable[int]]
_ALWAYS: Mapping[str, _Walk] = {
    "answers who is not signed in": _answers_everybody,
    "signs in and asks everything": _signs_in_and_asks,
    "tells several children apart": _tells_children_apart,
    "changes the password": _changes_password,
    "locks after wrong passwords": _locks,
    "recovers a password": _recovers,
}


def _walks(stage: Stage) -> Iterator[tuple[str, _Walk]]:
    yield from _ALWAYS.items()
    if not stage.options.parent_single_sign_on:
        return
    if stage.options.account_opening is AccountOpening.ACCESS_ID:
        yield "opens an account with a letter", _opens_account
    else:
        yield "requests an account", _requests_account


async def _asked(talk: Talk, intent: str) -> None:
    try:
        await talk.ask(intent)
    except StumbledError as error:
        message = f"{intent}: {error}"
        raise StumbledError(message) from None


async def _signed_in(scene: _Scene, what: str, family: Any) -> Talk:
    username = scene.name(what)
    password = scene.stage.new_parent(username, family)
    return await _entered(scene, username, password.value)


async def _entered(scene: _Scene, username: str, password: str) -> Talk:
    talk = await _tried(scene, username, password)
    if not isinstance(_session(scene, talk), LiveSession):
        message = f"the right password let nobody in: {talk.said}"
        raise StumbledError(message)
    return talk


async def _tried(scene: _Scene, username: str, password: str) -> Talk:
    talk = scene.talk()
    await talk.ask("sign_in")
    await talk.say(username)
    await talk.submit(password=password)
    return talk


def _session(scene: _Scene, talk: Talk) -> object:
    with scene.stage.portal.begin(read_only=True) as tx:
        conversation = tx.dialogue.find(talk.channel, talk.sender)
        return None if conversation is None else tx.sessions.current(conversation.id)


def _expect_mail(scene: _Scene, address: str) -> None:
    with scene.stage.portal.begin(read_only=True) as tx:
        if any(mail.address == address for mail in tx.deliveries.latest(LATEST)):
            return
    message = "no mail left for the parent"
    raise StumbledError(message)
