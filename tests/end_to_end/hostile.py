"""A news server that does to each path what its name says; it counts who asked."""

import contextlib
import gzip
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.end_to_end.situation import day, feed

MORE = """
[sources.{name}]
url = "{url}"
allow_private = true
deadline = "2s"
every = "1m"
"""
BOMB = gzip.compress(bytes(200_000_000), compresslevel=9)


class Hostile(BaseHTTPRequestHandler):
    """do_GET looks the first word of the path up here: `/hang`, `/answer/503`, `/to/URL` ..."""

    protocol_version = "HTTP/1.0"

    def do_GET(self):
        name, _, rest = self.path[1:].partition("/")
        with self.server.lock:
            self.server.asked[self.path] += 1
        with contextlib.suppress(OSError):
            getattr(self, f"go_{name}")(rest)

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def go_good(self, rest):
        self.answer(200, feed(day(3, about=rest or "Wire")).encode())

    def go_hang(self, _):
        self.server.over.wait(60)

    def go_drip(self, _):
        self.send_response(200)
        self.end_headers()
        while not self.server.over.wait(0.2):
            self.wfile.write(b" ")
            self.wfile.flush()

    def go_bomb(self, _):
        self.answer(200, BOMB, Content_Encoding="gzip")

    def go_huge(self, _):
        self.answer(200, b"<rss>" + b" " * 6_000_000)

    def go_answer(self, rest):
        self.answer(int(rest), b"sorry")

    def go_busy(self, rest):
        self.answer(int(rest), b"later", Retry_After="7200")

    def go_tagged(self, _):
        if self.headers.get("If-None-Match") == 'W/"1"':
            self.answer(304)
        else:
            self.answer(200, feed(day(3, about="Tagged")).encode(), ETag='W/"1"')

    def go_locked(self, rest):
        if not rest and self.headers.get("Authorization") == "Bearer canary-5c1e":
            self.answer(200, feed(day(2, about="Locked")).encode())
        else:
            self.answer(401, b"who are you?")

    def go_moved(self, rest):
        self.answer(301, Location=f"/{rest}")

    def go_loop(self, _):
        self.answer(302, Location="/loop/")

    def go_to(self, rest):
        self.answer(302, Location=rest)

    def log_message(self, *_):
        """Quiet."""


class News:
    """The server, running; `asked` counts requests by path."""

    def __init__(self):
        self.server = ThreadingHTTPServer(("0.0.0.0", 0), Hostile)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        self.server.asked = Counter()
        self.server.lock, self.server.over = threading.Lock(), threading.Event()
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.over.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def asked(self):
        return self.server.asked

    def url(self, path, host="127.0.0.1"):
        return f"http://{host}:{self.server.server_address[1]}{path}"

    def feeds(self, project, sources):
        """Add `[sources.NAME]` for each name -> URL to the project's one section."""
        config = project.folder / "config.toml"
        names = "".join(f', "{name}"' for name in sources)
        text = config.read_text().replace('sources = ["world"]', f'sources = ["world"{names}]')
        config.write_text(text + "".join(MORE.format(name=name, url=url) for name, url in sources.items()))
