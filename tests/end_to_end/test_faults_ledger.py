"""The ledger's faults (SENDING.md 12, rows 1, 4 to 11): killed, cut off, full, failing, not ours, damaged, held.

The short form of `./run bench kill` is here; disk.c plays the disk that fails.
"""

import base64
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

from benchmarks import disk
from digest.testing.script import Act
from tests.end_to_end.situation import NOW, smtp

KEY = "morning@2026-03-10"
READERS = 60
CONNECTIONS = 4
needs_compiler = pytest.mark.skipif(disk.compiler() is None, reason="no C compiler: apt-get install gcc libc6-dev")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a file system")
SEND = ("send", "morning", "--as-of", NOW)


def killed(root, *words):
    """The figures of one run of `./run bench kill`."""
    command = [sys.executable, "-m", "benchmarks.kill", *map(str, words)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=170)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def nobody_is_lost(found):
    assert found["books_balance"]
    assert found["lost"] == 0
    assert found["most_message_ids"] == 1
    assert found["doubled"] <= found["bound"]
    assert found["doubled_beyond_bound"] == 0


def test_row01_p1_sixty_kills_lose_nobody_and_double_only_what_nobody_could_know(root):
    found = killed(root, "once", 5000, 60)
    assert found["kills"] >= 55
    assert (found["issue"], found["states"]) == ("done", {"sent": 5000})
    nobody_is_lost(found)
    assert found["doubled"] > 0
    assert (found["most_copies"], found["most_doubts"]) == (2, 1)


def test_row01_p1_with_hold_nobody_hears_twice_and_the_held_are_at_most_one_per_connection_and_kill(root):
    found = killed(root, "hold", 600, 10)
    nobody_is_lost(found)
    assert (found["doubled"], found["most_copies"]) == (0, 1)
    assert 0 < found["held"] <= 10 * found["kills"]
    assert set(found["states"]) == {"sent", "in_doubt"}


def test_row01_p1_with_reconcile_nobody_is_lost_and_nobody_hears_twice(root):
    found = killed(root, "reconcile", 600, 10)
    nobody_is_lost(found)
    assert (found["issue"], found["states"]) == ("done", {"sent": 600})
    assert (found["doubled"], found["most_copies"], found["held"]) == (0, 1, 0)
    assert found["bound"] > 0, "some were taken though nobody heard of it"


def test_row04_a_hundred_starts_that_crash_bring_nobody_more_than_two_copies(root):
    found = killed(root, "loop", 500, 100)
    assert found["kills"] >= 30, "then nothing was left to send"
    nobody_is_lost(found)
    assert found["most_copies"] <= 2
    assert found["most_doubts"] == 2
    assert found["held"] == found["states"].get("in_doubt", 0)


@needs_compiler
@pytest.mark.parametrize("policy", ["once", "hold"])
def test_row05_p2_ten_power_cuts_lose_nothing_that_was_promised(root, policy):
    found = killed(root, policy, 300, 10, "cut")
    nobody_is_lost(found)
    assert found["most_copies"] == (2 if policy == "once" else 1)
    assert found["held"] <= 10 * found["kills"]


# ------------------------------------------------------------------------ a disk that fails


class Disk:
    """What disk.c plays under every process of the project."""

    def __init__(self, folder, library, project):
        self._full, self._fails, self._syncs = folder / "full", folder / "fails", folder / "syncs"
        project.env |= {
            "LD_PRELOAD": str(library),
            "DISK_FOLDER": str((project.folder / "var").resolve()),
            "DISK_FULL": str(self._full),
            "DISK_FAILS": str(self._fails),
            "DISK_SYNCS": str(self._syncs),
        }

    def fill(self):
        self._full.touch()

    def free(self):
        self._full.unlink()

    def fail(self):
        self._fails.touch()

    def mend(self):
        """And the syncs up to now, in their order."""
        self._fails.unlink()
        return self._syncs.read_text().splitlines()


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return disk.build(tmp_path_factory.mktemp("disk"))


@pytest.fixture
def failing(tmp_path, library, project):
    return Disk(tmp_path, library, project)


@pytest.fixture(params=["", "slow_disk.c"], ids=["as it is", "slow"])
def pace(request, tmp_path, failing, project):
    """The disk as it is, and one on which a sync takes 2 ms more: there commits have a thread of their own."""
    if request.param:
        project.env["LD_PRELOAD"] += f":{disk.build(tmp_path, request.param)}"


