"""Samples: moved together, as near to the cut-off as it goes, and new in every slot."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model import Article
from digest.sources import shift

CUTOFF = datetime(2026, 2, 18, 6, 30, tzinfo=UTC)
WRITTEN = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
DAY = st.lists(st.tuples(st.sampled_from(["a", "b", "real"]), st.integers(0, 100_000)), max_size=12)


def articles(day):
    return [
        Article(
            id=f"{n}",
            url=f"https://x.example/{n}",
            headline=f"{n}",
            outlet="X",
            published=WRITTEN - timedelta(seconds=seconds),
            entered=WRITTEN - timedelta(seconds=seconds),
            updated=WRITTEN,
            source=source,
            keys=(f"url:{n}", f"guid:{n}"),
        )
        for n, (source, seconds) in enumerate(day)
    ]


def shifted(before, slot="2026-02-18", cutoff=CUTOFF):
    return shift(before, sample_sources=frozenset({"a", "b"}), slot=slot, cutoff=cutoff)


@given(DAY)
@settings(deadline=None)
def test_order_and_gaps_stay_and_the_newest_is_ten_minutes_before_the_cutoff(day):
    before = articles(day)
    after = shifted(before)
    pairs = [(old, new) for old, new in zip(before, after, strict=True) if old.source != "real"]
    assert len({new.published - old.published for old, new in pairs}) <= 1
    assert all(new.entered == new.first_seen == CUTOFF - timedelta(milliseconds=1) for _, new in pairs)
    if pairs:
        assert max(new.published for _, new in pairs) == CUTOFF - timedelta(minutes=10)


@given(DAY)
@settings(deadline=None)
def test_articles_of_other_sources_are_untouched(day):
    before = articles(day)
    assert [one for one in shifted(before) if one.source == "real"] == [one for one in before if one.source == "real"]


def test_ids_and_keys_are_those_of_the_slot():
    (one,) = shifted(articles([("a", 5)]), slot="2026-02-18.pm")
    assert one.id == "0@2026-02-18.pm"
    assert one.keys == ("url:0@2026-02-18.pm", "guid:0@2026-02-18.pm")


def test_three_slots_share_no_key():
    slots = ["2026-02-18", "2026-02-19", "2026-02-20"]
    keys = [key for slot in slots for one in shifted(articles([("a", 5), ("b", 9)]), slot=slot) for key in one.keys]
    assert len(keys) == len(set(keys)) == 12


def test_an_undated_sample_is_named_for_the_slot_and_stays_undated():
    undated = replace(articles([("a", 5)])[0], published=None, entered=WRITTEN)
    dated, other = shifted([articles([("a", 5)])[0], undated])
    assert (other.published, other.id) == (None, "0@2026-02-18")
    assert dated.updated == CUTOFF - timedelta(minutes=10) + timedelta(seconds=5)


def test_without_samples_nothing_moves():
    before = tuple(articles([("real", 5)]))
    assert shifted(before) == before
    assert shifted([]) == ()
