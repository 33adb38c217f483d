"""A family that asks to be forgotten is: no table says a word of it any more, nor does the file."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, delete, select, update

from bot.commands import hallpass
from bot.conversation.memory import Memory
from bot.forgetting import forgotten_lines, plan_lines
from portal.accounts.models import (
    AccountRequestRow,
    AccountRow,
    AttemptRow,
    GateRow,
    LinkRow,
    SessionRow,
)
from portal.accounts.outcomes import RecoverPassword, SignedIn
from portal.core.audit import ChainIntact
from portal.core.database import Base
from portal.core.errors import SettingsError
from portal.core.keys import Keys
from portal.core.models import AuditRow, OutboxRow
from portal.core.outbox import MailKind, To
from portal.core.outcomes import Reason, Refused
from portal.core.sealed import unseal
from portal.core.tokens import NewToken, TokenPurpose
from portal.dialogue.models import TranscriptRow
from portal.dialogue.outcomes import Answer
from portal.forgetting.family import Gathering
from portal.forgetting.outcomes import Forgotten, GoesWith, Kind, Plan, Stays
from portal.forgetting.tables import EMPTIED, NOT_THEIRS, gone_with
from portal.forgetting.tidying import Tidied, tidy
from portal.helpdesk.models import CaseRow
from portal.migrations.tables import METADATA
from portal.records.models import RegistrationRow
from portal.sis.models import AccessCredential, ImportRow, SisRow
from portal.transaction import Portal
from tests.flows.chat import sign_in
from tests.support.case_desk import Desk
from tests.support.clock import FakeClock
from tests.support.console import make_staff
from tests.support.conversation import Chat
from tests.support.families import asker
from tests.support.mails import delivered
from tests.support.patience import PATIENCE
from tests.support.portals import make_parent
from tests.support.portals import sign_in as sign_in_at_once
from tests.support.scanning import files_with, tables_with

pytestmark = pytest.mark.usefixtures("courses")
EMAIL = "xochitl.redwood@mailbox.example"
SCHOOLS_OWN = {AccessCredential, ImportRow}
SAID = "my telephone is 774 555 0163"
WORDS = {"xredwood", "Xochitl", "redwood", EMAIL, "774 555 0163", "zebra finch"}


@pytest.fixture
def account(portal: Portal, courses: None) -> str:
    """Give Zoe a second parent, whose name stands in no record of the school."""
    with portal.begin() as tx:
        zoe = tx.imports.find_student("westborough", "7003")
    assert zoe is not None
    return make_parent(
        portal,
        username="xredwood",
        display_name="Xochitl Redwood",
        children=[zoe.id],
        email=EMAIL,
        email_confirmed=True,
        language="es",
    )


@pytest.fixture
async def lived(portal: Portal, chat: Chat, account: str) -> Chat:
    """Let the family leave something everywhere that one can."""
    desk = make_staff(portal, name="Dana Whitlock")
    with portal.begin() as tx:
        tx.recovery.ask_password(RecoverPassword(asker(), "xredwood", EMAIL))
    await sign_in(chat, "xredwood", "wrong at first zebra finch")
    await sign_in(chat, "xredwood")
    await chat.say("What are Zoe's grades?")
    await chat.say("subscribe to Zoe's homework calendar")
    await chat.say("e-mail me Zoe's grades every week")
    await chat.say("yes")
    await chat.say("print Zoe's grades")
    await chat.say("sign Zoe up for Biology")
    await chat.say("yes")
    await chat.say("leave a message")
    await chat.say(SAID)
    await chat.say("I am Xochitl Redwood, and zebra finch is our word.")
    Desk(portal, desk).answer("Dear Xochitl Redwood, we look at it.")
    await chat.say("hello")
    return chat


def forget(portal: Portal, username: str = "xredwood") -> Forgotten | GoesWith | Refused:
    with portal.begin() as tx:
        return tx.forgetting.forget("westborough", username, by="test", reference="2026-0147")


def planned(portal: Portal, username: str = "xredwood") -> Plan:
    with portal.begin(read_only=True) as tx:
        plan = tx.forgetting.plan("westborough", username)
    assert isinstance(plan, Plan), plan
    return plan


def traces(portal: Portal, account: str) -> set[str]:
    """Return what leads to the family: its words, and the ids under which its rows hang together."""
    with portal.begin(read_only=True) as tx:
        sessions = tx.session.scalars(select(SessionRow).where(SessionRow.account_id == account)).all()
    return {*WORDS, account, *(each for row in sessions for each in (row.session_id, row.conversation))}


async def test_nothing_of_the_family_is_left_in_any_table_nor_in_the_file(
    portal: Portal, engine: Engine, keys: Keys, account: str, lived: Chat
) -> None:
    sought = traces(portal, account)
    before = tables_with(engine, keys, sought)

    outcome = await asyncio.to_thread(forget, portal)
    box = await delivered(portal)
    await asyncio.to_thread(portal.purge)
    tidied = await asyncio.to_thread(tidy, engine)

    assert len(before) >= 19, sorted(before)
    assert isinstance(outcome, Forgotten)
    assert tables_with(engine, keys, sought) == {}
    assert [each.to for each in box.letters if "borró" in each.subject] == [EMAIL]
    if engine.dialect.name == "sqlite":
        assert tidied is Tidied.REWRITTEN
        file = Path(engine.url.database or "")
        assert files_with(file.parent, file.name, sought) == set()


async def test_audit_stays_whole_and_names_nobody(portal: Portal, account: str, lived: Chat) -> None:
    with portal.begin(read_only=True) as tx:
        name = tx.audit.pseudonym("westborough", f"account:{account}")
        rows = list(tx.session.scalars(select(AuditRow.subject).where(AuditRow.subject == name)))

    await asyncio.to_thread(forget, portal)

    with portal.begin(read_only=True) as tx:
        assert isinstance(tx.audit.verify("westborough"), ChainIntact)
        assert tx.audit.pseudonym("westborough", f"account:{account}") is None
        # Every row from before, and the one that says that the family was forgotten.
        mine = select(AuditRow).where(AuditRow.subject == name).order_by(AuditRow.number)
        kept = list(tx.session.scalars(mine))
        assert len(kept) == len(rows) + 1
        assert kept[-1].event == "account.forgotten"
        assert '"reference": "2026-0147"' in kept[-1].details


async def test_school_keeps_its_records_and_the_other_parent_everything(
    portal: Portal, engine: Engine, lived: Chat, new_chat: Callable[[], Chat]
) -> None:
    def school() -> dict[str, list[object]]:
        with engine.connect() as connection:
            tables = [each for each in METADATA.sorted_tables if each.name.startswith("sis_")]
            return {each.name: list(connection.execute(each.select())) for each in tables}

    before = school()
    await asyncio.to_thread(forget, portal)
    other = new_chat()
    await sign_in(other, "kwhitfield")
    await other.say("What are Zoe's grades?")

    assert school() == before
    assert "Zoe" in other.text
    with portal.begin(read_only=True) as tx:
        # The child's course is not one parent's alone.
        rows = list(tx.session.scalars(select(RegistrationRow)))
        names = {tx.session.get_one(AccountRow, row.account_id).username for row in rows}
    assert len(rows) == 1
    assert names == {"kwhitfield"}


async def test_dry_run_shows_what_would_go_and_changes_nothing(
    portal: Portal, engine: Engine, keys: Keys, lived: Chat
) -> None:
    before = tables_with(engine, keys, WORDS)

    lines = await asyncio.to_thread(plan_lines, portal, None, "xredwood")

    plan = planned(portal)
    told = "\n".join(lines)
    assert tables_with(engine, keys, WORDS) == before
    assert "Nothing was changed." in told
    assert {kind for kind, count in plan.goes.items() if count} == set(Kind) - {
        Kind.REGISTRATIONS,
        Kind.PASSWORDS,
        Kind.DESK,
    }
    for why, count in plan.stays.items():
        assert (why.value in told) is bool(count)
    assert plan.stays[Stays.AUDIT] > 1
    assert "1 registered course(s) stay with another account" in told
    assert "The family is told by a last mail" in told


async def test_said_again_does_nothing(portal: Portal, lived: Chat) -> None:
    await asyncio.to_thread(forget, portal)
    with portal.begin(read_only=True) as tx:
        audited = len(list(tx.session.scalars(select(AuditRow.number))))

    again = await asyncio.to_thread(forgotten_lines, portal, None, "xredwood", "2026-0147")

    assert again[0] == "Nothing is kept in westborough of the name xredwood: nothing to do."
    with portal.begin(read_only=True) as tx:
        assert len(list(tx.session.scalars(select(AuditRow.number)))) == audited
        assert (
            len(list(tx.session.scalars(select(OutboxRow).where(OutboxRow.kind == "account_forgotten")))) == 1
        )


async def test_chat_that_was_open_begins_anew_and_nobody_is_signed_in(portal: Portal, lived: Chat) -> None:
    await asyncio.to_thread(forget, portal)

    history = await lived.history()
    await lived.say("What are Zoe's grades?")

    assert history == []
    assert "Zoe" not in lived.text.replace("Zoe's grades?", "")
    assert isinstance(sign_in_at_once(portal, "xredwood"), Refused)


async def test_chat_that_is_answering_just_then_ends_without_an_answer(
    portal: Portal, lived: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = Memory.finish

    async def forgotten_meanwhile(memory: Memory, answer: Answer) -> bool:
        await asyncio.to_thread(forget, portal)
        return await finish(memory, answer)

    monkeypatch.setattr(Memory, "finish", forgotten_meanwhile)

    replies = await asyncio.wait_for(lived.say("What are Zoe's grades?"), PATIENCE)

    assert replies == []


async def test_shared_chat_keeps_what_the_other_parent_said_later(
    portal: Portal, engine: Engine, keys: Keys, lived: Chat, clock: FakeClock
) -> None:
    await lived.say("sign out")
    clock.advance(minutes=5)
    await sign_in(lived, "kwhitfield")
    await lived.say("my word is kingfisher")
    plan = planned(portal)

    await asyncio.to_thread(forget, portal)

    assert plan.stays[Stays.SHARED] == 1
    assert tables_with(engine, keys, {"zebra finch", "774 555 0163"}) == {}
    assert "dialogue_transcript" in tables_with(engine, keys, {"kingfisher"})
    await lived.say("What are Zoe's grades?")
    assert "Zoe" in lived.text


async def test_shared_chat_loses_an_answer_that_was_written_as_the_session_ran_out(
    portal: Portal, engine: Engine, keys: Keys, lived: Chat, clock: FakeClock
) -> None:
    with portal.begin() as tx:
        tx.session.execute(update(TranscriptRow).values(at=tx.now + timedelta(seconds=1)))
    clock.advance(hours=2)
    await sign_in(lived, "kwhitfield")

    await asyncio.to_thread(forget, portal)

    assert tables_with(engine, keys, {"zebra finch", "774 555 0163"}) == {}


async def test_case_keeps_its_number_and_not_a_word(portal: Portal, keys: Keys, lived: Chat) -> None:
    await asyncio.to_thread(forget, portal)

    with portal.begin(read_only=True) as tx:
        (case,) = tx.session.scalars(select(CaseRow)).all()
    assert (case.number, case.account_id, case.conversation_id) == (1, None, "")
    assert (unseal(keys, case.details), case.triage, case.state) == ({}, None, "closed")
    assert Desk(portal, make_staff(portal, name="Abe Lind")).view().entries == []


def test_account_that_nobody_confirmed_gets_no_mail(portal: Portal, account: str) -> None:
    with portal.begin() as tx:
        tx.session.get_one(AccountRow, account).email_confirmed_at = None

    lines = forgotten_lines(portal, None, "xredwood", "2026-0147")

    with portal.begin(read_only=True) as tx:
        assert list(tx.session.scalars(select(OutboxRow.kind))) == []
    assert any("No mail tells the family" in line for line in lines)


@pytest.fixture
def mailbox_mate(portal: Portal, account: str) -> str:
    """Let another parent, and somebody who asks for an account, share the family's mailbox."""
    other = make_parent(
        portal, username="rgray", display_name="Robin Gray", email=EMAIL, email_confirmed=True
    )
    with portal.begin() as tx:
        for request, account_id in (("waiting", None), ("granted", other)):
            tx.session.add(_request(request, account_id, tx.now))
        token = NewToken(
            "westborough", TokenPurpose.CONFIRM_REQUEST, timedelta(days=1), details={"request_id": "waiting"}
        )
        made = tx.tokens.issue(token)
        tx.outbox.put("westborough", MailKind.CONFIRM_REQUEST, To(EMAIL), token_id=made)
    return other


