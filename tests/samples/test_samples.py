"""The invented news day, the config that reads it and the list it goes to: what ships as the first impression."""

import calendar
import functools
import re
import struct
import tomllib
from collections import Counter
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import feedparser
import pytest

from digest.config import read

ROOT = Path(__file__).resolve().parents[2]
FEEDS = {
    "courant": ("meridian-courant.xml", "rss20"),
    "northlight": ("northlight.rdf", "rss10"),
    "ledger": ("quayside-ledger.atom", "atom10"),
    "fernhill": ("fernhill-review.xml", "rss20"),
    "sextant": ("daily-sextant.xml", "rss20"),
}
GOOD_NEWS = "Good news"
LONG_READS = {"Long read", "Feature", "Interview"}


def data(name):
    return (ROOT / "samples" / "feeds" / FEEDS[name][0]).read_bytes()


@functools.cache
def parsed(name):
    feed = feedparser.parse(data(name))
    assert not feed.bozo, feed.get("bozo_exception")
    return feed


def entries():
    return [(name, entry) for name in FEEDS for entry in parsed(name).entries]


def published(entry):
    return calendar.timegm(entry.get("published_parsed") or entry.updated_parsed)


def pictures(entry):
    """Every picture an entry names, in whatever way its format has."""
    body = " ".join(content["value"] for content in entry.get("content", ()))
    return [
        *(media["url"] for media in (*entry.get("media_content", ()), *entry.get("media_thumbnail", ()))),
        *(link["href"] for link in entry.links if link["rel"] == "enclosure"),
        *re.findall(r'src="([^"]+)"', body),
    ]


def tags(entry):
    return {tag["term"] for tag in entry.tags}


def stories():
    return tomllib.loads((ROOT / "samples" / "stories.toml").read_text(encoding="utf-8"))["stories"]


