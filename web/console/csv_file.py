"""Write a table as a file that a spreadsheet opens without running anything in it."""

import csv
import io
from collections.abc import Iterable, Sequence

from starlette.responses import Response

# A spreadsheet takes a cell that begins with one of these for a formula, the wide forms included.
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001  (those are meant)


def csv_file(name: str, titles: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """Return the table as a download."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(titles)
    writer.writerows([plain_cell(cell) for cell in row] for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    # The mark at the beginning tells spreadsheets that names are in UTF-8.
    content = written.getvalue().encode("utf-8-sig", "replace")
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def plain_cell(value: object) -> str:
    """Return a cell as text; one that would be a formula is marked as text, and shows what it is."""
    text = "" if value is None else str(value)
    is_number = isinstance(value, int)
    return f"'{text}" if text.lstrip(" ").startswith(_BEGINS_FORMULA) and not is_number else text
