"""A password is nowhere but on its way to the relay; a reader's address is in no log, no id and no link."""

import base64
import http.client
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.end_to_end.daemon import Daemon, free_port
from tests.end_to_end.situation import NOW, smtp

KEY = "morning@2026-03-10"
CANARY = "c4n4ry-Pa55word/with+odd=signs"
JUST_AFTER = "2026-03-10T06:30:05Z"


def traces(text):
    """Where the password shows, plain or in what AUTH PLAIN and LOGIN make of it."""
    data = text if isinstance(text, bytes) else text.encode()
    forms = [CANARY, base64.b64encode(CANARY.encode()).decode()]
    forms.append(base64.b64encode(f"\0digest\0{CANARY}".encode()).decode())
    return [form for form in forms if form.encode() in data]


def wants_password(project, sink, secret):
    project.configure(transport=smtp(sink.port, username="digest") + f"\npassword = {secret}")


@pytest.fixture
def relayed(project, running_sink):
    """(the project with a relay that wants the password, the sink)."""
    sink = running_sink(auth=("digest", CANARY))
    project.env = {"RELAY_PASSWORD": CANARY}
    wants_password(project, sink, '{ env = "RELAY_PASSWORD" }')
    return project, sink


def left_behind(project):
    return [path for path in (project.folder / "var").rglob("*") if path.is_file() and traces(path.read_bytes())]


def test_t18_a_password_is_nowhere_when_all_goes_well(relayed):
    project, sink = relayed
    commands = ["check", "config show", f"send morning --as-of {NOW}", "status --json", f"issues show {KEY}"]
    said = [project.digest("-vv", *command.split()) for command in commands]
    assert [message.username for message in sink.messages] == ["digest"] * 3
    assert "RELAY_PASSWORD" in said[1]
    assert not any(map(traces, [*said, *(message.data for message in sink.messages)]))
    assert left_behind(project) == []


def test_t18_a_password_of_a_file_stays_there(relayed):
    project, sink = relayed
    project.env = {}
    project.write("relay.password", f"{CANARY}\n").chmod(0o600)
    wants_password(project, sink, '{ file = "relay.password" }')
    said = project.digest("-vv", "send", "morning", "--to", "editor@example.org", "--as-of", NOW)
    assert [message.username for message in sink.messages] == ["digest"]
    assert not traces(said)
    assert left_behind(project) == []


def test_t18_a_password_is_nowhere_when_the_relay_refuses_it(relayed):
    project, sink = relayed
    sink.auth = ("digest", "another")
    out = project.digest("-vv", "send", "morning", "--as-of", NOW, code=1)
    assert "535" in out
    assert project.state(KEY) == "paused"
    shown = project.digest("issues", "show", KEY) + project.digest("status")
    assert not traces(out + shown)
    assert left_behind(project) == []


def test_t18_a_password_is_nowhere_when_the_relay_repeats_it(relayed):
    project, sink = relayed

    def parrot(step, *_):
        return f"535 5.7.8 no: {CANARY} {base64.b64encode(CANARY.encode()).decode()}" if step == "auth" else None

    sink.script = parrot
    out = project.digest("-vv", "send", "morning", "--as-of", NOW, code=1)
    assert not traces(out + project.digest("issues", "show", KEY))
    assert left_behind(project) == []


def test_t18_a_password_is_nowhere_when_nobody_listens(relayed):
    project, sink = relayed
    config = project.folder / "config.toml"
    config.write_text(config.read_text().replace(f"port = {sink.port}", f"port = {free_port()}"))
    assert not traces(project.digest("-vv", "send", "morning", "--as-of", NOW, code=1))


def test_t18_a_password_is_in_no_process_list_and_no_preview(relayed):
    project, _ = relayed
    process = project.start("-vv", "preview", "morning", "--as-of", NOW, "--no-open")
    try:
        url = urlsplit(re.search(r"http://\S+", process.stdout.readline())[0])
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=20)
        pages = []
        for path in (url.path, f"/{url.path.split('/')[1]}/", f"/{url.path.split('/')[1]}/raw/morning.html"):
            connection.request("GET", path)
            pages.append(connection.getresponse().read())
        connection.close()
        commands = [own(pid, "cmdline") for pid in family(process.pid)]
    finally:
        process.terminate()
        out, err = process.communicate(timeout=20)
    assert b"Headline0" in pages[0] + pages[2]
    assert any(b"preview" in command for command in commands)
    assert not any(map(traces, [*pages, *commands, out, err]))


