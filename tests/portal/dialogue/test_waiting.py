"""Whoever looks for what waits never looks through all that was answered."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, event, text

from portal.transaction import Portal, Transaction

INDEX = "ix_dialogue_inbox_conversation_id_received_at"
Asked = list[str]


@pytest.fixture
def asked(engine: Engine) -> Iterator[Asked]:
    """Note the statements about the inbox."""
    statements: Asked = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "dialogue_inbox" in statement:
            statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    "look", [lambda tx: tx.dialogue.unanswered(), lambda tx: tx.queues.inbox()], ids=["recovering", "figures"]
)
def test_what_waits_is_found_by_the_index_of_what_waits(
    portal: Portal, asked: Asked, look: Callable[[Transaction], object]
) -> None:
    with portal.begin(read_only=True) as tx:
        look(tx)
        [statement] = asked
        if tx.session.get_bind().dialect.name == "postgresql":
            # So few rows are read faster without any index; what is asked is whether it could be used.
            tx.session.execute(text("set local enable_seqscan = off"))
            plan = tx.session.execute(text(f"explain {statement}"))
        else:
            plan = tx.session.execute(text(f"explain query plan {statement}"))

    assert INDEX in " ".join(str(row) for row in plan)
