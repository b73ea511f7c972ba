"""A list of any length: read, frozen and owed in the memory that a short one takes; everyone once, whatever doubles it has."""

import contextlib
import shutil
import time
from pathlib import Path

from tests.end_to_end.situation import NOW

KEY = "morning@2026-03-10"
FEW, MANY = 5_000, 65_000  # the longer one has its indexes built anew


def peak_of_freezing(project, count):
    """Megabytes, of the process that is killed once the issue is frozen."""
    rows = (f"reader{n}@example{n % 50}.org,Reader {n}\n" for n in range(count))
    (project.folder / "subscribers" / "readers.toml").unlink(missing_ok=True)
    (project.folder / "subscribers" / "readers.csv").write_text("email,name\n" + "".join(rows))
    words = ("crash", "after_c1", "--", "send", "morning", "--as-of", NOW)
    process, peak = project.start(*words, module="digest.testing"), 0
    while process.poll() is None:
        with contextlib.suppress(OSError, IndexError):
            # Not what wait4() says: that begins with the memory of whoever started it.
            status = Path(f"/proc/{process.pid}/status").read_text()
            peak = max(peak, int(status.partition("VmHWM:")[2].split()[0]))
        time.sleep(0.01)
    assert process.communicate()[1].count("Traceback") == 0
    row, standing = project.look(KEY)
    assert (row.state, row.recipients, standing.counts["pending"]) == ("composed", count, count)
    return peak / 1024


def test_a_list_of_13_times_the_length_takes_a_few_megabytes_more(project):
    """Held as objects it took 90 MB more."""
    few = peak_of_freezing(project, FEW)
    shutil.rmtree(project.folder / "var")  # nothing was gathered or used
    assert peak_of_freezing(project, MANY) - few < 15, few


def test_people_on_two_csv_lists_get_one_message_with_the_first_lists_name(project):
    project.configure(newsletter='lists = ["readers", "team"]')
    config = project.folder / "config.toml"
    config.write_text(config.read_text().replace('lists = ["readers"]\n', "", 1))
    (project.folder / "subscribers" / "readers.toml").unlink()
    project.write("subscribers/readers.csv", "email,name\nada@example.org,Ada\nben@example.org,\n")
    project.write(
        "subscribers/team.csv", "email,name\nADA@example.org,Someone\nBEN@example.org,Ben\ncy@example.org,Cy\n"
    )
    project.digest("send", "morning", "--as-of", NOW)
    names = {
        message["To"].addresses[0].addr_spec: message["To"].addresses[0].display_name
        for message in project.messages(KEY)
    }
    assert names == {"ada@example.org": "Ada", "ben@example.org": "Ben", "cy@example.org": "Cy"}
