"""Month and half-day names of the world's languages, from CLDR (babel). Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from babel import Locale, UnknownLocaleError

# Where a text names no language these are tried, most read first. Languages of one family agree on most names.
_LANGUAGES = (
    *("en", "es", "pt", "fr", "de", "it", "ru", "nl", "pl", "tr", "sv", "da", "nb", "fi", "cs", "sk", "hu", "ro"),
    *("el", "uk", "bg", "sr", "hr", "sl", "lt", "lv", "et", "ca", "gl", "id", "ms", "vi", "ar", "fa", "ur", "he"),
    *("hi", "bn", "ta", "th", "ko", "ja", "zh", "eu", "is", "sq", "mk", "kk", "az", "sw", "af", "ga", "cy"),
)
# Both names of one month, as Arabic papers write them ("شباط/فبراير"): the second is the one that all of them know.
TWO_NAMES = re.compile("(?:(?:كانون|تشرين) )?[\u0600-\u06ff]{2,20} ?/ ?([\u0600-\u06ff]{2,20})")
# Written in feeds, not in CLDR.
_EXTRA = {
    "en": {"sept": 9, "june": 6, "july": 7},
    "de": {"mrz": 3, "maerz": 3, "jän": 1, "jänner": 1, "feber": 2},
    "es": {"set": 9, "setiembre": 9},
    "pt": {"set": 9},
    "it": {"set": 9},
    "fr": {"fev": 2, "aout": 8, "dec": 12, "fevrier": 2, "decembre": 12},
    "ru": {"мая": 5, "сен": 9, "сент": 9, "нояб": 11},
    "ar": {"يناير": 1, "كانون الثاني": 1, "شباط": 2, "اذار": 3, "آذار": 3, "نيسان": 4, "ايار": 5, "أيار": 5,
           "حزيران": 6, "تموز": 7, "آب": 8, "اب": 8, "ايلول": 9, "أيلول": 9},
}  # fmt: skip


def month_of(word: str, language: str = "") -> int:
    """1 to 12 for a month's name or abbreviation, 0 where no language knows it. `language`: "pt-BR" or ""."""
    folded = fold(word)
    if not folded or len(folded) > 30:
        return 0
    if folded[0].isdigit():  # 2\u6708
        return int(folded[:-1])
    return next((found for one in _order(language) if (found := names_of(one).get(folded))), 0)


def day_first(language: str) -> bool:
    """Whether people write 17/2 for the 17th of February; English without a country does not."""
    return _day_first((language or "en").replace("_", "-"))


def half_day(word: str, language: str = "") -> str:
    """"am", "pm", or "" where `word` is neither."""  # fmt: skip
    folded = fold(word).replace(" ", "")
    if folded in {"am", "pm"}:
        return folded
    return next((found for one in _order(language)[:2] if (found := _halves(one).get(folded, ""))), "")


def fold(word: str) -> str:
    """Small letters without dots and accents that come and go ("Févr." -> "fevr")."""
    plain = unicodedata.normalize("NFKD", word.casefold().strip(" .,"))
    return "".join(letter for letter in plain if unicodedata.category(letter) != "Mn").replace(".", "")


def _order(language: str) -> tuple[str, ...]:
    own = language.replace("_", "-").partition("-")[0].lower()
    return tuple(dict.fromkeys((own, *_LANGUAGES) if own else _LANGUAGES))


@lru_cache(maxsize=100)
def _locale(language: str) -> Locale | None:
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return None


@lru_cache(maxsize=100)
def _day_first(language: str) -> bool:
    locale = _locale(language) or _locale(language.partition("-")[0])
    pattern = locale.date_formats["short"].pattern if locale else "M/d"
    return pattern.find("d") < pattern.find("M")


@lru_cache(maxsize=100)
def names_of(language: str) -> dict[str, int]:
    """Every month's names and abbreviations in a language, folded, with their numbers."""
    locale = _locale(language)
    found = {fold(name): number for name, number in _EXTRA.get(language, {}).items()}
    if locale is None:
        return found
    for name, number in _of_locale(locale):
        word = fold(name)
        # A number followed by "month" (Chinese, Japanese, Korean) is a date by numbers, not by names.
        if len(word) > 1 and not any(letter.isdigit() for letter in word):
            found.setdefault(word, number)
    return found


def _of_locale(locale: Locale) -> Iterator[tuple[str, int]]:
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in locale.months[context][width].items():
                yield name, number
                yield name.removeprefix("de ").removeprefix("d\u2019").removeprefix("d'"), number


@lru_cache(maxsize=100)
def _halves(language: str) -> dict[str, str]:
    locale = _locale(language)
    if locale is None:
        return {}
    periods = locale.day_periods
    return {
        fold(name).replace(" ", ""): which
        for context in periods.values()
        for names in context.values()
        for which, name in names.items()
        if which in {"am", "pm"}
    }
