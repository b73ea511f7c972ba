"""What a config without mistakes becomes."""

from __future__ import annotations

import random
import tomllib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.config import Config, load, read, shown
from digest.config.say import toml
from digest.model import Sender

ROOT = Path(__file__).parents[2]


def test_the_smallest_config_has_every_default_filled_in(desk):
    config = desk.load()
    morning = config.newsletters["morning"]
    assert morning.sender == Sender(name="The Morning Desk", address="briefing@news.example.org")
    assert (morning.limit, morning.minimum, morning.when_short, morning.doubt) == (12, 1, "skip", "once")
    assert (morning.timezone, morning.language) == ("Europe/London", "en")
    assert morning.sources == (config.sources["world"],)
    assert (config.web.host, config.web.port) == ("127.0.0.1", 8080)


def test_paths_are_absolute_and_seen_from_the_file(desk):
    config = desk.load()
    assert config.folder == desk.folder
    assert config.secret == desk.folder / "var/secret"
    assert config.store_url == f"sqlite:///{desk.folder}/var/digest.db"
    assert config.transports[0].options == {"path": desk.folder / "var/outbox"}
    assert config.sources["world"].path == str(desk.folder / "samples/world.xml")


def test_a_sendmail_program_has_its_defaults_and_is_shown_as_written(desk):
    local = desk.write().read_text().replace('kind = "folder"\npath = "var/outbox"', 'kind = "sendmail"')
    assert desk.load(local).transports[0].options == {
        "command": ("/usr/sbin/sendmail",),
        "processes": 4,
        "deadline": timedelta(minutes=10),
    }
    own = local.replace('"sendmail"', '"sendmail"\ncommand = ["/usr/bin/msmtp", "-a", "news"]\ndeadline = "2m"')
    assert 'command = ["/usr/bin/msmtp", "-a", "news"]\nprocesses = 4\ndeadline = "2m"' in shown(desk.load(own))


def test_an_absolute_path_stays_what_it_is(desk):
    text = desk.write().read_text().replace('path = "var/outbox"', 'path = "/srv/out/../outbox"')
    assert desk.load(text).transports[0].options == {"path": Path("/srv/outbox")}


def test_tables_know_their_line(desk):
    config = desk.load()
    lines = desk.write().read_text().splitlines()
    morning = config.newsletters["morning"]
    assert lines[morning.line - 1] == "[newsletters.morning]"
    assert lines[morning.sections[0].line - 1] == "[[newsletters.morning.sections]]"
    assert lines[config.sources["world"].line - 1] == "[sources.world]"
    assert lines[config.transports[0].line - 1] == "[transports.outbox]"


@pytest.mark.parametrize(
    ("schedule", "window", "max_age", "expires"),
    [
        ('schedule = "daily 17:00"', 24, 48, 8),
        ('schedule = "mondays and thursdays 07:00"', 24, 48, 8),
        ('schedule = "sundays 08:00"', 168, 336, 24),
        ('cron = "0 9 1 * *"', 168, 336, 24),
        ('schedule = "daily 17:00"\nwindow = "6h"', 6, 48, 8),
        ('schedule = "daily 17:00"\nwindow = "36h"\nexpires_after = "2h"', 36, 72, 2),
    ],
)
def test_window_age_and_expiry_follow_the_schedule(desk, schedule, window, max_age, expires):
    morning = desk.load(schedule=schedule).newsletters["morning"]
    hours = [value / timedelta(hours=1) for value in (morning.window, morning.max_age, morning.expires_after)]
    assert hours == [window, max_age, expires]


@pytest.mark.parametrize(("tls", "port"), [("starttls", 587), ("implicit", 465), ("none", 25)])
def test_the_port_follows_the_encryption(desk, tls, port):
    options = desk.load(desk.relay("", tls=tls)).transports[0].options
    assert (options["tls"], options["port"]) == (tls, port)
    assert options["connection_age"] == timedelta(minutes=5)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "::1"])
