"""A PostgreSQL server of Debian's package on loopback for the tests, in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

USER, PASSWORD = "books", "s3cret/P@ss:word"
#: The password as it is written in an address.
QUOTED_PASSWORD = "s3cret%2FP%40ss%3Aword"


@dataclass(frozen=True, slots=True)
class PostgreSQLServer:
    """A running server.

    Attributes
    ----------
    port : int
        Its port on 127.0.0.1.
    """

    port: int

    def url(self, schema: str = "public") -> str:
        """Return the address of a schema of its database."""
        address = f"postgresql://{USER}:{QUOTED_PASSWORD}@127.0.0.1:{self.port}/postgres"
        return f"{address}?options=-csearch_path%3D{schema}"

    def create_schema(self) -> str:
        """Create an empty schema, and return its address."""
        name = f"t{uuid.uuid4().hex[:8]}"
        self.fetch(self.url(), f"CREATE SCHEMA {name}")
        return self.url(name)

    def fetch(self, url: str, statement: str) -> list[tuple[Any, ...]]:
        """Execute a statement, and return its rows."""
        import adbc_driver_postgresql.dbapi as adbc  # noqa: PLC0415 - as heavy as the export's own import

        with adbc.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []


@contextmanager
def run_postgresql() -> Iterator[PostgreSQLServer]:
    """Start a server, and stop it at the end; skip the test where PostgreSQL is not installed."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    on_path = shutil.which("initdb")
    if not programs and on_path is None:
        pytest.skip("PostgreSQL is not installed (Debian's package postgresql)")
    bin_folder = programs[-1] if programs else Path(str(on_path)).parent
    folder = Path(tempfile.mkdtemp(prefix="rutterframe-postgresql-"))
    as_user = _other_user(folder)
    password = folder / "password"
    password.write_text(PASSWORD, encoding="utf-8")
    password.chmod(0o644)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(*command: str) -> None:
        subprocess.run(
            [bin_folder / command[0], *command[1:]],
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            **as_user,
        )

    try:
        run(
            *("initdb", "-D", f"{folder}/data", "-A", "scram-sha-256", "-U", USER, "--no-sync"),
            *("-E", "UTF8", "--locale=C", f"--pwfile={password}"),
        )
        options = (
            f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off"
        )
        run("pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield PostgreSQLServer(port)
        finally:
            run("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _other_user(folder: Path) -> dict[str, Any]:
    """Return how to run a program as a user without rights: PostgreSQL refuses root."""
    if os.getuid():
        return {}
    user = pwd.getpwnam("postgres")  # Debian's package creates it
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
