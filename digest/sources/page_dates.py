"""When a page was published: what it declares, else the date printed near the headline, else the one in its URL. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from selectolax.lexbor import LexborNode

from digest.sources.dates import EARLIEST, read_date
from digest.sources.months import TWO_NAMES, names_of
from digest.sources.page_json import JsonLd, plain
from digest.sources.page_markup import Markup, attribute, is_listed, text_of, words_of
from digest.sources.sanitize import clean

_PUBLISHED = (
    *("article:published_time", "og:article:published_time", "og:published_time", "article:published", "datepublished"),
    *("parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "bt:pubdate"),
    *("publishdate", "publish-date", "publish_date", "published_time", "pubdate", "pub_date", "published", "pdate"),
    *("dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "dc.created", "article.published"),
    *("citation_publication_date", "citation_online_date", "citation_date", "prism.publicationdate", "displaydate"),
    *("datecreated", "article_date_original", "ptime", "originalpublicationdate"),
    *("date_published", "shareaholic:article_published_time", "rnews:datepublished", "article:post_date", "og:pubdate"),
)
_VAGUE = ("date", "dc.date", "dcterms.date")  # often the day the page was built
_UPDATED = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "revised",
)
_DATE_WORDS = re.compile(
    r"date|publish|posted|\btime\b|timestamp|byline|datum|fecha|stand\b|meta\b|pubdat|veroeffentlicht|erstellt|created|dateline"
)
_CHANGED_WORDS = re.compile(r"modif|updat|aktualisiert|geaendert|changed")
_ELSEWHERE = re.compile(
    r"(?<!has-)(?<!with-)(?<!no-)(?:comment|related|sidebar|footer|copyright|teaser-list|recommend|widget|popular|latest|kommentar)"
)
_CHANGED = re.compile(
    r"(?:updated|last (?:modified|changed|edited)|aktualisiert|ge\u00e4ndert|mis \u00e0 jour|modifi\u00e9|actualizado|aggiornato"
    r"|atualizado|bijgewerkt|opdateret|uppdaterad|zuletzt)[^0-9]{0,30}$",
    re.IGNORECASE,
)
# A line that begins so, and tells of nothing else.
_CHANGED_ALONE = re.compile(
    r"(?!.{0,200}(?:publi|posted|first|erstellt|ver\u00f6ffentlicht))(?:last )?(?:updated|modified|aktualisiert|ge\u00e4ndert|mis \u00e0 jour"
    r"|modifi\u00e9|actualizado|aggiornato|atualizado|bijgewerkt|opdateret|uppdaterad|zuletzt)\b",
    re.IGNORECASE,
)
_MAX_SCRIPT = 500_000
_IN_SCRIPT = re.compile(
    r"\\?[\"'](?:datePublished|publish(?:ed)?_?(?:Date|At|Time|On)|pub_?Date|publication_?Date|first_?Published(?:At|Date)?|date_?publication)"
    r"\\?[\"']\s{0,5}:\s{0,5}\\?[\"'](\d{4}-\d{2}-\d{2}[^\"'\\]{0,30})",
    re.IGNORECASE,
)
_NEAR = 700  # characters before and after the headline in which a date is taken for its own
_BLOCKS = 4_000

_TIME = r"(?:[^0-9]{1,12}?(\d{1,2})(?:[:.h](\d{2}))(?::\d{2})?\s*([ap]\.?m\.?)?)?"
_NUMBERS = re.compile(
    r"(?<![\d./-])(?:(\d{4})\s?[-/.\u5e74]\s?(\d{1,2})\s?[-/.\u6708]\s?(\d{1,2})\u65e5?"
    r"|(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\5\s?((?:19|20)\d{2}|\d{2}(?=$|[^\d.])))(?![\d/])" + _TIME
)
_KOREAN = re.compile(r"(\d{4})\s?\ub144\s?(\d{1,2})\s?\uc6d4\s?(\d{1,2})\s?\uc77c")
_IN_PATH = re.compile(
    r"(?<!\d)((?:19|20)\d{2})([/-]?)(0[1-9]|1[0-2]|[1-9](?=[/-]))\2(0[1-9]|[12]\d|3[01]|[1-9](?=[/-]|$))(?!\d)"
)
_OFFSET = re.compile(r"(?:\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?|T\d{4}(?:\d{2})?)\s?([+-])(\d{2}):?(\d{2})?$")
_CLOCK = re.compile(r"\d:\d\d|T\d{4}|\d{10}")
_IN_UTC = re.compile(r"\d\s?(?:Z|UTC|GMT|[+-]00:?00)\s?$", re.IGNORECASE)
_A_DAY = timedelta(hours=36)  # and the zones around it
_COMMON = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "nb", "fi", "cs", "tr", "ru", "ro", "hu", "id")
_MONTH_FIRST = frozenset({"en", "en-us", "en-ph", ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """What a page says about its times, in the offset it writes them; `note` where its parts disagree."""

    published: datetime | None = None
    updated: datetime | None = None
    note: str = ""


def read_dates(
    page: Markup, data: JsonLd, *, language: str, headline: LexborNode | None, zone: str, now: datetime | None
) -> Dates:
    """Published and updated. Naive times are of `zone` (IANA, "" for UTC); nothing later than a day after `now`."""
    reader = _Reader(language=language, zone=zone, now=now)
    in_path = day_in_path(page.url)
    in_path = in_path if in_path and is_believable(in_path, now) else None
    published = reader.first(_declared(page, data))
    if published and not _CLOCK.search(reader.text):  # a bare day: an element may tell the time
        published = reader.with_clock(published, _marked(page)) or published
    published = published or reader.first(_marked(page))
    note = ""
    if published is None:
        published = (
            reader.labelled(page, headline)
            or reader.in_scripts(page)
            or reader.first(page.metas(*_VAGUE))
            or reader.labelled(page)
            or reader.nearest(page, headline)
            or in_path
        )
    elif in_path and abs(published - in_path) > timedelta(days=2):
        note = f"published {published:%Y-%m-%d} by its own word, {in_path:%Y-%m-%d} by its URL"
    if published and not zone and not published.utcoffset():
        elsewhere = reader.same_instant(published, _marked(page))
        published = elsewhere or _at_its_desk(
            published,
            reader.labelled(page, headline, changed=False) or reader.printed_time(page, headline),
            in_utc=bool(_IN_UTC.search(reader.text)),
        )
    updated = reader.first((plain(data.article.get("dateModified")), *page.metas(*_UPDATED)))
    return Dates(published=published, updated=updated, note=note)


def _at_its_desk(published: datetime, printed: datetime | None, *, in_utc: bool) -> datetime:
    """An instant said in UTC, in the offset of the day that the page prints beside its headline.

    `printed` is that date as if it were UTC. With a clock time the offset is the difference; a bare day gives the
    smallest whole hour that leads to it. Where both are the same day nothing is known, and nothing changes. Of an
    instant that was not said to be `in_utc`, a later day is the day of a change.
    """
    days = (printed.date() - published.date()).days if printed else 0
    if printed is None or abs(days) != 1 or (days > 0 and not in_utc):
        return published
    apart = printed - published.replace(second=0, microsecond=0)
    if (printed.hour, printed.minute) == (0, 0):
        earlier = printed < published
        apart = timedelta(hours=-published.hour - 1 if earlier else 24 - published.hour)
    fits = timedelta(hours=-12) <= apart <= timedelta(hours=14) and not apart % timedelta(minutes=15)
    return published.astimezone(timezone(apart)) if fits else published


def is_believable(at: datetime, now: datetime | None) -> bool:
    """Whether a page can have been published then: since there are pages, and not after tomorrow."""
    return at >= EARLIEST and (now is None or at <= now + timedelta(days=1))


def day_in_path(url: str) -> datetime | None:
    """The day in a URL's path (2020/04/28, 20200428, 2020-04-28), at midnight UTC."""
    for match in _IN_PATH.finditer(urlsplit(url).path[:500]):
        try:
            found = datetime(int(match[1]), int(match[3]), int(match[4]), tzinfo=UTC)
        except ValueError:
            continue
        if found >= EARLIEST:
            return found
    return None


