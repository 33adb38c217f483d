"""Run the revisions on the connection that `migrate` or `python -m portal.migrations` hands over."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.types import TypeDecorator

from portal.migrations.tables import METADATA


def _render(kind: str, value: Any, _: AutogenContext) -> str | Literal[False]:
    # A revision stays what it was even when our own types change, so it names plain columns.
    is_ours = kind == "type" and isinstance(value, TypeDecorator)
    return f"sa.{value.impl_instance!r}" if is_ours else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_item=_render,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
