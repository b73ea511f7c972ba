"""`--json` is one document on stdout, in the shapes that scripts count on."""

import json
from datetime import datetime

import pytest

from tests.end_to_end.situation import NOW, Project, day

KEY = "morning@2026-03-10"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project whose morning was sent; the tests only look."""
    made = Project(tmp_path_factory.mktemp("json") / "project")
    made.folder.mkdir()
    made.configure()
    made.news(day(5))
    made.readers(3)
    process = made.start("send", "morning", "--as-of", NOW, "--json")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    made.report = json.loads(out)
    return made


def document(project, *words):
    process = project.start(*words, "--json")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    return json.loads(out)


def test_send_gives_its_report(project):
    report = project.report
    assert (report["newsletter"], report["slot"], report["state"]) == ("morning", "2026-03-10", "done")
    assert (report["recipients"], report["sent_now"], report["owed"]) == (3, 3, 0)
    assert report["counts"]["sent"] == 3
    assert [one["source"] for one in report["harvest"]["results"]] == ["world"]


def test_issues_list_and_show(project):
    (one,) = document(project, "issues", "list")
    assert one["key"] == KEY
    shown = document(project, "issues", "show", KEY)
    assert shown["row"] == one["row"]
    assert shown["standing"]["counts"]["sent"] == 3
    assert len(shown["picks"]["chosen"]) == 5


def test_issues_audit(project):
    audit = document(project, "issues", "audit", KEY)
    assert (audit["broken"], audit["recipients"], audit["counts"]["sent"]) == ([], 3, 3)


def test_explain_gives_each_article_its_reason(project):
    explained = document(project, "explain", "morning", "--as-of", "2026-03-11T06:30Z")
    assert explained["slot"] == "2026-03-11"
    assert {(one["reason"], one["chosen"]) for one in explained["articles"]} == {("before_window", False)}


def test_explain_of_a_frozen_issue_keeps_ranks_and_tells_each_articles_way(project):
    explained = document(project, "explain", "morning", "--slot", "2026-03-10")
    assert len(explained["articles"]) == 5
    for one in explained["articles"]:
        assert one["score"] == pytest.approx(sum(part["value"] for part in one["parts"]), abs=1e-3)
        steps = ["reading", "window", "filter", "duplicate of", "story of", "rank", "quota"]
        assert [step["step"] for step in one["chain"]] == steps
        assert all(step["passed"] for step in one["chain"])


def test_explain_of_one_article_is_told_a_line_per_step(project):
    process = project.start("explain", "morning", "Headline3", "--slot", "2026-03-10")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    told = out.splitlines()
    assert told[1].startswith("Headline3  (Example Times, source world)")
    steps = [line.split("  ")[2].partition(":")[0] for line in told if line.startswith("  passed")]
    assert steps == ["reading", "window", "filter", "duplicate of", "story of", "rank", "quota"]
    assert any("freshness (newest article 4h old)" in line for line in told)


@pytest.mark.parametrize(("asked", "named"), [((), True), (("nowhere",), True), (("Headline3",), False)])
def test_sources_that_gave_nothing_are_named_unless_one_article_was_asked_for(project, asked, named):
    out, err = project.start("explain", "morning", *asked, "--as-of", "2026-03-11T06:30Z").communicate(timeout=60)
    assert err == ""
    assert ("source without an article: world: 5 read: 5 before_window" in out.splitlines()) == named


def test_subscribers_list_and_why(project):
    people = document(project, "subscribers", "list")
    assert [one["subscriber"]["email"] for one in people] == [f"reader{n}@example.org" for n in range(3)]
    why = document(project, "subscribers", "why", "reader1@example.org")
    assert why["newsletters"] == {"morning": "yes: on readers"}
    assert [message[:2] for message in why["messages"]] == [[KEY, "sent"]]


def test_status_and_sources(project):
    status = document(project, "status")
    assert status["newsletters"][0]["last_key"] == KEY
    assert datetime.fromisoformat(status["newsletters"][0]["next_at"]).tzinfo is not None
    assert [one["name"] for one in document(project, "sources", "list")] == ["world"]


def test_sources_test_needs_no_config(project, tmp_path):
    elsewhere = Project(tmp_path)
    reading = document(elsewhere, "sources", "test", project.folder / "world.xml")
    assert [one["headline"] for one in reading["articles"]] == [f"Headline{n}" for n in range(5)]
    assert list(tmp_path.iterdir()) == []


def test_config_schema_is_json(project):
    process = project.start("config", "schema")
    assert json.loads(process.communicate(timeout=60)[0])["type"] == "object"
