"""A database URL becomes an engine; what a database says becomes one line without a password."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, unquote

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

WAIT = 120.0
"""Seconds that a run waits for another that is writing the same history."""

CONNECT = 10
"""Seconds until a database server that does not answer is given up."""

_EXPECTED = "expected a path, sqlite:///PATH or postgresql://USER@HOST/DATABASE"
_WRITING = "redislint_writing"


class HistoryError(ValueError):
    """A history that cannot be used: one line that names it, never a password."""


def located(setting: str, inventory: str) -> str:
    """The URL of the history of the inventory at the path `inventory`.

    `setting` is a URL, a path from the inventory's folder, or "": a file beside the inventory.
    """
    folder, name = os.path.split(os.path.abspath(inventory))
    if not setting:
        setting = f"{os.path.splitext(name)[0]}.history.sqlite"
    scheme, found, path = setting.partition(":///")
    if found and scheme == "sqlite":
        return f"sqlite:///{os.path.join(folder, path)}"
    if "://" in setting:
        return setting
    return f"sqlite:///{os.path.join(folder, setting)}"


class Database:
    """A database, and how to speak of it: `shown` has neither credentials nor query."""

    def __init__(self, text: str, create: bool) -> None:
        url = _url(text)
        self._secrets = _secrets_of(url)
        self.path = os.path.abspath(url.database or "") if url.drivername == "sqlite" else ""
        self.shown = self.path or f"postgresql://{url.host or ''}/{url.database or ''}"
        if self.path:
            self._make_file(create)
            url = URL.create("sqlite", database=self.path)
        self._engine = self._made(url)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database. Raises HistoryError."""
        with self._translated(), self._engine.connect() as connection:
            if not self.path:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes: all of it, or nothing. Raises HistoryError."""
        with self._translated(), self._engine.connect() as connection:
            connection = connection.execution_options(**{_WRITING: True})
            with connection.begin():
                yield connection

    def close(self) -> None:
        self._engine.dispose()

    def _make_file(self, create: bool) -> None:
        """A history says where a fleet is weak: only its owner reads it."""
        try:
            if create and not os.path.exists(self.path):
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
            if not os.path.exists(self.path):
                raise HistoryError(f"{self.shown}: there is no history yet")
        except OSError as error:
            why = (error.strerror or type(error).__name__).lower()
            raise HistoryError(f"{self.shown}: cannot make the history: {why}") from None

    def _made(self, url: URL) -> Engine:
        options = {"timeout": WAIT} if self.path else {"connect_timeout": CONNECT} | url.query
        try:
            engine = create_engine(
                url, poolclass=NullPool, hide_parameters=True, connect_args=options
            )
        except ModuleNotFoundError:
            raise HistoryError(
                f"{self.shown}: a history in PostgreSQL needs psycopg:"
                " pip install 'redislint[postgresql]'"
            ) from None
        event.listen(engine, "connect", _connected if self.path else _limited)
        if self.path:
            event.listen(engine, "begin", _begun)
        return engine

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise HistoryError(f"{self.shown}: {self._reason(error)}") from None

    def _reason(self, error: SQLAlchemyError) -> str:
        """The first line of what the database said, without what the URL keeps secret."""
        cause: BaseException = error
        if isinstance(error, DBAPIError) and error.orig is not None:
            cause = error.orig
        lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
        said = lines[0] if lines else type(cause).__name__
        for secret in self._secrets:
            said = said.replace(secret, "***")
        if "database is locked" in said or "lock timeout" in said:
            return f"another run has been writing to it for {WAIT:g} seconds"
        if "file is not a database" in said:
            return "is no SQLite database"
        return said


def _url(text: str) -> URL:
    """A URL that is understood. Raises HistoryError, which does not repeat it."""
    scheme = text.partition("://")[0].partition("+")[0]
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise HistoryError(f"the URL of the history cannot be read: {_EXPECTED}") from None
    if scheme == "sqlite":
        if not url.database or url.database == ":memory:":
            raise HistoryError(f"the URL of the history names no file: {_EXPECTED}")
        return url.set(drivername="sqlite")
    if scheme in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    raise HistoryError(f"a history cannot be kept in '{scheme[:20]}': {_EXPECTED}")


def _secrets_of(url: URL) -> tuple[str, ...]:
    """What of a URL must not be shown, as it may stand in a message."""
    words = [str(url.password)] if url.password else []
    words += [str(value) for name, value in url.query.items() if "pass" in name]
    forms = {form for word in words for form in (word, quote(word, safe=""), unquote(word))}
    return tuple(sorted(forms - {""}, key=len, reverse=True))


def _connected(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """SQLite: transactions begin where this program says, and readers do not wait."""
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        cursor.execute("PRAGMA journal_mode")
        row = cursor.fetchone()
        if row is None or row[0] != "wal":
            cursor.execute("PRAGMA journal_mode = WAL")
    finally:
        cursor.close()


def _begun(connection: Connection) -> None:
    """A writer takes its lock at once: one that reads first could not be made to wait."""
    writing = connection.get_execution_options().get(_WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _limited(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """PostgreSQL: wait for another run as long as SQLite does."""
    cursor = connection.cursor()
    try:
        cursor.execute(f"SET lock_timeout = '{WAIT:g}s'")
        cursor.execute("SET client_min_messages = warning")
        connection.commit()
    finally:
        cursor.close()
