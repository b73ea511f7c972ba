"""The preview: who is let in, what is shown, and that an article's HTML stays in its frame."""

import re
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from digest.model import Picks
from digest.web import preview_app
from tests.web.desks import FilesDesk, article, picks

TOKEN = "s3cret-Path_token"
HOST = "127.0.0.1:8123"


@pytest.fixture
def desk(tmp_path):
    return FilesDesk(tmp_path)


@pytest.fixture
def client(desk):
    return TestClient(preview_app(desk, token=TOKEN, host=HOST), base_url=f"http://{HOST}", follow_redirects=False)


def get(client, path, **more):
    return client.get(f"/{TOKEN}/{path}", **more)


@pytest.mark.parametrize(
    "host",
    ["localhost:8123", "127.0.0.1", "127.0.0.1:8124", "evil.example", "127.0.0.1:8123.evil.example", "[::1]:8123"],
)
def test_t29_another_host_name_is_refused(client, host):
    assert get(client, "", headers={"Host": host}).status_code == 421


def test_t29_two_host_headers_are_refused(client):
    assert client.get(f"/{TOKEN}/", headers=[("Host", HOST), ("Host", HOST)]).status_code == 421


def test_t29_an_ipv6_address_is_a_host(desk):
    client = TestClient(preview_app(desk, token=TOKEN, host="[::1]:8123"), base_url="http://[::1]:8123")
    assert get(client, "").status_code == 200


@pytest.mark.parametrize("path", ["/", "/x/", f"/{TOKEN[:-1]}/", f"/{TOKEN}x/", f"/x/{TOKEN}/", "/x/events", "/é/"])
def test_t29_without_the_token_there_is_nothing(client, desk, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert "Briefing" not in answer.text
    assert desk.rendered == 0


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["", "show/morning", "frame/morning", "raw/morning.html", "events", "preview.js"])
def test_t30_everything_is_read_only(client, desk, method, path):
    assert client.request(method, f"/{TOKEN}/{path}").status_code == 405
    assert desk.rendered == 0


@pytest.mark.parametrize("path", ["", "show/morning", "preview.js", "nothing"])
def test_t28_every_page_has_the_headers(client, path):
    headers = get(client, path).headers
    policy = headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "frame-src 'self'", "connect-src 'self'"} <= set(policy)
    assert {"frame-ancestors 'none'", "img-src 'self'", "base-uri 'none'", "form-action 'self'"} <= set(policy)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("path", ["frame/morning", "raw/morning.html", "raw/morning.mjml"])
def test_t28_an_articles_html_is_sandboxed_wherever_it_is_opened(client, path):
    policy = get(client, path).headers["content-security-policy"].split("; ")
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert not any(rule.startswith("script-src") for rule in policy)


def test_t28_every_frame_has_an_empty_sandbox(client, desk):
    text = get(client, "show/morning").text
    frames = re.findall(r"<iframe [^>]*>", text)
    assert [re.search(r' width="(\d+)"', frame)[1] for frame in frames] == ["800", "390"]
    assert all(' sandbox="" ' in frame and f' src="/{TOKEN}/frame/morning?v=1"' in frame for frame in frames)
    assert "First rendering" not in text


def test_the_list_names_every_newsletter_and_its_next_slot(client):
    text = get(client, "").text
    for words in ("The Morning Briefing", "Today&#39;s Best Articles", "2026-11-24", "06:30", "Europe/London"):
        assert words in text


def test_a_newsletters_page_shows_the_inbox_row_the_picks_and_what_was_left_out(client):
    text = get(client, "show/morning").text
    for words in (
        "The Morning Desk",
        "The Morning Briefing: river towns win",
        "A ruling, a strike",
        "The library that lends sewing machines",
        "from <code>world</code>",
        'section full <span class="count">2</span>',
        "49 h old, at most 48 h",
        "world: 24 read, 3 new",
        "River towns win &lt;the right&gt;",
    ):
        assert words in text


def test_raw_files_are_the_bytes_that_send_would_freeze(client, desk):
    desk.template.write_text('<p>é <img src="https://pictures.example/0.png">[[name]]</p>\r\n')
    (desk.folder / "pictures" / "0.png").write_bytes(b"png")
    assert get(client, "raw/morning.html").content == desk.template.read_text().encode()
    assert get(client, "raw/morning.txt").text.startswith("THE MORNING BRIEFING\n\nRiver towns win <the right>")
    assert get(client, "raw/morning.mjml").text == "<mjml>[[unsubscribe_url]]</mjml>"
    assert get(client, "raw/morning.exe").status_code == 404


def test_a_frame_differs_only_in_the_readers_name_and_pictures_that_lie_here(client, desk):
    html = '<img alt="src" src="https://p.example/a%20b.png?w=1&amp;h=2"><img src="https://p.example/far.png"><p>src=x[[name]].'
    desk.template.write_text(html)
    (desk.folder / "pictures" / "a b.png").write_bytes(b"a picture")
    ours = f"/{TOKEN}/picture/a%20b.png"
    expected = html.replace("https://p.example/a%20b.png?w=1&amp;h=2", ours).replace("[[name]]", "")
    assert get(client, "frame/morning").text == expected
    picture = client.get(ours)
    assert (picture.content, picture.headers["content-type"]) == (b"a picture", "image/png")


@pytest.mark.parametrize("name", ["none.png", "..", "%2e%2e%2fconfig.txt", "note.txt"])
def test_only_pictures_are_pictures(client, desk, name):
    (desk.folder / "pictures" / "note.txt").write_text("not for the web")
    assert get(client, f"picture/{name}").status_code == 404


def test_each_version_is_rendered_once(client, desk):
    for path in ("show/morning", "frame/morning", "frame/morning", "raw/morning.txt", "show/morning"):
        assert get(client, path).status_code == 200
    assert desk.rendered == 1


def test_an_unknown_newsletter_is_not_rendered(client, desk):
    for path in ("show/nothing", "frame/nothing", "raw/nothing.html"):
        assert get(client, path).status_code == 404
    assert desk.rendered == 0


def test_a_hostile_headline_is_text_in_the_page(desk, client):
    nasty = '</a><script>alert(1)</script><img src=x onerror="alert(2)">{{7*7}}'
    pick = replace(picks().chosen[0], article=article(0, nasty, url="javascript:alert(3)", outlet='"><b>'))

    class Nasty(FilesDesk):
        async def preview(self, newsletter):
            good = await super().preview(newsletter)
            issue = replace(good.issue, subject=nasty, standfirst=nasty)
            words = {nasty: picks().left_out[:1]}
            return replace(good, issue=issue, picks=Picks(chosen=(pick,)), text=nasty, notes=(nasty,), left_out=words)

    desk.__class__ = Nasty
    text = get(client, "show/morning").text
    assert text.count("<script") == 1
    assert f'<script src="/{TOKEN}/preview.js"' in text
    assert "<img" not in text
    assert "&#34;&gt;&lt;b&gt;" in text
    assert "javascript:" not in text
    assert text.count("{{7*7}}") >= 5


def test_a_mistake_from_the_first_minute_is_said_without_a_rendering(client, desk):
    desk.template.write_text("fine\n{{ MISTAKE")
    text = get(client, "show/morning").text
    assert "theme/issue.html:2: unexpected &#39;}&#39;" in text
    assert "<iframe" not in text
    assert get(client, "frame/morning").status_code == 404
    raw = get(client, "raw/morning.html")
    assert (raw.status_code, raw.text) == (503, "theme/issue.html:2: unexpected '}'\n")
