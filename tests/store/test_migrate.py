"""Stores are made, and brought to this version, by us alone."""

import importlib.util
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from digest.errors import StoreError
from digest.model import MOVES, DeliveryState, IssueState
from digest.store import migrate
from digest.store.revision import revisions
from digest.store.tables import METADATA
from tests.store.world import KEY, compose

HEAD = revisions()[-1]
NEXT = f"{int(HEAD) + 1:04}"
SECOND = f"""
from alembic import op
revision, down_revision, branch_labels, depends_on = "{NEXT}", "{HEAD}", None, None
def upgrade():
    op.execute("ALTER TABLE used ADD COLUMN at INTEGER")
"""
BROKEN = SECOND + '    op.execute("UPDATE nowhere SET x = 1")\n'


@pytest.fixture
def scripts(tmp_path):
    """Our migrations and one more, as the next version will have them."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / f"r{NEXT}_second.py").write_text(SECOND)
    return folder


@pytest.fixture
def file(tmp_path):
    return tmp_path / "var" / "digest.db"


def query(file, statement):
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(statement).fetchall()


def first_migration():
    path = migrate.SCRIPTS / "versions" / "r0001_first.py"
    spec = importlib.util.spec_from_file_location("first", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_missing_store_is_made_and_asking_makes_none(url, file):
    assert migrate.state(url) == "missing"
    assert not file.exists()
    assert migrate.upgrade(url) is None
    assert migrate.state(url) == "current"


def test_an_empty_file_is_a_missing_store(url, file):
    file.parent.mkdir()
    file.touch()
    assert migrate.state(url) == "missing"
    assert migrate.upgrade(url) is None
    assert migrate.state(url) == "current"


def test_bringing_a_store_up_twice_changes_nothing(url, file):
    migrate.upgrade(url)
    assert migrate.upgrade(url) is None
    assert {path.name for path in file.parent.iterdir()} == {"digest.db"}


def test_an_older_store_is_copied_before_it_is_changed(opened, url, file, scripts):
    opened(compose)
    assert migrate.state(url, scripts=scripts) == "behind"
    copy = migrate.upgrade(url, scripts=scripts)
    assert migrate.state(url, scripts=scripts) == "current"
    assert copy == file.with_name(f"digest.db.before-{NEXT}")
    assert copy.stat().st_mode & 0o777 == 0o600
    assert query(copy, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    assert query(copy, "SELECT count(*) FROM deliveries") == query(file, "SELECT count(*) FROM deliveries") == [(3,)]
    assert "at" not in {row[1] for row in query(copy, "PRAGMA table_info(used)")}


def test_a_migration_that_breaks_leaves_the_old_version(opened, url, file, scripts):
    opened(compose)
    (scripts / "versions" / f"r{NEXT}_second.py").write_text(BROKEN)
    with pytest.raises(StoreError, match="no such table: nowhere"):
        migrate.upgrade(url, scripts=scripts)
    assert "at" not in {row[1] for row in query(file, "PRAGMA table_info(used)")}
    assert len(opened(lambda store: store.issues.list())) == 1


def test_a_store_of_a_newer_version_is_left_alone(opened, url, scripts):
    migrate.upgrade(url, scripts=scripts)
    assert migrate.state(url) == "ahead"
    with pytest.raises(StoreError, match="made by a newer digest"):
        opened(compose)


def test_a_database_of_something_else_is_left_alone(opened, url, file):
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    before = file.read_bytes()
    with pytest.raises(StoreError, match="a database of something else"):
        opened(compose)
    assert file.read_bytes() == before


OLD_ROWS = """
INSERT INTO issues (id, newsletter, slot, state, doubt, due_at, cutoff, recipients)
    VALUES (4, 'morning', '2026-11-23', 'composed', 'once', 1, 1, 2);
INSERT INTO variants VALUES (4, 'en', 0, x'', 0);
INSERT INTO deliveries (issue_id, id, subscriber, address_hash, address, domain, message_id, variant, holes, due_at, state)
    VALUES (4, 1, 'ada', zeroblob(16), 'ada@x.test', 'x.test', 'a@y.test', 'en', '{}', 1, 'pending'),
           (4, 2, 'ben', randomblob(16), 'ben@x.test', 'x.test', 'b@y.test', 'en', '{"name":"Ben"}', 1, 'deferred');
