"""Every mistake has its file, its line, its key, its reason and its mend; and all come at once."""

from __future__ import annotations

import pytest

from digest.config import load, read
from digest.errors import ConfigError

TEN = """\
[site]
name = "The Morning Desk"
id = "the-desk"
postal_address = "1 Example Street, London"
timezone = "Europe/Lodon"
[transport]
use = ["outbox"]
[transports.outbox]
kind = "folder"
path = "var/outbox"
[sources.world]
path = "samples/wrld.xml"
every = "often"
[newsletters.morning]
title = "The Morning Briefing"
from = "The Morning Desk <briefing@news..example.org>"
lists = ["reader"]
schedule = "weekday 06:30"
theme = "breifing"
limit = "12"
[[newsletters.morning.sections]]
name = "World"
sources = ["wordl"]
count = 3
"""


DOUBT = 'doubt = "reconcile"\n[[newsletters.morning.sections]]'


def test_ten_different_mistakes_give_ten_lines_each_with_place_and_mend(desk):
    (desk.folder / "config.toml").write_text(TEN)
    with pytest.raises(ConfigError) as caught:
        load("config.toml")
    assert str(caught.value).splitlines() == [
        'config.toml:5: [site] timezone: no zone called "Europe/Lodon"; did you mean "Europe/London"?',
        "config.toml:12: [sources.world] path: no such file: samples/wrld.xml; write a file's path, seen from config.toml",
        (
            'config.toml:13: [sources.world] every: "often" is no duration; '
            'write for example "90s", "45m", "24h", "7d" or "1h30m"'
        ),
        (
            'config.toml:16: [newsletters.morning] from: "briefing@news..example.org" is no e-mail address: '
            "an email address cannot have two periods in a row; "
            'write from = "The Morning Desk <briefing@news.example.org>"'
        ),
        (
            'config.toml:17: [newsletters.morning] lists: no list called "reader" in subscribers/; '
            'did you mean "readers"? (known: readers)'
        ),
        (
            'config.toml:18: [newsletters.morning] schedule: "weekday" in "weekday 06:30" is no day; '
            'did you mean "weekdays"?'
        ),
        (
            'config.toml:19: [newsletters.morning] theme: no theme called "breifing"; '
            'did you mean "briefing"? (known: briefing)'
        ),
        "config.toml:20: [newsletters.morning] limit: must be a whole number without quotes, not text; write limit = 12",
        (
            'config.toml:23: [[newsletters.morning.sections]] sources: no source called "wordl"; '
            'did you mean "world"? (known: world)'
        ),
        (
            'config.toml:24: [[newsletters.morning.sections]] count: no such key; did you mean "max"? '
            "(known: name, sources, max, min, order, include, exclude, style, sub)"
        ),
    ]


