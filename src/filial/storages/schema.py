"""The ledger's tables, and how an older file is brought up to date."""

from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

from filial.errors import LedgerError

HEAD = "0001"
"""The schema this version writes: the newest migration."""

METADATA = MetaData()

EVENTS = Table(
    "events",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Float, nullable=False),
    Column("kind", Text, nullable=False, index=True),
    Column("body", Text, nullable=False),
    Column("previous", LargeBinary(32), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
)

_MIGRATIONS = Path(__file__).parent / "migrations"


def revision(connection: Connection) -> str | None:
    """Returns the schema of an open ledger, or None if it has none yet."""
    tables = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
    if connection.exec_driver_sql(tables).first() is None:
        return None
    found: str | None = connection.exec_driver_sql(
        "SELECT version_num FROM alembic_version"
    ).scalar()
    return found


def upgrade(connection: Connection) -> None:
    """Brings the ledger to ``HEAD`` in one transaction; does nothing if it is there.

    Args:
        connection: A writable connection in autocommit mode.

    Raises:
        LedgerError: A newer Filial wrote it.
    """
    found = revision(connection)
    if found == HEAD:
        return
    from alembic import command, config, script  # noqa: PLC0415 - half a second at start-up

    settings = config.Config()
    settings.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    settings.attributes["connection"] = connection
    known = {
        step.revision for step in script.ScriptDirectory.from_config(settings).walk_revisions()
    }
    if found is not None and found not in known:
        raise newer(found)
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        command.upgrade(settings, HEAD)
    except BaseException:  # whatever it was, a half-made schema must not stay
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")


def newer(found: str) -> LedgerError:
    """Returns the error for a schema that this version does not know."""
    return LedgerError(
        f"the ledger has schema {found}, this version of Filial knows {HEAD}; "
        "use the version that wrote it, or a newer one"
    )
