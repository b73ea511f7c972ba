"""SIGKILL at each commit point (SENDING.md 3): the next run loses nobody, and doubles only where nobody can know."""

import pytest

from tests.end_to_end.situation import NOW, smtp

KEY = "morning@2026-03-10"
READERS = 12
CONNECTIONS = 3

NOTHING_ON_THE_WIRE = ("before_c0", "after_c0", "inside_c1", "after_c1", "after_c2", "before_c4")
IN_DOUBT = ("after_c4", "in_body", "after_dot", "after_reply")
DONE = ("after_c5", "before_c6")


@pytest.fixture
def relay(project, running_sink):
    sink = running_sink()
    project.configure(transport=smtp(sink.port, max_connections=CONNECTIONS), newsletter='doubt_pause = "0s"')
    project.readers(READERS)
    return sink


def arrived(sink):
    """How often each reader got the issue, and under how many Message-IDs."""
    copies = {}
    for message in sink.messages:
        (reader,) = message.recipients
        copies.setdefault(reader, []).append(message.message_id)
    return copies


def finish(project):
    project.digest("send", "morning", "--as-of", NOW)
    assert project.state(KEY) == "done"
    assert project.counts(KEY) == {"sent": READERS}


@pytest.mark.parametrize("mark", NOTHING_ON_THE_WIRE)
def test_row02_before_anything_is_on_the_wire_nobody_is_lost_or_doubled(project, relay, mark):
    project.crash(mark, "send", "morning", "--as-of", NOW)
    finish(project)
    copies = arrived(relay)
    assert len(copies) == READERS
    assert all(len(ids) == 1 for ids in copies.values())


@pytest.mark.parametrize("mark", IN_DOUBT)
def test_row02_in_the_gap_at_most_one_row_per_connection_is_doubled(project, relay, mark):
    project.crash(mark, "send", "morning", "--as-of", NOW, hit=5)
    known = arrived(relay)
    finish(project)
    copies = arrived(relay)
    assert len(copies) == READERS
    doubled = [reader for reader, ids in copies.items() if len(ids) > 1]
    assert len(doubled) <= CONNECTIONS
    assert set(doubled) <= set(known)
    assert max(map(len, copies.values())) <= 2
    assert all(len(set(ids)) == 1 for ids in copies.values()), "a copy carries the same Message-ID"


@pytest.mark.parametrize("mark", DONE)
def test_row02_after_the_outcome_is_on_disk_nobody_hears_twice(project, relay, mark):
    project.crash(mark, "send", "morning", "--as-of", NOW)
    recorded = {message.recipients[0] for message in relay.messages}
    finish(project)
    copies = arrived(relay)
    assert len(copies) == READERS
    assert recorded <= set(copies)


def test_with_hold_nobody_hears_twice_and_the_doubtful_are_named(project, running_sink):
    sink = running_sink()
    project.configure(
        transport=smtp(sink.port, max_connections=CONNECTIONS), newsletter='doubt = "hold"\ndoubt_pause = "0s"'
    )
    project.readers(READERS)
    project.crash("after_dot", "send", "morning", "--as-of", NOW, hit=5)
    project.digest("send", "morning", "--as-of", NOW)
    copies = arrived(sink)
    assert all(len(ids) == 1 for ids in copies.values())
    counts = project.counts(KEY)
    assert counts["sent"] + counts["in_doubt"] == READERS
    assert 1 <= counts["in_doubt"] <= CONNECTIONS
    assert len(project.json("issues", "audit", KEY)["in_doubt"]) == counts["in_doubt"]


def test_a_doubtful_row_waits_for_its_pause(project, running_sink):
    sink = running_sink()
    project.configure(transport=smtp(sink.port, max_connections=1))
    project.crash("after_dot", "send", "morning", "--as-of", NOW)
    out = project.digest("send", "morning", "--as-of", NOW, code=1)
    assert "1 in doubt (again after 06:40)" in out
    project.digest("send", "morning", "--as-of", "2026-03-10T06:41Z")
    assert project.counts(KEY) == {"sent": 3}


def test_a_crash_between_two_feeds_states_loses_no_article(project, running_sink):
    """Turning point 1: what was read once is picked from the store, whatever the source says later."""
    project.crash("before_c0", "send", "morning", "--as-of", NOW)
    project.news([])
    project.digest("send", "morning", "--as-of", NOW)
    assert len(project.json("issues", "show", KEY)["picks"]["chosen"]) == 5


def test_a_resumed_issue_reads_no_theme_list_or_source_again(project, running_sink):
    """Turning points 2 and 3: after C1 the issue and its list are what they were."""
    sink = running_sink()
    project.configure(transport=smtp(sink.port))
    project.crash("after_c1", "send", "morning", "--as-of", NOW)
    project.readers(9)
    project.news([])
    project.digest("send", "morning", "--as-of", NOW)
    assert len(sink.messages) == 3
