"""add() and remove() change one person and nothing else of a file."""

import stat
import tomllib

import pytest

from digest.errors import ConfigError
from digest.subscribers.edit import add, remove

AOT = """\
# top
title = "T"  # the title

# about Ada
[[subscribers]]
email = "ada@x.test" # hers
# within
name = "Ada"

# about Ben
[[subscribers]]
email = "ben@x.test"

# about Cy
[[subscribers]]
email = "cy@x.test"
# the end
"""


def test_somebody_added_stands_at_the_end_and_every_comment_stays(folder, write):
    path = write("team.toml", AOT)
    edit = add(folder, "team", "dora@x.test", name='Dora "D"', topics=["World", "Arts"], language="en")
    assert (edit.changed, edit.says) == (True, "dora@x.test is now on team (subscribers/team.toml)")
    text = path.read_text()
    assert text.startswith(AOT)
    assert tomllib.loads(text)["subscribers"][-1] == {
        "email": "dora@x.test",
        "name": 'Dora "D"',
        "language": "en",
        "topics": ["World", "Arts"],
    }


def test_the_same_is_read_back(folder, lists):
    add(folder, "readers", "cy@example.org", timezone="Europe/Berlin", subscriber_id="c-1")
    found = lists.find("cy@example.org")
    assert (found.id, found.timezone, found.lists) == ("c-1", "Europe/Berlin", ("readers",))
    assert lists.mistakes() == ()


@pytest.mark.parametrize(
    "before",
    [
        "",
        'title = "x"',
        "# nobody yet\n",
        "subscribers = []\n",
        '[[subscribers]]\nemail = "a@x.test"',
        "\ufefftitle = 'x'\n",
    ],
)
def test_a_file_may_end_anyhow(folder, write, lists, before):
    path = write("team.toml", before)
    add(folder, "team", "b@x.test")
    assert [one.email for one in lists.read(["team"])][-1] == "b@x.test"
    assert path.read_text().startswith(before.rstrip("\n")) or "= []" in before


def test_an_inline_list_gets_an_inline_table(folder, write, lists):
    path = write("team.toml", 'subscribers = [\n  {email = "a@x.test"}, # one\n]\n')
    add(folder, "team", "b@x.test")
    assert "# one" in path.read_text()
    assert len(lists.read(["team"])) == 2
    remove(folder, "a@x.test", "team")
    assert [one.email for one in lists.read(["team"])] == ["b@x.test"]


def test_windows_line_ends_stay(folder, write, lists):
    path = write("team.toml", AOT.replace("\n", "\r\n"))
    add(folder, "team", "d@x.test")
    remove(folder, "ben@x.test")
    assert b"\n" not in path.read_bytes().replace(b"\r\n", b"")
    assert len(lists.read(["team"])) == 3


def test_somebody_there_already_is_said_and_nothing_changes(folder):
    before = (folder / "readers.toml").read_bytes()
    edit = add(folder, "readers", "ADA@example.ORG", name="Other")
    assert not edit.changed
    assert edit.says == "Ada@example.org is on readers already (subscribers/readers.toml:5); nothing was changed"
    assert (folder / "readers.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("who", "left", "gone"),
    [
        ("ada@x.test", ("# top", "# about Ada", "# about Ben", "# about Cy", "# the end"), ("# hers", "# within")),
        ("ben@x.test", ("# hers", "# within", "# about Ben", "# about Cy", "# the end"), ()),
        ("CY@X.test", ("# within", "# about Cy", "# the end"), ()),
    ],
)
def test_somebody_removed_takes_only_their_own_table_along(folder, write, lists, who, left, gone):
    path = write("team.toml", AOT)
    (edit,) = remove(folder, who)
    assert edit.says == f"{who} is no longer on team (subscribers/team.toml)"
    lines = path.read_text()
    assert all(comment in lines for comment in left)
    assert not any(comment in lines for comment in gone)
    assert [lines.index(comment) for comment in left] == sorted(lines.index(comment) for comment in left)
    assert len(lists.read(["team"])) == 2
    assert lists.find(who) is None


