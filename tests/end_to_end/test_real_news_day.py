"""One real day: five publishers' feeds as sources, through a real SMTP server to 200 readers."""

import html
import json
import re
from collections import Counter
from email import message_from_bytes, policy
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest

from tests.end_to_end.situation import smtp

AS_OF = "2026-02-18T06:30Z"
KEY = "morning@2026-02-18"
DAY = {"theweek": 18, "bbc_world": 24, "aljazeera": 25, "dw_en": 25, "nyt_world_2026": 27}
TRACKING = re.compile(r"utm_.*|at_.*|traffic_source|maca|partner|smid|cmp", re.IGNORECASE)


def config(folder, port):
    files = sorted(path for path in (folder / "feeds").iterdir() if not path.name.startswith("_"))
    sources = "".join(f'[sources.{path.stem}]\npath = "{path}"\n\n' for path in files)
    sections = "".join(
        f'[[newsletters.morning.sections]]\nname = "{name}"\nsources = ["{name}"]\nmax = 30\n\n' for name in DAY
    )
    others = ", ".join(f'"{path.stem}"' for path in files if path.stem not in DAY)
    return f"""
[site]
name = "The Morning Desk"
id = "morningdesk"
postal_address = "1 Harbour Street, Northport"

[transport]
use = ["relay"]
[transports.relay]
{smtp(port, max_connections=10)}

{sources}
[newsletters.morning]
title = "The Morning Briefing"
from = "The Morning Desk <briefing@news.example.org>"
lists = ["readers"]
schedule = "daily 06:30"
theme = "briefing"
limit = 150
window = "24h"

{sections}
[[newsletters.morning.sections]]
name = "Everything else"
sources = [{others}]
max = 30

[newsletters.top]
title = "The Top Fifteen"
from = "The Morning Desk <briefing@news.example.org>"
lists = ["readers"]
schedule = "daily 06:30"
theme = "briefing"
limit = 15
window = "24h"
[[newsletters.top.sections]]
name = "Top"
sources = [{", ".join(f'"{name}"' for name in DAY)}]
max = 15
"""


@pytest.fixture
def sent(project, running_sink, real_data):
    sink = running_sink()
    project.write("config.toml", config(real_data, sink.port))
    project.readers(200)
    report = project.json("send", "morning", "--as-of", AS_OF)
    return project, sink, report


def plain_link(url):
    parts = urlsplit(url)
    query = urlencode([(key, value) for key, value in parse_qsl(parts.query) if not TRACKING.fullmatch(key)])
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def words(text):
    bare = html.unescape(html.unescape(re.sub(r"<[^>]+>", "", text)))
    return " ".join(bare.split())


class Headlines(HTMLParser):
    """(link, words) of every link whose words are one of these headlines: of the lead, a row, or "more headlines"."""

    def __init__(self, text, headlines):
        super().__init__()
        self.found, self._headlines, self._link, self._text = [], headlines, "", ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self._link, self._text = dict(attrs).get("href", ""), ""

    def handle_data(self, data):
        self._text += data

    def handle_endtag(self, tag):
        said = " ".join(self._text.split())
        if tag == "a" and self._link and said in self._headlines:
            self.found.append((self._link, said))
            self._link = ""


@pytest.mark.real_data
def test_a_real_news_day_arrives_whole(sent, real_data):
    project, sink, report = sent
    picks = report["picks"]
    # 119 offered, each chosen or behind the head of its story; every section filled
    chosen = Counter(pick["article"]["source"] for pick in picks["chosen"])
    behind = Counter(out["article"]["source"] for out in picks["left_out"] if out["reason"] == "same_story_as")
    assert chosen + behind == DAY
    assert Counter(pick["section"] for pick in picks["chosen"]) == chosen
    assert chosen.keys() == DAY.keys()
    # the other files: read, and nothing of them offered
    others = [out for out in picks["left_out"] if out["article"]["source"] not in DAY]
    assert {out["reason"] for out in others} == {"too_old", "undated_first_reading"}
    assert [result["source"] for result in report["harvest"]["results"] if result["failure"]] == []
    # everyone once
    copies = Counter(message.recipients for message in sink.messages)
    assert len(copies) == 200
    assert set(copies.values()) == {1}
    assert project.counts(KEY) == {"sent": 200}
    # the message is not cut off, every headline is what the publisher wrote, and no article stands twice
    known = expected(real_data)
    message = message_from_bytes(sink.messages[0].data, policy=policy.default)
    assert len(message.get_body(("html",)).get_content().encode()) <= 102_400
    headlines = {" ".join(pick["article"]["headline"].split()) for pick in picks["chosen"]}
    found = Headlines(message.get_body(("html",)).get_content(), headlines).found
    assert len(found) == len({link for link, _ in found}) == chosen.total()
    assert [(link, headline) for link, headline in found if headline not in known.get(plain_link(link), ())] == []
    text = " ".join(message.get_body(("plain",)).get_content().split())
    assert [headline for _, headline in found if headline not in text] == []


# What every front page of that morning had, by a word of its headline.
BIG = ("Geneva|Ukraine", "Jesse Jackson", "Peru", "Iran", "France|Deranque")


@pytest.mark.real_data
def test_the_days_big_stories_are_among_the_first_ten_and_none_stands_twice(sent):
    project, _, _ = sent
    explained = project.json("explain", "top", "--as-of", AS_OF)
    chosen = [one for one in explained["articles"] if one["chosen"]]
    assert [one["score"] for one in chosen] == sorted((one["score"] for one in chosen), reverse=True)
    first = [one["article"]["headline"] for one in chosen[:10]]
    assert [big for big in BIG if not any(re.search(big, headline) for headline in first)] == []
    assert min(len(one["also_covered_by"]) for one in chosen[:5]) >= 2
    told = [one["article"]["url"] for one in chosen] + [
        other["url"] for one in chosen for other in one["also_covered_by"]
    ]
    assert len(told) == len(set(told))


@pytest.mark.real_data
def test_explain_says_why_of_every_article(sent):
    project, _, report = sent
    explained = project.json("explain", "morning", "--as-of", AS_OF)
    read = sum(result["read"] for result in report["harvest"]["results"])
    assert len(explained["articles"]) == read
    assert all(one["reason"] for one in explained["articles"])
    assert any(line.startswith("daringfireball: 48 read: ") for line in explained["sources_without"])


def expected(folder):
    """link without tracking -> the titles a publisher gave it."""
    told = json.loads((folder / "feeds" / "_expected.json").read_text())
    titles = {}
    for one in told.values():
        for entry in one["entries"]:
            if entry.get("link") and entry.get("title"):
                titles.setdefault(plain_link(entry["link"]), set()).add(words(entry["title"]))
    return titles
