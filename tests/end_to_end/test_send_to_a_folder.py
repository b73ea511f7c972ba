"""One command, from a feed to an .eml for every subscriber; again, and nobody is owed."""

from datetime import timedelta

from tests.end_to_end.situation import AS_OF, NOW, day

KEY = "morning@2026-03-10"


def test_everyone_gets_one_message(project):
    out = project.digest("send", "morning", "--as-of", NOW)
    messages = project.messages(KEY)
    assert sorted(message["To"].addresses[0].addr_spec for message in messages) == [
        f"reader{n}@example.org" for n in range(3)
    ]
    assert len({message["Message-ID"] for message in messages}) == 3
    assert {message["Subject"] for message in messages} == {"Headline0"}
    assert "3 sent" in out
    assert str(project.folder / "var" / "outbox" / KEY) in out


def test_again_nobody_is_owed_and_nothing_is_new(project):
    project.digest("send", "morning", "--as-of", NOW)
    before = {path: path.read_bytes() for path in (project.folder / "var" / "outbox").rglob("*.eml")}
    out = project.digest("send", "morning", "--as-of", "2026-03-10T07:30Z")
    assert "nobody is owed, nothing new" in out
    assert before == {path: path.read_bytes() for path in (project.folder / "var" / "outbox").rglob("*.eml")}
    assert project.state(KEY) == "done"


def test_the_report_says_what_was_picked_from_where_and_a_line_per_reason(project):
    project.news([*day(12), {"title": "An old one", "date": AS_OF - timedelta(days=9)}])
    out = project.digest("send", "morning", "--as-of", NOW)
    assert "World: Example Times 10" in out
    assert "section_full 2" in out
    assert "too_old 1: 'An old one'" in out


def test_the_next_day_brings_only_what_is_new(project):
    project.digest("send", "morning", "--as-of", NOW)
    project.news([*day(2, until=AS_OF + timedelta(days=1), about="Fresh news"), *day(5)])
    project.digest("send", "morning", "--as-of", "2026-03-11T06:30Z")
    show = project.json("issues", "show", "morning@2026-03-11")
    assert len(show["picks"]["chosen"]) == 2
    assert {out["reason"] for out in show["picks"]["left_out"]} <= {"already_used", "before_window"}


def test_a_changed_order_of_lists_changes_no_message_id(project):
    project.digest("send", "morning", "--as-of", NOW, "--to", "reader1@example.org")
    first = {message["Message-ID"] for message in project.messages(f"test-{KEY}")}
    path = project.folder / "subscribers" / "readers.toml"
    path.write_text("\n".join(reversed(path.read_text().strip().split("\n\n"))) + "\n")
    project.digest("send", "morning", "--as-of", NOW)
    sent = {message["To"].addresses[0].addr_spec: message["Message-ID"] for message in project.messages(KEY)}
    assert first == {sent["reader1@example.org"]}


def test_a_test_send_records_nothing_and_uses_nothing_up(project):
    project.digest("send", "morning", "--as-of", NOW, "--to", "editor@example.org")
    (message,) = project.messages(f"test-{KEY}")
    assert message["To"].addresses[0].addr_spec == "editor@example.org"
    assert project.json("issues", "list") == []
    project.digest("send", "morning", "--as-of", NOW)
    assert project.counts(KEY) == {"sent": 3}


def test_a_dry_run_does_nothing(project):
    out = project.digest("send", "morning", "--as-of", NOW, "--dry-run")
    assert "would go to 3 readers" in out
    assert project.json("issues", "list") == []


def test_a_labelled_slot_is_an_issue_of_its_own(project):
    project.digest("send", "morning", "--as-of", NOW)
    project.news([*day(6, until=AS_OF + timedelta(hours=7), about="Afternoon news"), *day(5)])
    project.digest("send", "morning", "--slot", "2026-03-10.pm", "--as-of", "2026-03-10T13:30Z")
    assert project.counts("morning@2026-03-10.pm") == {"sent": 3}
    assert project.json("issues", "list")[0]["row"]["number"] == 2


def test_two_subscribers_with_one_mailbox_get_one_message(project):
    project.write(
        "subscribers/friends.csv",
        "email,name\nREADER1@example.org,Other\nnew@example.org,New\n",
    )
    project.configure()
    config = project.folder / "config.toml"
    config.write_text(config.read_text().replace('lists = ["readers"]', 'lists = ["readers", "friends"]'))
    project.digest("send", "morning", "--as-of", NOW)
    assert project.counts(KEY) == {"sent": 4}


def test_a_filled_slot_is_previewed_and_explained_as_it_was_frozen(project):
    project.digest("send", "morning", "--as-of", NOW)
    project.news(day(2, about="Other news"))
    project.digest("preview", "morning", "--slot", "2026-03-10", "--out", "shown")
    for name in ("issue.html", "issue.txt", "issue.mjml"):
        sent = (project.folder / "var" / "outbox" / KEY / name).read_bytes()
        assert (project.folder / "shown" / name).read_bytes() == sent
    explained = project.json("explain", "morning", "--slot", "2026-03-10")["articles"]
    assert [one["reason"] for one in explained] == ["ranked"] * 5


def test_an_article_given_twice_by_one_source_is_explained_and_shown_twice(project):
    twice = [*day(3), {**day(1)[0], "guid": "another", "link": "https://times.example/copy"}]
    project.news(twice)
    explained = project.json("explain", "morning", "--as-of", NOW)["articles"]
    assert [one["reason"] for one in explained] == ["ranked"] * 3 + ["duplicate_of"]
    assert len(project.json("sources", "test", "world.xml")["articles"]) == 4