@pytest.mark.parametrize(
    ("key", "line", "said"),
    [
        ("name", "name = 5", "[site] name: must be text in quotes, not a number"),
        ("name", 'name = " "', "[site] name: must not be empty"),
        ("name", 'name = "a\\nb"', "one line without control characters"),
        ("timezone", 'timezone = "london"', 'did you mean "Europe/London"?'),
        ("timezone", 'timezone = "Europe/London"\nlanguage = "english!"', "no language tag"),
        (
            "timezone",
            'timezone = "Europe/London"\nbase_url = "http://news.example.org"',
            "write https://news.example.org",
        ),
        ("timezone", 'timezone = "Europe/London"\nbase_url = "news.example.org"', "is no web address"),
        ("timezone", 'timezone = "Europe/London"\nsecret = { env = "X" }', "must be { file ="),
        ("use", 'use = ["outbx"]', 'no transport called "outbx"; did you mean "outbox"? (known: outbox)'),
        ("use", 'use = ["outbox", "outbox"]', '"outbox" stands here twice'),
        ("use", "use = []", 'needs at least one; write use = ["outbox"]'),
        ("kind", 'kind = "foldr"', 'no kind of transport called "foldr"; did you mean "folder"?'),
        ("kind", "kind = []", "no kind of transport called"),
        ("kind", 'kind = ""', "is missing; write kind"),
        ("kind", 'kind = "sendmail"\ncommand = ["sendmail"]', '"sendmail" is no whole path; write its whole path'),
        ("kind", 'kind = "sendmail"\ncommand = []', 'needs at least one; write command = ["/usr/sbin/sendmail"]'),
        ("kind", 'kind = "sendmail"\ncommand = "/usr/sbin/sendmail -t"', "must be a list"),
        ("kind", 'kind = "sendmail"\nport = 25', "port: no such key"),
        ("outlet", "weight = true", "must be a number without quotes, not true or false"),
        ("outlet", "weight = nan", "must be a number, not nan or inf"),
        ("outlet", 'newest_is_now = "yes"', "must be true or false without quotes, not text"),
        ("outlet", 'deadline = "10m"', "must be at most"),
        ("outlet", 'url = "https://example.org/"', "url and path are both there; take one out"),
        ("outlet", 'kickers = "Speed Read"', "must be a list"),
        ("outlet", 'include = ["/(re/"]', "is no regular expression"),
        ("outlet", 'exclude = ["/^(\\\\w+ ?)*$/"]', "may take over 50 ms on 100 kB; bound what repeats"),
        ("outlet", 'exclude = ["language:english please"]', "is no language"),
        ("outlet", 'exclude = ["author:"]', "is empty; write words"),
        ("outlet", 'exclude = ["tag: "]', "is empty"),
        ("title", "title = [1]", "must be text in quotes, not a list"),
        ("from", 'from = "a@example.org, b@example.org"', "must be one"),
        ("from", 'from = "A <a@example.org> <b@example.org>"', "must be one sender"),
        ("from", 'from = "m\u00fcller@example.org"', "is no e-mail address"),
        ("from", 'from = "A\\u202eB <a@example.org>"', "without control characters"),
        ("lists", 'lists = ["../readers"]', "no list called"),
        ("schedule", 'schedule = "weekdays"', "no time of day at the end"),
        ("schedule", 'cron = "0 7 * * 1-5"', 'write "mon-fri"'),
        ("schedule", 'schedule = "daily 06:30"\ncron = "0 7 * * *"', "schedule and cron are both there"),
        ("schedule", "", "has no schedule; write schedule ="),
        ("theme", 'theme = "_parts"', 'no theme called "_parts"'),
        ("theme", 'theme = "briefing"\nminimum = 20', "limit 12 is below minimum 20; raise limit or lower minimum"),
        ("theme", 'theme = "briefing"\nwhen_short = "skp"', '"skp" is none of its values; did you mean "skip"?'),
        ("theme", 'theme = "briefing"\nwindow = 24', 'must be text in quotes such as "45m", not a number'),
        ("theme", 'theme = "briefing"\nwindow = "0s"', "must be more than"),
        ("theme", 'theme = "briefing"\nreply_to = "nobody"', "no e-mail address"),
        ("theme", 'theme = "briefing"\nfeedback = "nobody"', "is no web address"),
        ("theme", 'theme = "briefing"\nfeedback = "https://example.org/f"', "a https page with {answer} in it"),
        ("theme", 'theme = "briefing"\nfeedback = "http://example.org/{answer}"', "a https page with {answer} in it"),
        ("sources", 'sources = ["world"]\nstyle = "card"', 'did you mean "cards"?'),
        ("sources", 'sources = ["world", "world"]', '"world" stands here twice'),
        ("sources", 'sources = ["world"]\nmin = 6', "max 5 is below min 6"),
        ("sources", 'sources = ["world"]\norder = "bigest"', '"bigest" is none of its values; did you mean "biggest"?'),
        ("theme", 'theme = "briefing"\nmax_per_outlet = -1', "must be at least 0"),
        ("theme", 'theme = "briefing"\nrank = 3', "must be a table"),
        (
            "theme",
            'theme = "briefing"\nrank.outlet = 3',
            '[newsletters.morning.rank] outlet: no such key; did you mean "outlets"',
        ),
        ("theme", 'theme = "briefing"\nrank.place = -1', "[newsletters.morning.rank] place: must be at least 0"),
        ("theme", 'theme = "briefing"\nrank.boost = { "tag:" = 1 }', "is empty; write words"),
        ("theme", 'theme = "briefing"\nrank.boost = { "tag:x" = "much" }', "must be a number without quotes"),
        ("theme", 'theme = "briefing"\nnever_repeat_across = ["mornin"]', 'no newsletter called "mornin"'),
        ("theme", 'theme = "briefing"\nnever_repeat_across = ["morning"]', "is this newsletter itself"),
        ("sources", 'sources = ["world"]\nmax = 2.5', "must be a whole number without quotes, not a fraction"),
    ],
)
def test_each_mistake_is_told_with_its_mend(desk, key, line, said):
    lines = desk.lines(**{key: line})
    assert any(said in found for found in lines), lines
    assert all(found.startswith("config.toml:") for found in lines)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://example.org/x", "is no web address"),
        ("https://ada:CANARY@example.org/x", "must not hold a name or password"),
        ("https://example.org:99999/x", "is no web address"),
        ("https:///x", "is no web address"),
    ],
)
def test_a_source_s_address_is_checked_and_never_repeats_a_password(desk, url, said):
    text = desk.write().read_text().replace('path = "samples/world.xml"', f'url = "{url}"')
    (line,) = desk.lines(text)
    assert said in line
    assert "CANARY" not in line


