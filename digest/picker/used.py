"""Articles that stood in an earlier issue, and the updated ones among them that may come back (SOURCES.md 4). Pure."""

from __future__ import annotations

from digest.model import Article, History, Reason
from digest.picker.rules import Verdict


def returns(article: Article, history: History) -> bool:
    """Whether its source lets it come back and it is newer than it was when it was used."""
    keys = {article.id, *article.keys} & history.used_as_of.keys()
    return bool(
        article.updates and article.updated and keys and all(article.updated > history.used_as_of[key] for key in keys)
    )


def why_used(article: Article, newsletter: str) -> Verdict:
    """The reason that keeps a used article out."""
    fact = f"stood in an earlier issue of {newsletter}"
    if article.updates:
        return Reason.UPDATED_ONLY, f"{fact} and has no newer update since"
    return Reason.ALREADY_USED, fact
