"""Unsubscribing: looking changes nothing, one POST is enough."""

import asyncio

import pytest
from starlette.testclient import TestClient

from digest.errors import StoreError
from digest.web import public_app
from tests.web.desks import GOOD, FakePublicDesk

URL = f"/u/{GOOD}"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def desk():
    return FakePublicDesk()


@pytest.fixture
def client(desk):
    return TestClient(public_app(desk), follow_redirects=False)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_t21_get_and_head_change_nothing(client, desk, method):
    answer = client.request(method, URL)
    assert (answer.status_code, desk.said) == (200, [])


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_t21_no_other_method_does_anything(client, desk, method):
    assert (client.request(method, URL).status_code, desk.said) == (405, [])


def test_t21_one_click_twice_is_200_twice_without_redirect_or_cookie(client, desk):
    for _ in range(2):
        answer = client.post(URL, data=ONE_CLICK)
        assert answer.status_code == 200
        assert not {"location", "set-cookie"} & set(answer.headers)
    assert desk.said == ["morning", "morning"]


def test_one_click_may_come_as_multipart(client, desk):
    body = b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
    answer = client.post(URL, content=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert (answer.status_code, desk.said) == (200, ["morning"])


@pytest.mark.parametrize("origin", ["https://mail.example", "null"])
def test_one_click_needs_no_origin(client, desk, origin):
    headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
    assert client.post(URL, data=ONE_CLICK, headers=headers).status_code == 200
    assert desk.said == ["morning"]


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"a=1&" * 500, b"leave=newsletter&leave=everything"])
def test_an_odd_body_still_leaves_this_newsletter_and_nothing_more(client, desk, body):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post(URL, content=body, headers=headers).status_code == 200
    assert desk.said == ["morning"]


def test_the_second_button_leaves_everything(client, desk):
    answer = client.post(URL, data=ONE_CLICK | {"leave": "everything"})
    assert desk.said == ["*"]
    assert "everything from <bdi>The Morning Desk" in answer.text
    assert "<form" not in answer.text


def test_the_answer_comes_after_the_no_is_on_disk():
    order = []

    class Slow(FakePublicDesk):
        async def leave(self, token, *, everything=False):
            await asyncio.sleep(0)
            order.append("on disk")
            return await super().leave(token, everything=everything)

    order.append(TestClient(public_app(Slow())).post(URL).status_code)
    assert order == ["on disk", 200]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("token", [GOOD[:-1], "v1.x", "%00", "%2e%2e", "a" * 4000])
def test_a_bad_token_is_told_in_plain_words(client, desk, method, token):
    answer = client.request(method, f"/u/{token}")
    assert (answer.status_code, desk.said) == (404, [])
    assert "cut short or mistyped" in answer.text


def test_nothing_is_ever_redirected(client, desk):
    assert client.post(URL + "/", data=ONE_CLICK).status_code == 404
    assert desk.said == []


def test_the_page_has_two_buttons_a_language_and_no_script(client):
    text = client.get(URL).text
    assert text.count("<button") == 2
    assert '<html lang="en" dir="ltr">' in text
    assert "<script" not in text
    assert "http" not in text


@pytest.mark.parametrize("path", [URL, "/u/bad", "/health", "/nowhere", "/" + "x" * 5000])
def test_t28_every_answer_has_the_headers(client, path):
    headers = client.get(path).headers
    assert headers["content-security-policy"] == (
        "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; "
        "form-action 'self'; base-uri 'none'"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


def test_a_hostile_title_is_text(desk):
    desk = FakePublicDesk(title='<script>alert(1)</script>"', site="{{7*7}} & <b>")
    text = TestClient(public_app(desk)).get(URL).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;" in text
    assert "<script" not in text
    assert "{{7*7}} &amp; &lt;b&gt;" in text


def test_a_body_over_64_kb_is_refused_whole_and_in_pieces(client, desk):
    assert client.post(URL, content=b"x" * (64 * 1024)).status_code == 200
    assert client.post(URL, content=b"x" * (64 * 1024 + 1)).status_code == 413
    assert client.post(URL, content=(b"x" * 1024 for _ in range(65))).status_code == 413
    assert desk.said == ["morning"]


def test_a_url_over_4_kb_is_refused(client):
    assert client.get("/u/" + "a" * 4094).status_code == 414
    assert client.get(URL + "?" + "a" * 4094).status_code == 414


@pytest.mark.parametrize("error", [StoreError("the ledger is\r\nlocked\x1b"), KeyError(f"reader@x.test {GOOD}")])
def test_t19_a_failure_is_one_log_line_without_token_or_address(caplog, error):
    answer = TestClient(public_app(FakePublicDesk(error=error))).post(URL)
    assert answer.status_code == 503
    assert "did not work just now" in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    (line,) = caplog.messages
    assert line.isprintable()
    assert GOOD not in line
    assert "@x" not in line


def test_health_tells_only_ok_or_not(desk):
    async def ill():
        return False

    good, bad = TestClient(public_app(desk)).get("/health"), TestClient(public_app(desk, healthy=ill)).get("/health")
    assert (good.status_code, good.text) == (200, "ok\n")
    assert (bad.status_code, bad.text) == (503, "not ok\n")


# The issue on the web.


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_issue_is_shown_and_nothing_in_it_runs(client, method):
    answer = client.request(method, "/archive/morning/2026-11-23.pm")
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; img-src https:;")
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert (answer.headers["x-robots-tag"], answer.headers["x-content-type-options"]) == ("noindex", "nosniff")


@pytest.mark.parametrize(
    "path",
    ["/archive/morning/2026-11-24", "/archive/evening/2026-11-23.pm", "/archive/morning", "/archive/morning/..%2fx",
     "/archive//", "/archive/morning/%00"],
)  # fmt: skip
def test_what_is_no_issue_is_not_there(client, path):
    assert client.get(path).status_code == 404


def test_the_way_out_of_the_web_copy_says_that_every_reader_has_his_own(client, desk):
    answer = client.get("/u")
    assert (answer.status_code, desk.said) == (200, [])
    assert "Unsubscribing is personal" in answer.text
