from tests.support.telegram.chats import Shown
from tests.support.telegram.preview import SCENES, phone_of, rendered


def test_the_page_shows_what_stands_in_the_chat() -> None:
    messages = [
        Shown(1, 1, "what are <Maya's> grades?", by_bot=False),
        Shown(1, 2, "Algebra: A-", buttons=[[{"text": "Show me a chart"}]], is_protected=True),
        Shown(1, 3, "From B to A-", kind="photo", file=b"\x89PNG"),
        Shown(1, 4, "To print", kind="document", file=b"%PDF" * 512, file_name="Grades.pdf"),
    ]

    page = rendered([phone_of(SCENES[0], messages)])

    assert "what are &lt;Maya&#39;s&gt; grades?" in page
    assert "<span>Show me a chart</span>" in page
    assert 'src="data:image/png;base64,iVBORw==' in page
    assert "<b>Grades.pdf</b><small>2 KB</small>" in page
