"""Check the language packs: training examples, responses, buttons, variables, gaps."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.conversation.check_language import PLURALS, wanted, word_gaps
from bot.conversation.checked import ENGINE_RESPONSES, RESPONSE, Checked, Problem, problem
from bot.conversation.hearing import PAYLOAD
from bot.conversation.memory import CHOOSE_DISTRICT
from bot.conversation.project import Response
from bot.conversation.understanding import FALLBACK
from bot.conversation.wording import STAND_INS, VARIABLE

ANNOTATED = re.compile(r"\[[^\]\n]+\]\(([^)\s]+)\)|\[[^\]\n]+\](\{[^}\n]*\})")
# Labels of masked fields, and the words of pages, mails and papers, which are not said in a conversation.
OTHER_WORDS = ("label_", "page_", "mail_", "paper_")
VARIATION_KEYS = frozenset(
    {"text", "buttons", "custom", "channel", "condition", "id", "metadata", *STAND_INS, *STAND_INS.values()}
)


def check_words(checked: Checked) -> Iterator[Problem]:
    """Return the problems of every language pack."""
    for language in checked.project.languages:
        yield from _examples(checked, language)
        for response in checked.project.responses[language].values():
            yield from _response(checked, response)
        if language != "en":
            yield from word_gaps(checked.project, language)
    for response in checked.project.responses.get("en", {}).values():
        yield from _use(checked, response)
        if response.name.startswith(RESPONSE):
            yield from _variables(checked, response)
    for name in ENGINE_RESPONSES:
        if name not in checked.english:
            yield Problem("data/en", 1, f"the response {name} is missing")


def _examples(checked: Checked, language: str) -> Iterator[Problem]:
    project = checked.project
    entries = [entry for entry in project.nlu.get(language, ()) if entry[0].get("intent")]
    trained = {str(entry["intent"]) for entry, _ in entries}
    for entry, where in entries:
        if entry["intent"] not in project.intents:
            yield problem(where, f"examples of the undeclared intent {entry['intent']}")
        for name in set(_annotations(str(entry.get("examples", "")))) - set(project.entities):
            yield problem(where, f"an example names the undeclared entity {name}")
    # A pack may hold words alone, as long as no pack is trained.
    untrained = set(project.intents) - trained - {FALLBACK} if project.nlu else set()
    for intent in untrained:
        yield problem(project.intents[intent], f"there are no examples of {intent} in data/{language}")


def _annotations(examples: str) -> Iterator[str]:
    for match in ANNOTATED.finditer(examples):
        if match[1]:
            yield match[1].partition(":")[0]
        else:
            try:
                yield str(json.loads(match[2]).get("entity"))
            except ValueError:
                yield match[2]


def _response(checked: Checked, response: Response) -> Iterator[Problem]:
    if not response.variations:
        yield problem(response.where, f"{response.name} has no variation")
    for variation in response.variations:
        for key in set(variation) - VARIATION_KEYS:
            yield problem(response.where, f"{response.name}: {key} means nothing here")
        if not set(variation) & {"text", "custom", "image", "attachment"}:
            yield problem(response.where, f"{response.name}: a variation without text")
        for kind, stand_in in STAND_INS.items():
            if variation.get(kind) and not variation.get(stand_in):
                yield problem(response.where, f"{response.name}: an {kind} needs {stand_in}")
        for button in variation.get("buttons") or ():
            yield from _button(checked, response, button)


def _button(checked: Checked, response: Response, button: Mapping[str, Any]) -> Iterator[Problem]:
    payload = str(button.get("payload") or "")
    if not button.get("title") or not payload:
        yield problem(response.where, f"{response.name}: a button needs a title and a payload")
        return
    if not payload.startswith("/"):
        return
    # A variable in a payload stands for a JSON text; any will do to read the rest.
    match = PAYLOAD.fullmatch(VARIABLE.sub("x", payload))
    if match is None or (match[1] not in checked.project.intents and match[1] != CHOOSE_DISTRICT):
        yield problem(response.where, f"{response.name}: the button {payload} names no declared intent")
        return
    try:
        entities = json.loads(match[2]) if match[2] else {}
    except ValueError:
        yield problem(response.where, f"{response.name}: the payload {payload} is not JSON")
        return
    for name in set(entities) - set(checked.project.entities):
        yield problem(response.where, f"{response.name}: the button fills the undeclared entity {name}")


def _use(checked: Checked, response: Response) -> Iterator[Problem]:
    name = response.name
    base = next((name.removesuffix(f"_{p}") for p in PLURALS if name.endswith(f"_{p}")), name)
    performed = {action for rule in checked.project.rules for action in rule.actions}
    used = performed | set(ENGINE_RESPONSES) | _named_by_convention(checked)
    if not name.startswith((RESPONSE, *OTHER_WORDS)):
        yield problem(response.where, f"{name} must begin with {RESPONSE}")
    elif not name.startswith(OTHER_WORDS) and not any(
        each in used or checked.callers.mentions(each) for each in (name, base)
    ):
        yield problem(response.where, f"the response {name} is not used")


def _named_by_convention(checked: Checked) -> set[str]:
    names: set[str] = set()
    for form in checked.project.forms.values():
        names.add(f"utter_back_to_{form.name}")
        for slot in form.required:
            for kind in ("ask", "help"):
                names |= {f"utter_{kind}_{form.name}_{slot}", f"utter_{kind}_{slot}"}
    return names


def _variables(checked: Checked, response: Response) -> Iterator[Problem]:
    needed = wanted(response)
    available = set(checked.project.slots) | {"count"}
    callers = checked.callers
    for exact in callers.exact.get(response.name, ()):
        for name in needed - available - exact:
            yield problem(response.where, f"{response.name}: a caller does not pass {{{name}}}")
    anywhere = available | callers.passed | set(callers.strings)
    for name in needed - anywhere - {"error_id", "heard"}:
        yield problem(response.where, f"{response.name}: nothing passes {{{name}}}")
