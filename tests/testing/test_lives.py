"""The command line begun again and again in children."""

import subprocess
import sys

BEGIN = """
import os, sys, time
from datetime import UTC, datetime
from pathlib import Path
from digest.testing.lives import Lives

folder = Path(sys.argv[1])
lives = Lives(folder, clock=lambda: datetime(2026, 3, 10, 6, 30, tzinfo=UTC), said=folder / "said")
print(lives.whole("issues", "list"), lives.whole("issues", "show", "nothing@2026-03-10"))
print(lives.cut_short(lambda: True, "status"))
print(lives.cut_short(lambda: False, "status"))
"""


def test_a_life_ends_by_itself_or_is_cut_short_and_its_words_go_to_a_file(project, root):
    done = subprocess.run(
        [sys.executable, "-c", BEGIN, project.folder], cwd=root, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("0 2\nTrue\nFalse\n", "")
    said = (project.folder / "said").read_text()
    assert "no issue 'nothing@2026-03-10'" in said
    assert "Traceback" not in said
