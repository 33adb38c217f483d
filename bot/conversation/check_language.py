"""Say what a language pack lacks, so plainly that a translator can work from it alone."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from bot.conversation.checked import Problem, problem
from bot.conversation.formats import plural_forms
from bot.conversation.project import Project, Response
from bot.conversation.understanding import FALLBACK
from bot.conversation.understanding.training_files import is_shared
from bot.conversation.wording import FALLBACK_LANGUAGE, STAND_INS, VARIABLE

PLURALS = ("zero", "one", "two", "few", "many", "other")
FEWEST_EXAMPLES = 25
_QUOTED = re.compile(r'"([A-Z][^"\n{}]*)"')
_SHEETS = ("page_", "paper_", "label_")
# Spellings of English words; each language has others.
_OF_ENGLISH = "same_"
_DIRECTIONS = ("ltr", "rtl")
_Packs = Mapping[str, Response]


def language_gaps(project: Project, language: str) -> list[Problem]:
    """Return everything that a pack lacks beside the English one, in the order of the files."""
    found = [*word_gaps(project, language), *_said_in_english(project, language)]
    return sorted({*found, *_about(project, language), *_training_gaps(project, language)})


def word_gaps(project: Project, language: str) -> Iterator[Problem]:
    """Return the responses that are missing, too many, or that say other things than the English ones."""
    pack, english = project.responses.get(language, {}), project.responses.get(FALLBACK_LANGUAGE, {})
    for name, response in english.items():
        if name not in pack and not is_plural(name):
            yield problem(response.where, f"{name} is missing in data/{language}: {_text(response)}")
    for name, response in pack.items():
        if name in english:
            yield from _differences(project, response, english[name])
        elif not is_plural(name):
            yield problem(response.where, f"{name} does not exist in English")
    yield from _plural_gaps(pack, english, language)


def is_plural(name: str) -> bool:
    """Tell whether a response is one of several for different numbers; languages differ in how many."""
    return name.endswith(tuple(f"_{form}" for form in PLURALS))


def said(response: Response) -> list[str]:
    """Return every text of a response in which variables may stand."""
    keys = ("text", *STAND_INS.values())
    return [str(variation.get(key) or "") for variation in response.variations for key in keys]


def wanted(response: Response) -> set[str]:
    """Name the variables of a response."""
    return {match[1] for text in said(response) for match in VARIABLE.finditer(text)}


def _differences(project: Project, response: Response, english: Response) -> Iterator[Problem]:
    if wanted(response) != wanted(english) and not is_plural(response.name):
        yield problem(response.where, f"{response.name}: other variables than in English")
    if _payloads(response) != _payloads(english):
        yield problem(response.where, f"{response.name}: other buttons than in English")
    # Pages and papers are in the family's language throughout; what is said and mailed names their labels.
    labels = set() if response.name.startswith(_SHEETS) else _labels(project, english)
    for label in sorted(labels - _labels(project, response)):
        yield problem(response.where, f'{response.name}: the label "{label}" must stay, in quotes')


def _plural_gaps(pack: _Packs, english: _Packs, language: str) -> Iterator[Problem]:
    for name, response in english.items():
        base = name.removesuffix("_other")
        # "other" and what the language has beside it; _zero is only a nicer way to say none.
        if name.endswith("_other") and f"{base}_one" in english and base not in pack:
            for form in plural_forms(language):
                if f"{base}_{form}" not in pack:
                    text = f"{base}_{form} is missing in data/{language}: {_text(response)}"
                    yield problem(response.where, text)


def _said_in_english(project: Project, language: str) -> Iterator[Problem]:
    """Find the sentences that were left in English."""
    english = project.responses.get(FALLBACK_LANGUAGE, {})
    for name, response in project.responses.get(language, {}).items():
        if name not in english:
            continue
        for text in set(said(response)) & set(said(english[name])):
            rest = _QUOTED.sub("", VARIABLE.sub("", text))
            if len(re.findall(r"[A-Za-z]{2,}", rest)) > 3:
                yield problem(response.where, f"{name} is still in English: {text}")


def _about(project: Project, language: str) -> Iterator[Problem]:
    about = project.about.get(language)
    if about is None or not about.name or about.direction not in _DIRECTIONS:
        file = f"data/{language}/language.yml"
        yield Problem(file, 1, "write code, name (as its speakers call it) and direction (ltr or rtl)")


def _training_gaps(project: Project, language: str) -> Iterator[Problem]:
    entries = project.nlu.get(language, ())
    counts: Counter[str] = Counter()
    for entry, _ in entries:
        counts[str(entry.get("intent"))] += len(str(entry.get("examples") or "").splitlines())
    for intent, where in project.intents.items():
        if counts[intent] < FEWEST_EXAMPLES:
            text = f"{intent} has {counts[intent]} examples in data/{language}, of at least {FEWEST_EXAMPLES}"
            yield problem(where, text)
    if counts[FALLBACK] < FEWEST_EXAMPLES:
        yield Problem(f"data/{language}", 1, f"{FALLBACK} needs examples of what is none of ours")
    own = {_list_name(entry) for entry, _ in entries}
    for entry, where in project.nlu.get(FALLBACK_LANGUAGE, ()):
        name = _list_name(entry)
        if name and name not in own and not is_shared(name) and not name.startswith(_OF_ENGLISH):
            yield problem(where, f"the words {name} are missing in data/{language}")


def _list_name(entry: Mapping[str, object]) -> str:
    return str(entry.get("lookup") or entry.get("regex") or "")


def _labels(project: Project, response: Response) -> set[str]:
    about = project.about.get(FALLBACK_LANGUAGE)
    spoken = about.spoken if about else ()
    texts = (text for variation in response.variations for text in [str(variation.get("text") or "")])
    return {match[1] for text in texts for match in _QUOTED.finditer(text)} - set(spoken)


def _payloads(response: Response) -> list[list[str]]:
    return [
        [str(button.get("payload")) for button in variation.get("buttons") or ()]
        for variation in response.variations
    ]


def _text(response: Response) -> str:
    return " / ".join(text.replace("\n", "\\n") for text in said(response) if text)
