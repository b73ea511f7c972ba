"""Fake desks: the public one remembers what it was told, the preview's renders one template file of a folder."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from digest.errors import ConfigError, Mistake, TemplateError
from digest.model import Article, Image, Issue, LeftOut, Pick, Picks, Reason, Sender
from digest.web import Previewed, Unsubscribing, Upcoming, grouped

LONDON = ZoneInfo("Europe/London")
CUTOFF = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
GOOD = "v1.bW9ybmluZw.c2lnbmVk"


class FakePublicDesk:
    """Knows one good token. `said` are the scopes recorded, `asked` every call."""

    def __init__(self, *, title="The Morning Briefing", site="The Morning Desk", error=None):
        self.about = Unsubscribing(newsletter="morning", title=title, site=site)
        self.error = error
        self.said = []

    async def unsubscribing(self, token):
        if self.error:
            raise self.error
        return self.about if token == GOOD else None

    async def leave(self, token, *, everything=False):
        if self.error:
            raise self.error
        if token == GOOD:
            self.said.append("*" if everything else "morning")
        return token == GOOD

    async def issue(self, newsletter, slot):
        if self.error:
            raise self.error
        return f"<!doctype html><p>{newsletter}</p>" if (newsletter, slot) == ("morning", "2026-11-23.pm") else None


def article(n, headline, *, outlet="The Harbour Times", source="world", url="", kicker=""):
    return Article(
        id=f"a{n}",
        url=url or f"https://news.example/{n}",
        headline=headline,
        outlet=outlet,
        published=CUTOFF - timedelta(minutes=17 * n),
        kicker=kicker,
        source=source,
        image=Image(url=f"https://pictures.example/{n}.png"),
    )


HEADLINES = (
    ("World", "River towns win the right to block upstream dams"),
    ("World", "Ferry strike enters a second week as talks stall"),
    ("World", "Three parties claim victory in island election"),
    ("Science", "A telescope on a balloon sees what satellites miss"),
    ("Science", "Why moss is coming back to city roofs"),
    ("Good news", "The library that lends sewing machines, and lessons"),
)
OUTLETS = ("The Harbour Times", "Nordlicht", "La Plaza", "Meridian Post")


def picks():
    chosen = tuple(
        Pick(
            article=article(n, headline, outlet=OUTLETS[n % 4], source=section.lower().replace(" ", "-")),
            section=section,
            n=n,
            lead=n == 0,
        )
        for n, (section, headline) in enumerate(HEADLINES)
    )
    left = (
        LeftOut(article=article(20, "Markets close flat"), reason=Reason.TOO_OLD, fact="49 h old, at most 48 h"),
        LeftOut(article=article(21, "Dam ruling: what it means"), reason=Reason.SECTION_FULL, fact="World holds 3"),
        LeftOut(article=article(22, "Ferry talks resume"), reason=Reason.SECTION_FULL, fact="World holds 3"),
    )
    return Picks(chosen=chosen, left_out=left)


class FilesDesk:
    """The preview of a folder: `config.txt` lists `name title` lines, `theme/issue.html` is the template.

    The word MISTAKE in either raises as the real one would.
    """

    def __init__(self, folder):
        self.folder = folder
        self.rendered = 0
        self.left = grouped(picks().left_out)
        (folder / "theme").mkdir()
        (folder / "pictures").mkdir()
        self.config = folder / "config.txt"
        self.template = folder / "theme" / "issue.html"
        self.config.write_text("morning The Morning Briefing\nbest Today's Best Articles\n")
        self.template.write_text("<!doctype html><h1>First rendering</h1>")
        self._newsletters = self._read()

    def _read(self):
        rows = [line.split(" ", 1) for line in self.config.read_text().splitlines()]
        for n, row in enumerate(rows, 1):
            if row[0] == "MISTAKE":
                raise ConfigError([Mistake(file="config.txt", line=n, key="newsletters", why="unknown key <MISTAKE>")])
        return rows

    async def upcoming(self):
        at = datetime(2026, 11, 23, 6, 30, tzinfo=LONDON)
        return [
            Upcoming(name=name, title=title, slot=f"2026-11-{23 + n}", at=at + timedelta(days=n), theme="briefing")
            for n, (name, title) in enumerate(self._newsletters)
        ]

    async def preview(self, newsletter):
        self.rendered += 1
        html = self.template.read_text()
        for n, line in enumerate(html.splitlines(), 1):
            if "MISTAKE" in line:
                raise TemplateError("unexpected '}'", theme="briefing", file="theme/issue.html", line=n)
        title = dict(self._newsletters)[newsletter]
        return Previewed(
            issue=Issue(
                newsletter=newsletter,
                slot="2026-11-23",
                number=7,
                subject=f"{title}: river towns win",
                standfirst="A ruling, a strike, and moss on the roofs.",
                variants=(),
                picks=picks(),
                cutoff=CUTOFF,
                theme="briefing",
                fingerprint=b"",
            ),
            sender=Sender(name="The Morning Desk", address="briefing@news.example"),
            picks=picks(),
            html=html,
            text=f"{title.upper()}\n\nRiver towns win <the right>\nhttps://news.example/0\n",
            mjml="<mjml>[[unsubscribe_url]]</mjml>",
            notes=("world: 24 read, 3 new",),
            left_out=self.left,
        )

    async def reload(self):
        self._newsletters = self._read()

    def watched(self):
        return [self.config, self.folder / "theme"]

    def picture(self, name):
        path = self.folder / "pictures" / name
        return path if path.is_file() else None
