"""Name the fields of a dataclass without copying what is in them."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def by_name(instance: "DataclassInstance") -> dict[str, Any]:
    """Return the fields by name with what is in them itself: `dataclasses.asdict` would copy all of it."""
    return {name: getattr(instance, name) for name in instance.__dataclass_fields__}
