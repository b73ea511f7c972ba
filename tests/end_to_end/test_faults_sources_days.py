"""What a source does from one day to the next: moves, answers 304, changes its identifiers, is emptied, hangs."""

import pytest

from tests.end_to_end.hostile import News
from tests.end_to_end.situation import AS_OF, NOW, day

KEY = "morning@2026-03-10"
NEXT = "2026-03-11T06:30Z"


@pytest.fixture
def news():
    with News() as running:
        yield running


def headlines(project, key):
    return {pick["article"]["headline"] for pick in project.json("issues", "show", key)["picks"]["chosen"]}


def test_row51_a_third_301_is_remembered_and_shown_and_a_304_is_a_success(project, news):
    news.feeds(project, {"old": news.url("/moved/tagged/")})
    for _ in range(3):
        project.digest("sources", "fetch", "old")
    out = project.digest("sources", "fetch", "old")
    assert "old: unchanged" in out
    assert (news.asked["/moved/tagged/"], news.asked["/tagged/"]) == (3, 4)
    (row,) = [one for one in project.json("sources", "list") if one["name"] == "old"]
    assert (row["health"], row["moved"], row["where"]) == ("ok", news.url("/tagged/"), news.url("/moved/tagged/"))
    assert project.json("status")["moved"] == {"old": news.url("/tagged/")}


def test_row58_new_identifiers_and_tracking_bring_nothing_back_the_next_day(project):
    first = [{**one, "link": f"https://times.example/{n}", "guid": f"a-{n}"} for n, one in enumerate(day(5))]
    project.news([*first, first[0]])
    project.digest("send", "morning", "--as-of", NOW)
    changed = [{**one, "guid": f"b-{n}", "link": f"{one['link']}?utm_source=rss"} for n, one in enumerate(first)]
    later = day(2, about="Late", until=AS_OF.replace(day=11))
    project.news([*later, *changed])
    project.digest("send", "morning", "--as-of", NEXT)
    assert len(headlines(project, KEY)) == 5
    assert headlines(project, "morning@2026-03-11") == {"Late0", "Late1"}


def test_row55_none_where_yesterday_had_thirty_is_told_and_the_issue_goes(project):
    config = project.folder / "config.toml"
    text = config.read_text().replace('sources = ["world"]', 'sources = ["world", "second"]')
    config.write_text(f'{text}\n[sources.second]\npath = "second.xml"\n')
    project.news(day(30, about="Second"), name="second.xml")
    project.digest("sources", "fetch", "second")
    project.news([], name="second.xml")
    out = project.digest("send", "morning", "--as-of", NOW)
    assert "source second: a feed without articles" in out
    assert "0 articles where the last reading had 30: those are kept" in out
    assert project.counts(KEY) == {"sent": 3}


def test_row65_where_all_sources_fail_nothing_is_sent_and_it_is_said(project, news):
    (project.folder / "world.xml").write_text("<html>Service unavailable</html>")
    news.feeds(project, {"wire": news.url("/answer/503")})
    out = project.digest("send", "morning", "--as-of", NOW)
    assert "source world: this is " in out
    assert "answered 503" in out
    assert project.state(KEY) == "empty"
    assert project.messages(KEY) == []


def test_p9_the_issue_leaves_though_nine_of_ten_sources_hang(project, news):
    hanging = {f"hang{n}": news.url("/hang/", host=f"127.0.0.{n}") for n in range(2, 29)}
    news.feeds(project, {**hanging, "wire": news.url("/good/")})
    report = project.json("send", "morning", "--as-of", NOW)
    assert report["state"] == "done"
    assert {pick["article"]["source"] for pick in report["picks"]["chosen"]} == {"world", "wire"}
    assert len([one for one in report["harvest"]["results"] if one["failure"]]) == 27


def test_an_odd_reading_is_held_in_quarantine_until_it_is_accepted(project):
    for hours in range(4):
        project.news(day(5 + hours, until=AS_OF))
        project.digest("sources", "fetch")
    project.news([*day(60, about="Flood", until=AS_OF), *day(8, until=AS_OF)])
    out = project.digest("sources", "fetch")
    assert "world: quarantined, 60 new articles at once" in out
    assert project.json("status")["ill"]["world"].startswith("quarantined, ")
    project.digest("send", "morning", "--as-of", NOW)
    assert not [one for one in headlines(project, KEY) if one.startswith("Flood")]
    assert "60 articles" in project.digest("sources", "accept", "world")
    assert [one["health"] for one in project.json("sources", "list")] == ["ok"]


def test_t18_a_token_opens_a_feed_and_is_said_nowhere(project, news):
    token = "canary-5c1e"
    news.feeds(project, {"locked": news.url("/locked/"), "wrong": news.url("/locked/other")})
    config = project.folder / "config.toml"
    for name in ("locked", "wrong"):
        text = config.read_text().replace(f"[sources.{name}]", f'[sources.{name}]\ntoken = {{ env = "FEED_TOKEN" }}')
        config.write_text(text)
    project.env["FEED_TOKEN"] = token
    out = project.digest("-vv", "sources", "fetch", code=1)
    assert "locked: 2 articles, 2 new" in out
    assert "answered 401" in out
    assert token not in out
    assert 'token = "***"' in project.digest("config", "show")
    database = b"".join(path.read_bytes() for path in (project.folder / "var").glob("digest.db*"))
    assert b"Bearer" not in database
