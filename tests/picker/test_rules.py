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
        ("/puzzle(s|r)?\\b/", {"headline": "The PUZZLE hour"}, True),
        ("/^puzzle/", {"headline": "The puzzle", "teaser": "puzzle"}, False),
        ("/^The .* hour$/", {"headline": "The last", "teaser": "hour"}, False),
        ("/(?-i:US) /", {"headline": "Tell us now"}, False),
        ("author:harriet marsden", {"headline": "x", "byline": "Ada Byron, Harriet Marsden"}, True),
        ("author:Marsden", {"headline": "x", "byline": "Harriet Marsden"}, True),
        ("author:Byron Harriet", {"headline": "x", "byline": "Ada Byron, Harriet Marsden"}, False),
        ("author:Marsden", {"headline": "Marsden"}, False),
        ("language:en", {"headline": "x", "language": "en-GB"}, True),
        ("language:en-GB", {"headline": "x", "language": "en"}, False),
        ("language:en", {"headline": "x", "language": "eno"}, False),
        ("paywall", {"headline": "x", "paywall": True}, True),
        ("paywall", {"headline": "The paywall goes up"}, False),
    ],
)
def test_a_term_means_whole_words_or_a_whole_kicker_or_tag(article, term, fields, meant):
    (parsed,) = parse_terms([term])
    assert parsed.matches(Folded.of(article(**fields))) is meant


@pytest.mark.parametrize("term", ["/(a/", "/*/", "", "tag:", "kicker: ", "author:", "language: ", "..."])
def test_a_term_that_is_none_is_refused_with_what_to_write(term):
    with pytest.raises(ValueError, match=r"; write .*(tag:X|words)"):
        parse_terms([term])


def test_folding_twice_changes_nothing():
    assert fold(fold("Ünï—Cödé  ﬁne")) == fold("Ünï—Cödé  ﬁne") == "uni code fine"


def test_an_exclude_goes_before_an_include(article):
    rule = Filter.of("x", 0, ["flood"], ["dam"])
    assert rule.refusal(Folded.of(article(headline="Flood at the dam"))) == (Reason.EXCLUDED, "x: exclude dam")
    assert rule.refusal(Folded.of(article(headline="Flood"))) is None


def test_an_article_that_names_no_language_has_the_newsletters(article):
    (term,) = parse_terms(["language:de"])
    assert term.matches(Folded.of(article(), language="de"))
    assert not term.matches(Folded.of(article(language="fr"), language="de"))


@pytest.mark.parametrize(
    ("include", "exclude", "fields", "reason"),
    [
        ([], ["language:fr"], {"language": "fr"}, Reason.LANGUAGE),
        (["language:en"], [], {"language": "fr"}, Reason.LANGUAGE),
        (["language:en", "sun"], [], {"language": "fr"}, Reason.NOT_INCLUDED),
        ([], ["paywall"], {"paywall": True}, Reason.PAYWALL),
        ([], ["paywall", "language:fr", "flood"], {"paywall": True, "language": "fr"}, Reason.EXCLUDED),
        ([], ["paywall", "language:fr"], {"paywall": True, "language": "fr"}, Reason.LANGUAGE),
    ],
)
def test_a_filter_says_what_it_refused_an_article_for(article, include, exclude, fields, reason):
    rule = Filter.of("x", 7, include, exclude)
    refused = rule.refusal(Folded.of(article(headline="Flood", **fields)))
    assert refused[0] is reason
    assert refused[1].startswith("config.toml:7: ")


def test_a_pattern_that_backtracks_for_ever_gives_up_and_means_nothing(article):
    (term,) = parse_terms([r"/^(\w+\s?)*$/"])
    assert not term.matches(Folded.of(article(headline="a " * 150 + "!!", teaser="b" * 200 + "!")))