def config():
    return tomllib.loads((ROOT / "config.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", FEEDS)
def test_each_feed_is_well_formed_and_of_its_format(name):
    ET.fromstring(data(name))
    assert parsed(name).version == FEEDS[name][1]


@pytest.mark.parametrize("name", FEEDS)
def test_each_feed_has_about_twenty_articles_newest_first(name):
    times = [published(entry) for entry in parsed(name).entries]
    assert 18 <= len(times) <= 24
    assert times == sorted(times, reverse=True)


def test_every_article_has_a_headline_a_link_a_byline_tags_and_its_own_guid():
    for name, entry in entries():
        assert entry.title, name
        assert entry.link.startswith("https://"), entry.title
        assert entry.author, entry.title
        assert tags(entry), entry.title
    assert max(Counter(entry.id for _, entry in entries()).values()) == 1


def test_no_link_stands_twice():
    assert max(Counter(entry.link for _, entry in entries()).values()) == 1


def test_the_articles_lie_within_twenty_hours():
    times = [published(entry) for _, entry in entries()]
    assert timedelta(seconds=max(times) - min(times)) < timedelta(hours=20)


def test_all_but_one_have_a_teaser_that_needs_no_cutting():
    teasers = [re.sub("<[^>]+>", "", entry.get("summary", "")) for _, entry in entries()]
    assert teasers.count("") == 1
    assert [teaser for teaser in teasers if teaser and not 100 <= len(teaser) <= 240] == []


def test_no_text_names_a_weekday_or_a_month():
    days = re.compile(r"\b((?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|yesterday|tonight|March|2026)\b", re.IGNORECASE)
    allowed = "Tuesday Philharmonic"
    texts = [f"{entry.title} {entry.get('summary', '')}".replace(allowed, "") for _, entry in entries()]
    assert [text for text in texts if days.search(text)] == []


def test_every_host_is_an_example():
    texts = [data(name).decode() for name in FEEDS]
    hosts = {urlsplit(url).hostname for text in texts for url in re.findall(r'https?://[^\s"<>]+', text)}
    assert {host for host in hosts if not host.endswith(".example")} == {"purl.org", "www.w3.org", "search.yahoo.com"}
    assert all(urlsplit(url).hostname.endswith(".example") for _, entry in entries() for url in pictures(entry))


def test_every_picture_named_is_drawn_and_every_drawing_is_used():
    named = {urlsplit(url).path.rpartition("/")[2] for _, entry in entries() for url in pictures(entry)}
    assert named == {path.name for path in (ROOT / "samples" / "pictures").iterdir()}
    assert sum(bool(pictures(entry)) for _, entry in entries()) >= 40


def test_the_pictures_are_small_jpegs_of_the_declared_size():
    files = sorted((ROOT / "samples" / "pictures").iterdir())
    assert sum(path.stat().st_size for path in files) < 400_000
    assert {jpeg_size(path.read_bytes()) for path in files} == {(896, 504)}


def jpeg_size(image):
    """Width and height from the frame header (ITU T.81, B.2.2)."""
    assert image.startswith(b"\xff\xd8")
    at = 2
    while image[at + 1] not in {0xC0, 0xC1, 0xC2}:
        at += 2 + struct.unpack(">H", image[at + 2 : at + 4])[0]
    height, width = struct.unpack(">HH", image[at + 5 : at + 9])
    return width, height


def test_media_pictures_have_sizes_and_a_sentence_for_those_who_cannot_see_them():
    media = [entry for _, entry in entries() if "media_content" in entry]
    assert {len(entry.media_content) for entry in media} == {1, 3}
    for entry in media:
        assert all(picture["width"].isdigit() and picture["height"].isdigit() for picture in entry.media_content)
        assert entry.content[0]["value"].endswith("."), entry.title


def test_enclosures_say_how_long_the_file_is():
    for _, entry in entries():
        for link in entry.links:
            if link["rel"] == "enclosure":
                file = ROOT / "samples" / "pictures" / link["href"].rpartition("/")[2]
                assert int(link["length"]) == file.stat().st_size


def test_there_is_good_news_from_every_outlet_and_much_to_read():
    good = Counter(name for name, entry in entries() if GOOD_NEWS in tags(entry))
    assert good.keys() == FEEDS.keys()
    assert good.total() >= 12
    assert sum(bool(tags(entry) & LONG_READS) for _, entry in entries()) >= 8


def test_the_everyday_oddities_are_there():
    everything = b"".join(map(data, FEEDS)).decode()
    for oddity in ("&amp;amp;", "&lt;i&gt;", "utm_source=", "Þórunn Ásgeirsdóttir", "海の手紙", "[By ", "R&amp;D"):
        assert oddity in everything, oddity
    assert max(len(entry.title) for _, entry in entries()) >= 110


def test_every_guid_of_the_answer_key_exists_in_its_outlets_feed():
    known = {(name, entry.id) for name, entry in entries()}
    told = [(name, guid) for story in stories().values() for name in FEEDS for guid in story.get(name, ())]
    assert set(told) <= known
    assert max(Counter(told).values()) == 1, "an article tells one story"


def test_stories_are_told_by_two_to_five_outlets():
    outlets = [len(story.keys() & FEEDS.keys()) for story in stories().values()]
    assert len(outlets) >= 6
    assert min(outlets) >= 2
    assert max(outlets) == 5


def test_the_config_names_files_that_exist():
    sources = config()["sources"]
    assert {name: Path(source["path"]).name for name, source in sources.items()} == {
        name: file for name, (file, _) in FEEDS.items()
    }
    assert all((ROOT / source["path"]).is_file() and source["newest_is_now"] for source in sources.values())


def test_the_config_sends_nothing_and_offers_three_newsletters():
    written = config()
    assert {written["transports"][name]["kind"] for name in written["transport"]["use"]} == {"folder"}
    assert set(written["newsletters"]) == {"morning", "best", "good-news"}
    for newsletter in written["newsletters"].values():
        assert (ROOT / "subscribers" / f"{newsletter['lists'][0]}.toml").is_file()
        assert sum(section["max"] for section in newsletter["sections"]) == newsletter["limit"]


def test_every_kicker_and_tag_the_config_asks_for_is_in_the_feeds():
    known = {tag.casefold() for _, entry in entries() for tag in tags(entry)}
    tables = [*config()["sources"].values()]
    tables += [section for letter in config()["newsletters"].values() for section in letter["sections"]]
    asked = {term for table in tables for key in ("include", "exclude") for term in table.get(key, ())}
    wanted = {term.partition(":")[2].casefold() for term in asked if ":" in term}
    wanted |= {kicker.casefold() for source in config()["sources"].values() for kicker in source["kickers"]}
    assert wanted <= known


def test_the_readers_are_invented_and_one_has_no_name():
    people = tomllib.loads((ROOT / "subscribers" / "readers.toml").read_text(encoding="utf-8"))["subscribers"]
    domains = {person["email"].rpartition("@")[2] for person in people}
    assert domains == {"example.org", "example.net", "example.com"}
    assert len({person["email"] for person in people}) == len(people) == 6
    assert sum("name" not in person for person in people) == 1


def test_every_setting_that_is_off_is_right_once_its_mark_is_taken_away(tmp_path):
    for name in ("samples", "subscribers", "templates"):
        (tmp_path / name).symlink_to(ROOT / name)
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    (tmp_path / "config.toml").write_text(re.sub(r"^#: ", "", text, flags=re.MULTILINE), encoding="utf-8")
    result = read(tmp_path / "config.toml", environment={})
    assert [str(mistake) for mistake in result.mistakes] == []
    assert result.config is not None
    assert result.config.web.trusted_proxies
    assert "world" in result.config.sources
