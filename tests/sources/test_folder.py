"""An editor's notes: a file is an article and stays the same one; a broken file costs nobody else."""

import asyncio
import os
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import SourceError
from digest.model import Reason, Source, SourceState
from digest.sources import FolderReader, gather, make
from digest.sources.notes import NoteError, read_note

WRITTEN = datetime(2026, 11, 22, 12, tzinfo=UTC)
WHOLE = """\
+++
headline = "Our reporters meet you"
url = "https://desk.example/meet"
published = 2026-11-23T06:00:00+01:00
kicker = "From the desk"
byline = "Ada Marsh"
image = "https://desk.example/meet.jpg"
alt = "A full hall"
expires = "2026-11-30"
section = "Notes"
tags = ["readers"]
+++

Come **along** on Friday. <b>Free</b> entry.
"""


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "notes"
    made.mkdir()
    return made


@pytest.fixture
def desk(folder, now):
    """Writes files, reads the folder."""

    class Desk:
        source = Source(name="notes", kind="folder", path=str(folder))

        def write(self, name, text):
            (folder / name).write_text(text, "utf-8")
            os.utime(folder / name, (WRITTEN.timestamp(), WRITTEN.timestamp()))

        def read(self, state=None, stored=(), at=now):
            async def known(names, since):
                return tuple(stored)

            reader = FolderReader(known=known)
            return asyncio.run(reader.read(self.source, state or SourceState(name="notes"), now=at))

        def articles(self, reading, at=now):
            return make(reading, self.source, SourceState(name="notes", first_reading=WRITTEN), now=at)

    return Desk()


def test_a_note_gives_every_field():
    note = read_note(WHOLE, name="meet.md", written=WRITTEN)
    assert (note.headline, note.url, note.guid) == ("Our reporters meet you", "https://desk.example/meet", "meet.md")
    assert note.published == datetime(2026, 11, 23, 5, tzinfo=UTC)
    assert note.expires == datetime(2026, 11, 30, tzinfo=UTC)
    assert (note.kicker, note.byline, note.section, note.tags) == ("From the desk", "Ada Marsh", "Notes", ("readers",))
    assert (note.images[0].url, note.images[0].alt) == ("https://desk.example/meet.jpg", "A full hall")
    assert note.summary == "Come along on Friday. <b>Free</b> entry."


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", "---\nheadline: 'Doors open'\npublished: 2026-11-23\n---\nAt eight."),
        ("a.md", "# Doors *open*\n\nAt eight."),
        ("a.toml", 'headline = "Doors open"\ntext = """\nAt eight.\n"""\n'),
        ("a.md", "\ufeff+++\r\nheadline = 'Doors open'\r\n+++\r\nAt eight."),
    ],
)
def test_every_form_says_the_same(name, text):
    note = read_note(text, name=name, written=WRITTEN)
    assert (note.headline, note.summary) == ("Doors open", "At eight.")
    assert note.published == (datetime(2026, 11, 23, tzinfo=UTC) if "2026" in text else WRITTEN)


def test_a_paid_note_names_whoever_pays():
    note = read_note('+++\nheadline = "A loan"\nsponsor = "Harbour Bank"\n+++\n', name="a.md", written=WRITTEN)
    assert (note.kicker, note.sponsor) == ("", "Harbour Bank")


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("+++\nheadline = Doors\n+++\n", 2, "not TOML"),
        ("+++\nheadline = 'x'\nheadlin = 'y'\n+++\n", 3, 'did you mean "headline"'),
        ("+++\nheadline = 'x'\n", 1, "still being written"),
        ("---\nheadline: x\nand so on\n---\n", 3, "key: value"),
        ("+++\nheadline = 'x'\nurl = 'javascript:alert(1)'\n+++\n", 3, "whole address"),
        ("+++\nheadline = 'x'\n\nexpires = 'soon'\n+++\n", 4, "write a date"),
        ("Just text", 1, "no headline"),
        ("+++\nheadline = 7\n+++\n", 2, "must be text"),
    ],
)
def test_what_is_wrong_with_a_note_has_its_line(text, line, why):
    with pytest.raises(NoteError, match=why) as found:
        read_note(text, name="a.md", written=WRITTEN)
    assert found.value.line == line