def _declared(page: Markup, data: JsonLd) -> Iterator[str]:
    yield plain(data.article.get("datePublished"))
    yield plain(data.article.get("dateCreated"))
    yield from page.metas(*_PUBLISHED)
    yield plain(data.page.get("datePublished"))
    yield plain(data.page.get("uploadDate"))


def _marked(page: Markup) -> Iterator[str]:
    """Dates that an element's attribute marks: microdata, <time>, hAtom."""
    for element in page.every(
        '[itemprop~="datePublished"], time[pubdate], abbr.published, [itemprop~="dateCreated"]', 5
    ):
        yield _attribute_date(element) or text_of(element)[:60]
    times = [element for element in page.every("time", 60) if not _is_elsewhere(element)]
    times += [element for element in page.every("abbr[title]", 20) if not _is_elsewhere(element)]
    for element in sorted(times, key=_is_changed):  # hAtom's "updated" is often the only one a page has
        yield _attribute_date(element)


def _is_changed(element: LexborNode) -> bool:
    said = words_of(element)
    return bool(_CHANGED_WORDS.search(said)) and "publish" not in said


def _attribute_date(element: LexborNode) -> str:
    return next((said for name in ("datetime", "content", "title") if (said := attribute(element, name).strip())), "")


def _is_elsewhere(element: LexborNode) -> bool:
    """Whether an element belongs to comments or to lists of other articles."""
    node: LexborNode | None = element
    for _ in range(6):
        if node is None or node.tag in {"body", "html", "article", "main"}:
            return node is not None and is_listed(node)
        if node.tag in {"aside", "footer"} or _ELSEWHERE.search(words_of(node)):
            return True
        node = node.parent
    return False


