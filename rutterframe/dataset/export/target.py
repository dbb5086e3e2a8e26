"""The address of a database, without its password in any text."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from rutterframe.client.secret_arguments import InvalidSecret, require_secret

#: The forms of an address.
FORMS = "'duckdb:///books.duckdb', 'sqlite:///books.sqlite' or 'postgresql://user@host/database'"
_FILES = ("duckdb", "sqlite")
#: What divides a user from a password, also with percent signs, which libpq takes for a part of the user.
_COLON = re.compile(":|%(?:25)*3A", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Target:
    """The database to export to.

    Attributes
    ----------
    kind : str
        "duckdb", "sqlite" or "postgresql".
    path : str
        The file; empty for a server.
    url : SecretStr
        The address as it was passed.
    public : str
        The address without password, for messages.
    """

    kind: str
    path: str
    url: SecretStr
    public: str

    def __str__(self) -> str:
        """Return the address without password."""
        return self.public

    def masked(self, text: str) -> str:
        """Return a text in which the password, in any spelling, is replaced."""
        password = _password(self.url)
        for spelling in {password, unquote(password)} - {""}:
            text = text.replace(spelling, "***")
        return text


def parse_target(url: SecretStr | InvalidSecret | None) -> Target:
    """Read the address of a database.

    Parameters
    ----------
    url : SecretStr
        Three slashes are a file in this folder, four a file by its full path: what follows is a path as it
        stands, without ``?`` and ``#``, where ``~/`` at the beginning is the home folder.

    Raises
    ------
    ValueError
        If it is the address of another kind of database, or names no file.
    TypeError
        If it is not a text.
    """
    secret = require_secret("url", url)
    kind = _kind(secret)
    if kind is None:
        raise ValueError(f"The address of the database is not valid (expected {FORMS})")
    if kind in _FILES:
        path = _file(secret)
        if path == "":
            raise ValueError(
                f"The address of the database has a ? or #: what follows would stand in the file's name, "
                f"where others read it. Write {kind}:///books.{kind}, without options"
            )
        if path is None:
            raise ValueError(
                f"The address of the database names no file: write {kind}:///books.{kind} for a file in this "
                f"folder, or {kind}:////data/books.{kind} (four slashes) for one by its full path"
            )
        return Target(kind, path, secret, f"{kind}:///{path}")
    public = _without_password(secret)
    if public is None:
        raise ValueError(
            "The address of the database is not valid: in a password, : / ? # [ ] @ and % are written with "
            "percent signs (urllib.parse.quote(password, safe='')), or it is left out and set as PGPASSWORD"
        )
    return Target(kind, "", secret, public)


# These functions have the password in their variables, so none of them raises an error.


def _kind(url: SecretStr) -> str | None:
    """Return the kind of database; None of another one."""
    scheme, separator, _ = url.get_secret_value().partition("://")
    kind = {"postgres": "postgresql"}.get(scheme.lower(), scheme.lower())
    return kind if separator and kind in (*_FILES, "postgresql") else None


def _file(url: SecretStr) -> str | None:
    """Return the path in the address of a file; None without one, empty if options follow it."""
    host, slash, path = url.get_secret_value().partition("://")[2].partition("/")
    if host or not slash or not path.strip() or path == ":memory:" or "\0" in path:
        return None
    if "?" in path or "#" in path:
        return ""
    return os.path.abspath(Path(path).expanduser() if path.startswith("~/") else path)  # noqa: PTH100


def _without_password(url: SecretStr) -> str | None:
    """Return user, hosts and database of the address of a server; None if a password seems to end too early.

    What follows the database may be secret as well.
    """
    try:
        parts = urlsplit(url.get_secret_value())
    except ValueError:
        return None
    user, separator, hosts = parts.netloc.rpartition("@")
    if parts.fragment or "@" in parts.path or ("@" in parts.query and not separator):
        return None
    return f"postgresql://{_COLON.split(user)[0]}{separator}{hosts}{parts.path}"


def _password(url: SecretStr) -> str:
    """Return the password as it is written in the address, also as an option; empty if there is none."""
    parts = urlsplit(url.get_secret_value())
    options = (part.partition("=") for part in parts.query.split("&"))
    _, *password = _COLON.split(parts.netloc.rpartition("@")[0], maxsplit=1)
    return "".join(password) or next((value for name, _, value in options if name == "password"), "")
