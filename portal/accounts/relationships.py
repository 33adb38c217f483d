"""Name how a parent may be related to a student; the words for it are the language packs'."""

from enum import StrEnum

from portal.core.folding import fold


class Relation(StrEnum):
    """Name one relationship, in the order in which a menu offers them."""

    MOTHER = "mother"
    FATHER = "father"
    STEPMOTHER = "stepmother"
    STEPFATHER = "stepfather"
    GRANDMOTHER = "grandmother"
    GRANDFATHER = "grandfather"
    FOSTER_PARENT = "foster_parent"
    LEGAL_GUARDIAN = "legal_guardian"
    AUNT = "aunt"
    UNCLE = "uncle"
    SIBLING = "sibling"
    OTHER = "other"


RELATIONSHIPS = tuple(relation.value for relation in Relation)


def relation_of(typed: str) -> Relation | None:
    """Return the relationship that a key, or the English word that schools write, stands for."""
    key = fold(typed).replace(" ", "_")
    return Relation(key) if key in RELATIONSHIPS else None
