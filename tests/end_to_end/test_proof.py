"""The proof of an issue: its rows beside the relay's own records, its picks rendered again, the folder that travels."""

import gzip
import hashlib
import json
import shutil
import subprocess
from email import message_from_bytes, policy

import pytest

from digest.testing.script import Act
from tests.end_to_end.conftest import in_process
from tests.end_to_end.situation import NOW, Project, RunningSink, day, smtp

KEY = "morning@2026-03-10"
STEM = "variants/01-en"


# --- audit beside a relay's records


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Its morning went to six, of whom one is refused and one in doubt, though taken; the tests only look."""
    made = Project(tmp_path_factory.mktemp("proof") / "project")
    made.folder.mkdir()
    made.news(day(5))
    made.readers(6)
    running = RunningSink(script=_script())
    made.configure(transport=smtp(running.start().port, max_connections=1), newsletter='doubt = "hold"')
    made.digest("send", "morning", "--as-of", NOW)
    made.sent = running.sink.messages
    running.stop()
    assert made.counts(KEY) == {"sent": 4, "failed": 1, "in_doubt": 1}
    return made


@pytest.fixture
def sent(project):
    """What the relay took."""
    return project.sent


@pytest.fixture
def own(tmp_path, project):
    """A copy of the project that a test may change."""
    return Project(shutil.copytree(project.folder, tmp_path / "own"))


def _script():
    first = []

    def script(step, count, argument):
        if step == "dot" and count == 1:
            first.append(argument)
        if step == "dot":
            return Act.KEEP_AND_DROP if argument in first else None
        return "550 5.1.1 no" if step == "rcpt" and "<reader5@" in argument else None

    return script


def postfix(messages, *, lose=(), refuse=()):
    """What Postfix would have written down about these, at the clock's time."""
    lines = ["Mar 10 06:29:00 mx postfix/smtpd[7]: connect from localhost[127.0.0.1]"]
    for n, message in enumerate(messages):
        queue, at = f"ABCDE{n:05X}", "Mar 10 06:30:00 mx postfix"
        lines.append(f"{at}/smtpd[7]: {queue}: client=localhost[127.0.0.1]")
        if n in lose:
            continue
        lines.append(f"{at}/cleanup[8]: {queue}: message-id=<{message.message_id}>")
        if n in refuse:
            lines.append(
                f"{at}/cleanup[8]: {queue}: milter-reject: END-OF-MESSAGE from x[127.0.0.1]: 5.7.1 spam; from=<a>"
            )
            continue
        lines.append(f"{at}/qmgr[9]: {queue}: from=<b@x>, size=9, nrcpt=1 (queue active)")
        lines.append(f"{at}/smtp[10]: {queue}: to=<r@x>, relay=mx[1.2.3.4]:25, dsn=2.0.0, status=sent (250 ok)")
    return "\n".join([*lines, "Mar 10 06:45:00 mx postfix/smtpd[7]: disconnect from localhost[127.0.0.1]"]) + "\n"


def audit(digest, project, text, *, code=0, more=(), packed=False):
    path = project.folder / ("relay.log.gz" if packed else "relay.log")
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    return digest("issues", "audit", KEY, "--log", path, "--zone", "UTC", *more, code=code)


def test_a_log_that_tells_the_same_agrees_and_tells_of_the_row_in_doubt(digest, project, sent):
    said = audit(digest, project, postfix(sent), packed=True)
    assert "6 planned = 4 sent + 1 failed + 1 in_doubt + 0 skipped + 0 open".replace("in_doubt", "in doubt") in said
    assert "5 of 6 rows agree" in said
    assert "5 sent" in said
    assert f"{sent[0].message_id} (in_doubt): the relay took it, and then sent" in said
    assert "DIFFERS" not in said


def test_each_difference_is_shown_by_name(digest, project, sent):
    said = audit(digest, project, postfix([*sent, sent[3]], lose=[1], refuse=[2]), code=1)
    assert f"{sent[1].message_id} (sent): the relay's records cover the time and do not know it" in said
    assert f"{sent[2].message_id} (sent): the relay refused it: 5.7.1 spam" in said
    assert f"{sent[3].message_id} (sent): the relay took it 2 times" in said
    assert said.count("DIFFERS") == 3


