"""Column types that are not the same in both databases; every migration takes them from here."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TIMESTAMP


def instant() -> "sa.types.TypeEngine[int]":
    """Return the type of a time: whole milliseconds since 1970 in SQLite, timestamptz(3) in PostgreSQL."""
    return sa.BigInteger().with_variant(TIMESTAMP(timezone=True, precision=3), "postgresql")
