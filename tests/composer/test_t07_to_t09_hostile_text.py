"""SECURITY.md T7-T9 as far as the composer goes: text from outside stays text, in every theme and both parts."""

import html
import re
from html.parser import HTMLParser

import pytest

from digest.composer.holes import Markers
from digest.model import Audience, Budget, CoveredBy, Image, Picks

ARABIC = "قطار الليل يعود (1 من 5)"
HOSTILE = [
    "AT&T <b>bold</b> & \"quotes\" 'single'",
    "{{7*7}} and {{ holes.unsubscribe_url }}",
    "{% include 'issue.mjml' %} {# gone #}",
    "*|EMAIL|* %recipient% ${name} [[unsubscribe_url]]",
    "<mj-include path='/etc/passwd' /> <mj-raw><script>alert(1)</script></mj-raw>",
    "</mj-text></mj-column><mj-column><mj-text>",
    "<![CDATA[ x ]]> <!-- comment --> ]]> -->",
    "<!DOCTYPE a [<!ENTITY b 'c'>]> &b; &amp; &#38;",
    "\" onmouseover=\"alert(1) ' style='x",
    "javascript:alert(1) <a href=javascript:alert(1)>x</a>",
    "<div>" * 9000,
    ARABIC,
    "h0123456789abcdef0123456789abcdefx1e",
    "No break https://x.example/" + "a" * 300,
]


class Tags(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.seen, self.attributes, self.text = set(), set(), []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text.append(data)


@pytest.mark.parametrize("name", ["best-articles", "briefing", "good-news", "plain"])
@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_t08_t09_hostile_text_is_literal_in_both_parts(composed, theme, pick, name, number):
    words = HOSTILE[number]
    fields = {"teaser": words, "kicker": words, "byline": words, "outlet": words[:500]}
    image = Image(url="https://p.example/x.jpg", alt=words)
    also = [CoveredBy(outlet=words[:500], headline=words, url="https://o.example/1")]
    chosen = Picks(
        chosen=(
            pick("Plain lead", lead=True, image=image, also=also, **fields),
            pick(words, image=image, also=also, **fields),
            pick(words, section="Science", **fields),
        ),
        intro=words,
    )
    issue = composed(chosen, by=theme(name), budget=Budget(soft=1 << 24, hard=1 << 24))
    assert issue.picks.left_out == ()
    (variant,) = issue.variants
    said = " ".join(words.split())
    page = Tags(variant.html.shown())
    assert " ".join("".join(page.text).split()).count(said) >= 4
    text = variant.text.shown().replace("\u2068", "").replace("\u2069", "")
    assert " ".join(text.split()).count(said) >= 4
    assert page.seen <= {
        *("html", "head", "title", "meta", "style", "body", "div", "table", "tbody", "tr", "td"),
        *("h1", "h2", "h3", "p", "a", "img", "b", "span"),
    }
    assert not {attribute for attribute in page.attributes if attribute.startswith("on")}


def test_t08_text_that_looks_like_a_marker_makes_no_hole(composed, pick, theme):
    plain = composed(Picks(chosen=(pick("A headline of two words", lead=True),)))
    hostile = composed(Picks(chosen=(pick("[[view_url]] h" + "0" * 32 + "x0e", lead=True),)))
    assert hostile.variants[0].html.holes == plain.variants[0].html.holes
    assert hostile.variants[0].text.holes == plain.variants[0].text.holes


def test_no_trace_of_a_render_is_left_in_the_literals(composed):
    (variant,) = composed().variants
    for part in (variant.html, variant.text):
        assert not re.search(r"h[0-9a-f]{32}", "".join(part.literals))
    assert not re.search(r"h[0-9a-f]{32}", variant.mjml)


def test_two_renders_never_share_a_marker():
    assert Markers(["name"]).values != Markers(["name"]).values


def test_escaping_happens_once(composed, pick):
    (variant,) = composed(Picks(chosen=(pick("AT&T & &amp;", lead=True),))).variants
    assert html.escape("AT&T & &amp;") in variant.html.shown()
    assert "\nAT&T & &amp;\n" in variant.text.shown()


# Direction.


def test_an_article_in_another_language_says_so_and_isolates_itself(composed, pick):
    chosen = Picks(chosen=(pick("Lead", lead=True), pick(ARABIC, language="ar")))
    (variant,) = composed(chosen).variants
    assert ' lang="ar" dir="auto"><a class="in"' in variant.html.shown()
    assert f"\n\u2068{ARABIC}\u2069\n" in variant.text.shown()


def test_a_headline_of_the_other_direction_is_isolated_though_nobody_named_its_language(composed, pick):
    chosen = Picks(chosen=(pick("Lead", lead=True), pick("قطار الليل")))
    (variant,) = composed(chosen).variants
    assert ' dir="auto"><a class="in"' in variant.html.shown()
    assert 'lang="ar"' not in variant.html.shown()


def test_a_right_to_left_newsletter_is_so_in_whole(composed, pick):
    port = pick("الميناء", teaser="")
    chosen = Picks(chosen=(pick("قطار الليل", lead=True, teaser=""), port))
    (variant,) = composed(chosen, audiences=[Audience(language="ar")], language="ar").variants
    page = variant.html.shown()
    assert '<html lang="ar" dir="rtl"' in page
    assert "direction:ltr" not in page
    assert "text-align:left" not in page.partition("<body")[2].replace(
        "font-size:0px;text-align:left;direction:rtl", ""
    )
    assert f"\n{port.article.headline}\n" in variant.text.shown()
    assert "\nفي هذا العدد: مقالان من غرفة أخبار واحدة.\n" in variant.text.shown()
