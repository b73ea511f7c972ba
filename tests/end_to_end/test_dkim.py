"""Keys made as the docs say sign what leaves, and the records the docs print verify it."""

import re
import subprocess
from pathlib import Path

import dkim

from tests.end_to_end.situation import NOW

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "send-through-a-relay.md"
KEY = "morning@2026-03-10"


def page(language):
    """The blocks of this language in the page's part on DKIM."""
    part = PAGE.read_text().partition("## Signing with DKIM")[2].partition("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", part, re.DOTALL)


def made(project):
    """What the page's commands print: the record of each selector."""
    (script,) = page("sh")
    (project.folder / "var").mkdir(mode=0o700, exist_ok=True)
    out = subprocess.run(["sh", "-ec", script], cwd=project.folder, check=True, capture_output=True, text=True).stdout
    return dict(zip(("2026a", "2026b"), out.splitlines(), strict=True))


def test_t22_what_leaves_is_signed_by_both_keys_and_verifies_with_the_records_of_the_docs(project):
    records = made(project)
    project.configure(more="\n" + "".join(page("toml")), site='base_url = "https://news.example.org"')
    project.digest("check")
    project.digest("send", "morning", "--as-of", NOW)
    files = sorted((project.folder / "var" / "outbox" / KEY).glob("*.eml"))
    assert len(files) == 3
    for file in files:
        message = file.read_bytes()
        for index, selector in enumerate(("2026a", "2026b")):
            record = records[selector].encode()

            def dns(name, timeout=5, *, selector=selector, record=record):
                assert name == f"{selector}._domainkey.news.example.org.".encode()
                return record

            assert dkim.DKIM(message).verify(idx=index, dnsfunc=dns), (file, selector)


def test_a_key_that_became_readable_stops_everything_with_its_line(project):
    made(project)
    project.configure(more="\n" + "".join(page("toml")))
    (project.folder / "var" / "dkim-2026b.pem").chmod(0o640)
    said = project.digest("send", "morning", "--as-of", NOW, code=2)
    assert re.search(r"config\.toml:\d+: \[\[newsletters\.morning\.dkim\]\] key: .*chmod 600", said)
    assert not (project.folder / "var" / "outbox").exists()


def test_check_warns_of_an_ed25519_key_alone(project):
    made(project)
    alone = "".join(page("toml")).partition("\n\n")[2]
    project.configure(more="\n" + alone)
    assert "most receivers cannot read an Ed25519 signature; let an RSA key sign beside it" in project.digest("check")
