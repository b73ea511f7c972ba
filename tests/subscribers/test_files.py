"""List files are read whole, each person once, and every bad line is named with its place and what to do."""

import pytest

from digest.errors import ConfigError
from digest.subscribers.files import FileSubscribers

BAD_TOML = """\
titel = "Readers"

[[subscribers]]
email = "ada@example.org"

[[subscribers]]
name = "nobody"
"""
MANY_MISTAKES = '''\
[[subscribers]]
email = "ada@example.org"
id = "7"

[[subscribers]]
name = """
[[subscribers]]
in a text"""
email = "ben@example,org"
langauge = "en"

[[subscribers]]
email = "ADA@example.org"

[[subscribers]]
email = "cy@example.org"
timezone = "America/NewYork"
language = "english"
topics = "World"
id = "7"

[[subscribers]]
email = "dan@example.org"
id = "7"

[[subscribers]]
name = 5
'''


EXPECTED = """\
6: [[subscribers]] name: holds the character U+000A; take it out
9: [[subscribers]] email: "ben@example,org": the part after the @-sign contains invalid characters: ','; write it like \
ada@example.org
10: [[subscribers]] langauge: unknown key; did you mean "language"? (known: email, name, language, timezone, topics, id)
13: [[subscribers]] email: "ada@example.org" stands on line 1 already; remove one of the two
17: [[subscribers]] timezone: no zone called "America/NewYork"; did you mean "America/New_York"?
18: [[subscribers]] language: "english" is no language tag; write for example en, de or pt-BR
19: [[subscribers]] topics: no list of names; write for example ["World", "Science"]
24: [[subscribers]] id: "7" stands on line 1 already; remove one of the two
27: [[subscribers]] name: a number instead of text; put it in quotes
26: [[subscribers]] email: missing; every subscriber needs an email
""".splitlines()


def said(lists, *names):
    return [str(one) for one in lists.mistakes(names or None)]


def test_people_come_with_what_the_file_says(lists, key):
    ada, ben = lists.read(["readers"])
    assert (ada.email, ada.name, ada.timezone, ada.language) == (
        "Ada@example.org",
        "Ada",
        "America/New_York",
        "en",
    )
    assert (ada.lists, ada.topics) == (("readers",), ("World",))
    assert (ada.file, ada.line, ben.line) == ("subscribers/readers.toml", 5, 13)
    assert ben.email == "ben@xn--bcher-kva.example"
    assert ben.id == key.subscriber_id(ben.email)
    assert lists.mistakes() == ()


def test_the_shown_name_and_title_of_each_list_are_known(lists, write):
    write("team.csv", "email\ncy@example.org\n")
    assert [(one.name, one.title, len(one.people)) for one in lists.lists()] == [
        ("readers", "Readers of the morning briefing", 2),
        ("team", "", 1),
    ]


def test_csv_is_read_with_any_of_three_delimiters_and_a_bom(lists, write):
    for delimiter in (",", ";", "\t"):
        text = '\ufeffEmail,Name,topics,id\r\n\r\ncy@example.org,"Cy; the 2nd","World;Arts",c-1\r\n'
        write("team.csv", text.replace(",", delimiter))
        (cy,) = lists.read(["team"])
        assert (cy.id, cy.topics, cy.line) == ("c-1", ("World", "Arts"), 3)
        assert cy.name == "Cy; the 2nd"


def test_a_person_on_two_lists_is_one_person_with_both(lists, write):
    write("team.csv", "email,name,id,language\nada@EXAMPLE.org,Someone,a-1,de\ncy@example.org,,,\n")
    people = tuple(lists.read(["readers", "team"]))
    assert [(one.email, one.lists) for one in people] == [
        ("Ada@example.org", ("readers", "team")),
        ("ben@xn--bcher-kva.example", ("readers",)),
        ("cy@example.org", ("team",)),
    ]
    assert (people[0].id, people[0].name, people[0].language) == ("a-1", "Ada", "en")


def test_sorting_a_file_or_changing_a_name_changes_no_id(lists, write):
    write("team.csv", "email,name\na@example.org,A\nb@example.org,B\n")
    before = {one.email: one.id for one in lists.read(["team"])}
    write("team.csv", "email,name\nb@example.org,Bee\na@example.org,A\n")
    assert {one.email: one.id for one in lists.read(["team"])} == before


def test_every_mistake_is_said_at_once_with_its_line(lists, write):
    write("team.toml", MANY_MISTAKES)
    assert [one.removeprefix("subscribers/team.toml:") for one in said(lists)] == EXPECTED