class Relay:
    """A sink that does something to the disk at one of its dots, before that message is taken."""

    def __init__(self, project, running_sink):
        self.sink = running_sink(script=self._script)
        self._at, self._act = 0, None
        project.configure(transport=smtp(self.sink.port, max_connections=CONNECTIONS), newsletter='doubt_pause = "0s"')
        project.readers(READERS)

    def at(self, dot, act):
        self._at, self._act = dot, act

    def _script(self, step, count, _):
        if step == "dot" and count == self._at:
            self._act()

    def copies(self):
        found = {}
        for message in self.sink.messages:
            found.setdefault(message.recipients[0], []).append(message.message_id)
        return found

    def since(self):
        """How many messages were taken since that dot."""
        return len(self.sink.messages) - (self._at - 1)


@pytest.fixture
def relay(project, running_sink):
    return Relay(project, running_sink)


def one_line(text, *said):
    """What was printed is one line that says this."""
    lines = [line for line in text.splitlines() if not line.startswith(" ")]
    assert len(lines) == 1, text
    for one in said:
        assert one in lines[0]


def everybody_hears(project, relay):
    """Started again, the issue reaches everybody, twice at most and then under one Message-ID."""
    project.digest(*SEND)
    assert project.counts(KEY) == {"sent": READERS}
    copies = relay.copies()
    assert len(copies) == READERS
    assert all(len(set(ids)) == 1 for ids in copies.values())
    assert max(map(len, copies.values())) <= 2
    return sum(len(ids) - 1 for ids in copies.values())


@needs_compiler
def test_row06_on_a_full_disk_nothing_leaves_and_the_next_start_goes_on(project, relay, failing):
    project.crash("after_c2", *SEND)
    failing.fill()
    for _ in range(2):
        one_line(project.digest(*SEND, code=1), "digest.db", "the disk is full", "free some space")
    assert relay.sink.messages == []
    failing.free()
    assert everybody_hears(project, relay) == 0


@needs_compiler
@pytest.mark.usefixtures("pace")
def test_row06_p6_when_the_disk_fills_no_more_messages_leave_than_there_are_connections(project, relay, failing):
    relay.at(20, failing.fill)
    one_line(project.digest(*SEND, code=1), "the disk is full")
    assert relay.since() <= CONNECTIONS
    failing.free()
    assert everybody_hears(project, relay) <= CONNECTIONS


@needs_compiler
def test_row07_a_disk_that_is_full_at_composing_leaves_the_issue_planned(project, relay, failing):
    project.crash("after_c0", *SEND)
    failing.fill()
    one_line(project.digest(*SEND, code=1), "the disk is full")
    assert project.state(KEY) == "planned"
    assert relay.sink.messages == []
    failing.free()
    assert everybody_hears(project, relay) == 0


@needs_compiler
def test_row06_no_issue_begins_to_go_out_without_room_for_all_of_it(project, relay, failing):
    project.crash("after_c1", *SEND)
    failing.fill()
    one_line(project.digest(*SEND, code=1), "50 MB must be free to send to 60, 0 MB are")
    assert project.state(KEY) == "composed"
    assert relay.sink.messages == []


@pytest.fixture
def small_disk(project):
    """var/ on a file system of 2 MB; small_disk(size) gives it another size."""
    folder = project.folder / "var"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs", folder], check=True)
    yield lambda size: subprocess.run(["mount", "-o", f"remount,{size}", folder], check=True)
    project.audit()
    subprocess.run(["umount", "-l", folder], check=True)


@needs_root
def test_row07_a_list_that_does_not_fit_on_the_disk_is_not_sent_to(project, relay, small_disk):
    project.readers(6000)
    one_line(project.digest(*SEND, code=1), "the disk is full")
    assert project.state(KEY) == "planned"
    assert relay.sink.messages == []
    project.readers(READERS)
    one_line(project.digest(*SEND, code=1), "50 MB must be free")
    small_disk("size=64m")
    assert everybody_hears(project, relay) == 0


@needs_root
def test_row06_a_real_disk_that_fills_while_messages_leave_stops_them(project, relay, small_disk):
    filler = project.folder / "var" / "filler"

    def fill():
        small_disk("size=64m")
        with filler.open("wb", buffering=0) as file:
            for size in (1_000_000, 4096, 1):
                try:
                    while file.write(b"\0" * size) == size:
                        pass
                except OSError:
                    continue

    small_disk("size=64m")
    relay.at(20, fill)
    one_line(project.digest(*SEND, code=1), "the disk is full")
    assert relay.since() <= 2 * CONNECTIONS  # what is left of the log's last page still takes a commit
    filler.unlink()
    assert everybody_hears(project, relay) <= CONNECTIONS


