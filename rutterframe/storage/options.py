"""The settings of object storage: keys as secrets, bounded waiting, and values that deltalake cannot take."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pydantic import Secret

from rutterframe.storage.addresses import parse_address

#: Without these a wrong endpoint is tried for up to three minutes. The names are deltalake's own.
_BOUNDS = {"connect_timeout": "3s", "retry_timeout": "10s"}
#: The same for requests of a few bytes, which come first: a server that does not answer is an error within
#: seconds, and a large file has deltalake's thirty.
_SMALL_BOUNDS = {**_BOUNDS, "timeout": "10s"}
#: How the names of variables begin, of which deltalake takes those of the store in either case.
_PREFIXES = {"s3": "aws_", "gs": "google_", "az": "azure_"}
#: Values that are sent in headers of S3's requests.
_IN_HEADERS = re.compile("key|token|region|endpoint")
_ENDPOINTS = re.compile(r"(aws_|azure_(storage_)?)?endpoint(_url(_s3)?)?")


@dataclass(frozen=True, slots=True)
class StorageOptions:
    """What deltalake needs for an address, such as keys, which no traceback with local variables shows.

    Attributes
    ----------
    values : pydantic.Secret
        The keys and values that were passed.
    problem : str
        Why they cannot be used; empty if they can.
    """

    values: Secret[dict[str, str]] = field(default_factory=lambda: Secret({}))
    problem: str = ""

    def for_address(self, address: str, *, small: bool = False) -> dict[str, str]:
        """Return the options for deltalake: those that were passed, and bounds on waiting.

        Parameters
        ----------
        address : str
            The address.
        small : bool
            Whether only a few bytes are read and written.

        Raises
        ------
        TypeError
            If they are not a mapping from text to text.
        ValueError
            If the address, an endpoint or a value cannot be used; values are not shown, endpoints are.
        """
        self.check()
        kind = parse_address(address).kind
        problem = _first_problem(kind, self.values)
        if problem:
            raise ValueError(problem)
        passed = self.values.get_secret_value()
        names = {name.lower().removeprefix(_PREFIXES[kind]) for name in (*passed, *os.environ)}
        bounds = _SMALL_BOUNDS if small else _BOUNDS
        return {**{name: value for name, value in bounds.items() if name not in names}, **passed}

    def check(self) -> None:
        """Refuse what is not a mapping from text to text.

        Raises
        ------
        TypeError
            With what it is.
        """
        if self.problem:
            raise TypeError(f"storage_options is a mapping from text to text; this is {self.problem}")


def wrap_options(options: object) -> StorageOptions:
    """Wrap storage options, so that no traceback with local variables shows the keys of a bucket.

    A public function calls it in its first line and deletes its argument; nothing is refused until then.
    """
    if isinstance(options, StorageOptions):
        return options
    if options is None:
        return StorageOptions()
    if not isinstance(options, Mapping):
        return StorageOptions(problem=type(options).__name__)
    texts = {
        name: value for name, value in options.items() if isinstance(name, str) and isinstance(value, str)
    }
    if len(texts) != len(options):
        return StorageOptions(problem="a mapping with other values")
    return StorageOptions(Secret(texts))


def _first_problem(kind: str, options: Secret[dict[str, str]]) -> str:
    """Return which setting of a store cannot be used, and why; empty text if all can.

    deltalake ends with a panic of Rust for these, which a program would not catch. No error
    is raised here, since a traceback with local variables would show the keys.
    """
    passed = options.get_secret_value()
    replaced = {name.lower() for name in passed}
    variables = {
        name: value
        for name, value in os.environ.items()
        if name.lower().startswith(_PREFIXES[kind]) and name.lower() not in replaced
    }
    for place, settings in (("of storage_options", passed), ("in the environment", variables)):
        for name, value in settings.items():
            if problem := _problem(kind, name.lower(), value):
                return f"{name} {place} {problem}"
    return ""


def _problem(kind: str, name: str, value: str) -> str:
    """Return why a value cannot be used; empty text if it can."""
    is_plain = value == value.strip() and value.isprintable()
    if kind == "s3" and _IN_HEADERS.search(name) and not is_plain:
        return "has a space or a line break at its end, or a control character: remove it"
    if kind == "s3" and not value and name.endswith(("access_key_id", "secret_access_key")):
        return "is empty: set it, or remove it"
    if not _ENDPOINTS.fullmatch(name):
        return ""
    try:
        parts = urlsplit(value)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if is_usable and is_plain and "@" not in value:
        return ""
    quoted = "an address with a name or a password" if "@" in value else repr(value)
    return f"is {quoted}, not the address of a server (expected one such as 'https://minio.example.com:9000')"
