"""What reads sources is made when a source is read, and ended with the app."""

import asyncio
import subprocess
import sys

from digest.app.readers import Readers
from digest.model import Source, SourceState
from digest.sources.known import nothing_known
from tests.end_to_end.situation import AS_OF, NOW, day

SEND = """
import sys
from digest import cli
try:
    cli.main(["send", "morning", "--as-of", sys.argv[1]])
except SystemExit as end:
    print("exit", end.code)
print("heavy:", *sorted({"httpx2", "markdown_it"} & set(sys.modules)))
"""


def test_sending_from_files_needs_neither_the_http_client_nor_markdown(project):
    project.configure()
    project.news(day(5))
    project.readers(2)
    command = [sys.executable, "-c", SEND, NOW]
    done = subprocess.run(command, cwd=project.folder, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.endswith("exit 0\nheavy:\n"), done.stdout + done.stderr


def test_each_kind_has_one_reader_and_an_unknown_kind_none(tmp_path):
    feed = tmp_path / "feed.xml"
    feed.write_text("<rss version='2.0'><channel><title>A</title><item><title>B</title></item></channel></rss>")

    async def run():
        readers = Readers(site="test", known=nothing_known)
        assert set(readers) == {"feed", "page", "folder"}
        assert readers["feed"] is readers["feed"]
        assert readers.get("telegram") is None
        reading = await readers["feed"].read(Source(name="a", path=str(feed)), SourceState(name="a"), now=AS_OF)
        await readers.close()
        return [one.headline for one in reading.declared]

    assert asyncio.run(run()) == ["B"]