@given(st.text(max_size=200), st.sampled_from(["a.md", "a.toml"]), st.sampled_from(["", "+++\n", "---\n", "# "]))
def test_whatever_a_file_holds_it_is_a_note_or_names_its_line(text, name, start):
    try:
        note = read_note(start + text, name=name, written=WRITTEN)
    except NoteError as error:
        outcome = error.line
    else:
        outcome = note.headline
    assert outcome


def test_a_broken_note_is_named_and_the_others_are_read(desk, folder):
    desk.write("good.md", WHOLE)
    desk.write("bad.md", "+++\nheadline = Doors\n+++\n")
    (folder / "latin.md").write_bytes(b"# Caf\xe9\n")
    (folder / "huge.md").write_bytes(b"# x\n" * 100_000)
    (folder / ".draft.md").write_text("nothing yet")
    (folder / "README.md").write_text("how to")
    reading = desk.read()
    assert [one.headline for one in reading.declared] == ["Our reporters meet you"]
    assert any(note.startswith(f"{folder / 'bad.md'}:2: not TOML") for note in reading.notes)
    assert any("latin.md:1: is not UTF-8" in note for note in reading.notes)
    assert any("huge.md:1: larger than" in note for note in reading.notes)
    assert len(reading.notes) == 3


def test_a_note_needs_no_link_and_stays_itself_when_it_is_rewritten(desk):
    desk.write("doors.md", "# Doors open\n\nAt eight.")
    first = desk.articles(desk.read())
    desk.write("doors.md", "# Doors stay closed\n\nCome tomorrow.")
    second = desk.articles(desk.read())
    assert first[0].refused == second[0].refused == ""
    assert first[0].id == second[0].id
    assert set(first[0].keys) & set(second[0].keys)


def test_notes_that_are_over_or_dated_ahead_are_not_offered(desk, now):
    desk.write("over.md", "+++\nheadline = 'Over'\nexpires = 2026-11-23T06:00:00Z\n+++\n")
    desk.write("later.md", "+++\nheadline = 'Later'\npublished = 2026-11-24\n+++\n")
    reading = desk.read()
    (over,) = desk.articles(reading)
    assert over.refused == Reason.TOO_OLD
    assert reading.notes == ("later.md: waits for its date",)
    tomorrow = now + timedelta(days=1)
    again = desk.read(SourceState(name="notes", body_hash=reading.body_hash), at=tomorrow)
    assert "Later" in [one.headline for one in again.declared]


def test_a_note_whose_file_is_gone_is_over(desk, folder):
    desk.write("doors.md", "# Doors open\n\nAt eight.")
    desk.write("other.md", "# Another\n\nText.")
    stored = desk.articles(desk.read())
    (folder / "doors.md").unlink()
    articles = desk.articles(desk.read(stored=stored))
    assert {one.headline: one.refused for one in articles} == {"Another": "", "Doors open": Reason.TOO_OLD}
    assert not desk.articles(desk.read(stored=articles))[1:]  # said once


def test_an_unchanged_folder_an_empty_and_a_missing_one(desk, folder, shelf, now):
    desk.write("doors.md", "# Doors open\n\nAt eight.")
    first = desk.read()
    assert desk.read(SourceState(name="notes", body_hash=first.body_hash)).unchanged
    (folder / "doors.md").unlink()
    harvest = asyncio.run(gather([desk.source], {"folder": FolderReader()}, shelf, now=now))
    assert not harvest.failures
    folder.rmdir()
    with pytest.raises(SourceError, match="No such file"):
        desk.read()
