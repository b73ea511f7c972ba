"""An article that was used may come back when its source updates it: which `updated` was used (SOURCES.md 4)."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Articles used before count as used whatever their date."""
    op.execute("ALTER TABLE used ADD COLUMN updated INTEGER")