def test_everybody_can_be_removed(folder, write, lists):
    path = write("team.toml", AOT)
    for who in ("ada", "cy", "ben"):
        remove(folder, f"{who}@x.test", "team")
    assert tuple(lists.read(["team"])) == ()
    assert "# about Cy" in path.read_text()
    add(folder, "team", "new@x.test")
    assert len(lists.read(["team"])) == 1


def test_somebody_on_two_lists_leaves_both_or_the_one_named(folder, write, lists):
    write("team.csv", "email\nada@example.org\n")
    remove(folder, "ada@example.org", "team")
    assert lists.find("ada@example.org").lists == ("readers",)
    add(folder, "team", "ada@example.org")
    assert [edit.list for edit in remove(folder, "ada@example.org")] == ["readers", "team"]


def test_csv_gets_a_line_in_its_own_form_and_loses_only_the_persons(folder, write, lists):
    before = '\ufeffEmail;Name;topics\r\n# odd@x.test;;\r\nben@x.test;"B; en";World'
    path = write("team.csv", before)
    add(folder, "team", "cy@x.test", name="Cy; esq.", topics=["World", "Arts"])
    assert path.read_bytes() == (before + '\r\ncy@x.test;"Cy; esq.";"World;Arts"\r\n').encode()
    assert lists.find("cy@x.test").topics == ("World", "Arts")
    remove(folder, "BEN@x.test")
    assert path.read_bytes() == (
        '\ufeffEmail;Name;topics\r\n# odd@x.test;;\r\ncy@x.test;"Cy; esq.";"World;Arts"\r\n'.encode()
    )


def test_a_line_whose_address_is_none_can_be_removed(folder, write):
    path = write("team.csv", "email,name\nnot an address,X\na@x.test,A\n")
    remove(folder, "not an address", "team")
    assert path.read_text() == "email,name\na@x.test,A\n"


def test_a_column_that_is_missing_is_said(folder, write):
    write("team.csv", "email\n")
    with pytest.raises(ConfigError, match=r"^subscribers/team\.csv: the file has no column name; add it to the first"):
        add(folder, "team", "a@x.test", name="A")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("raeders", "a@x.test"), r'no list called "raeders"; did you mean "readers"\? \(known: readers\)'),
        (("readers", "a@x,test"), r"subscribers/readers\.toml: email: .* invalid characters"),
        (("readers", ""), "email: "),
        (("readers", "a@x.test\r\nBcc: b@x.test"), r"U\+000D"),
    ],
)
def test_what_cannot_be_added_is_one_line(folder, arguments, why):
    before = (folder / "readers.toml").read_bytes()
    with pytest.raises(ConfigError, match=why) as caught:
        add(folder, *arguments)
    assert len(str(caught.value).splitlines()) == 1
    assert (folder / "readers.toml").read_bytes() == before


def test_an_id_of_somebody_else_is_refused(folder, write):
    write("team.csv", "email,id\na@x.test,7\n")
    with pytest.raises(ConfigError, match='the id "7" is on line 2 already; choose another'):
        add(folder, "team", "b@x.test", subscriber_id="7")


def test_somebody_on_no_list_is_said(folder):
    with pytest.raises(ConfigError, match=r'^subscribers/: "a@x.test" is on no list; looked in: readers$'):
        remove(folder, "a@x.test")


def test_a_broken_file_is_not_edited(folder, write):
    write("team.toml", 'title = "x\n')
    with pytest.raises(ConfigError, match=r"^subscribers/team\.toml:1: not TOML"):
        add(folder, "team", "a@x.test")
    with pytest.raises(ConfigError, match=r"^subscribers/team\.toml:1: not TOML"):
        remove(folder, "a@x.test", "team")


def test_the_mode_stays_a_link_stays_and_nothing_is_left_behind(folder, tmp_path):
    kept = tmp_path / "kept.toml"
    kept.write_text(AOT)
    kept.chmod(0o640)
    (folder / "team.toml").symlink_to(kept)
    add(folder, "team", "d@x.test")
    assert (folder / "team.toml").is_symlink()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o640
    assert "d@x.test" in kept.read_text()
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "readers.toml", "team.toml"]


def test_a_person_of_two_lines_goes_with_both(folder, write):
    path = write("team.csv", 'email,topics\na@x.test,"World;\nArts"\nb@x.test,\n')
    remove(folder, "a@x.test")
    assert path.read_text() == "email,topics\nb@x.test,\n"
