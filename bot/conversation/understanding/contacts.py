"""Find what a parent says of themselves: name, e-mail address, Access ID, relationship to the child."""

import re
from collections.abc import Iterator
from itertools import takewhile

from bot.conversation.understanding.lexicon import Lexicon, Sentence, phrase
from bot.conversation.understanding.parsed import Entity
from bot.conversation.understanding.tokens import Token

MOST_WORDS = 5
_ENDS = ".,;:!?)\"'"
_PIECES = re.compile(r"[ -]+")
_CODE_LENGTH = 8


def find_emails(sentence: Sentence, lexicon: Lexicon) -> Iterator[Entity]:
    """Find e-mail addresses, as typed or as spoken ("ana at example dot org")."""
    for match in lexicon.matches("email", sentence.folded):
        if match.groupdict().get("host"):
            value = f"{match['local']}@{match['host']}.{match['ending']}"
            yield Entity("email", value, match.start(), match.end())
        else:
            typed = sentence.text[match.start("email") : match.end("email")].rstrip(_ENDS)
            yield Entity("email", typed, match.start("email"), match.start("email") + len(typed))


def find_access_ids(sentence: Sentence, lexicon: Lexicon) -> list[Entity]:
    """Find Access IDs, without their spaces and hyphens; what is called one need not look like one."""
    found = list(_coded(sentence, lexicon))
    for match in lexicon.matches("access_id", sentence.folded):
        start, end = match.span("access_id")
        typed = sentence.text[start:end].rstrip(_ENDS)
        apart = all(start >= one.end or start + len(typed) <= one.start for one in found)
        if apart and _is_called_code(typed, lexicon):
            found.append(Entity("access_id", _joined(typed), start, start + len(typed)))
    return found


def find_relationships(sentence: Sentence, lexicon: Lexicon) -> Iterator[Entity]:
    """Find how the parent is related to the child: said alone, or of themselves ("I'm her aunt")."""
    words = {word: key for key, items in lexicon.groups("relationship_") for word in items}
    alone = " ".join(token.plain for token in sentence.tokens)
    if alone in words:
        yield Entity("relationship", words[alone], 0, len(sentence.text))
        return
    for match in lexicon.matches("relationship", sentence.folded):
        if (said := phrase(match["relationship"])) in words:
            yield Entity("relationship", words[said], match.start(), match.end())


def find_own_names(sentence: Sentence, lexicon: Lexicon) -> Iterator[Entity]:
    """Find the parent's own name where it is called one, or where it is all that is said."""
    for name, pattern in (("first_name", "own_first"), ("last_name", "own_last"), ("person", "own_name")):
        for match in lexicon.matches(pattern, sentence.folded):
            typed = _name_at(sentence, match.start("name"), match.end("name"), lexicon)
            if typed:
                yield Entity(name, typed, match.start("name"), match.start("name") + len(typed))
                break
    if _is_name_alone(sentence, lexicon):
        yield Entity("bare_name", sentence.text, 0, len(sentence.text))


def _coded(sentence: Sentence, lexicon: Lexicon) -> Iterator[Entity]:
    """Find what looks like an Access ID: eight letters and digits, perhaps in groups."""
    for pattern in ("access_code", "access_code_grouped"):
        for match in lexicon.matches(pattern, sentence.folded):
            typed = sentence.text[match.start() : match.end()]
            if " " in typed and typed != typed.upper():
                continue
            if any(map(str.isdigit, typed)) or (typed.isupper() and not _is_ordinary(typed, lexicon)):
                yield Entity("access_id", _joined(typed), match.start(), match.end())
                return


def _is_called_code(typed: str, lexicon: Lexicon) -> bool:
    if any(map(str.isdigit, typed)):
        return True
    return len(_joined(typed)) == _CODE_LENGTH and not _is_ordinary(typed, lexicon)


def _is_ordinary(typed: str, lexicon: Lexicon) -> bool:
    return typed.lower() in lexicon.ordinary


def _joined(typed: str) -> str:
    return _PIECES.sub("", typed).upper()


def _name_at(sentence: Sentence, start: int, end: int, lexicon: Lexicon) -> str:
    """Return the words from here on that can belong to a name."""
    tokens = [token for token in sentence.tokens if start <= token.start < end]
    named = list(takewhile(lambda token: _may_be_part(token, lexicon), tokens))[:MOST_WORDS]
    return sentence.text[named[0].start : named[-1].end] if named else ""


def _may_be_part(token: Token, lexicon: Lexicon) -> bool:
    if not all(each.isalpha() or each in "'\u2019\u02bc" for each in token.typed):
        return False
    names = lexicon.lookups.get("first_name", frozenset())
    is_whose = token.plain.endswith("s") and token.plain[:-1] in names and token.plain not in names
    if is_whose or token.typed[-2:] in {"'s", "\u2019s"}:
        return False  # "Maya's" is about a child, whoever speaks.
    if token.is_character:
        return True  # A Chinese name is made of the characters of ordinary words.
    is_word = token.plain in lexicon.ordinary and not _is_name_word(token, lexicon)
    return not is_word or token.typed[:1].isupper()


def _is_name_word(token: Token, lexicon: Lexicon) -> bool:
    listed = (lexicon.lookups.get(name, frozenset()) for name in ("name_particle", "word_and_name"))
    return lexicon.is_first_name(token.plain) or any(token.plain in each for each in listed)


def _is_name_alone(sentence: Sentence, lexicon: Lexicon) -> bool:
    tokens = sentence.tokens
    if not tokens or len(tokens) > MOST_WORDS or not all(_may_be_part(token, lexicon) for token in tokens):
        return False
    if not all(each.isalpha() or each in " -.'\u2019\u02bc" for each in sentence.text):
        return False
    # At least one word that is a name or that nobody knows: "Sign In" is none.
    return any(_is_name_word(token, lexicon) or lexicon.is_strange(token.plain) for token in tokens)