def test_nobody_is_read_while_a_line_is_bad_unless_bad_lines_are_skipped(lists, write):
    write("team.csv", "email,name\ncy@example.org,Cy\nnot an address,X\n")
    with pytest.raises(ConfigError, match=r'subscribers/team\.csv:3: email: "not an address" holds a blank') as caught:
        lists.read(["readers", "team"])
    assert caught.value.exit_code == 2
    assert [one.email for one in lists.read(["team"], skip_bad=True)] == ["cy@example.org"]
    assert len(lists.read(["readers"])) == 2


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("team.toml", BAD_TOML, r':1: titel: unknown key; did you mean "title"\?'),
        ("team.toml", 'title = "x"\nemail = ada@example.org\n', ":2: not TOML: invalid value"),
        ("team.toml", 'title = "x"\n[[subscribers]\n', ":2: not TOML: "),
        ("team.toml", "title = 5\n", ":1: title: a number instead of text"),
        ("team.toml", 'subscribers = "ada@example.org"\n', r":1: subscribers: no tables; .*\[\[subscribers\]\]"),
        ("team.toml", "x = " + "[" * 5000, ": lists nested too deeply"),
        ("team.toml", b'title = "x"\n# \xff\n', ":2: not UTF-8; save the file as UTF-8"),
        ("team.csv", "", ":1: empty; begin with a header such as email,name"),
        ("team.csv", "name,mail\n", ":1: no column email"),
        ("team.csv", "email,nmae\n", r':1: nmae: unknown column; did you mean "name"\?'),
        ("team.csv", "email,name,name\n", ":1: name: this column stands twice"),
        ("team.csv", 'email,name\na@b.test,"A\nb@b.test,B\n', ":2: not CSV: .*; is a quote missing"),
        ("team.csv", "email\ra@b.test\r", ":1: not CSV: new-line character"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_never_skipped(lists, write, name, content, why):
    write(name, content)
    with pytest.raises(ConfigError, match=f"^subscribers/{name}{why}"):
        lists.read(["team"], skip_bad=True)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("email\na@b.test,A\n", ":2: 2 cells under a header of 1"),
        (b"email,name\na@b.test,\xff\n", ":2: not UTF-8"),
        ("email,name\na@b.test," + "x" * 70_000 + "\nb@b.test,B\n", ":2: a line of more than 64 kB"),
        ("email,name\na@b.test," + "x" * 201 + "\n", ":2: name: 201 characters; write at most 200"),
        ("email,name\na@b.test,\u202eA\n", r":2: name: holds the character U\+202E"),
        ('email,name\nb@b.test,"B\nBee"\na@b.test,A\nb@b.test,B\n', r":2: name: holds the character U\+000A"),
        ("email,id\na@b.test,a@b.test\n", ':2: id: "a@b.test" is no id'),
    ],
)
def test_a_bad_line_of_csv_is_named_and_the_others_are_still_read(lists, write, content, why):
    write("team.csv", content)
    assert f"subscribers/team.csv{why}".replace("\\", "") in said(lists)[0]
    assert all(one.email == "b@b.test" or "b@b" in str(content) for one in lists.read(["team"], skip_bad=True))


def test_the_line_after_a_text_of_two_lines_is_counted_right(lists, write):
    write("team.csv", 'email,topics\na@b.test,"World;\nArts"\nbad,\n')
    assert said(lists)[0].startswith("subscribers/team.csv:4: email:")


def test_a_file_of_more_than_100_mb_is_not_read(lists, write):
    with write("team.csv", "email\n").open("r+b") as stream:
        stream.truncate(101 * 1024 * 1024)
    assert said(lists) == ["subscribers/team.csv: 101 MB; at most 100 MB are read; split the list"]


def test_an_unknown_list_is_named_with_the_nearest(lists):
    with pytest.raises(
        ConfigError, match=r'^subscribers/: no list called "raeders"; did you mean "readers"\? \(known: '
    ):
        lists.read(["raeders"], skip_bad=True)


def test_a_missing_folder_holds_no_list(tmp_path, key):
    lists = FileSubscribers(tmp_path / "subscribers", ledger_key=key)
    assert lists.lists() == ()
    assert said(lists, "readers") == ['subscribers/: no list called "readers"; make subscribers/readers.toml']


def test_two_files_of_one_list_are_a_mistake(lists, write):
    write("readers.csv", "email\ncy@example.org\n")
    with pytest.raises(ConfigError, match=r'readers\.csv and readers\.toml are both the list "readers"; keep one'):
        lists.read(["readers"])


def test_an_id_that_two_lists_give_to_two_people_is_a_mistake_where_they_are_read_together(lists, write):
    write("one.csv", "email,id\na@b.test,7\n")
    write("two.csv", "email,id\nc@b.test,7\n")
    assert said(lists) == []
    assert said(lists, "one", "two") == [
        'subscribers/two.csv:2: id: "7" is another person\'s in subscribers/one.csv:2; change one of the two'
    ]
    with pytest.raises(ConfigError, match="another person"):
        lists.read(["one", "two"])
    assert [one.email for one in lists.read(["one", "two"], skip_bad=True)] == ["a@b.test"]


def test_people_are_found_with_all_their_lists(lists, write):
    write("team.csv", "email\nada@example.org\nbad address\n")
    found = lists.find("ADA@Example.org")
    assert found.lists == ("readers", "team")
    assert lists.find("nobody@example.org") is None


def test_an_inline_table_has_its_line_too(lists, write):
    write("team.toml", 'subscribers = [\n  {email = "a@b.test"},\n  {email = "no"},\n]\n')
    assert said(lists)[0].startswith("subscribers/team.toml:3: [[subscribers]] email:")


def test_an_address_that_may_imitate_another_is_warned_of(lists, write):
    write("team.csv", "email\nada@p\u0430ypal.test\n")
    (file,) = [one for one in lists.lists() if one.name == "team"]
    assert "subscribers/team.csv:2: email: the domain" in str(file.warnings()[0])
    assert file.mistakes == ()