@needs_compiler
@pytest.mark.usefixtures("pace")
def test_row08_p6_after_a_failed_fsync_the_process_ends_and_none_is_tried_again(project, relay, failing):
    relay.at(20, failing.fail)
    one_line(project.digest(*SEND, code=1), "digest.db", "the disk failed")
    assert relay.since() <= CONNECTIONS
    syncs = failing.mend()
    assert sum("failed" in line for line in syncs) == 1
    assert "failed" in syncs[-1], "not one sync more"
    assert everybody_hears(project, relay) <= CONNECTIONS


@needs_compiler
def test_row08_the_daemon_ends_too_for_whoever_starts_it_again(project, relay, failing, daemon):
    relay.at(20, failing.fail)
    running = daemon("2026-03-10T06:29:58Z")
    running.process.wait(60)
    assert running.process.returncode == 1
    running.saw("the disk failed")
    assert "Traceback" not in running.log
    syncs = failing.mend()
    assert "failed" in syncs[-1]
    assert relay.since() <= CONNECTIONS
    assert everybody_hears(project, relay) <= CONNECTIONS


# ------------------------------------------------------------------------ a ledger that may not be used


def fingerprint(project):
    return hashlib.sha256((project.folder / "var" / "digest.db").read_bytes()).hexdigest()


@needs_root
def test_row09_a_read_only_ledger_is_refused_in_one_line(project, relay, small_disk):
    small_disk("size=64m")
    project.crash("after_c2", *SEND)
    project.digest("issues", "list")
    small_disk("ro")
    one_line(project.digest(*SEND, code=1), "var/", "mount it for writing")
    assert relay.sink.messages == []
    small_disk("rw")
    assert everybody_hears(project, relay) == 0


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root may give files away")
@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_row09_a_ledger_of_another_user_is_refused_in_one_line(project, relay, mode):
    project.crash("after_c2", *SEND)
    project.digest("issues", "list")
    file = project.folder / "var" / "digest.db"
    os.chown(file, 65534, 65534)
    file.chmod(mode)
    may_not = "--bounding-set=-dac_override,-dac_read_search,-fowner,-chown"
    command = ["setpriv", may_not, sys.executable, "-m", "digest", *SEND]
    done = subprocess.run(command, cwd=project.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    one_line(done.stdout + done.stderr, "digest.db", "user who runs this")
    assert relay.sink.messages == []
    os.chown(file, 0, 0)


def test_row10_a_damaged_ledger_is_refused_and_kept_as_it_is(project, relay):
    project.digest("issues", "list")
    project.crash("after_c1", *SEND)
    project.digest("issues", "list")
    file = project.folder / "var" / "digest.db"
    whole = file.read_bytes()
    torn = bytearray(whole)
    for page in range(len(torn) // 4096 - 12, len(torn) // 4096):
        torn[page * 4096 : page * 4096 + 300] = b"\x5a" * 300
    file.write_bytes(torn)
    before = fingerprint(project)
    for _ in range(2):
        one_line(project.digest(*SEND, code=1), "digest.db", "damaged", "put a backup in its place")
    assert fingerprint(project) == before
    assert relay.sink.messages == []
    file.write_bytes(whole)
    assert everybody_hears(project, relay) == 0


def test_row10_another_secret_is_refused(project, relay):
    project.digest("issues", "list")
    secret = project.folder / "var" / "secret"
    ours = secret.read_text()
    name, _, _ = ours.partition(":")
    secret.write_text(f"{name}:{base64.b64encode(bytes(32)).decode()}\n")
    one_line(project.digest(*SEND, code=1), "wrong secret", "put that line back")
    assert relay.sink.messages == []
    secret.write_text(ours)
    assert everybody_hears(project, relay) == 0


def test_row10_a_lost_secret_is_refused_and_no_other_is_made_in_its_place(project, relay):
    project.digest("issues", "list")
    secret = project.folder / "var" / "secret"
    ours = secret.read_text()
    secret.unlink()
    one_line(project.digest(*SEND, code=2), "var/secret", "is missing", "put it back from a backup")
    assert not secret.exists()
    secret.write_text(ours)
    secret.chmod(0o600)
    assert everybody_hears(project, relay) == 0


def test_row11_a_second_process_waits_and_then_names_the_first(project, running_sink):
    sink = running_sink(script=lambda step, *_: Act.HANG if step == "dot" else None)
    project.configure(transport=smtp(sink.port, max_connections=1), newsletter='doubt_pause = "0s"')
    first = project.start(*SEND)
    try:
        while not sink.said("DATA"):
            assert first.poll() is None
        one_line(
            project.digest(*SEND, code=1), f"process {first.pid} is sending from this store; wait for it, or end it"
        )
    finally:
        first.send_signal(signal.SIGKILL)
        first.communicate()
    assert sink.messages == []
