"""The table of events, closed to everything but appending."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TYPES = (
    "typeof(seq) = 'integer' AND typeof(at) = 'real' AND typeof(kind) = 'text' "
    "AND typeof(body) = 'text' AND typeof(previous) = 'blob' AND length(previous) = 32 "
    "AND typeof(digest) = 'blob' AND length(digest) = 32"
)
_REFUSALS = {
    "events_no_update": "BEFORE UPDATE ON events BEGIN",
    "events_no_delete": "BEFORE DELETE ON events BEGIN",
    # Also stops INSERT OR REPLACE, which fires no DELETE trigger.
    "events_in_order": (
        "BEFORE INSERT ON events "
        "WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM events) BEGIN"
    ),
}


def upgrade() -> None:
    """Creates the table, its index and its triggers."""
    op.create_table(
        "events",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("kind", sa.Text, nullable=False, index=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("previous", sa.LargeBinary(32), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.CheckConstraint(_TYPES, name="types"),
    )
    for name, event in _REFUSALS.items():
        op.execute(
            f"CREATE TRIGGER {name} {event} "
            "SELECT RAISE(ABORT, 'events are appended in order and never changed'); END"
        )