def test_a_sample_needs_a_file(desk):
    text = desk.write().read_text()
    text = text.replace('path = "samples/world.xml"', 'url = "https://example.org/"\nnewest_is_now = true')
    (line,) = desk.lines(text)
    assert line.startswith("config.toml:16: [sources.world] newest_is_now: goes with a feed's path alone;")


def test_a_source_s_file_is_no_folder(desk):
    (line,) = desk.lines(desk.write().read_text().replace("samples/world.xml", "samples"))
    assert line.startswith("config.toml:15: [sources.world] path: is a folder: samples;")


def test_two_files_of_one_list_are_a_mistake(desk):
    (desk.folder / "subscribers" / "readers.csv").write_text("email\n")
    (line,) = desk.lines()
    assert 'two files are the list "readers": readers.csv and readers.toml' in line


@pytest.mark.parametrize("url", ["postgresql://localhost/digest", "sqlite://", "sqlite:///:memory:", "var/digest.db"])
def test_only_an_sqlite_file_can_be_the_store(desk, url):
    (line,) = desk.lines(f'store.url = "{url}"\n' + desk.write().read_text())
    assert line.startswith("config.toml:1: [store] url: ")
    assert "sqlite:///" in line


@pytest.mark.parametrize(("log", "wrong"), [("", True), ('relay_log = "/var/log/mail.log"', False)])
def test_reconcile_asks_for_the_log_of_every_server_in_use(desk, log, wrong):
    config = desk.relay(log).replace("[[newsletters.morning.sections]]", DOUBT)
    lines = desk.lines(config)
    assert bool(lines) == wrong
    assert not wrong or "[transports.outbox] names none; write relay_log = " in lines[0]


@pytest.mark.parametrize(("host", "wrong"), [("mail.example.org", True), ("10.0.0.1", True), ("127.0.0.1", False)])
def test_unencrypted_smtp_is_for_this_machine_alone(desk, host, wrong):
    lines = desk.lines(desk.relay("", tls="none", host=host))
    assert bool(lines) == wrong
    assert not wrong or 'write tls = "starttls"' in lines[0]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("smtp-server", "host"), ("tls_type", "tls"), ("max_conns", "max_connections"), ("hello_hostname", "helo_name")],
)
def test_names_from_other_tools_lead_to_ours(desk, theirs, ours):
    (line,) = desk.lines(desk.relay(f'{theirs} = "x"'))
    assert f'no such key; did you mean "{ours}"?' in line


