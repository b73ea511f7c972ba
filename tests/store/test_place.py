"""Where the store lies and who may read it."""

import asyncio
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from digest.errors import StoreError
from digest.store import Store, migrate
from digest.store.place import database_path, narrow, prepare_place, refuse_network, require_room
from tests.store.world import KEY, begin

MAKE = """
import asyncio, os, sys
os.umask(int(sys.argv[2], 8))
from digest.store import Store
from tests.store.world import begin
async def main():
    store = await Store.open(sys.argv[1], ledger_key=b"k")
    async with store.sending():
        await begin(store)
        folder = store.path.parent
        for file in (folder, *sorted(folder.iterdir())):
            print(f"{file.name} {file.stat().st_mode & 0o777:o}")
    await store.close()
asyncio.run(main())
"""


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", ["000", "077", "277"])
def test_t32_the_ledger_is_private_under_any_umask(url, root, umask):
    done = subprocess.run(
        [sys.executable, "-c", MAKE, url, umask], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[:-1] == [
        "var 700",
        "digest.db 600",
        "digest.db-shm 600",
        "digest.db-wal 600",
        "digest.db.lock 600",
    ]


def test_t32_a_store_that_somebody_opened_up_is_closed_again(opened, tmp_path):
    opened(begin)
    file = tmp_path / "var" / "digest.db"
    file.chmod(0o644)
    opened(begin_nothing)
    assert mode(file) == 0o600


async def begin_nothing(store):
    return None


def test_t32_a_folder_that_was_there_before_keeps_its_rights(tmp_path):
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o755)
    migrate.upgrade(f"sqlite:///{folder}/digest.db")
    assert (mode(folder), mode(folder / "digest.db")) == (0o755, 0o600)


def test_a_file_that_is_not_there_is_not_made_by_narrowing(tmp_path):
    narrow(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "no database URL"),
        ("sqlite://", "a SQLite file"),
        ("sqlite:///:memory:", "a SQLite file"),
        ("postgresql://ada:secret@db/digest", r"ada:\*\*\*@db"),
    ],
)
def test_only_a_sqlite_file_is_a_store_and_no_password_is_shown(url, said):
    with pytest.raises(StoreError, match=said) as caught:
        database_path(url)
    assert "secret" not in str(caught.value)


MOUNTS = """\
/dev/vda / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
/dev/vdb /home/ada/local ext4 rw 0 0
sshfs#x /mnt/far\\040away fuse.sshfs rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"), [("/home/bob", "nfs4"), ("/home", "nfs4"), ("/mnt/far away/x", "fuse.sshfs")]
)
def test_a_network_file_system_is_refused_by_name(tmp_path, folder, kind):
    table = tmp_path / "mounts"
    table.write_text(MOUNTS)
    with pytest.raises(StoreError, match=rf"{folder}: .*\({kind}\)"):
        refuse_network(type(tmp_path)(folder), mounts=table)


@pytest.mark.parametrize("folder", ["/var/lib/digest", "/home/ada/local/var", "/homes"])
def test_a_local_disk_is_not_refused(tmp_path, folder):
    table = tmp_path / "mounts"
    table.write_text(MOUNTS)
    refuse_network(type(tmp_path)(folder), mounts=table)
    refuse_network(type(tmp_path)(folder), mounts=tmp_path / "no table")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="Permission denied"):
        asyncio.run(Store.open(f"sqlite:///{tmp_path}/digest.db", ledger_key=KEY))


def test_a_file_where_a_folder_should_be_is_one_line(tmp_path):
    (tmp_path / "var").write_text("")
    with pytest.raises(StoreError, match=r"Not a directory|File exists"):
        asyncio.run(Store.open(f"sqlite:///{tmp_path}/var/digest.db", ledger_key=KEY))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may be somebody else")
def test_row09_a_store_of_another_user_is_refused_by_both_names():
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        file = Path(name) / "digest.db"
        file.touch()
        file.parent.chmod(0o755)
        os.seteuid(65534)
        try:
            with pytest.raises(StoreError, match="belongs to root, and this runs as nobody; run it as root"):
                prepare_place(file)
        finally:
            os.seteuid(0)


def test_a_sending_needs_50_mb_and_1_kb_for_each_recipient(tmp_path):
    file = tmp_path / "digest.db"
    free = shutil.disk_usage(tmp_path).free
    require_room(file, 1)
    with pytest.raises(StoreError, match=r"digest\.db: .* MB must be free to send to .*; free some space"):
        require_room(file, (free - 49_000_000) // 1000 + 1_000_000)
