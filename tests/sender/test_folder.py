"""Messages as files, whole or not there."""

import asyncio
import errno
import os
import stat
from pathlib import Path

import pytest

from digest.errors import TransportError
from digest.model import OutcomeKind
from digest.sender.folder import FolderTransport, file_stem
from digest.testing.fakes import Recorder, a_delivery, a_message


def deliver(path, numbers=(1,), *, mark=lambda _: None):
    seen = Recorder([a_message(a_delivery(number)) for number in numbers])
    transport = FolderTransport(name="outbox", path=path, mark=mark)
    asyncio.run(transport.deliver(seen.next_message, seen.intend, seen.enter))
    return seen


@pytest.fixture
def outbox(tmp_path):
    return tmp_path / "outbox" / "morning@2026-11-23"


def test_each_message_is_one_file_named_by_its_message_id(outbox):
    seen = deliver(outbox, (1, 2))
    assert sorted(file.name for file in outbox.iterdir()) == ["message1.eml", "message2.eml"]
    assert (outbox / "message1.eml").read_bytes() == a_message(a_delivery(1)).data
    assert set(seen.kinds().values()) == {OutcomeKind.SENT}


def test_a_re_send_overwrites_itself(outbox):
    deliver(outbox)
    deliver(outbox)
    assert len(list(outbox.iterdir())) == 1


def test_a_re_send_is_the_newer_message_whole(outbox):
    deliver(outbox)
    newer = a_message(a_delivery(1), body="The same reader again.")
    seen = Recorder([newer])
    asyncio.run(FolderTransport(name="outbox", path=outbox).deliver(seen.next_message, seen.intend, seen.enter))
    assert [file.read_bytes() for file in outbox.iterdir()] == [newer.data]


def test_a_message_is_on_disk_under_its_name_and_so_is_every_folder_above_it_before_it_is_called_sent(
    outbox, monkeypatch
):
    """What a power cut leaves: the file before its name, the name before the outcome, and the names of the folders."""
    done = []
    sync, rename = os.fsync, os.replace

    def synced(handle):
        done.append(("sync", Path(f"/proc/self/fd/{handle}").readlink().name))
        sync(handle)

    def renamed(old, new):
        done.append(("rename", Path(new).name))
        rename(old, new)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)
    seen = Recorder([a_message(a_delivery(1))])
    transport = FolderTransport(name="outbox", path=outbox)
    asyncio.run(
        transport.deliver(seen.next_message, seen.intend, lambda delivery, _: done.append(("sent", delivery.id)))
    )
    above = len(outbox.parents)
    assert set(done[:above]) == {("sync", folder.name) for folder in outbox.parents}
    assert done[above:] == [
        ("sync", ".message1.eml.part"),
        ("rename", "message1.eml"),
        ("sync", outbox.name),
        ("sent", 1),
    ]


def test_files_and_folders_are_ours_alone_under_any_umask(outbox):
    before = os.umask(0)
    try:
        deliver(outbox)
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (outbox.parent, outbox, outbox / "message1.eml")]
    assert modes == [0o700, 0o700, 0o600]


def test_nothing_stands_under_its_name_before_it_is_whole(outbox):
    visible = {}
    deliver(outbox, mark=lambda name: visible.setdefault(name, [file.name for file in outbox.glob("*.eml")]))
    assert visible == {"in_body": [], "after_dot": ["message1.eml"], "after_reply": ["message1.eml"]}


def test_a_link_waiting_under_the_name_of_the_draft_is_not_followed(outbox, tmp_path):
    outbox.mkdir(parents=True)
    (outbox / ".message1.eml.part").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TransportError):
        deliver(outbox)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(("number", "permanent"), [(errno.ENOSPC, False), (errno.EACCES, True)])
def test_a_disk_that_refuses_closes_the_way_out_and_the_row_is_due_again(outbox, number, permanent):
    def full(name):
        if name == "in_body":
            raise OSError(number, os.strerror(number))

    seen = Recorder([a_message(a_delivery(1)), a_message(a_delivery(2))])
    transport = FolderTransport(name="outbox", path=outbox, mark=full)
    with pytest.raises(TransportError, match=os.strerror(number)) as raised:
        asyncio.run(transport.deliver(seen.next_message, seen.intend, seen.enter))
    ((outcome,),) = seen.outcomes.values()
    assert raised.value.permanent is permanent
    assert (outcome.kind, outcome.retry_ms) == (OutcomeKind.DEFERRED, 0)
    assert list(outbox.glob("*.eml")) == []


@pytest.mark.parametrize(
    "message_id", ["../../etc/passwd@x", "a/b@x", ".hidden@x", "a\0b@x", "@x", "é@x", "a" * 300 + "@x"]
)
def test_t31_a_message_id_never_leads_out_of_the_folder(message_id):
    stem = file_stem(message_id)
    assert len(stem) < 200
    assert all(char.isascii() and (char.isalnum() or char in "_-") for char in stem)
    assert stem != file_stem(f"x{message_id}")