class _Reader:
    def __init__(self, *, language: str, zone: str, now: datetime | None) -> None:
        self._language = language.lower()
        self._zone = zone
        self._now = now
        self.text = ""  # the one that first() took last

    def first(self, texts: Iterable[str]) -> datetime | None:
        """The first of these texts that is a believable date."""
        for text in texts:
            found = self._read(text) if text else None
            if found:
                self.text = text
                return found
        return None

    def with_clock(self, day: datetime, texts: Iterable[str]) -> datetime | None:
        """The first of these texts that tells a time within a day and a half of `day`."""
        near = (text for text in texts if _CLOCK.search(text) and (at := self._read(text)) and abs(at - day) < _A_DAY)
        return self.first(near)

    def _read(self, text: str) -> datetime | None:
        """An instant out of a text that should be a date: the strict forms, else as people write them."""
        cut = clean(text)[:100]
        # An archive's "2022-05-04-0305:49:00-10800" or "2021-01-03T17:40:00EET": the day is right, the rest may not be.
        found = read_date(cut, zone=self._zone)
        if found is None:
            found = next((at for _, at in self._said(cut)), None)
        return _as_written(found, cut) if found is not None and is_believable(found, self._now) else None

    def same_instant(self, at: datetime, texts: Iterable[str]) -> datetime | None:
        """The same minute as `at`, said with the offset of the place it was written in."""
        said = (self._read(text) for text in texts if text)
        return next((one for one in said if one and one.utcoffset() and abs(one - at) < timedelta(minutes=1)), None)

    def printed_time(self, page: Markup, headline: LexborNode | None) -> datetime | None:
        """What a <time> near the headline has people read, whatever its attribute says."""
        for element in page.near(headline, page.every("time", 60)):
            text = clean(element.text(separator=" ")[:100])
            if not _is_elsewhere(element) and not _is_changed(element) and (found := self._unchanged(text)):
                return found
        return None

    def in_scripts(self, page: Markup) -> datetime | None:
        """A date of publishing among a script's values, where all that are there are of one day."""
        scripts = (element.text()[:_MAX_SCRIPT] for element in page.every("script:not([src])", 100))
        said = [self._read(match[1]) for script in scripts for match in _IN_SCRIPT.finditer(script)]
        found = [at for at in said if at]
        return found[0] if len({at.date() for at in found}) == 1 else None

    def labelled(self, page: Markup, headline: LexborNode | None = None, *, changed: bool = True) -> datetime | None:
        """A date printed in an element whose class says that it is one: near the headline, where that is given.

        One of a change counts where there is no other, and not at all unless `changed`.
        """
        named = [
            element
            for element in page.every(
                '[class*="dat" i], [class*="time" i], [class*="publi" i], [class*="post" i], [class*="byline" i],'
                '[class*="meta" i], [id*="date" i], [id*="datum" i], [class*="fecha" i], [class*="stand" i], [class*="info" i]',
                400,
            )
            if _DATE_WORDS.search(words_of(element)) and not _is_elsewhere(element)
        ]
        later: datetime | None = None
        for element in page.near(headline, named) if headline is not None else named[:80]:
            text = clean(element.text(separator=" ")[:300])
            if len(text) < 200 and (found := self._unchanged(text)):
                if not _is_changed(element) and not _CHANGED_ALONE.match(text):
                    return found
                later = later or found
        return later if changed else None

    def nearest(self, page: Markup, headline: LexborNode | None) -> datetime | None:
        """The date in the text nearest to the headline."""
        text = page.visible_text()
        title = text_of(headline)[:200] if headline is not None else ""
        at = text.find(title) if title else -1
        if at < 0:
            return None
        after = text[at + len(title) : at + len(title) + _NEAR]
        before = text[max(0, at - _NEAR // 3) : at]
        return self._unchanged(after) or self._unchanged(before, last=True)

    def _unchanged(self, text: str, *, last: bool = False) -> datetime | None:
        """The first (or last) date of a text, those said to be of a change only where there is no other."""
        found = [
            (bool(_CHANGED.search(text[:start][-60:])), at)
            for start, at in self._said(text)
            if is_believable(at, self._now)
        ]
        own = [at for changed, at in found if not changed]
        chosen = own or [at for _, at in found]
        return (chosen[-1] if last else chosen[0]) if chosen else None

    def _said(self, text: str) -> list[tuple[int, datetime]]:
        """Every date in a text with where it starts, in the text's order."""
        if not text.isascii():  # digits of any script
            text = "".join(str(unicodedata.digit(letter, letter)) if letter.isdigit() else letter for letter in text)
        found = [*self._numbers(text), *self._months(text)]
        return sorted(found)

    def _numbers(self, text: str) -> Iterator[tuple[int, datetime]]:
        for match in _KOREAN.finditer(text):
            at = self._instant(int(match[1]), int(match[2]), int(match[3]), ("", "", ""))
            if at:
                yield match.start(), at
        for match in _NUMBERS.finditer(text):
            if match[1]:
                year, month, day = int(match[1]), int(match[2]), int(match[3])
            else:
                first, second, year = int(match[4]), int(match[6]), int(match[7])
                us = match[5] in "/-" and self._language in _MONTH_FIRST
                month, day = (first, second) if (us and first <= 12) or second > 12 else (second, first)
                year += 2000 if year < 100 else 0
            at = self._instant(year, month, day, (match[8], match[9], match[10]))
            if at:
                yield match.start(), at

    def _months(self, text: str) -> Iterator[tuple[int, datetime]]:
        text = TWO_NAMES.sub(r"\1", text)
        for language in dict.fromkeys((self._language.partition("-")[0], *_COMMON)):
            pattern, numbers = _month_names(language)
            found = []
            for match in pattern.finditer(text) if pattern else ():
                month = numbers[(match["m1"] or match["m2"] or match["m3"]).lower().rstrip(".")]
                year = int(match["y1"] or match["y2"] or match["y3"])
                day = int(match["d1"] or match["d2"] or match["d3"])
                at = self._instant(year, month, day, (match["hour"], match["minute"], match["half"]))
                if at:
                    found.append((match.start(), at))
            if found:
                yield from found
                return

    def _instant(
        self, year: int, month: int, day: int, clock: tuple[str | None, str | None, str | None]
    ) -> datetime | None:
        zone: tzinfo = ZoneInfo(self._zone) if self._zone else UTC
        year -= 543 if 2400 < year < 2700 else 0  # the Buddhist era of Thai dates
        hour, minute = int(clock[0] or 0), int(clock[1] or 0)
        if clock[2]:
            hour = hour % 12 + (12 if clock[2].lower().startswith("p") else 0)
        if hour > 23 or minute > 59:
            hour = minute = 0
        try:
            return datetime(year, month, day, hour, minute, tzinfo=zone).astimezone(UTC)
        except (ValueError, OverflowError):
            return None


def _as_written(at: datetime, text: str) -> datetime:
    """The instant in the offset its text names: the day of an article is the day at its own desk."""
    offset = _OFFSET.search(text)
    if offset is None:
        return at
    minutes = int(offset[2]) * 60 + int(offset[3] or 0)
    return (
        at.astimezone(timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))) if minutes < 900 else at
    )