def test_a_row_that_failed_here_and_was_taken_there_differs(digest, project, sent):
    path = project.folder / "accepted.csv"
    row = next(one for one in rows(project) if one.state == "failed")
    path.write_text(f"message_id\n{row.message_id}\n")
    said = digest("issues", "audit", KEY, "--log", path, code=1)
    assert f"{row.message_id} (failed): the relay took it, though it is failed" in said


def test_a_doubt_whose_message_the_log_would_know_is_told_as_not_taken(digest, project, sent):
    assert "(in_doubt): the relay did not take it" in audit(digest, project, postfix(sent, lose=[0]))


def test_what_a_list_of_accepted_ids_does_not_have_is_outside_of_what_it_covers(digest, project, sent):
    said = audit(digest, project, "message_id\n" + "".join(f"{one.message_id}\n" for one in sent[:3]))
    assert "3 of 6 rows agree" in said
    assert "2 sent outside of what the records cover" in said
    assert "in doubt" in said


def test_audit_gives_the_comparison_as_json(digest, project, sent):
    told = json.loads(audit(digest, project, postfix(sent), more=["--json"]))
    assert (told["recipients"], told["comparison"]["agreed"], len(told["covered"])) == (6, 5, 1)


@pytest.mark.parametrize("content", [b"", b"hello\nworld\n", b"\x1f\x8bbroken"])
def test_records_that_say_nothing_are_refused_in_one_line(digest, project, sent, content):
    path = project.folder / "relay.log"
    path.write_bytes(content)
    said = digest("issues", "audit", KEY, "--log", path, code=2)
    assert str(path) in said
    assert "cannot be read" in digest("issues", "audit", KEY, "--log", project.folder / "nowhere.log", code=2)
    assert "no zone" in digest("issues", "audit", KEY, "--log", path, "--zone", "Nowhere/Else", code=2)


@pytest.fixture
def digest(project, clock, monkeypatch, capsys):
    """As everywhere, in this module's project."""
    monkeypatch.chdir(project.folder)
    return in_process(clock, capsys)


def rows(project):
    async def read(store):
        return await store.issues.deliveries(await store.issues.find(*KEY.split("@")))

    return project.store(read)


# --- verify


def test_an_issue_rendered_again_is_the_same(digest):
    said = digest("issues", "verify", KEY)
    assert said.startswith(f"{KEY}  ")
    assert "the same" in said


def test_a_changed_theme_is_named_with_what_it_changed(digest, own, root, monkeypatch):
    shutil.copytree(root / "templates" / "email" / "briefing", own.folder / "templates" / "email" / "briefing")
    mjml = own.folder / "templates" / "email" / "briefing" / "issue.mjml"
    more = "<mj-section><mj-column><mj-text>More</mj-text></mj-column></mj-section></mj-body>"
    mjml.write_text(mjml.read_text().replace("</mj-body>", more))
    monkeypatch.chdir(own.folder)
    said = digest("issues", "verify", KEY, code=1)
    assert "variant en, HTML:" in said
    assert "variant en, text" not in said
    assert "since then: the theme's files have changed" in said
    told = json.loads(digest("issues", "verify", KEY, "--json", code=1))
    assert (told[0]["ok"], len(told[0]["differs"])) == (False, 1)
    own.write("templates/email/briefing/theme.toml", "no toml")
    assert "cannot be rendered again" in digest("issues", "verify", KEY, code=1)


def test_settings_that_readers_see_are_named_when_they_changed(digest, own, monkeypatch):
    config = own.folder / "config.toml"
    config.write_text(config.read_text().replace("1 Harbour Street", "2 Harbour Street"))
    monkeypatch.chdir(own.folder)
    said = digest("issues", "verify", KEY, code=1)
    assert "variant en, HTML: " in said
    assert "the newsletter's settings have changed" in said


# --- export


@pytest.fixture
def exported(digest, tmp_path):
    digest("issues", "export", KEY, tmp_path / "issue")
    return tmp_path / "issue"


