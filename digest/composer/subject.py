"""The two lines an inbox shows: the subject, and the standfirst that continues it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from digest.model import Pick

SUBJECT_LENGTH = 200
STANDFIRST = (40, 110)  # characters (MAIL.md G): less is lost beside the subject, more is cut by inboxes
_SENTENCE_END = re.compile("[.!?\u2026\u3002\uff01\uff1f][\"'\u201d\u2019\u00bb)]*(?=\\s|$)")
_SHORTEST_SENTENCE = 40  # characters; less is an abbreviation, or too little to cut for
_JOINERS = "\u200c\u200d\u00ad"  # of Persian, Indic scripts and emoji; the soft hyphen
_REPLY = re.compile(r"^(?:(?:re|fwd?|aw|tr|wg|sv|antw)\s*:\s*)+", re.IGNORECASE)
_LOUD = re.compile(r"[^\W\d_]{4}")
_WORDS = re.compile(r"\w+")


def one_line(text: str, limit: int = SUBJECT_LENGTH) -> str:
    """The text on one line: controls and line breaks are blanks, blanks folded, cut at a word behind `limit`."""
    return cut(text if text.isprintable() else "".join(sign if _shows(sign) else " " for sign in text), limit)


def honest(subject: str) -> str:
    """A headline as a subject that pretends nothing: no "Re:" in front, and no shouting (MAIL.md A 17)."""
    quiet = _REPLY.sub("", subject).strip() or subject
    shouts = len(quiet) > 8 and quiet == quiet.upper() != quiet.lower() and _LOUD.search(quiet)
    return quiet.capitalize() if shouts else quiet


def plain(text: str) -> str:
    """As one_line(), whole. Sources clean their text; this guards what editors and subjects bring."""
    return one_line(text, len(text) + 1)


def cut(text: str, limit: int) -> str:
    """`text` with blanks folded, at most `limit` characters, cut between words with an ellipsis."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    if not text[limit - 1].isspace() and " " in head:
        head = head.rpartition(" ")[0]
    return head.rstrip(" ,;:.\u2013\u2014-") + "…"


def standfirst(subject: str, chosen: Sequence[Pick], *, fallback: str) -> str:
    """40 to 110 characters that go on where the subject stops: the lead's teaser, else the next headlines.

    Never the same words as the subject; `fallback` where nothing else is left.
    """
    lead = next((pick for pick in chosen if pick.lead), chosen[0])
    rest = [pick.article.headline for pick in chosen if pick is not lead]
    candidates = [_sentences(lead.article.teaser), *_growing(rest), plain(lead.article.teaser), *rest]
    fresh = [text for text in map(plain, candidates) if text and not _same(text, subject)]
    fitting = next((text for text in fresh if STANDFIRST[0] <= len(text) <= STANDFIRST[1]), "")
    return fitting or cut(next((text for text in fresh if len(text) > STANDFIRST[0]), fallback), STANDFIRST[1])


def first_sentence(text: str) -> str:
    """The first sentence where it is one, else the whole; initials and the like ("U.S. ") do not end one."""
    for found in _SENTENCE_END.finditer(text):
        if found.end() >= _SHORTEST_SENTENCE and found.end() < len(text):
            return text[: found.end()]
    return text


def _sentences(text: str) -> str:
    """As many whole sentences as fit."""
    ends = [found.end() for found in _SENTENCE_END.finditer(text) if found.end() <= STANDFIRST[1]]
    return text[: ends[-1]] if ends else ""


def _growing(headlines: Sequence[str]) -> list[str]:
    """One headline, two, three: with semicolons."""
    return ["; ".join(headlines[:count]) for count in range(1, min(len(headlines), 4) + 1)]


def _same(text: str, subject: str) -> bool:
    mine, its = (_WORDS.findall(words.casefold()) for words in (text, subject))
    return not mine or mine == its


def _shows(sign: str) -> bool:
    return sign.isprintable() or sign in _JOINERS