@lru_cache(maxsize=64)
def _month_names(language: str) -> tuple[re.Pattern[str] | None, dict[str, int]]:
    """A pattern for `17 February 2026` and `February 17, 2026` in a language, and the number of each name (CLDR)."""
    try:
        locale = Locale.parse(language or "en")
    except (UnknownLocaleError, ValueError, TypeError):
        return None, {}
    numbers = {
        name.lower().rstrip("."): number
        for form in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for number, name in locale.months[form][width].items()
        if len(name) > 2 and not name[0].isdigit()
    }
    numbers |= {name: number for name, number in names_of(language).items() if len(name) > 2 and not name[0].isdigit()}
    if not numbers:
        return None, {}
    name = "|".join(sorted((re.escape(each) for each in numbers), key=len, reverse=True))
    gap = r"[\s.,]{0,3}(?:de |del |of )?"
    words = (
        rf"(?<!\w)(?:(?P<d1>\d{{1,2}})(?:st|nd|rd|th|er|\.|\u00ba|-)?{gap}(?P<m1>{name}){gap}(?P<y1>(?:19|20|25)\d{{2}})"
        rf"|(?P<m2>{name})\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y2>(?:19|20)\d{{2}})"
        rf"|(?P<y3>(?:19|20)\d{{2}})\.?\s(?:m\.\s)?(?P<m3>{name})\s(?P<d3>\d{{1,2}})(?:\.|\sd\.)?)(?!\d)"
        r"(?:[^0-9]{1,12}?(?P<hour>\d{1,2})[:.h](?P<minute>\d{2})(?::\d{2})?\s*(?P<half>[ap]\.?m\.?)?)?"
    )
    return re.compile(words, re.IGNORECASE), numbers
