"""Bad input gets one clear line each, all mistakes at once, exit 2; nothing is sent and nothing is half done."""

import re
import shutil

import pytest

from tests.end_to_end.situation import CONFIG, FOLDER, NOW

TEN = """
[site]
name = "The Morning Desk"
id = "x"
postal_address = ""
timezone = "Europe/Lundon"

[transport]
use = ["outbix"]

[transports.outbox]
kind = "folder"
path = "var/outbox"

[sources.world]
path = "missing.xml"
wieght = 2

[newsletters.morning]
title = "The Morning Briefing"
from = "not an address"
lists = ["raeders"]
schedule = "wekdays 06:30"
theme = "breifing"
limit = "12"

[[newsletters.morning.sections]]
name = "World"
sources = ["wrold"]
"""


def mistakes(out):
    return [line for line in out.splitlines() if re.match(r"\S+:\d+: ", line)]


def test_ten_mistakes_are_ten_lines_with_place_and_mend(project):
    project.write("config.toml", TEN)
    found = mistakes(project.digest("check", code=2))
    places = "\n".join(found)
    for wanted in (
        "config.toml:3: [site] id",
        "config.toml:4: [site] postal_address",
        "config.toml:5: [site] timezone",
        "config.toml:8: [transport] use",
        "config.toml:15: [sources.world] path",
        "config.toml:16: [sources.world] wieght",
        "config.toml:20: [newsletters.morning] from",
        "config.toml:21: [newsletters.morning] lists",
        "config.toml:22: [newsletters.morning] schedule",
        "config.toml:23: [newsletters.morning] theme",
        "config.toml:24: [newsletters.morning] limit",
    ):
        assert wanted in places
    assert 'did you mean "briefing"' in places
    assert 'did you mean "weight"' in places
    assert [line for line in found if not re.search("; |did you mean|known: ", line)] == [], (
        "each line says how to mend"
    )


def test_every_verb_refuses_the_same_way(project):
    project.write("config.toml", TEN)
    for words in (
        ["send", "morning"],
        ["preview", "--out", "x"],
        ["explain", "morning"],
        ["status"],
        ["config", "show"],
    ):
        assert len(mistakes(project.digest(*words, code=2))) >= 10
    assert not (project.folder / "var").exists()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[site\n", r"config\.toml:1: .*"),
        ("", r"config\.toml.*site"),
        ("\x00", r"config\.toml:1: .*"),
    ],
)
def test_a_file_that_is_no_toml_is_one_line(project, text, wanted):
    (project.folder / "config.toml").write_text(text)
    assert re.search(wanted, project.digest("check", code=2))


def test_a_missing_config_says_how_to_make_one(project):
    out = project.digest("-c", "elsewhere.toml", "check", code=2)
    assert "elsewhere.toml" in out


def test_bad_subscriber_lines_are_all_named_and_nothing_is_sent(project):
    project.write(
        "subscribers/readers.toml",
        """
        [[subscribers]]
        email = "ada@example.org"

        [[subscribers]]
        email = "no address"

        [[subscribers]]
        emial = "bea@example.org"
        """,
    )
    out = project.digest("send", "morning", "--as-of", NOW, code=2)
    assert "subscribers/readers.toml:5:" in out
    assert "subscribers/readers.toml:8:" in out
    assert project.json("issues", "list") == []
    project.digest("send", "morning", "--as-of", NOW, "--skip-bad")
    assert project.counts("morning@2026-03-10") == {"sent": 1}


