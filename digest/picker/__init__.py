"""Which articles an issue holds, and why each of the others is not in it. Pure: no file, no network, no clock.

from digest.picker import pick, too_few

picks = pick(articles, newsletter, history=history, now=cutoff)
"""

from digest.picker.explain import by_reason, sources_without
from digest.picker.pick import pick, too_few
from digest.picker.rules import Term, parse_terms
from digest.picker.sponsors import parted

__all__ = ["pick", "parted", "too_few", "by_reason", "sources_without", "Term", "parse_terms"]
