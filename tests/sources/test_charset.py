# ruff: noqa: RUF001 - letters of other scripts are the subject here
"""Bytes -> text: what a feed says of its charset is believed only as far as the bytes bear it out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.sources.charset import decode, undoubled

TEXTS = {
    "ru": "Новости дня: Президент подписал указ. Правительство обсудило бюджет на следующий год.",
    "fr": "Le ministre a annoncé l'événement de l'été : les élèves français sont prêts à être reçus",
    "pl": "Wiadomości: Zażółć gęślą jaźń. Prezydent podpisał ustawę o świadczeniach, także później",
    "cs": "Zprávy: Vláda schválila nový rozpočet, poslanci žádají změny, příští rok bude těžší",
    "ja": "速報：東京で大きな地震が発生しました。気象庁によると津波の心配はありません。",
    "zh": "新华社北京电：国务院总理今天主持召开会议，研究部署下一阶段工作。会议指出，经济运行总体平稳",
    "ko": "대통령은 오늘 국무회의에서 새로운 정책을 발표했다. 정부는 내년 예산을 확정했다.",
    "el": "Ειδήσεις: Η κυβέρνηση ανακοίνωσε νέα μέτρα για την οικονομία και την εργασία",
    "tr": "Haberler: Cumhurbaşkanı yeni yasayı imzaladı, İstanbul'da yağış bekleniyor",
    "he": "חדשות היום: הממשלה אישרה את התקציב החדש לשנה הבאה והכנסת תצביע מחר",
    "ar": "أخبار اليوم: الحكومة توافق على الميزانية الجديدة للعام القادم",
}


def feed(text, *, declared="", language=""):
    said = f' encoding="{declared}"' if declared else ""
    named = f"<language>{language}</language>" if language else ""
    return f'<?xml version="1.0"{said}?><rss><channel>{named}<item><title>{text}</title></item></channel></rss>'


@pytest.mark.parametrize(
    ("language", "charset"),
    [
        *(("ru", "cp1251"), ("ru", "koi8-r"), ("fr", "cp1252"), ("pl", "cp1250"), ("pl", "iso8859-2")),
        *(("ja", "euc_jp"), ("ja", "shift_jis"), ("zh", "gb18030"), ("zh", "big5"), ("ko", "euc_kr")),
        *(("el", "cp1253"), ("he", "cp1255"), ("ar", "cp1256")),
    ],
)
@pytest.mark.parametrize("named", [True, False])
def test_row56_an_undeclared_charset_is_seen_by_its_letters(language, charset, named):
    text = TEXTS[language].encode(charset, "ignore").decode(charset)
    data = feed(TEXTS[language], language=language if named else "").encode(charset, "ignore")
    assert text in decode(data)[0]


@pytest.mark.parametrize(("language", "charset"), [("cs", "cp1250"), ("cs", "iso8859-2"), ("tr", "cp1254")])
def test_latin_alphabets_are_told_apart_by_the_language_of_the_feed(language, charset):
    assert TEXTS[language] in decode(feed(TEXTS[language], language=language).encode(charset))[0]


def test_row56_text_that_is_utf8_is_never_read_as_what_it_wrongly_declares():
    data = feed("Café in Zażółć", declared="ISO-8859-1").encode()
    text, note = decode(data, said="windows-1252")
    assert "Café in Zażółć" in text
    assert note == "declared as ISO-8859-1, read as utf-8"


def test_row56_cyrillic_declared_as_latin_1_is_seen_by_its_rows_of_accents():
    assert TEXTS["ru"] in decode(feed(TEXTS["ru"], declared="ISO-8859-1").encode("cp1251"))[0]


@pytest.mark.parametrize("charset", ["cp1250", "iso8859-2"])
@pytest.mark.parametrize("language", ["pl", ""])
def test_row56_polish_declared_as_latin_1_is_seen_by_its_language_or_by_signs_within_words(charset, language):
    data = feed(TEXTS["pl"], declared="ISO-8859-1", language=language).encode(charset)
    assert TEXTS["pl"] in decode(data)[0]


@pytest.mark.parametrize("language", ["fr", ""])
def test_row56_western_text_stays_what_it_declares(language):
    text = "L´été à Besançon : 3 m² de col·lecció, 5 µg, « déjà » vu à l´aube, ½ heure"
    assert text in decode(feed(text, declared="ISO-8859-1", language=language).encode("cp1252"))[0]


def test_the_family_name_stands_for_its_superset():
    assert "“quoted”" in decode(feed("“quoted”", declared="ISO-8859-1").encode("cp1252"))[0]
    assert "镕" in decode(feed("朱镕基在北京会见代表团", declared="gb2312").encode("gb18030"))[0]


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32"])
def test_row56_wide_charsets_are_seen_with_and_without_a_mark(charset):
    text, note = decode(feed("Ünïcode ferry").encode(charset))
    assert text.startswith("<rss>")
    assert "Ünïcode ferry" in text
    assert note == ""


def test_http_decides_where_the_bytes_leave_it_open():
    data = feed(TEXTS["ru"]).encode("koi8-r")
    assert TEXTS["ru"] in decode(data, said="KOI8-R")[0]


@pytest.mark.parametrize("said", ["", "x-nonsense", "\x00", "utf-8\\", "base64", "rot13"])
def test_a_charset_nobody_knows_is_no_charset(said):
    assert "Café" in decode(feed("Café", declared=said).encode(), said=said)[0]


def test_some_stray_bytes_do_not_make_utf8_another_charset():
    data = feed("Ein schöner Tag für größere Schiffe über Brücken, schön und gut für alle Häfen, überall").encode()
    text, _ = decode(data + b"<!-- caf\xe9 -->")
    assert "größere" in text
    assert "café" in text


def test_what_says_it_is_utf8_is_so_with_nearly_as_many_stray_bytes_as_good_ones():
    data = "<?xml version='1.0' encoding='utf-8'?><rss>Gr\u00fc\u00dfe Stra\u00dfe".encode() + b" caf\xe9 \xfc</rss>"
    assert "Gr\u00fc\u00dfe Stra\u00dfe caf\u00e9 \u00fc" in decode(data)[0]
    latin = "<?xml version='1.0' encoding='utf-8'?><rss>Gr\u00fc\u00dfe aus der Stra\u00dfe</rss>".encode("cp1252")
    assert "Gr\u00fc\u00dfe aus der Stra\u00dfe" in decode(latin)[0]


def test_text_encoded_twice_is_undone_only_when_all_of_it_agrees():
    twice = feed("Le café – “prêt”").encode().decode("cp1252", "c1").encode()
    text, note = decode(twice)
    assert "Le café – “prêt”" in text
    assert note == "encoded twice as UTF-8: undone"
    assert "Ã©" in decode(feed("CafÃ© and 東京").encode())[0]  # not all of it agrees


def test_a_single_field_is_undone_as_well():
    assert undoubled("president-electâ€™s cafÃ©") == "president-elect’s café"
    assert undoubled("Ã la carte, naïve") == "Ã la carte, naïve"


@given(st.binary(max_size=400), st.sampled_from(["", "utf-8", "gb2312", "big5", "utf-16", "idna", "unknown"]))
@settings(deadline=None)
def test_no_bytes_are_too_odd(data, said):
    text, _ = decode(data, said=said)
    assert isinstance(text, str)


@given(st.text(max_size=200))
@settings(deadline=None)
def test_what_is_utf8_comes_back_as_it_was(text):
    whole = "<rss>" + text.replace("\0", "") + "漢</rss>"
    data = whole.encode("utf-8", "replace")
    assert decode(data)[0] == data.decode()


def test_a_closing_quote_that_lost_a_byte_on_the_way_comes_back():
    assert (
        undoubled("Zo\u00c3\u00ab: \u00e2\u20ac\u0153new\u00e2\u20ac caf\u00c3\u00a9")
        == "Zo\u00eb: \u201cnew\u201d caf\u00e9"
    )
    assert undoubled("pay \u00e2\u20ac and \u00e9t\u00e9") == "pay \u00e2\u20ac and \u00e9t\u00e9"
