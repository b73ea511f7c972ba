"""Sending through this machine's own sendmail: each reader's exit code is that reader's alone, and a crash doubles nobody."""

import json

from tests.end_to_end.situation import NOW

KEY = "morning@2026-03-10"
LATER = "2026-03-10T06:45Z"


def program(project, *lines):
    """A sendmail that does `lines` first, then keeps each message whole; the transport's table."""
    kept = project.folder / "kept"
    kept.mkdir()
    path = project.write(
        "sendmail",
        "#!/bin/sh\n" + "\n".join(lines) + f'\ncat > "{kept}/$$.part" && mv "{kept}/$$.part" "{kept}/$5.$$.eml"\n',
    )
    path.chmod(0o755)
    return f'kind = "sendmail"\ncommand = ["{path}"]'


def arrived(project):
    """How many copies each reader got."""
    names = [path.name.split(".eml")[0].rpartition(".")[0] for path in (project.folder / "kept").glob("*.eml")]
    return {name: names.count(name) for name in names}


def test_an_exit_code_is_one_readers_alone(project):
    project.configure(transport=program(project, 'case "$5" in reader1@*) echo "unknown here" >&2; exit 67;; esac'))
    project.digest("send", "morning", "--as-of", NOW)
    assert project.counts(KEY) == {"sent": 2, "failed": 1}
    assert arrived(project) == {"reader0@example.org": 1, "reader2@example.org": 1}
    assert "exit 67 (no such user): unknown here" in project.digest("issues", "show", KEY)


def test_a_program_that_refuses_us_pauses_and_after_its_mending_everybody_gets_one(project):
    transport = program(project, f'[ -e "{project.folder}/broken" ] && exit 78')
    project.configure(transport=transport)
    project.write("broken", "")
    said = project.digest("send", "morning", "--as-of", NOW, code=1)
    assert "exit 78 (wrong configuration)" in said
    assert project.state(KEY) == "paused"
    (project.folder / "broken").unlink()
    project.digest("issues", "resume", KEY)
    project.digest("send", "morning", "--as-of", LATER)
    assert arrived(project) == dict.fromkeys((f"reader{n}@example.org" for n in range(3)), 1)


def test_a_kill_while_a_program_runs_is_one_doubt_and_nobody_is_lost(project):
    project.configure(transport=program(project), newsletter='doubt_pause = "0s"')
    project.crash("after_reply", "send", "morning", "--as-of", NOW, hit=2)
    project.digest("send", "morning", "--as-of", LATER)
    copies = arrived(project)
    assert set(copies) == {f"reader{n}@example.org" for n in range(3)}
    assert max(copies.values()) <= 2
    assert project.counts(KEY) == {"sent": 3}
    show = json.loads(project.digest("issues", "audit", KEY, "--json"))
    assert show["broken"] == []


def test_check_says_where_the_program_is_missing_and_refuses_nothing(project):
    project.configure(transport='kind = "sendmail"\ncommand = ["/opt/no/such/sendmail"]')
    said = project.digest("check")
    assert "[transports.out] command: there is no program /opt/no/such/sendmail on this machine" in said