def test_this_machine_may_be_spoken_to_in_the_clear(desk, host):
    assert desk.load(desk.relay("", tls="none", host=host)).transports[0].options["host"] == host


def test_transports_come_in_the_order_they_are_tried_and_only_those_in_use(desk):
    more = "".join(f'[transports.{name}]\nkind = "folder"\npath = "{name}"\n' for name in ("a", "b"))
    config = desk.load(desk.write().read_text() + more, use='use = ["b", "outbox"]')
    assert [spec.name for spec in config.transports] == ["b", "outbox"]


def test_a_bare_address_and_an_international_domain_are_senders(desk):
    config = desk.load(**{"from": 'from = "post@Bücher.example"'})
    assert config.newsletters["morning"].sender == Sender(name="", address="post@xn--bcher-kva.example")


def test_themes_may_be_known_from_elsewhere(desk):
    path = desk.write(theme='theme = "good-news"')
    assert load(path, themes=frozenset({"good-news"}), environment={}).newsletters["morning"].theme == "good-news"


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(desk):
    text = desk.write().read_text()
    (desk.folder / "config.toml").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert read("config.toml").mistakes == ()


def _unplaced(config: Config) -> Config:
    """Without line numbers."""
    sources = {name: replace(source, line=0) for name, source in config.sources.items()}
    newsletters = {
        name: replace(
            found,
            line=0,
            subject_line=0,
            sources=tuple(replace(source, line=0) for source in found.sources),
            sections=tuple(replace(section, line=0) for section in found.sections),
        )
        for name, found in config.newsletters.items()
    }
    transports = tuple(replace(spec, line=0) for spec in config.transports)
    return replace(config, sources=sources, newsletters=newsletters, transports=transports)


@given(seed=st.integers(), inline=st.booleans())
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_keys_means_nothing(desk, seed, inline):
    shuffle = random.Random(seed).shuffle

    def mixed(value: object) -> object:
        if not isinstance(value, dict):
            return [mixed(one) for one in value] if isinstance(value, list) else value
        items = list(value.items())
        shuffle(items)
        return {key: mixed(inner) for key, inner in items}

    expected = _unplaced(desk.load())
    document = mixed(tomllib.loads(desk.write().read_text()))
    text = "\n".join(f"{key} = {toml(value)}" for key, value in document.items()) if inline else _tables(document)
    assert _unplaced(desk.load(text)) == expected


def _tables(document: dict[str, dict[str, object]]) -> str:
    """Dotted keys, which any order keeps."""
    return "\n".join(
        f"{table}.{key} = {toml(value)}" for table, keys in document.items() for key, value in keys.items()
    )


def test_what_is_shown_reads_back_as_the_same_config(desk):
    config = desk.load(schedule='cron = "30 6 * * mon-fri"')
    again = desk.load(shown(config))
    assert _unplaced(again) == _unplaced(config)


def test_the_shipped_config_has_no_mistakes():
    shipped = ROOT / "config.toml"
    if not shipped.exists():
        pytest.skip("no config.toml in the root")
    themes = frozenset({"briefing", "best-articles", "good-news", "plain"})
    assert read(shipped, themes=themes).mistakes == ()


def test_a_page_a_list_of_pages_and_a_folder_are_sources(desk):
    (desk.folder / "notes").mkdir()
    more = """
[sources.front]
kind = "page"
url = "https://example.org/news"

[sources.few]
kind = "page"
urls = ["https://example.org/1", "https://example.org/2"]

[sources.notes]
kind = "folder"
path = "notes"
"""
    sources = desk.load(desk.write().read_text() + more).sources
    assert (sources["front"].kind, sources["front"].url) == ("page", "https://example.org/news")
    assert sources["few"].urls == ("https://example.org/1", "https://example.org/2")
    assert sources["notes"].path == str(desk.folder / "notes")