INSERT INTO attempts (issue_id, delivery_id, n, at, outcome) VALUES (4, 2, 1, 5, 'deferred');
"""
SAME = (
    "SELECT * FROM deliveries",
    "SELECT * FROM attempts",
    "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'",
)


def test_rows_history_and_guards_are_kept_when_unique_indexes_get_names(tmp_path, url, file):
    before = tmp_path / "before"
    shutil.copytree(migrate.SCRIPTS, before, ignore=shutil.ignore_patterns("__pycache__", "r0006*", "r0007*"))
    migrate.upgrade(url, scripts=before)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(OLD_ROWS)
    old = [query(file, question) for question in SAME]
    migrate.upgrade(url)
    assert [query(file, question) for question in SAME[:2]] == old[:2]
    assert {name for name, _ in query(file, SAME[2])} == {name for name, _ in old[2]}
    assert query(file, "PRAGMA foreign_key_check") == []
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        for change, why in (
            ("UPDATE deliveries SET state = 'in_doubt' WHERE id = 1", "cannot move like that"),
            ("INSERT INTO attempts (issue_id, delivery_id, n, at, outcome) VALUES (4, 9, 1, 5, 'sent')", "FOREIGN KEY"),
            ("INSERT INTO deliveries SELECT * FROM deliveries WHERE id = 1", "UNIQUE"),
            ("UPDATE issues SET state = 'sending', recipients = 3 WHERE id = 4", "not as many as its recipients"),
        ):
            with pytest.raises(sqlite3.IntegrityError, match=why):
                connection.execute(change)


def test_a_folder_with_a_percent_sign_is_a_folder(tmp_path, scripts):
    strange = tmp_path / "100%s off"
    scripts.rename(strange)
    assert migrate.upgrade(f"sqlite:///{tmp_path}/a%20b.db", scripts=strange) is None


MAKE = """
import asyncio, sys
from digest.store import Store
async def main():
    store = await Store.open(sys.argv[1], ledger_key=b"the ledger key of the tests")
    _, made = await store.issues.plan("morning", "2026-11-23", due_at=0, expires_at=None, cutoff=0, doubt="once")
    await store.close()
    print(int(made))
asyncio.run(main())
"""


def test_of_processes_that_open_a_missing_store_at_once_each_succeeds_and_one_plans(url, root):
    pipe = subprocess.PIPE
    racers = [subprocess.Popen([sys.executable, "-c", MAKE, url], cwd=root, stdout=pipe, text=True) for _ in range(4)]
    said = [racer.communicate(timeout=60)[0] for racer in racers]
    assert sorted(said) == ["0\n", "0\n", "0\n", "1\n"]


@pytest.mark.parametrize("wrong", [b"", b"sesame", KEY + b"\n"])
def test_another_secret_is_refused(opened, wrong):
    opened(compose)
    with pytest.raises(StoreError, match="wrong secret") as caught:
        opened(compose, ledger_key=wrong)
    assert "sesame" not in str(caught.value)
    assert len(opened(lambda store: store.issues.list())) == 1


def test_the_first_migration_says_what_the_model_says():
    first = first_migration()
    assert {old: set(new) for old, new in first.DELIVERY_MOVES} == {old: set(new) for old, new in MOVES.items() if new}
    assert set(first.DELIVERY_STATES) == set(DeliveryState)
    assert set(first.ISSUE_STATES) == set(IssueState)


def test_queries_see_the_columns_that_are_there(url, file):
    migrate.upgrade(url)
    for table in METADATA.tables.values():
        found = query(file, f"SELECT name, \"notnull\" OR pk > 0, pk > 0 FROM pragma_table_info('{table.name}')")
        told = [(column.name, int(not column.nullable), int(column.primary_key)) for column in table.columns]
        assert found == told, table.name
    made = {name for (name,) in query(file, "SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert made == {*METADATA.tables, "alembic_version"}


def test_every_table_is_strict(url, file):
    migrate.upgrade(url)
    loose = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND NOT strict AND name NOT LIKE 'sqlite_%'"
    assert query(file, loose) == [("alembic_version",)]


def test_our_revisions_are_one_line_as_alembic_sees_them():
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    config.set_main_option("path_separator", "os")
    told = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert revisions() == tuple(reversed(told))
