"""Which subscriber sees which variant."""

import pytest

from digest.composer import audience_of, audiences_of
from digest.model import Audience, Subscriber


def person(*topics, language=""):
    return Subscriber(id="x", email="x@example.org", topics=topics, language=language)


@pytest.mark.parametrize(
    ("who", "audience"),
    [
        (person(), Audience(language="en")),
        (person(language="de"), Audience(language="de")),
        (person("Science"), Audience(language="en", topics=("Science",))),
        (person("science", "Gardening"), Audience(language="en", topics=("Science",))),
        (person("Gardening"), Audience(language="en")),
        (person("World", "Science"), Audience(language="en")),
    ],
)
def test_language_and_topics_choose_the_variant(newsletter, who, audience):
    assert audience_of(who, newsletter) == audience


def test_each_variant_is_asked_for_once(newsletter):
    people = [person(), person("Science"), person("SCIENCE"), person("Gardening"), person(language="de")]
    assert {one.key for one in audiences_of(people, newsletter)} == {"en", "en+Science", "de"}