def test_an_exported_issue_has_its_files_its_hashes_and_no_subscriber(exported):
    names = {str(path.relative_to(exported)) for path in exported.rglob("*") if path.is_file()}
    assert names == {"issue.json", "manifest.json", "sample.eml", "SHA256SUMS"} | {
        f"{STEM}.{kind}" for kind in ("mjml", "html", "txt")
    }
    done = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=exported, capture_output=True, text=True, check=True)
    assert done.stdout.count(": OK") == 6
    everything = b"".join(path.read_bytes() for path in exported.rglob("*") if path.is_file())
    assert b"reader0" not in everything
    assert b"Reader 0" not in everything
    assert b"v1.AAAAAAAA" in everything  # the sample's links are nobody's
    sample = message_from_bytes((exported / "sample.eml").read_bytes(), policy=policy.default)
    assert "Headline0" in sample.get_body(("html",)).get_content()
    made_with = json.loads((exported / "manifest.json").read_text())["made_with"]
    assert {"digest", "python", "jinja2", "mjml-python", "theme", "settings"} == set(made_with)


def test_an_export_is_verified_without_the_project_and_beside_it(digest, exported, tmp_path, monkeypatch):
    assert digest("issues", "verify", exported).count("the same") == 2
    monkeypatch.chdir(tmp_path)
    said = digest("issues", "verify", exported)
    assert said.count("the same") == 1
    assert hashlib.sha256(b"").hexdigest() not in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda folder: (folder / f"{STEM}.html").write_text("<p>other</p>"), f"{STEM}.html was changed"),
        (lambda folder: (folder / "sample.eml").unlink(), "sample.eml is missing"),
        (lambda folder: forged(folder, f"{STEM}.txt"), f"{STEM}.txt is not what issue.json holds"),
        (lambda folder: forged(folder, "issue.json"), "the fingerprint is not the variants'"),
        (
            lambda folder: (folder / "sample.eml").unlink() or (folder / "sample.eml").symlink_to("/etc/passwd"),
            "missing",
        ),
    ],
)
def test_what_was_changed_in_an_export_is_named(digest, exported, change, said):
    change(exported)
    assert said in digest("issues", "verify", exported, code=1)


def forged(folder, name):
    """Changed together with its hash."""
    path = folder / name
    old = hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_bytes(path.read_bytes().replace(b"Headline0", b"Headline9"))
    sums = folder / "SHA256SUMS"
    sums.write_text(sums.read_text().replace(old, hashlib.sha256(path.read_bytes()).hexdigest()))


def test_mjml_and_html_that_do_not_fit_are_named_though_all_hashes_do(digest, exported):
    """Whoever writes the page and its fingerprint anew is found by rendering."""
    document = json.loads((exported / "issue.json").read_text())
    document["variants"][0]["mjml"] = document["variants"][0]["mjml"].replace("Headline0", "Headline9")
    for name, text in (
        ("issue.json", json.dumps(document, separators=(",", ":"))),
        (f"{STEM}.mjml", document["variants"][0]["mjml"]),
    ):
        old = hashlib.sha256((exported / name).read_bytes()).hexdigest()
        (exported / name).write_text(text)
        sums = exported / "SHA256SUMS"
        sums.write_text(sums.read_text().replace(old, hashlib.sha256(text.encode()).hexdigest()))
    assert "variant en: its MJML gives other HTML here" in digest("issues", "verify", exported, code=1)


@pytest.mark.parametrize("sums", ["", "x\n", "0" * 64 + "  ../../etc/passwd\n", "0" * 64 + "  /etc/passwd\n"])
def test_a_folder_that_is_no_export_or_leads_elsewhere_is_refused(digest, tmp_path, sums):
    folder = tmp_path / "hostile"
    folder.mkdir()
    (folder / "SHA256SUMS").write_text(sums)
    assert str(folder) in digest("issues", "verify", folder, code=2)


def test_nothing_is_written_over_and_nothing_uncomposed_is_exported(digest, exported):
    assert "not empty" in digest("issues", "export", KEY, exported, code=2)
    assert "neither an issue" in digest("issues", "verify", "nonsense", code=2)
