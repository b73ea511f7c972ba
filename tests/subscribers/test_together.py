"""Lists are read once and written away; what comes back is what reading them whole gave, whatever stands in them."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import ConfigError
from digest.model import Subscriber
from digest.subscribers.files import FileSubscribers
from digest.subscribers.identity import LedgerKey

KEY = LedgerKey(b"k" * 32)
PEOPLE = [f"{name}@example.org" for name in ("ada", "ADA", "ben", "cy", "dan", "eve")]
DERIVED = KEY.subscriber_id("ben@example.org")  # a given id may be the very one that another person gets from us
WORDS = {
    "email": st.sampled_from([*PEOPLE, "no address", ""]),
    "name": st.sampled_from(["", "A", "B"]),
    "language": st.sampled_from(["", "en", "de", "english"]),
    "topics": st.sampled_from(["", "World", "World;Arts"]),
    "id": st.sampled_from(["", "", "1", "2", DERIVED, "a b"]),
}
ROWS = st.lists(st.fixed_dictionaries(WORDS), max_size=12)
COLUMNS = tuple(WORDS)


def csv_of(rows):
    return "\n".join([",".join(COLUMNS), *(",".join(row[column] for column in COLUMNS) for row in rows)]) + "\n"


def read_whole(lists):
    """The rules, told over everything at once: people, mistakes as (list, line, key)."""
    mistakes, people = [], {}
    for name, rows in lists.items():
        seen = {}
        for line, row in enumerate(rows, 2):
            if not any(row.values()):
                continue
            bad = [
                key
                for key, wrong in (("email", "no address"), ("language", "english"), ("id", "a b"))
                if row[key] == wrong
            ]
            bad = sorted(bad, key=COLUMNS.index) + ([] if row["email"] else ["email"])
            if not bad:
                keys = [(key, row[key].lower() if key == "email" else row[key]) for key in ("email", "id") if row[key]]
                bad = [key for key, value in keys if (key, value) in seen]
                if not bad:
                    seen.update(dict.fromkeys(keys))
                    people.setdefault(row["email"].lower(), []).append((name, line, row))
            mistakes += [(name, line, key) for key in bad]
    found, owners = [], {}
    for said in people.values():
        first, line, row = said[0]
        word = {key: next((one[key] for _, _, one in said if one[key]), "") for key in COLUMNS}
        person = Subscriber(
            id=word["id"] or KEY.subscriber_id(row["email"]),
            email=row["email"],
            name=word["name"],
            language=word["language"],
            topics=tuple(filter(None, word["topics"].split(";"))),
            lists=tuple(name for name, _, _ in said),
            file=f"subscribers/{first}.csv",
            line=line,
        )
        if owners.setdefault(person.id, person) is person:
            found.append(person)
        else:
            mistakes.append((first, line, "id"))
    return found, mistakes


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["one", "two", "three"]), ROWS, min_size=1))
def test_reading_line_by_line_gives_what_reading_whole_gives(tmp_path_factory, lists):
    folder = tmp_path_factory.mktemp("project") / "subscribers"
    folder.mkdir()
    for name, rows in lists.items():
        (folder / f"{name}.csv").write_text(csv_of(rows))
    files = FileSubscribers(folder, ledger_key=KEY)
    people, mistakes = read_whole(lists)
    invited = files.read(tuple(lists), skip_bad=True)
    assert list(invited) == people
    assert list(invited) == people  # walked again
    assert len(invited) == len(people)
    assert {(one.language, one.topics) for one in invited.kinds} == {(one.language, one.topics) for one in people}
    told = [(one.file.removeprefix("subscribers/").removesuffix(".csv"), one.line, one.key) for one in invited.mistakes]
    assert told == mistakes
    assert files.mistakes(tuple(lists)) == tuple(invited.mistakes)
    for person in people[:1]:
        assert files.find(person.email).email.lower() == person.email.lower()
    if mistakes:
        with pytest.raises(ConfigError):
            files.read(tuple(lists))


def test_a_long_list_comes_back_in_its_order_with_those_of_other_lists_joined(write, lists):
    write("one.csv", "email,name\n" + "".join(f"p{n}@example.org,\n" for n in range(1000)))
    write("two.csv", "email,name\n" + "".join(f"P{n}@example.org,N{n}\n" for n in range(1500, 500, -1)))
    invited = lists.read(["one", "two"])
    assert len(invited) == 1501
    people = list(invited)
    assert [one.email for one in people[:1000]] == [f"p{n}@example.org" for n in range(1000)]
    assert (people[500].name, people[501].name, people[501].lists) == ("", "N501", ("one", "two"))
    assert [one.email for one in people[1000:]] == [f"P{n}@example.org" for n in range(1500, 999, -1)]


def test_what_was_read_stays_as_it_was_though_the_file_is_written_anew(write, lists):
    path = write("team.csv", "email\n" + "".join(f"p{n}@example.org\n" for n in range(200)))
    invited = lists.read(["team"])
    path.write_text("email\nnobody@example.org\n")
    assert [one.email for one in invited] == [f"p{n}@example.org" for n in range(200)]


def test_no_room_for_the_copy_of_a_long_list_is_said_in_one_line(write, folder, key):
    write("team.csv", "email\n" + "".join(f"{n}-{'x' * 50}@example.org\n" for n in range(20_000)))
    lists = FileSubscribers(folder, ledger_key=key, scratch=folder / "missing")
    with pytest.raises(
        ConfigError,
        match=r"^subscribers/team\.csv: cannot be read: no copy of it can be made: No such file or directory$",
    ):
        lists.read(["team"])


PEAK = """
import resource, sys
from pathlib import Path
from digest.subscribers.files import FileSubscribers
from digest.subscribers.identity import LedgerKey
invited = FileSubscribers(Path(sys.argv[1]), ledger_key=LedgerKey(b"k")).read(sys.argv[2:])
count = sum(1 for _ in invited)
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak_of(folder, *names):
    """How many came, and the process's peak memory in kB."""
    run = [sys.executable, "-c", PEAK, str(folder), *names]
    return tuple(map(int, subprocess.run(run, check=True, capture_output=True, text=True).stdout.split()))


def test_memory_grows_by_a_few_bytes_a_person(write, folder):
    """People held as objects took 600 bytes each."""
    for name, count in (("short", 10_000), ("long", 40_000), ("other", 40_000)):
        write(f"{name}.csv", "email,name\n" + "".join(f"p{n}@example.org,Person {n}\n" for n in range(count)))
    _, few = peak_of(folder, "short")
    count, many = peak_of(folder, "long")
    assert count == 40_000
    assert (many - few) * 1024 / 30_000 < 60
    count, again = peak_of(folder, "long", "other")  # everybody stands twice
    assert count == 40_000
    assert (again - few) * 1024 / 70_000 < 60