def test_t18_a_password_written_into_the_config_is_refused_and_not_repeated(project):
    project.configure(transport=smtp(2525, username="digest", password=CANARY))
    for words in (("check",), ("config", "show"), ("send", "morning", "--as-of", NOW)):
        process = project.start("-vv", *words)  # with the traceback of the error
        out, err = process.communicate(timeout=60)
        assert process.returncode == 2
        assert "config.toml" in out + err
        assert not traces(out + err)


def family(pid):
    """This process and its children."""
    children = own(pid, f"task/{pid}/children").split()
    return [pid, *(grand for child in children for grand in family(int(child)))]


def own(pid, what):
    return Path(f"/proc/{pid}/{what}").read_bytes()


# ------------------------------------------------------------------------------------------------------ addresses


def refuses_one(step, _count, said):
    """A relay that repeats the address, as most do."""
    return f"550 5.1.1 {said[3:]}: user unknown" if step == "rcpt" and "reader1@" in said else None


def puts_one_off(step, _count, said):
    return f"450 4.2.0 {said[3:]}: later" if step == "rcpt" and "reader1@" in said else None


@pytest.mark.parametrize(("script", "code", "form"), [(refuses_one, 0, "text"), (puts_one_off, 1, "json")])
def test_t39_no_readers_address_in_the_log_of_a_send(project, running_sink, script, code, form):
    sink = running_sink(script=script)
    project.env = {"DIGEST_LOG": form}
    project.configure(transport=smtp(sink.port))
    project.digest("subscribers", "leave", "reader2@example.org")
    process = project.start("-v", "send", "morning", "--as-of", NOW)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert not re.search(r"reader\d@", out + err)


def test_t39_no_readers_address_in_the_log_of_the_daemon(project, daemon, running_sink):
    def refuses_all(step, _count, said):
        return f"550 5.1.1 {said[3:]}: user unknown" if step == "rcpt" else None

    sink = running_sink(script=refuses_all)
    project.configure(transport=smtp(sink.port))
    project.readers(30)
    path = project.folder / "subscribers" / "readers.toml"
    path.write_text(path.read_text() + '\n[[subscribers]]\nemail = "reader3@example.org"\n')
    running = daemon(JUST_AFTER, "-v")
    line = running.saw("issue paused")
    assert "messages were refused for good" in line
    assert "left out the bad line" in line
    assert "reader" not in running.end().replace("readers.toml", "")


def test_t39_no_readers_address_in_ids_links_and_return_paths(project, running_sink):
    sink = running_sink()
    project.configure(site='base_url = "https://news.example.org"', transport=smtp(sink.port))
    project.digest("send", "morning", "--as-of", NOW)
    assert len(sink.messages) == 3
    for message in sink.messages:
        address = message.recipients[0]
        hidden = [address, address.split("@")[0], base64.b64encode(address.encode()).decode().rstrip("=")]
        # Readable through quoted-printable's soft breaks.
        head, _, body = message.data.replace(b"=\r\n", b"").replace(b"=3D", b"=").decode().partition("\r\n\r\n")
        links = re.findall(r"(?:https?|mailto):[^\s\"<>]+", head + body)
        names = re.sub(r"^To: .*\r\n", "", head, flags=re.MULTILINE)
        assert links
        assert not any(one in text for one in hidden for text in (names, message.sender, *links))


def test_digest_log_json_makes_the_daemon_speak_json(project):
    project.env = {"DIGEST_LOG": "json"}
    running = Daemon(project.start("at", JUST_AFTER, "--", "run", module="digest.testing"))
    try:
        running.saw(KEY)
        running.saw("sources read")
        running.end()
    finally:
        running.kill()
    events = [json.loads(line) for line in running.lines]
    assert {"next slot", "issue done", "sources read", "stopped"} <= {event["event"] for event in events}
    (done,) = (event for event in events if event["event"] == "issue done")
    assert (done["issue"], done["sent"], done["level"]) == (KEY, "3", "INFO")


def test_t19_a_feed_cannot_write_into_the_log_or_the_terminal(project, daemon):
    project.news([{"title": "Fine", "date": None, "description": "x"}])
    project.write("world.xml", "<rss>\x1b]0;owned\x07</rss>")
    running = daemon(JUST_AFTER)
    running.saw("source failed")
    log = running.end()
    assert all(line.rstrip("\n").isprintable() for line in running.lines)
    assert "\x1b" not in log + project.digest("explain", "morning", "--as-of", NOW)
