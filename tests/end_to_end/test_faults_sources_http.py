"""Every fault of a server at once, beside good sources: the issue goes, each fault is named, nothing is asked too soon.

One project lives through three runs; the tests look at what was said and asked.
"""

import pytest

from tests.end_to_end.hostile import News
from tests.end_to_end.situation import NOW, Project, day

KEY = "morning@2026-03-10"
SOON = "2026-03-10T06:40Z"


class Lived:
    """What the runs of the module's project said."""

    def __init__(self, project, news):
        self.news = news
        self.project = project
        news.feeds(project, self.sources(news))
        self.report = project.json("send", "morning", "--as-of", NOW)
        self.failures = {one["source"]: one["failure"] for one in self.report["harvest"]["results"] if one["failure"]}
        self.explained = project.json("explain", "morning", "--as-of", "2026-03-10T06:31Z", "--slot", "2026-03-10.two")
        self.first_asked = dict(news.asked)
        self.list = {one["name"]: one for one in project.json("sources", "list")}
        self.status = project.json("status")

    @staticmethod
    def sources(news):
        return {
            "good": news.url("/good/"),
            "hang": news.url("/hang/"),
            "drip": news.url("/drip/"),
            "e500": news.url("/answer/500"),
            "e403": news.url("/answer/403"),
            "e429": news.url("/busy/429"),
            "gone": news.url("/answer/410"),
            "bomb": news.url("/bomb/"),
            "huge": news.url("/huge/"),
            "loop": news.url("/loop/"),
            "file": news.url("/to/file:///etc/passwd"),
            "home": news.url(f"/to/{news.url('/good/home', host='127.0.0.2')}"),
            "cloud": news.url("/to/http://169.254.169.254/latest/meta-data/"),
        }


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("faults") / "project")
    project.folder.mkdir()
    project.configure()
    project.news(day(5))
    project.readers(3)
    with News() as news:
        yield Lived(project, news)
    project.audit()


def test_p8_row65_the_good_sources_are_sent_whatever_the_others_do(lived):
    assert lived.report["state"] == "done"
    assert lived.report["sent_now"] == 3
    chosen = {pick["article"]["source"] for pick in lived.report["picks"]["chosen"]}
    assert chosen == {"world", "good"}
    assert set(lived.failures) == set(Lived.sources(lived.news)) - {"good"}


@pytest.mark.parametrize("name", ["hang", "drip"])
def test_row50_a_source_that_hangs_or_drips_ends_at_its_deadline(lived, name):
    assert "within 2 s" in lived.failures[name]


@pytest.mark.parametrize(("name", "status"), [("e500", 500), ("e403", 403), ("e429", 429), ("gone", 410)])
def test_row51_an_error_status_is_said(lived, name, status):
    assert f"answered {status}" in lived.failures[name]


@pytest.mark.parametrize("name", ["bomb", "huge"])
def test_row52_a_bomb_and_a_body_beyond_the_cap_are_cut(lived, name):
    assert "larger than 5 MB" in lived.failures[name]


@pytest.mark.parametrize(
    ("name", "why"),
    [("loop", "in a circle"), ("file", "only http"), ("home", "port"), ("cloud", "no public address")],
)
def test_row54_t02_a_redirect_to_nowhere_good_is_refused_at_its_hop(lived, name, why):
    assert why in lived.failures[name]
    assert lived.news.asked["/good/home"] == 0


def test_each_source_that_gave_nothing_says_why_and_when_it_is_tried_again(lived):
    said = dict(line.split(": ", 1) for line in lived.explained["sources_without"])
    assert said["gone"].startswith("source_off, ")
    assert "; off since 2026-03-10 06:29 UTC" in said["gone"]  # done as of 06:30 is done just before it
    assert said["e429"].startswith("source_failed, ")
    assert "next try 2026-03-10 08:29 UTC" in said["e429"]
    for name in set(Lived.sources(lived.news)) - {"good", "gone"}:
        assert said[name].startswith("source_failed, "), said[name]


def test_nothing_that_failed_is_asked_again_a_minute_later(lived):
    assert lived.first_asked["/answer/500"] == lived.first_asked["/busy/429"] == lived.first_asked["/answer/410"] == 1


def test_the_list_and_the_status_show_how_they_are(lived):
    assert (lived.list["good"]["health"], lived.list["good"]["articles"]) == ("ok", 3)
    assert lived.list["gone"]["health"] == "off"
    assert lived.list["gone"]["next_try"] is None
    assert lived.list["e429"]["next_try"] == "2026-03-10T08:29:59.999000+00:00"
    assert lived.list["hang"]["health"] == "failing (1)"
    assert set(lived.status["ill"]) == set(Lived.sources(lived.news)) - {"good"}


def test_row51_an_operator_may_ask_at_once_but_not_against_retry_after_and_410(lived):
    before = dict(lived.news.asked)
    out = lived.project.digest("sources", "fetch", "e500", "e429", "gone", "good", code=1)
    assert lived.news.asked["/answer/500"] == before["/answer/500"] + 1
    assert lived.news.asked["/answer/410"] == before["/answer/410"]
    assert "gone: source_off, " in out
    assert "good: " in out
    again = lived.project.digest("sources", "accept", "gone")
    assert "it is asked again when it is due" in again
    lived.project.digest("sources", "fetch", "gone", code=1)
    assert lived.news.asked["/answer/410"] == before["/answer/410"] + 1
