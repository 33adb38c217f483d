"""Compose the answer to one message: understand, decide, act, word."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo

from rasa_sdk.interfaces import Action

from bot.conversation import listening, speaking
from bot.conversation.acting import Actor
from bot.conversation.composed import Composed, apology, composed
from bot.conversation.dialogue import Tracker
from bot.conversation.exchange import Engine, Exchange
from bot.conversation.flows import Policy
from bot.conversation.formats import Manner
from bot.conversation.handing_over import pass_on
from bot.conversation.hearing import Incoming, meaning_of
from bot.conversation.memory import CHOOSE_DISTRICT, Scene
from bot.conversation.offered import offered, title_typed
from bot.conversation.opening import GREETING, ask_district, choose_district, district_named, open_chat
from bot.conversation.project import Project
from bot.conversation.reading import Heard, Reader
from bot.conversation.telling import understood
from bot.conversation.typed_secrets import REMOVED, strays_password
from bot.conversation.understanding import Names, Parse
from bot.conversation.wording import Wording
from bot.messages import ASIDE, Listens, MessageKind
from portal.core.districts import District
from portal.dialogue.outcomes import Choice
from portal.dialogue.start_codes import StartCode


class Understands(Protocol):
    """Tell what a text means."""

    def parse(self, text: str, *, language: str, names: Names, today: date) -> Parse:
        """Return the intent and the entities of a text."""


class Composer:
    """Answer messages; nothing is stored here, and nothing changes but the tracker of the turn."""

    def __init__(self, project: Project, actions: Sequence[Action], understanding: Understands) -> None:
        """Build the engine from the project's files and the actions."""
        self.listens: Listens | None = None
        self._project = project
        self._understanding = understanding
        self._wording = Wording(project)
        self._engine = Engine(
            project, Policy(project), Reader(project), Actor(project, actions), self._wording
        )

    @property
    def wording(self) -> Wording:
        """Return what words the labels of a masked page."""
        return self._wording

    def parse(self, text: str, language: str, today: date, names: Names) -> Parse:
        """Tell how a text is understood."""
        return self._understanding.parse(text, language=language, names=names, today=today)

    async def compose(self, scene: Scene, incoming: Incoming) -> Composed:
        """Answer one message; `incoming` carries the text that the inbox was not given."""
        exchange = self._begin(scene, incoming)
        for news in scene.work.news:
            await exchange.tell(news.payload)
        said = await self._answer(exchange, scene, incoming)
        await self._answer_put_off(exchange, scene)
        if not exchange.said and exchange.for_case is None and incoming.kind is not MessageKind.LOOKED:
            # Whatever the flows leave unsaid, nobody is left without an answer.
            exchange.utter("utter_choose")
        return composed(exchange, scene, said)

    def apologise(self, scene: Scene, error_id: str) -> Composed:
        """Say that something went wrong; the conversation stands where it stood before."""
        return apology(self._wording, scene, error_id)

    def _begin(self, scene: Scene, incoming: Incoming) -> Exchange:
        conversation = scene.work.conversation
        tracker = Tracker.restored(self._project, conversation.id, conversation.state)
        tracker.source = incoming.source
        tracker.belong_to(scene.account)
        slug = scene.district.slug if scene.district else None
        if conversation.district and slug != conversation.district:
            tracker.apply({"event": "restart"})
        if slug is not None and slug == incoming.district:
            tracker.offered_district = slug
        language = self._language(tracker, scene, incoming)
        for name, value in (("district", slug), ("language", language), ("channel", conversation.channel)):
            tracker.set(name, value)
        manner = Manner(language, _zone(scene.district), conversation.channel, tracker.turns)
        return Exchange(self._engine, tracker, manner, may_repeat=scene.may_repeat)

    def _language(self, tracker: Tracker, scene: Scene, incoming: Incoming) -> str:
        offered, spoken = incoming.language, scene.work.conversation.language or "en"
        # A channel sends the same preference with every message; only a new one changes anything.
        if offered in self._project.languages and offered != tracker.offered_language:
            tracker.offered_language = offered
            spoken = str(offered)
        # The school knows better than an app what a family speaks at home.
        if isinstance(scene.begun, StartCode) and scene.begun.language in self._project.languages:
            return scene.begun.language
        return spoken

    async def _answer(self, exchange: Exchange, scene: Scene, incoming: Incoming) -> str:
        """Answer and return what the history may show of the parent's message."""
        if incoming.flaw is not None:
            await exchange.explain(incoming.flaw.value)
            return ""
        match incoming.kind:
            case MessageKind.TEXT:
                return await self._text(exchange, scene, incoming)
            case MessageKind.BUTTON:
                return await self._button(exchange, scene)
            case MessageKind.EDITED:
                return await self._edited(exchange, scene, incoming)
            case MessageKind.VOICE:
                return await self._voice(exchange, scene, incoming)
            case MessageKind.COMMAND | MessageKind.MEDIA:
                await self._tapped(exchange, scene, incoming)
            case MessageKind.OPENED | MessageKind.LOOKED | MessageKind.SECRET:
                await self._happened(exchange, scene, incoming)
        return ""

    async def _tapped(self, exchange: Exchange, scene: Scene, incoming: Incoming) -> None:
        """Answer what was chosen in an app and not typed: a command of its menu, a picture."""
        named = f"utter_media_{incoming.text}" if incoming.kind is MessageKind.MEDIA else incoming.text
        if named.startswith(ASIDE):
            exchange.utter(named)
        elif self._wording.has(named):
            await exchange.explain(named)
        elif incoming.kind is MessageKind.MEDIA:
            await exchange.explain("utter_media")
        elif named == listening.TURN:
            await listening.pressed(self.listens, exchange, listening.turned(exchange))
        elif scene.district is not None and named in self._project.actions:
            exchange.tracker.hear(Parse("", "", 1.0), scene.work.pending.turn_id)
            await exchange.interject(named)
        else:
            await self._meant(exchange, scene, Parse("", incoming.text, 1.0))

    async def _happened(self, exchange: Exchange, scene: Scene, incoming: Incoming) -> None:
        """Answer what happened and was not said."""
        match incoming.kind:
            case MessageKind.OPENED:
                await open_chat(exchange, scene, incoming)
            case MessageKind.LOOKED:
                if scene.handed_over is None:
                    await exchange.ask_again()
            case _:
                exchange.tracker.hear(Parse("", "", 1.0), scene.work.pending.turn_id)
                if scene.settled is not None:
                    await exchange.settle(scene.settled.outcome, scene.settled.purpose.value)

    @staticmethod
    async def _answer_put_off(exchange: Exchange, scene: Scene) -> None:
        """Answer what else the parent asked, once nothing has to be filled in before it."""
        count = 1
        while not exchange.asks_back and (parse := exchange.tracker.take_put_off(scene.account)) is not None:
            count += 1
            exchange.tracker.hear(parse, f"{scene.work.pending.turn_id}/{count}")
            exchange.tracker.put_off(parse.also, scene.account)
            await exchange.answer(Heard(parse))

    async def _edited(self, exchange: Exchange, scene: Scene, incoming: Incoming) -> str:
        """Look only whether a secret was typed into an earlier message: what it asks is not taken up."""
        parse = self._understood(exchange, scene, incoming.text)
        if not self._may_be_secret(exchange.tracker, incoming, parse) and REMOVED not in incoming.text:
            await exchange.explain("utter_edited")
            return incoming.text
        await exchange.explain("utter_secret_typed")
        return REMOVED

    def _may_be_secret(self, tracker: Tracker, incoming: Incoming, parse: Parse) -> bool:
        """Tell whether a text may be the secret that is awaited; one that was lost on the way may be, too."""
        if tracker.takes_name and not tracker.secret_pending:
            return not incoming.text or strays_password(parse)
        if not (incoming.withheld or tracker.secret_pending):
            return False
        return not (incoming.text and self._engine.reader.is_plain(parse, tracker))

    async def _voice(self, exchange: Exchange, scene: Scene, incoming: Incoming) -> str:
        heard = await listening.hear(self.listens, exchange, scene, incoming)
        if isinstance(heard, str):
            return heard
        typed = replace(incoming, kind=MessageKind.TEXT, text=heard.text)
        pressed = title_typed(exchange.tracker, scene, typed)
        if not heard.proven and self._acts(exchange, scene, typed, pressed):
            listening.ask_back(exchange, heard, pressed)
            return ""
        said = await self._text(exchange, scene, typed)
        listening.show_heard(exchange, said)
        if scene.handed_over is None:
            listening.offer(self.listens, exchange)
        return said

    def _acts(self, exchange: Exchange, scene: Scene, incoming: Incoming, pressed: Choice | None) -> bool:
        if pressed is not None:
            return not listening.answers(pressed)
        # Only looked at: it is counted when it is taken, be it now or after a yes.
        parse = self._parsed(exchange, scene, incoming.text)
        if self._may_be_secret(exchange.tracker, incoming, parse):
            # It is dropped, and must not be shown to ask about it.
            return False
        wishes = listening.wished(self.listens, exchange, incoming.text) is not None
        return wishes or scene.handed_over is not None or listening.acts(parse, exchange.tracker)

    async def _text(self, exchange: Exchange, scene: Scene, incoming: Incoming) -> str:
        if (choice := title_typed(exchange.tracker, scene, incoming)) is not None:
            return await self._chosen(exchange, scene, choice)
        return await self._said(exchange, scene, incoming)

    async def _said(self, exchange: Exchange, scene: Scene, incoming: Incoming) -> str:
        tracker, turn_id = exchange.tracker, scene.work.pending.turn_id
        parse = self._understood(exchange, scene, incoming.text)
        if self._may_be_secret(tracker, incoming, parse):
            spoken = scene.incoming.kind is MessageKind.VOICE
            return await _forgotten(exchange, parse, turn_id, spoken=spoken)
        choices = offered(tracker.last_replies, may_repeat=scene.may_repeat)
        if (choice := listening.answered(parse, choices)) is not None:
            return await self._chosen(exchange, scene, choice)
        if (wish := listening.wished(self.listens, exchange, incoming.text)) is not None:
            await listening.pressed(self.listens, exchange, wish)
            return incoming.text
        if scene.handed_over is not None:
            await pass_on(exchange, scene.handed_over, incoming.text)
            return incoming.text
        tracker.hear(parse, turn_id)
        tracker.put_off(parse.also, scene.account)
        speaking.follow(exchange, parse)
        if REMOVED in incoming.text:
            exchange.utter("utter_access_password_typed")
        if scene.district is None:
            await choose_district(exchange, scene, district_named(incoming.text, scene))
        elif not (exchange.has_greeted and parse.intent == GREETING.intent and not parse.entities):
            await exchange.answer(Heard(parse))
        return incoming.text

    async def _button(self, exchange: Exchange, scene: Scene) -> str:
        if scene.choice is None:
            exchange.utter("utter_old_button")
            if exchange.tracker.loop is None:
                exchange.utter("utter_help")
            await exchange.ask_again()
            return ""
        return await self._chosen(exchange, scene, scene.choice)

    async def _chosen(self, exchange: Exchange, scene: Scene, choice: Choice) -> str:
        meaning = meaning_of(choice.payload)
        if (said := listening.confirmed(meaning)) is not None:
            if (meant := listening.pressing(meaning)) is None:
                return await self._said(exchange, scene, Incoming(MessageKind.TEXT, said))
            await self._meant(exchange, scene, meant)
            return said
        parse = meaning or self._understood(exchange, scene, choice.payload)
        await self._meant(exchange, scene, parse, pressed=meaning is not None)
        return choice.title

    async def _meant(self, exchange: Exchange, scene: Scene, parse: Parse, *, pressed: bool = True) -> None:
        exchange.tracker.hear(parse, scene.work.pending.turn_id)
        if parse.intent == listening.VOICE:
            await listening.pressed(self.listens, exchange, parse.first("does"))
        elif parse.intent == CHOOSE_DISTRICT:
            await choose_district(exchange, scene, str(parse.first("district")))
        elif scene.district is None:
            ask_district(exchange, scene)
        else:
            await exchange.answer(Heard(parse, pressed=pressed))

    def _understood(self, exchange: Exchange, scene: Scene, text: str) -> Parse:
        """Return what a text means that is taken now, and have it counted."""
        parse = self._parsed(exchange, scene, text)
        understood(parse, exchange.manner.language)
        return parse

    def _parsed(self, exchange: Exchange, scene: Scene, text: str) -> Parse:
        today = _local(scene.now, scene.district)
        return self.parse(text, exchange.manner.language, today, scene.names)


async def _forgotten(exchange: Exchange, parse: Parse, turn_id: str, *, spoken: bool = False) -> str:
    """Keep nothing of a text that may be a secret, say so, and return what stands in its place."""
    exchange.tracker.hear(parse, turn_id, recorded=False)
    await exchange.explain(listening.SPOKEN_SECRET if spoken else "utter_secret_typed")
    if exchange.tracker.takes_name:
        exchange.utter("utter_name_or_password")
    return REMOVED


def _zone(district: District | None) -> tzinfo:
    # The options were checked when they were applied; ZoneInfo keeps its own cache.
    return ZoneInfo(district.options.time_zone) if district else UTC


def _local(now: datetime, district: District | None) -> date:
    return now.astimezone(_zone(district)).date()
