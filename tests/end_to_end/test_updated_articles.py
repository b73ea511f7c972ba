"""An article that stood in an issue and is updated since: back in the next one only where its source allows that."""

import pytest

from tests.end_to_end.situation import NOW

ATOM = """
    <feed xmlns="http://www.w3.org/2005/Atom"><title>Example Times</title><id>urn:times</id><updated>{updated}</updated>
    <entry><id>urn:times:1</id><title>Bakers of Aldra strike</title><link href="https://times.example/1"/>
    <published>2026-03-10T05:00:00Z</published><updated>{updated}</updated><summary>They want ovens.</summary></entry>
    </feed>
"""


def issue_of(project, day):
    (one,) = project.json("explain", "morning", "--as-of", f"2026-03-{day}T06:30Z")["articles"]
    return one["reason"]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-03-10T06:20:00Z", 11),  # before the first issue's cut-off, read after it
        ("2026-03-14T04:00:00Z", 14),  # long after it was published
    ],
)
def test_an_update_brings_an_article_back_once_where_its_source_allows_that(project, written, day):
    config = project.folder / "config.toml"
    plain = config.read_text()
    allowed = plain.replace('outlet = "Example Times"', 'outlet = "Example Times"\nupdates = true')
    config.write_text(allowed)
    project.write("world.xml", ATOM.format(updated="2026-03-10T05:00:00Z"))
    project.digest("send", "morning", "--as-of", NOW)
    project.write("world.xml", ATOM.format(updated=written))
    config.write_text(plain)
    assert issue_of(project, day) in {"before_window", "too_old"}
    config.write_text(allowed)
    assert issue_of(project, day) == "ranked"
    project.digest("send", "morning", "--as-of", f"2026-03-{day}T06:30Z")
    assert issue_of(project, day + 1) != "ranked"
