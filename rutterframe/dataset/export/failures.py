"""Errors of databases: which one, what is wrong, and what to do; never a password."""

from __future__ import annotations

import re

from rutterframe.dataset.export.target import Target

#: The file or server is used by another program.
_LONGER = "pass a longer timeout= for which to wait, in seconds"
_LOCKED = f"close it in the other program, or {_LONGER}"
_ADDRESS = "check the address; a password may be left out of it and set as PGPASSWORD"
#: What an error contains, and what to do about it.
_ADVICE = (
    (
        "different configuration",
        "this process has the file open, maybe with read_only=True: close that first",
    ),
    ("lock timeout", f"another export has not ended: {_LONGER}"),
    ("another export", f"wait until it has ended, or {_LONGER}"),
    ("lock", _LOCKED),
    ("not a valid DuckDB", "name another file: this one is left as it is"),
    ("not a database", "name another file: this one is left as it is"),
    ("version number", 'upgrade DuckDB (pip install -U "rutterframe[duckdb]")'),
    ("password", "check user and password; the password may be set as PGPASSWORD, or stand in ~/.pgpass"),
    ("role", "check user and password; the password may be set as PGPASSWORD, or stand in ~/.pgpass"),
    ("translate host", "check the name of the host in the address"),
    ("Connection refused", "check host and port in the address, and that the server runs"),
    ("timeout expired", "check host and port in the address, and that the server runs"),
    ("no schema", "create the schema that search_path names, or leave search_path out of the address"),
    ("does not exist", "check the name in the address, or create the database (createdb)"),
    (
        "ermission denied",
        "let the user create tables there (GRANT CREATE ON SCHEMA …), or check the file's rights",
    ),
    ("readonly", "check that the file and its folder can be written"),
    ("open", "check that the folder exists and can be written"),
    ("nique", "the dataset has a record twice: refresh it with full=True, or restore it from a copy"),
    ("uplicate key", "the dataset has a record twice: refresh it with full=True, or restore it from a copy"),
    ("invalid", _ADDRESS),
)
_OTHER = "check that the database can be written and has free space, and export again"
_PREFIX = re.compile(
    r"^(?:[A-Z_]+: )?(?:\[libpq\] )?(?:Failed to \w+(?: \w+)?: )?|^[A-Z]\w+(?: [A-Z]\w+)? Error: "
)

# DuckDB goes on with advice to readers.
_DUCKDB_LOCK = re.compile(r"Could not set lock on file .*?( \(PID \d+\)|$)")


def database_error(target: Target, text: str, resource: str | None = None) -> OSError:
    """Return an error that names the database, the reason, and the next step.

    Parameters
    ----------
    target : Target
        The database.
    text : str
        The text of the driver's error.
    resource : str, optional
        What was being exported; None where the database could not be opened.
    """
    lines = (line.strip() for line in target.masked(text).splitlines())
    reason = " ".join(line for line in lines if line and not line.startswith(("LINE ", "^")))
    # PostgreSQL's own text follows that of the driver, with the statement.
    reason = _PREFIX.sub("", reason.partition("ERROR: ")[2] or reason)
    reason = (
        reason.partition(" See also http")[0].partition(" Is the server running")[0].strip().rstrip(".!? ")
    )
    advice = next((advice for part, advice in _ADVICE if part in reason), _OTHER)
    lock = _DUCKDB_LOCK.search(reason)
    if lock is not None:
        reason = f"another process has the file open{lock[1] or ''}"
    undone = f". Nothing of {resource} was changed." if resource else ""
    return OSError(f"The database {target} cannot be used: {reason}{undone}\nNext: {advice}")