def test_a_broken_template_names_its_line_and_the_issue_is_not_sent(project, root):
    theme = project.folder / "templates" / "email" / "mine"
    theme.mkdir(parents=True)
    for path in (root / "templates" / "email" / "plain").iterdir():
        (theme / path.name).write_bytes(path.read_bytes())
    lines = (theme / "issue.mjml").read_text().splitlines()
    lines.insert(2, "{{ nothing.like_this }}")
    (theme / "issue.mjml").write_text("\n".join(lines))
    project.write(
        "config.toml", CONFIG.format(site="", transport=FOLDER, newsletter="").replace('"briefing"', '"mine"')
    )
    assert "templates/email/mine/issue.mjml:3:" in project.digest("check", code=2)
    assert "templates/email/mine/issue.mjml:3:" in project.digest("send", "morning", "--as-of", NOW, code=1)
    assert project.messages("morning@2026-03-10") == []
    lines.pop(2)
    (theme / "issue.mjml").write_text("\n".join(lines))
    project.digest("send", "morning", "--as-of", NOW)
    assert project.counts("morning@2026-03-10") == {"sent": 3}


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["send", "mornig"], "known: morning"),
        (["send", "morning", "--as-of", "yesterday"], "yesterday"),
        (["send", "morning", "--slot", "../../etc"], "is no slot"),
        (["send", "morning", "--to", "nobody"], "nobody"),
        (["issues", "show", "morning@2020-01-01"], "no issue"),
        (["issues", "audit", "x"], "no issue"),
        (["subscribers", "leave", "ada at example"], "ada at example"),
        (["subscribers", "leave", "ada@example.org", "--newsletter", "nope"], "known: morning"),
        (["subscribers", "list", "nope"], "known: readers"),
        (["subscribers", "remove", "stranger@example.org"], "stranger@example.org"),
        (["sources", "fetch", "nope"], "known: world"),
    ],
)
def test_a_wrong_word_is_one_line(project, words, wanted):
    out = project.digest(*words, code=2)
    assert wanted in out
    assert len(out.strip().splitlines()) == 1


def test_an_unwritable_store_is_one_line(project):
    (project.folder / "var").write_text("a file, not a folder")
    _, err = project.start("status").communicate(timeout=60)
    assert len(err.strip().splitlines()) == 1
    assert "Traceback" not in err
    (project.folder / "var").unlink()


@pytest.mark.parametrize("subject", ["{{ lead.headlin }}", "{{ lead.headline "])
def test_a_broken_subject_is_found_by_check_with_its_line(project, subject):
    project.configure(newsletter=f"subject = '{subject}'")
    text = (project.folder / "config.toml").read_text().splitlines()
    line = next(number for number, one in enumerate(text, 1) if one.startswith("subject"))
    for words in (["check"], ["send", "morning", "--as-of", NOW]):
        assert f"config.toml:{line}: [newsletters.morning] subject:" in project.digest(*words, code=2)


@pytest.mark.parametrize(
    ("file", "change", "wanted"),
    [
        ("issue.mjml", ("</mj-body>", "<p>hello</p></mj-body>"), "issue.mjml:{line}: MJML drops <p>"),
        ("issue.mjml", ("</mj-body>", "<mj-colum></mj-colum></mj-body>"), "issue.mjml:{line}: no MJML element"),
        (
            "theme.toml",
            ("accent", "accnt"),
            'theme.toml:{line}: [light] accent: write it as text, accent = "..." (is "accnt"',
        ),
    ],
)
def test_a_theme_that_is_wrong_names_its_line(project, root, file, change, wanted):
    for part in ("plain", "_parts"):
        shutil.copytree(root / "templates" / "email" / part, project.folder / "templates" / "email" / part)
    path = project.folder / "templates" / "email" / "plain" / file
    text = path.read_text().replace(*change, 1)
    path.write_text(text)
    line = next(number for number, one in enumerate(text.splitlines(), 1) if change[1] in one)
    project.write(
        "config.toml", CONFIG.format(site="", transport=FOLDER, newsletter="").replace('"briefing"', '"plain"')
    )
    assert wanted.format(line=line) in project.digest("check", code=2)


def test_skip_bad_says_what_it_left_out_and_why(project):
    project.write("subscribers/readers.csv", "email\na@example.org\nno address\n")
    (project.folder / "subscribers" / "readers.toml").unlink()
    out = project.digest("send", "morning", "--as-of", NOW, "--skip-bad")
    assert re.search(r"left out: subscribers/readers\.csv:3: .*no address", out)
