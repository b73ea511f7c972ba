"""What an outlet prints again and again tells no story: boilerplate under headlines, headlines of one form."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.picker import group_stories
from tests.picker.labelled import read_day

UNLIKE = (
    "Giraffe born at Wendover zoo",
    "Novarra parliament passes budget",
    "Ferry sinks off Calder Bay",
    "Painter Brandt wins Orlo prize",
    "Snow closes Eastvale airport",
    "Bridge opens in Pell",
    "Doctors strike over pay",
)
BOILERPLATE = "Read all about it in the paper, with pictures by our correspondents in Northport."
OUTLETS = ("world", "home", "arts", "sport")


def told(stories):
    return sorted(sorted(one.id for one in story.articles) for story in stories)


@pytest.fixture
def day(article):
    """Articles of one instant from (source, headline, teaser), any of the last two left out."""

    def made(*rows):
        rows = [(*row, *("",) * (3 - len(row))) for row in rows]
        return [
            article(f"n{n:02}", source=source, headline=headline, teaser=teaser, language="en")
            for n, (source, headline, teaser) in enumerate(rows)
        ]

    return made


@pytest.mark.parametrize("outlets", [1, 2, 7])
def test_a_teaser_under_several_headlines_makes_them_no_story(day, outlets):
    for teaser in (BOILERPLATE, "A teaser.", "Northport, Calder and Pell in Velasco's words"):
        articles = day(*((f"outlet{n % outlets}", text, teaser) for n, text in enumerate(UNLIKE)))
        assert len(group_stories(articles)) == len(UNLIKE)
        two = day(("world", UNLIKE[0], teaser), (f"outlet{outlets}", UNLIKE[1], teaser))
        assert len(group_stories(two)) == 2


def test_a_sentence_under_every_headline_changes_no_group():
    articles, _ = read_day()
    more = [replace(one, teaser=f"{one.teaser} {BOILERPLATE}") for one in articles]
    assert told(group_stories(more)) == told(group_stories(articles))


def test_wire_copy_is_one_story_whoever_prints_its_teaser_elsewhere(day):
    wire = ("Ferry with 212 aboard runs aground off Calder Bay", "Boats took passengers off the Marsel Star in fog.")
    assert told(group_stories(day(*((source, *wire) for source in OUTLETS)))) == [["n00", "n01", "n02", "n03"]]
    rows = [("world", wire[0], BOILERPLATE), ("home", wire[0], BOILERPLATE), ("world", UNLIKE[0], BOILERPLATE)]
    assert told(group_stories(day(*rows))) == [["n00", "n01"], ["n02"]]


def test_an_article_updated_under_another_address_is_one_story_with_its_first_form(day):
    text = "Ferry with 212 aboard runs aground off Calder Bay"
    teaser = "Boats took passengers off the Marsel Star in fog."
    for later in (text, f"{text}, three missing", f"UPDATE 2-{text}"):
        assert len(group_stories(day(("world", text, teaser), ("world", later, teaser)))) == 1


FORMS = (
    ("Headline 1", "Headline 2"),
    ("Weather for Monday", "Weather for Tuesday"),
    ("Morning briefing: 12 Nov", "Morning briefing: 13 Nov"),
    ("Daily horoscope: Aries", "Daily horoscope: Taurus"),
    ("Quick crossword No 16,123", "Quick crossword No 16,124"),
    ("Quiz of the week 12", "Quiz of the week 13"),
    ("Cup final: Northport 2-1 Eastvale - as it happened", "Cup final: Calder 0-3 Marsel - as it happened"),
    ("Recipe of the day: apple pie", "Recipe of the day: lamb stew"),
    ("Ilse Brandt, painter, dies at 83", "Tomas Velasco, sculptor, dies at 91"),
    ("Northport weather forecast: rain", "Eastvale weather forecast: sun"),
    ("Brightwater profit rises in third quarter", "Harlan profit rises in third quarter"),
)


@pytest.mark.parametrize("pair", FORMS)
@pytest.mark.parametrize("teaser", ["", BOILERPLATE])
def test_headlines_of_one_form_from_one_outlet_are_stories_of_their_own(day, pair, teaser):
    assert len(group_stories(day(*(("world", text, teaser) for text in pair)))) == 2


@pytest.mark.parametrize(
    ("language", "pair"),
    [
        ("de", ("Wetter am Montag", "Wetter am Dienstag")),
        ("de", ("Horoskop Widder: Das sagen die Sterne", "Horoskop Stier: Das sagen die Sterne")),
        ("fr", ("Horoscope du jour : B\u00e9lier", "Horoscope du jour : Taureau")),
        ("es", ("El tiempo para el lunes", "El tiempo para el martes")),
    ],
)
def test_forms_are_known_in_other_languages(day, language, pair):
    articles = [replace(one, language=language) for one in day(*(("world", text) for text in pair))]
    assert len(group_stories(articles)) == 2


def test_a_form_that_many_outlets_fill_is_one_too(day):
    rows = [(f"outlet{n}", f"Headline {n}", f"What happened in story {n}, in a whole sentence.") for n in range(9)]
    assert len(group_stories(day(*rows))) == 9
    rows = [(place, f"Story {n} of the {place}", f"What happened in story {n}.") for n in (3, 9) for place in OUTLETS]
    assert len(group_stories(day(*rows))) == 8
    assert (
        len(group_stories(day(("world", "Article number 1 of the day"), ("home", "Article number 2 of the day")))) == 2
    )


def test_two_outlets_with_two_figures_of_one_event_tell_one_story(day):
    assert len(group_stories(day(("world", "Storm kills 3 in Calder"), ("home", "Storm kills 5 in Calder")))) == 1


def test_one_word_in_common_makes_no_story_be_it_a_name(day):
    two = day(("world", "Velasco opens Pell school"), ("home", "Velasco wins poetry medal"))
    assert len(group_stories(two)) == 2


NAMES = ("Orsini", "Velasco", "Trenholm", "Okafor", "Lindqvist", "Harrow", "Belisario", "Quimby", "Tarkov", "Zelaya")
PLAIN = ("opens", "the", "school", "vote", "over", "bridge", "wins", "prize", "fire", "ferry", "in", "at")
OPENING = st.lists(st.sampled_from(PLAIN), max_size=4)
FILLINGS = st.one_of(
    st.lists(st.integers(1, 999).map(str), min_size=2, max_size=9, unique=True),
    st.lists(st.sampled_from(NAMES), min_size=2, max_size=9, unique=True),
)


@settings(deadline=None, max_examples=60)
@given(OPENING, OPENING, FILLINGS, st.booleans(), st.randoms(use_true_random=False))
def test_any_form_filled_in_by_one_outlet_is_as_many_stories_in_any_order(
    article, before, after, fillings, said, chance
):
    articles = [
        article(f"n{n}", headline=" ".join([*before, filling, *after]), teaser=BOILERPLATE * said, language="en")
        for n, filling in enumerate(fillings)
    ]
    stories = group_stories(articles)
    assert len(stories) == len(articles)
    assert group_stories(chance.sample(articles, len(articles))) == stories
