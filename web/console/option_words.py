"""Read what was typed for an option, and say what an option is."""

from collections.abc import Mapping, Sequence
from typing import Any

from portal.helpdesk.options.fields import Kind, OptionField
from web.public.forms import Form
from web.words import Words

BETWEEN = "|"
NOTHING = "-"
# These are written one a line.
LINES = frozenset({Kind.LINKS, Kind.ORIGINS})


def typed_value(field: OptionField, form: Form, before: Any) -> Any:
    """Return what a form says an option shall be; `before` keeps the order of what stays in a list."""
    typed = form.text(field.slot)
    match field.kind:
        case Kind.FLAG:
            return typed == "yes"
        case Kind.NUMBER:
            return int(typed) if typed.isascii() and typed.isdecimal() else typed
        case Kind.LANGUAGES | Kind.SCHOOLS:
            ticked = form.ticked(f"{field.slot}:")
            return [code for code in before if code in ticked] + [
                code for code in ticked if code not in before
            ]
        case Kind.LINKS:
            return [_link(line) for line in _lines(typed)]
        case Kind.ORIGINS:
            return [line.lower().rstrip("/") for line in _lines(typed)]
        case Kind.TEXT | Kind.ADDRESS | Kind.CHOICE | Kind.ZONE:
            return typed


def shown_value(field: OptionField, value: Any) -> str:
    """Return a value as its field shows it to be typed over."""
    match field.kind:
        case Kind.LINKS:
            return "\n".join(f"{each['name']} {BETWEEN} {each['url']}" for each in value)
        case Kind.ORIGINS:
            return "\n".join(value)
        case Kind.FLAG:
            return "yes" if value else ""
        case _:
            return str(value)


def said_value(  # noqa: PLR0911  (one way out for each kind)
    words: Words, schools: Mapping[str, str], field: OptionField, value: Any
) -> str:
    """Say a value in words."""
    if value in ("", None, []):
        return NOTHING
    match field.kind:
        case Kind.FLAG:
            return words("option_on" if value else "option_off")
        case Kind.CHOICE:
            key = f"option_{field.key}_{value}"
            return words(key) if words.knows(key) else str(value)
        case Kind.LANGUAGES:
            return ", ".join(words.called(code) for code in _listed(value))
        case Kind.LINKS:
            return ", ".join(f"{each['name']} ({each['url']})" for each in _listed(value))
        case Kind.SCHOOLS:
            return ", ".join(schools.get(each, each) for each in _listed(value))
        case Kind.ORIGINS:
            return ", ".join(_listed(value))
        case _:
            return str(value)


def said_label(words: Words, field: OptionField, schools: Mapping[str, str]) -> str:
    """Say what an option is called, with the school that it is about, if any."""
    label = words(f"option_{field.key}")
    if field.path[0] != "help":
        return label
    school = field.path[1]
    whose = schools.get(school) or (words("option_help_default") if school == "default" else school)
    return f"{whose}: {label}"


def _listed(value: Any) -> Sequence[Any]:
    # A file may say anything here, and what it says is shown as it stands.
    return value if isinstance(value, list) else [value]


def _lines(typed: str) -> list[str]:
    return [line.strip() for line in typed.splitlines() if line.strip()]


def _link(line: str) -> dict[str, str]:
    name, _, url = line.partition(BETWEEN)
    return {"name": name.strip(), "url": url.strip()}
