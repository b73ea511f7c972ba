"""Which articles an issue holds, and why each of the others is not in it. Pure: no file, no network, no clock.

from digest.picker import group_stories, pick, too_few

picks = pick(articles, newsletter, history=history, now=cutoff)
stories = group_stories(articles, background=headlines_of_the_last_weeks)
"""

from digest.picker.explain import Step, by_reason, chain, sources_without
from digest.picker.pick import pick, too_few
from digest.picker.rules import Term, parse_terms
from digest.picker.sponsors import parted
from digest.picker.stories import group_stories

__all__ = [
    "pick",
    "parted",
    "too_few",
    "group_stories",
    "by_reason",
    "chain",
    "Step",
    "sources_without",
    "Term",
    "parse_terms",
]
