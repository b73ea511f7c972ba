"""What is unique among an issue's deliveries is said by indexes with names, so that freezing a long list can build them anew.

A table's own UNIQUE cannot be taken off and put on again; filled row by row, at random places, the three of them take
two thirds of a freeze. They hold the same promise. The rows are copied; triggers and other indexes stay as they are.
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None

UNIQUE = ("subscriber", "address_hash", "message_id")


def upgrade() -> None:
    """Every row is copied once; that of a million takes some seconds."""
    connection = op.get_bind()
    schema = "SELECT name, type, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL"
    found = connection.exec_driver_sql(schema).all()
    tables = {row.name: row.sql for row in found if row.type == "table"}
    triggers = {row.name: row.sql for row in found if row.type == "trigger"}
    indexes = [row.sql for row in found if row.type == "index" and row.tbl_name in {"deliveries", "attempts"}]
    for name in triggers:  # those of other tables look into this one
        op.execute(f"DROP TRIGGER {name}")
    new = tables["deliveries"].replace("CREATE TABLE deliveries", "CREATE TABLE deliveries_new", 1)
    for column in UNIQUE:
        new = new.replace(f"UNIQUE (issue_id, {column}),", "", 1)
    op.execute(new)
    op.execute("INSERT INTO deliveries_new SELECT * FROM deliveries")
    op.execute("CREATE TABLE attempts_kept AS SELECT * FROM attempts")  # they refer to what is dropped next
    op.execute("DROP TABLE attempts")
    op.execute("DROP TABLE deliveries")
    op.execute("ALTER TABLE deliveries_new RENAME TO deliveries")
    op.execute(tables["attempts"])
    op.execute("INSERT INTO attempts SELECT * FROM attempts_kept")
    op.execute("DROP TABLE attempts_kept")
    for column in UNIQUE:
        op.execute(f"CREATE UNIQUE INDEX deliveries_{column} ON deliveries (issue_id, {column})")
    for sql in (*indexes, *triggers.values()):
        op.execute(sql)