def test_newsletters_are_named_so_that_their_keys_can_be(desk):
    text = desk.write().read_text().replace("newsletters.morning", "newsletters.Morning_News")
    (line,) = desk.lines(text)
    assert "[newsletters.Morning_News]: is no name for a newsletter; use a-z, 0-9 and -, at most 40" in line


def test_a_missing_table_and_an_unknown_one_are_told(desk):
    text = desk.write().read_text().replace("[site]", "[siet]")
    assert [line.partition(" (known")[0] for line in desk.lines(text)] == [
        "config.toml:1: [site]: is missing; add the table [site]",
        'config.toml:1: siet: no such key; did you mean "site"?',
    ]


def test_a_mistake_in_one_key_hides_no_other_of_its_table(desk):
    lines = desk.lines(title='title = 5\nlimit = "x"', theme='theme = "x"', lists='lists = ["x"]')
    assert [line.split(":")[2].split("] ")[1] for line in lines] == ["title", "limit", "lists", "theme"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[site]\nname = \n", "config.toml:2: not TOML at column 8: invalid value; mend this line first"),
        (b"[site]\nname = 1\nname = 2\n", "config.toml:3: not TOML at column 9: cannot overwrite a value;"),
        (b'[site]\nname = """', "config.toml:2: not TOML: "),
        (b'[site]\n\nname = "\xff"\n', "config.toml:3: is not UTF-8; save it as UTF-8"),
        (b"a = " + b"[" * 5000, "config.toml: is nested too deeply"),
    ],
)
def test_what_is_not_toml_is_one_mistake_with_its_line(desk, content, said):
    (desk.folder / "config.toml").write_bytes(content)
    (mistake,) = read("config.toml").mistakes
    assert str(mistake).startswith(said)


def test_a_missing_file_says_how_to_get_one(desk):
    (mistake,) = read("nowhere.toml").mistakes
    assert str(mistake) == "nowhere.toml: no such file; run digest init to make one, or name yours with --config"
    (mistake,) = read(desk.folder).mistakes
    assert "is a folder" in str(mistake)


def test_the_file_is_named_as_its_owner_would_type_it(desk, tmp_path, monkeypatch):
    path = desk.write(name="name = 5")
    assert str(read(path).mistakes[0]).startswith("config.toml:2:")
    monkeypatch.chdir("/")
    assert str(read(path).mistakes[0]).startswith(f"{path.relative_to('/')}:2:")
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert str(read("../config.toml").mistakes[0]).startswith("../config.toml:2:")
    assert str(read(path).mistakes[0]).startswith(f"{path}:2:")


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ('kind = "folder"\npath = "nowhere"', "path: no such folder: nowhere"),
        ('kind = "folder"\npath = "samples/world.xml"', "path: is a file: samples/world.xml"),
        ('kind = "folder"\nurl = "https://example.org/"', 'url: does not go with kind = "folder"'),
        ('kind = "folder"', 'has no address; write path = "FOLDER"'),
        ('urls = ["https://example.org/1"]', 'urls: goes with kind = "page" alone'),
        (
            'kind = "page"\nurl = "https://example.org/"\nurls = ["https://example.org/1"]',
            "url and urls are both there",
        ),
        ('kind = "pages"\nurl = "https://example.org/"', "kind"),
    ],
)
def test_what_does_not_go_with_a_kind_of_source(desk, table, why):
    (mistake, *_) = desk.read(f"{desk.write().read_text()}\n[sources.odd]\n{table}\n").mistakes
    assert "[sources.odd]" in str(mistake)
    assert why in str(mistake)
