"""Answer one message: follow rules, run forms, collect what is said."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.conversation.acting import Acted, Actor, Verdict
from bot.conversation.builtin import BUILTIN
from bot.conversation.dialogue import REQUESTED, Draft, Tracker
from bot.conversation.flows import Course, Policy
from bot.conversation.formats import Manner
from bot.conversation.project import NEWS, OFFER, OUTCOME, TELL_NEWS, Project
from bot.conversation.reading import Heard, Reader, Reading
from bot.conversation.understanding import FALLBACK, Parse
from bot.conversation.wording import Wording
from portal.dialogue.outcomes import ForCase

MOST_STEPS = 25
LISTEN = "action_listen"
# A response that is called so asks which one is meant, and what else was asked waits for the answer.
ASKS_BACK = "utter_which_"
# After these the last thing said still stands.
KEEPS_OFFER = frozenset({FALLBACK, "repeat", "ask_help", "change_language"})


class EndlessTurnError(Exception):
    """Report flows that lead into each other without end."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Hold what all exchanges share; nothing in it changes."""

    project: Project
    policy: Policy
    reader: Reader
    actor: Actor
    wording: Wording


@dataclass(slots=True)
class Exchange:
    """Take one message from being heard to being answered; it changes only its own tracker.

    `asks_back` tells whether the parent must first say which child or course is meant.
    `may_repeat` tells whether the last private answer was given in the session that is live now.
    `for_case` is what is passed on to staff and not answered here. `fell_back` tells that it
    was not understood.
    """

    engine: Engine
    tracker: Tracker
    manner: Manner
    may_repeat: bool = False
    said: list[Draft] = field(default_factory=list)
    asked: bool = False
    asks_back: bool = False
    steps: int = 0
    told: Any = None
    for_case: ForCase | None = None
    fell_back: bool = False

    @property
    def has_greeted(self) -> bool:
        """Tell whether news were told and nothing is being filled in: they greet well enough."""
        return self.told is not None and self.tracker.loop is None

    async def answer(self, heard: Heard) -> None:
        """Answer a text or a pressed button."""
        offered = self.tracker.slots.get(OFFER)
        heard = self.engine.reader.no_half_yes(heard, self.tracker)
        found = self.engine.reader.found(heard, self.tracker)
        if heard.parse.intent != FALLBACK:
            self.tracker.fallbacks = 0
        if self.tracker.loop is None:
            await self._answer_by_rule(heard, found)
        else:
            await self._answer_in_form(heard, found)
        kept = offered is self.told or heard.parse.intent in KEEPS_OFFER
        if self.tracker.slots.get(OFFER) is offered and not kept:
            # It was not taken up: a later yes means something else. What was offered with news was
            # seen only after this message was typed, and waits for the next one.
            self.tracker.set(OFFER, None)
        await self._return_to_waiting()

    async def tell(self, news: Mapping[str, Any]) -> None:
        """Tell what the parent did elsewhere."""
        self.tracker.set(NEWS, dict(news))
        await self.perform(TELL_NEWS)
        self.told = self.tracker.slots.get(OFFER) or {}
        self.tracker.set(NEWS, None)

    async def greet(self, parse: Parse) -> None:
        """Greet somebody who has just opened the chat, or ask again what was being asked."""
        is_asking = self.tracker.loop is not None
        await (self.ask_again() if is_asking else self._answer_by_rule(Heard(parse), {}))

    async def settle(self, outcome: Mapping[str, Any], purpose: str) -> None:
        """Go on with the outcome of submitted secrets."""
        self.tracker.secret_pending = False
        form = self._form_awaiting_outcome(purpose)
        if form is None:
            return
        if self.tracker.loop == form:
            await self._step(form, {OUTCOME: dict(outcome)})
        else:
            # Left while the password was being verified: what came of it is told all the same.
            self.tracker.enter(form)
            self.tracker.set(OUTCOME, dict(outcome))
            await self._end(form)
        await self._return_to_waiting()

    async def explain(self, response: str, **values: Any) -> None:
        """Say why a message was not taken, then ask the current step again."""
        self.utter(response, **values)
        await self.ask_again()

    async def interject(self, action: str) -> None:
        """Perform an action that was asked for by its name, then return to the current step."""
        await self.perform(action)
        await self.ask_again()
        await self._return_to_waiting()

    async def ask_again(self) -> None:
        """Ask for the slot that the active form waits for, once a turn."""
        requested = self.tracker.slots.get(REQUESTED)
        if self.tracker.loop is not None and requested is not None and not self.asked:
            await self._ask(self.tracker.loop, requested)

    def utter(self, response: str, **values: Any) -> None:
        """Say a response."""
        self.say({"response": response, **values})

    def say(self, message: Mapping[str, Any]) -> None:
        """Say what the dispatcher of an action collected."""
        self.asks_back = self.asks_back or str(message.get("response") or "").startswith(ASKS_BACK)
        draft = self.engine.wording.draft(message, replace(self.manner, slots=self.tracker.slots))
        self.tracker.secret_pending = self.tracker.secret_pending or draft.secret is not None
        self.said.append(draft)

    async def perform(self, action: str) -> None:
        """Perform an action, a response or a form, and whatever it asks to be performed next."""
        following: str | None = action
        while following is not None:
            self._count_step(following)
            following = await self._perform_one(following)

    async def _perform_one(self, action: str) -> str | None:
        builtin = BUILTIN.get(action)
        if action == LISTEN:
            return None
        if action in self.engine.project.forms:
            await self._start(action)
        elif self.engine.actor.knows(action):
            return self._take(await self.engine.actor.perform(action, self.tracker)).followup
        elif builtin is not None:
            return await builtin(self)
        else:
            self.utter(action)
        return None

    async def _answer_by_rule(self, heard: Heard, found: Mapping[str, Any]) -> None:
        begun = self.engine.reader.begun(heard, self.tracker)
        if begun is not None:
            form, slot = begun
            self._fill({OFFER: None, slot: heard.parse.text})
            await self.perform(form)
            return
        # Slots first: the conditions of the rules look at what this message has filled.
        self._fill(found)
        course = self.engine.policy.started_by(heard.parse, self.tracker)
        if course is None:
            await self.perform("action_default_fallback")
        else:
            await self._follow(course)

    async def _answer_in_form(self, heard: Heard, found: Mapping[str, Any]) -> None:
        tracker, form = self.tracker, self.tracker.loop or ""
        required = self.engine.project.forms[form].required
        course = self.engine.policy.started_by(heard.parse, tracker)
        match self.engine.reader.read(heard, found, tracker, course):
            case Reading.ANSWER:
                self._fill({name: v for name, v in found.items() if name not in required})
                tracker.fallbacks = 0
                await self._step(form, self.engine.reader.answers(heard, found, tracker))
            case Reading.INTERRUPTION:
                await self._answer_by_rule(heard, found)
                await self._ask_again_after(form)
            case Reading.NOTHING:
                self._fill(found)
                await self.perform("action_default_fallback")
                if tracker.loop == form:
                    await self.ask_again()

    async def _ask_again_after(self, form: str) -> None:
        if self.tracker.loop == form:
            # An answer on the way may have filled what was asked: then the form goes on.
            requested = self.tracker.slots.get(REQUESTED)
            if requested is not None and self.tracker.slots.get(requested) is not None and not self.asked:
                await self._step(form, {requested: self.tracker.slots[requested]})
            else:
                await self.ask_again()

    def _fill(self, found: Mapping[str, Any]) -> None:
        for name, value in found.items():
            self.tracker.set(name, value)

    async def _follow(self, course: Course) -> None:
        while (action := course.next(self.tracker)) is not None:
            await self.perform(action)
            if action in self.engine.project.forms and self.tracker.loop == action:
                return  # The form waits for an answer; its submit rule goes on from there.
            course.performed(action)

    async def _start(self, form: str) -> None:
        tracker = self.tracker
        if tracker.loop != form:
            tracker.enter(form)
        required = self.engine.project.forms[form].required
        if OUTCOME in required:
            # What came of an earlier masked field says nothing about this one.
            tracker.set(OUTCOME, None)
        early = self.engine.reader.found(Heard(tracker.heard()), tracker)
        filled = {name: early.get(name, tracker.slots.get(name)) for name in required}
        await self._step(form, {name: value for name, value in filled.items() if value is not None})

    async def _step(self, form: str, candidates: Mapping[str, Any]) -> None:
        tracker = self.tracker
        verdict = await self._validated(form, candidates)
        if tracker.loop == form:
            required = self.engine.project.forms[form].required
            missing = (name for name in required if tracker.slots.get(name) is None)
            wanted = verdict.requested if verdict.decides else next(missing, None)
            tracker.set(REQUESTED, wanted)
            await (self._end(form) if wanted is None else self._ask(form, wanted))
        if verdict.followup is not None:
            await self.perform(verdict.followup)

    async def _validated(self, form: str, candidates: Mapping[str, Any]) -> Verdict:
        validation = f"validate_{form}"
        if not self.engine.actor.knows(validation):
            self._fill(candidates)
            return Verdict()
        acted = self._take(await self.engine.actor.perform(validation, self.tracker, candidates))
        return Verdict.of(acted)

    async def _end(self, form: str) -> None:
        course = self.engine.policy.ended_by(form, self.tracker)
        self.tracker.leave()
        if course is not None:
            await self._follow(course)

    async def _ask(self, form: str, slot: str) -> None:
        self._count_step(slot)
        self.asked = True
        self.tracker.secret_pending = False
        for name in (f"action_ask_{form}_{slot}", f"action_ask_{slot}"):
            if self.engine.actor.knows(name):
                await self.perform(name)
                return
        specific = f"utter_ask_{form}_{slot}"
        self.utter(specific if self.engine.wording.has(specific) else f"utter_ask_{slot}")

    async def _return_to_waiting(self) -> None:
        tracker = self.tracker
        while tracker.loop is None and tracker.waiting:
            form = tracker.waiting.pop()
            tracker.enter(form)
            if self.engine.wording.has(f"utter_back_to_{form}"):
                self.utter(f"utter_back_to_{form}")
            self.asked = False
            await self._step(form, {})

    def _take(self, acted: Acted) -> Acted:
        for message in acted.responses:
            self.say(message)
        for event in acted.events:
            if event["event"] in {"active_loop", "form"} and event["name"] is None:
                self.tracker.leave()
            elif event["event"] != "followup":
                self.tracker.apply(event)
        return acted

    def _form_awaiting_outcome(self, purpose: str) -> str | None:
        forms = self.engine.project.forms
        for name in (self.tracker.loop, f"{purpose}_form"):
            if name in forms and OUTCOME in forms[name].required:
                return name
        return None

    def _count_step(self, name: str) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            message = f"more than {MOST_STEPS} steps in one turn, the last one {name}"
            raise EndlessTurnError(message)
