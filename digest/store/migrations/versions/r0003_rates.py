"""What was used of a destination's rate, so that a limit survives a restart (SENDING.md 8.2)."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Nothing was used yet."""
    op.execute(
        """CREATE TABLE rates (
            destination TEXT PRIMARY KEY,
            tokens REAL NOT NULL,
            at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID"""
    )
