"""Carry a typed secret without ever printing it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Secret:
    """Hold what somebody typed into a masked field; its repr and str show nothing of it."""

    value: str = field(repr=False)

    def __repr__(self) -> str:
        """Hide the value."""
        return "Secret(***)"

    __str__ = __repr__
