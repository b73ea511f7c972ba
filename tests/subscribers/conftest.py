"""A folder of lists and the key that names people."""

import pytest

from digest.subscribers.files import FileSubscribers
from digest.subscribers.identity import LedgerKey

READERS = """\
# kept by Ben
title = "Readers of the morning briefing"

# asked by phone
[[subscribers]]
email = "Ada@Example.org"  # her work address
name = "Ada"
timezone = "America/New_York"
language = "en"
topics = ["World"]

# from the fair
[[subscribers]]
email = "ben@b\u00fccher.example"
"""


@pytest.fixture
def key():
    return LedgerKey(b"k" * 32)


@pytest.fixture
def folder(tmp_path):
    """subscribers/readers.toml with two people."""
    folder = tmp_path / "subscribers"
    folder.mkdir()
    (folder / "readers.toml").write_text(READERS)
    (folder / "README.md").write_text("Lists of people.")
    return folder


@pytest.fixture
def lists(folder, key):
    return FileSubscribers(folder, ledger_key=key)


@pytest.fixture
def write(folder):
    """Write a list file; text or bytes."""

    def make(name, text):
        path = folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return make