def _request(request_id: str, account_id: str | None, now: datetime) -> AccountRequestRow:
    return AccountRequestRow(
        request_id=request_id,
        district_id="westborough",
        first_name="Robin" if account_id is None else "Xochitl",
        last_name="Gray" if account_id is None else "Redwood",
        email=EMAIL,
        email_key=EMAIL,
        language="en",
        password_hash="-",
        state="mailed",
        reason="",
        conversation=request_id,
        created_at=now,
        account_id=account_id,
    )


def test_mailbox_that_two_share_takes_nothing_from_the_other(
    portal: Portal, account: str, mailbox_mate: str
) -> None:
    sign_in_at_once(portal, EMAIL, "wrong", conversation="mate")
    with portal.begin() as tx:
        tx.session.execute(update(AttemptRow).values(account_id=mailbox_mate))

    forget(portal)

    with portal.begin(read_only=True) as tx:
        requests = set(tx.session.scalars(select(AccountRequestRow.request_id)))
        mails = set(tx.session.scalars(select(OutboxRow.kind).where(OutboxRow.address == EMAIL)))
        attempts = tx.session.scalars(select(AttemptRow.account_id)).all()
        counted = tx.session.scalars(select(GateRow.kind)).all()
    assert requests == {"waiting", "granted"}
    assert mails == {"confirm_request", "account_forgotten"}
    assert attempts == [mailbox_mate]
    assert "name" in counted


