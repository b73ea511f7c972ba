"""Terms: whole words, case and accents aside; a kicker; a tag."""

import pytest

from digest.model import Reason
from digest.picker.rules import Filter, Folded, fold, parse_terms


@pytest.mark.parametrize(
    ("term", "fields", "meant"),
    [
        ("puzzles", {"headline": "PUZZLES of the week"}, True),
        ("puzzle", {"headline": "Puzzles of the week"}, False),
        ("elysee", {"teaser": "At the Élysée, late"}, True),
        ("Élysée", {"headline": "The ELYSEE palace"}, True),
        ("magazine solutions", {"headline": "Magazine  solutions: 3"}, True),
        ("magazine solutions", {"headline": "Magazine", "kicker": "Solutions"}, False),
        ("don't", {"headline": "Don\u2019t look"}, True),
        ("Corruption: the spy", {"headline": "Corruption: The Spy sheikh"}, True),
        ("kicker:speed read", {"headline": "x", "kicker": "Speed Read"}, True),
        ("kicker: Speed", {"headline": "x", "kicker": "Speed Read"}, False),
        ("speed read", {"headline": "x", "kicker": "Speed Read"}, True),
        ("tag:Good News", {"headline": "x", "tags": ("good news", "b")}, True),
        ("tag:good", {"headline": "good", "tags": ("good news",)}, False),
        ("津波", {"headline": "東北で津波警報"}, True),
        ("कि", {"headline": "किताब"}, False),
    ],
)
def test_a_term_means_whole_words_or_a_whole_kicker_or_tag(article, term, fields, meant):
    (parsed,) = parse_terms([term])
    assert parsed.matches(Folded.of(article(**fields))) is meant


@pytest.mark.parametrize("term", ["/a+/", "author:Ada", "language:en", "paywall", "", "tag:", "kicker: ", "..."])
def test_a_term_that_is_none_is_refused_with_what_to_write(term):
    with pytest.raises(ValueError, match=r"; write .*(tag:X|words)"):
        parse_terms([term])


def test_folding_twice_changes_nothing():
    assert fold(fold("Ünï—Cödé  ﬁne")) == fold("Ünï—Cödé  ﬁne") == "uni code fine"


def test_an_exclude_goes_before_an_include(article):
    rule = Filter.of("x", 0, ["flood"], ["dam"])
    assert rule.refusal(Folded.of(article(headline="Flood at the dam"))) == (Reason.EXCLUDED, "x: exclude dam")
    assert rule.refusal(Folded.of(article(headline="Flood"))) is None
