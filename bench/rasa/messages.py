"""Say the same to both engines: what parents ask who are signed in, and what anybody may ask."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

# Of one child, so that neither engine has to ask which one is meant. The words are the engine's own
# sentences for tests and everyday ones; neither engine was trained on this list.
QUESTIONS = (
    "hello",
    "what are the grades",
    "what are the grades for last term",
    "how many days absent this term",
    "which assignments are missing",
    "what is due this week",
    "what is the district code",
    "when did I last sign in",
    "what are the test results",
    "what did the teachers say",
    "what is the schedule for today",
    "what is the lunch balance",
    "what is the address of the portal",
    "who is the principal",
    "are you a robot",
    "I want to talk to a person",
    "how do I report an absence",
    "asdf qwer zxcv",
    "thank you",
    "goodbye",
)
_CHANGING = re.compile(r"\d{1,2}:\d{2}(?::\d{2})? ?[ap]\.?m\.?|[0-9a-f]{16,}")


def said(replies: Sequence[Mapping[str, Any]]) -> str:
    """Return the words of an answer, without the times of day and keys that differ from run to run."""
    texts = [str(reply["text"]) for reply in replies if reply.get("text")]
    titles = [str(button["title"]) for reply in replies for button in reply.get("buttons") or ()]
    # Rasa's channel parts a text at its empty lines.
    return _CHANGING.sub("#", re.sub(r"\n+", "\n", "\n".join([*texts, *titles])))
