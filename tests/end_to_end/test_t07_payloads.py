"""SECURITY.md T7: a hundred payloads in every field of a feed, and what the message holds of them: text, nothing else."""

import re
from datetime import timedelta
from html import escape, unescape
from html.parser import HTMLParser

from tests.end_to_end.situation import AS_OF, NOW

BASE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<svg><script>alert(1)</script>",
    "<body onload=alert(1)>", "<iframe src=javascript:alert(1)></iframe>", "<iframe srcdoc='<script>alert(1)</script>'>",
    "<object data=javascript:alert(1)>", "<embed src=javascript:alert(1)>", "<form action=javascript:alert(1)><input type=submit>",
    "<a href=javascript:alert(1)>x</a>", "<a href='data:text/html,<script>alert(1)</script>'>x</a>", "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/x.css>", "<style>@import'//evil.example/x.css';</style>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>", "<math><mi xlink:href=javascript:alert(1)>x</mi></math>",
    "<video><source onerror=alert(1)></video>", "<details open ontoggle=alert(1)>", "<div style=display:none>hidden</div>",
    "<img src=https://tracker.example/p.gif width=1 height=1>", '"><img src=x onerror=alert(1)>', "'-alert(1)-'",
    "</title><script>alert(1)</script>", "--><script>alert(1)</script><!--",
]  # fmt: skip
ENCODINGS = (
    lambda text: text,
    escape,
    lambda text: text.upper().replace("<", "<\u200b", 1),
    lambda text: "".join(f"&#{ord(sign)};" for sign in text),
)
PAYLOADS = [encode(text) for text in BASE for encode in ENCODINGS]
KNOWN = {
    "ol",
    "li",
    "html",
    "head",
    "title",
    "meta",
    "style",
    "body",
    "div",
    "table",
    "tbody",
    "tr",
    "td",
    "h1",
    "h2",
    "h3",
    "p",
    "a",
    "img",
    "b",
    "span",
}
URLS = ("javascript:alert(1)", "data:text/html,x", "https://times.example/{n}", "vbscript:x", "//evil.example/{n}")


class Page(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.links, self.pictures, self.styles = set(), set(), [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.add(tag)
        self.attributes |= set(given)
        self.links += [given["href"]] if "href" in given else []
        self.pictures += [given["src"]] if "src" in given else []
        self.styles += [given.get("style", "")]


def item(n, payload):
    bidi = "\u202e\u2066"
    link = URLS[n % len(URLS)].format(n=n)
    raw = escape(payload)
    own = " ".join(f"Matter{n}x{word}" for word in range(6))  # or they are one story
    minutes = AS_OF - timedelta(minutes=10 + n)
    return (
        f"<item><title>Story {n} {own} {raw}{bidi}</title><link>{escape(link)}</link><guid isPermaLink='false'>g{n}</guid>"
        f"<description>Teaser {n} {raw}</description><category>{raw}</category><author>{raw}</author>"
        f"<media:content medium='image' url='https://p.example/{n}.jpg' width='1200' height='675'>"
        f"<media:description>{raw}</media:description></media:content>"
        f"<pubDate>{minutes:%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>"
    )


def test_t07_a_hundred_payloads_in_every_field_are_text_or_nothing(project):
    assert len(set(PAYLOADS)) == 100
    items = "".join(item(n, payload) for n, payload in enumerate(PAYLOADS))
    project.configure(newsletter="limit = 100\n", more="[composer]\nsoft_bytes = 9000000\nhard_bytes = 9000000\n")
    config = (project.folder / "config.toml").read_text().replace("max = 10", "max = 100")
    project.write("config.toml", config)
    project.write(
        "world.xml",
        '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>Example Times</title>'
        f"<link>https://times.example/</link>{items}</channel></rss>",
    )
    said = project.digest("preview", "morning", "--as-of", NOW, "--out", "shown")
    assert "render_refused" not in said
    page = Page((project.folder / "shown" / "issue.html").read_text("utf-8"))
    assert page.tags <= KNOWN
    assert not [name for name in page.attributes if name.startswith(("on", "xlink", "srcdoc"))]
    assert all(
        link.startswith(("https://times.example/", "https://evil.example/", "mailto:", "[[")) for link in page.links
    )
    assert all(re.fullmatch(r"https://p\.example/\d+\.jpg", picture) for picture in page.pictures)
    assert not any("display:none" in style or "@import" in style for style in page.styles)
    whole = unescape((project.folder / "shown" / "issue.html").read_text("utf-8"))
    assert "\u202e" not in whole
    assert "tracker.example/p.gif" not in " ".join(page.pictures)
    text = (project.folder / "shown" / "issue.txt").read_text("utf-8")
    assert "javascript:alert(1)>" not in re.findall(r"^<(\S+)>$", text, re.MULTILINE)
    assert len(re.findall(r"Story \d+", text)) >= 20
