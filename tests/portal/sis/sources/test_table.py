"""Whatever a file holds, it is read or reported: nothing raises and nothing is lost silently."""

import io

from hypothesis import example, given
from hypothesis import strategies as st

from portal.sis.report import Report
from portal.sis.sources.file_set import FileSet
from portal.sis.sources.oneroster_files import FORMATS
from portal.sis.sources.table import Layout, rows

LAYOUT = Layout("notes.csv", ("id", "text"))
FORMS = {form.layout.name: form for form in FORMATS}


def reading(content: bytes, layout: Layout = LAYOUT) -> FileSet:
    return FileSet({layout.name: lambda: io.BytesIO(content)})


@given(st.binary(max_size=400))
@example(b"\xff\xfe\x00")
@example(b'"')
@example(b"id,text\r\n\x00,\x00")
def test_any_bytes_are_read_or_reported(content: bytes) -> None:
    report = Report()

    found = list(rows(reading(content), LAYOUT, report))

    assert {problem.file for problem in report.errors} <= {"notes.csv"}
    if not content.removeprefix(b"\xef\xbb\xbf").startswith((b"id", b'"')):
        assert found == []
        assert report.error_count == 1


@given(st.sampled_from(sorted(FORMS)), st.binary(max_size=400))
def test_any_bytes_below_a_header_are_read_or_reported(name: str, content: bytes) -> None:
    form, report = FORMS[name], Report()
    header = ",".join(form.layout.header).encode()

    for row in rows(reading(header + b"\r\n" + content, form.layout), form.layout, report):
        list(form.read(row))

    assert {problem.file for problem in report.errors} <= {name}


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])), max_size=5))
def test_text_that_is_no_formula_arrives_as_it_was_written(texts: list[str]) -> None:
    quoted = [text.replace('"', '""') for text in texts]
    content = "id,text\r\n" + "".join(f'{n},"{text}"\r\n' for n, text in enumerate(quoted))
    report = Report()

    found = [row.raw("text") for row in rows(reading(content.encode()), LAYOUT, report)]

    safe = [text for text in texts if not text.startswith(("=", "@", "+", "-"))]
    assert [text for text in found if text in safe] == safe
    assert len(found) + report.error_count == len(texts)