def test_account_that_was_merged_goes_with_the_other(portal: Portal, account: str) -> None:
    old = make_parent(portal, username="xold", display_name="Xochitl Redwood")
    with portal.begin() as tx:
        tx.session.get_one(AccountRow, old).merged_into = account

    alone = forget(portal, "xold")
    both = forget(portal)

    assert alone == GoesWith("xredwood")
    assert isinstance(both, Forgotten)
    with portal.begin(read_only=True) as tx:
        left = set(tx.session.scalars(select(AccountRow.username)))
    assert left == {"mlopez", "kwhitfield"}


def test_course_that_only_this_parent_registered_is_told_of(portal: Portal, account: str) -> None:
    with portal.begin() as tx:
        zoe = tx.session.scalars(select(LinkRow).where(LinkRow.account_id == account)).one().student_id
        tx.session.execute(delete(LinkRow).where(LinkRow.account_id != account))
        tx.session.add(
            RegistrationRow(
                registration_id="r",
                district_id="westborough",
                account_id=account,
                student_id=zoe,
                course_id="c",
                school_year="2027",
                state="registered",
                created_at=tx.now,
                changed_at=tx.now,
            )
        )

    lines = plan_lines(portal, None, "xredwood")

    assert any(line.startswith("1 registered course(s) were never fetched") for line in lines)


