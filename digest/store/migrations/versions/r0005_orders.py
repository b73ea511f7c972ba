"""What an operator told an issue to do, and when: cancel, retry, resume, resend, correct. Never changed, only added to."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Nothing was ordered yet."""
    op.execute(
        """CREATE TABLE orders (
            id INTEGER PRIMARY KEY,
            issue_id INTEGER NOT NULL REFERENCES issues (id),
            at INTEGER NOT NULL,
            verb TEXT NOT NULL CHECK (verb IN ('cancel', 'retry', 'resume', 'resend', 'correct')),
            said TEXT NOT NULL DEFAULT ''
        ) STRICT"""
    )
    op.execute("CREATE INDEX orders_issue ON orders (issue_id)")