@pytest.mark.parametrize("reference", ["", "the lopez family", "x" * 41, "a@b.example"])
def test_reference_names_nobody(portal: Portal, account: str, reference: str) -> None:
    with pytest.raises(SettingsError, match="--reference"):
        forgotten_lines(portal, None, "xredwood", reference)

    assert planned(portal).username == "xredwood"


def test_sign_in_at_the_same_time_ends_signed_out_or_unknown(portal: Portal, account: str) -> None:
    together = Barrier(4)

    def one(number: int) -> object:
        together.wait()
        return (
            forget(portal) if number == 0 else sign_in_at_once(portal, "xredwood", conversation=str(number))
        )

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(one, range(4)))

    assert isinstance(outcomes[0], Forgotten)
    for outcome in outcomes[1:]:
        assert isinstance(outcome, SignedIn) or outcome.reason is Reason.BAD_CREDENTIALS
    with portal.begin() as tx:
        assert [isinstance(tx.sessions.current(str(each)), Refused) for each in (1, 2, 3)] == [True] * 3
        assert isinstance(tx.audit.verify("westborough"), ChainIntact)


def test_every_table_says_whether_it_goes(portal: Portal, account: str) -> None:
    with portal.begin(read_only=True) as tx:
        gathering = Gathering(tx.context)
        row = tx.session.get_one(AccountRow, account)
        gone = {model for _, model, _ in gone_with(gathering.family([row]))}
    models = {mapper.class_ for mapper in Base.registry.mappers}
    of_school = {model for model in models if issubclass(model, SisRow) or model in SCHOOLS_OWN}

    said = gone | EMPTIED | NOT_THEIRS | of_school
    assert {each.__tablename__ for each in models - said} == set()
    assert not gone & (EMPTIED | NOT_THEIRS | of_school)


def test_command_shows_first_and_deletes_when_it_is_meant(
    portal: Portal, account: str, database_url: str, keys: Keys, tmp_path: Path
) -> None:
    given = {
        "HALLPASS_VAR": str(tmp_path / "var"),
        "HALLPASS_DATABASE_URL": database_url,
        "HALLPASS_SECRET_KEY": "a secret of at least thirty-two bytes, for tests only",
    }
    run = CliRunner(env=given)

    shown = run.invoke(hallpass, ["staff", "forget", "xredwood"])
    done = run.invoke(hallpass, ["staff", "forget", "xredwood", "--reference", "2026-0147", "--delete"])
    again = run.invoke(hallpass, ["staff", "forget", "xredwood"])

    assert (shown.exit_code, done.exit_code, again.exit_code) == (0, 0, 0), (shown.output, done.output)
    assert "Of xredwood in westborough would go:" in shown.output
    assert "Of xredwood in westborough this went:" in done.output
    assert "Nothing is kept in westborough of the name xredwood" in again.output
