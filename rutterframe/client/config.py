"""Settings of the client, from keywords, the environment or a .env file."""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

import httpx
from dotenv import dotenv_values
from pydantic import Field, PrivateAttr, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rutterframe.client.redaction import MASK
from rutterframe.client.secret_arguments import InvalidSecret, wrap
from rutterframe.dialects import CONTRACT, DIALECTS, Dialect
from rutterframe.errors import ConfigurationError, MissingCredentials
from rutterframe.models.fields import excerpt

PREFIX = "RUTTER_"
#: The largest port.
MAX_PORT = 65_535
_ENV_FILE = ".env"
#: The credentials, and the access tokens of connections.
_CREDENTIALS = ("client_id", "client_secret")
_ACCESS_TOKENS = ("access_token", "access_tokens")
# Such as 2024-08-31. Other text in a file, such as another program's secret, is not sent to the API.
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


class Settings(BaseSettings):
    """The settings, from keywords, from ``RUTTER_…`` in the environment, or from ``.env``.

    Those of a report, from ``as_of`` on, are not used by the client. The secrets are ``SecretStr``: they show
    as asterisks wherever they are printed.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        # Other programs keep their own variables in the same .env; our own typos are caught below.
        extra="ignore",
        hide_input_in_errors=True,
        frozen=True,
    )

    client_id: SecretStr | None = Field(None, description="The API's client id.")
    client_secret: SecretStr | None = Field(
        None, description="The API's client secret; it also verifies webhooks."
    )
    environment: str = Field("production", description='"production", "sandbox", or a base URL.')
    version: str | None = Field(
        None, description="The version of the API, such as 2024-08-31; else that of the dialect."
    )
    dialect: str = Field(
        CONTRACT.name, description='How the server spells the API: "contract" or "live", the real service.'
    )
    access_token: SecretStr | None = Field(None, description="The access token, where there is one only.")
    access_tokens: SecretStr | None = Field(
        None, description='Access tokens by connection id, as a JSON object: `{"roaster-bank": "…"}`.'
    )
    as_of: date | None = Field(None, description="The day to report on, such as 2026-06-30.")
    currency: str | None = Field(None, description="The currency to convert into, such as USD.")
    rates: str | None = Field(
        None, description="A CSV file of exchange rates with the columns currency, rate and date."
    )
    businesses: str | None = Field(
        None,
        description="The connections of each business, as a JSON object: "
        '`{"Roaster": ["roaster-quickbooks", "roaster-bank"]}`.',
    )

    _from_file: frozenset[str] = PrivateAttr(default=frozenset())
    _passed: frozenset[str] = PrivateAttr(default=frozenset())

    @staticmethod
    def of(**passed: SecretStr | InvalidSecret | None) -> Settings:
        """Return settings that were passed, without those of the environment and of ``.env``."""
        plain = {
            name: value if name in _CREDENTIALS else value.get_secret_value()
            for name, value in passed.items()
            if isinstance(value, SecretStr)
        }
        return Settings.model_construct(**plain).mark(passed=plain)  # type: ignore[arg-type]

    def mark(self, *, passed: Iterable[str] = (), from_file: Iterable[str] = ()) -> Self:
        """Record which settings were passed or taken from ``.env``, and return the settings."""
        self._passed, self._from_file = frozenset(passed), frozenset(from_file)
        return self

    @property
    def sources(self) -> dict[str, str]:
        """Where the settings that are set come from, by name: "passed", the variable, or that in ``.env``."""
        return {
            name: "passed"
            if name in self._passed
            else f"{_variable(name)}{f' in {_ENV_FILE}' if name in self._from_file else ''}"
            for name in self.model_fields_set | self._passed
        }

    @property
    def from_file(self) -> frozenset[str]:
        """The names of the settings that were taken from ``.env``."""
        return self._from_file

    @property
    def has_address_from_file(self) -> bool:
        """Whether the environment is an address, not a name, and was taken from ``.env``."""
        return "environment" in self._from_file and ":" in self.environment


@dataclass(frozen=True, slots=True)
class Server:
    """The API that a client sends its requests to.

    Attributes
    ----------
    environment : str
        Its name: "production", "sandbox", "demo" or its address.
    base_url : str
        Its address.
    dialect : Dialect
        Its routes, keys and parameters.
    version : str
        The API version that is requested.
    """

    environment: str
    base_url: str
    dialect: Dialect
    version: str


def read_settings(**keywords: str | SecretStr | InvalidSecret | None) -> Settings:
    """Read the settings; keywords that are None or empty are looked up instead.

    ``.env`` is read as it is written: ``${NAME}`` stays these characters, since a file from somebody else's
    folder could otherwise have any variable of the environment sent along.

    Raises
    ------
    ConfigurationError
        If a setting is not valid, or a ``RUTTER_…`` variable is set that does not exist: a typo would
        otherwise go unseen. The error names the setting, never its value.
    """
    passed = {name: wrap(value) for name, value in keywords.items() if value}
    del keywords
    file = _read_env_file()
    _refuse_typos(list(os.environ), "the environment")
    _refuse_typos(list(file), _ENV_FILE)
    settings = _validate(passed, file)
    if isinstance(settings, ConfigurationError):
        raise settings
    find_dialect(settings.dialect)
    return settings


def _validate(
    passed: Mapping[str, SecretStr | InvalidSecret | None], file: Mapping[str, SecretStr]
) -> Settings | ConfigurationError:
    """Return the settings, or the error about them.

    Nothing is raised here: this frame holds values that are not checked yet, and so may be secrets.
    """
    in_environment = {name.upper() for name, value in os.environ.items() if value}
    used = {
        name: file[_variable(name)]
        for name in Settings.model_fields
        if file.get(_variable(name)) and name not in passed and _variable(name) not in in_environment
    }
    source = {name: f"{_variable(name)} in {_ENV_FILE}" for name in used}
    for name, value in passed.items():
        if isinstance(value, InvalidSecret):
            return _invalid(f"{name}: must be a text or a SecretStr, got {value.content}")
    try:
        plain = {
            name: value.get_secret_value()
            for name, value in {**used, **passed}.items()
            if isinstance(value, SecretStr)
        }
        settings = Settings(**plain).mark(passed=passed, from_file=used)  # type: ignore[arg-type]
    except ValidationError as error:
        details = [(str(detail["loc"][0]), detail["msg"]) for detail in error.errors(include_input=False)]
        return _invalid(", ".join(f"{source.get(name, name)}: {problem}" for name, problem in details))
    for name in (*_CREDENTIALS, *_ACCESS_TOKENS):
        if isinstance(invalid := wrap(getattr(settings, name)), InvalidSecret):
            return _invalid(f"{source.get(name, name)}: {invalid.content}")
    if "@" in settings.environment:
        return _password_in_url()
    if settings.version is not None and not _VERSION.fullmatch(settings.version):
        return _invalid(
            f"{source.get('version', 'version')}: expected a version of the API such as 2024-08-31"
        )
    return settings


def _invalid(problem: str) -> ConfigurationError:
    return ConfigurationError(
        f"A setting is not valid ({problem})",
        hint="settings are text in plain characters; as_of is a date (YYYY-MM-DD) such as 2026-06-30.",
    )


def _password_in_url() -> ConfigurationError:
    return ConfigurationError(
        "The environment's URL has a user name or a password in it",
        hint="leave them out; the client id and secret have their own settings.",
    )


def _read_env_file() -> dict[str, SecretStr]:
    """Return the settings in ``.env``, by the names of the variables.

    Raises
    ------
    ConfigurationError
        If it cannot be read. The exception below is dropped: it may hold the whole file.
    """
    try:
        return {
            name.upper(): SecretStr(value or "")
            for name, value in dotenv_values(_ENV_FILE, interpolate=False, encoding="utf-8").items()
            if name.upper().startswith(PREFIX)
        }
    except UnicodeDecodeError:
        problem = "it is not UTF-8 text"
    except OSError as error:
        problem = error.strerror or type(error).__name__
    raise ConfigurationError(
        f"The file {_ENV_FILE} in this folder cannot be read: {problem}",
        hint=f"correct {_ENV_FILE}, or run in another folder.",
    )


def _refuse_typos(names: Iterable[str], source: str) -> None:
    known = sorted(_variable(name) for name in Settings.model_fields)
    for name in names:
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), known, n=1)
            raise ConfigurationError(
                f"Unknown setting {name} in {source}",
                hint=f"{f'did you mean {near[0]}? ' if near else ''}Known are {', '.join(known)}.",
            )


def credentials(settings: Settings) -> tuple[SecretStr, SecretStr]:
    """Return the client id and secret.

    Raises
    ------
    MissingCredentials
        If either is not set; half-set credentials are named as such.
    ConfigurationError
        If ``.env`` says where, or with which version, they are sent, and they are not from that file.
    """
    client_id, client_secret = settings.client_id, settings.client_secret
    if client_id is not None and client_secret is not None:
        _refuse_foreign_address(settings)
        return client_id, client_secret
    names = {"RUTTER_CLIENT_ID": client_id, "RUTTER_CLIENT_SECRET": client_secret}
    missing = [name for name, value in names.items() if value is None]
    present = [name for name, value in names.items() if value is not None]
    problem = f"{present[0]} is set, but {missing[0]} is not" if present else "No API credentials are set"
    raise MissingCredentials(
        problem,
        hint=(
            f"set {' and '.join(missing)} in the environment or in a .env file in this folder, or pass "
            "client_id= and client_secret= to rf.Client(). To try things without credentials, use rf.demo()."
        ),
    )


def _refuse_foreign_address(settings: Settings) -> None:
    """Raise if ``.env`` would have secrets sent elsewhere that it does not hold itself.

    A notebook reads the file of the folder it lies in, also of a folder that came from somebody else.
    """
    secrets: list[str] = list(_CREDENTIALS)
    if settings.has_address_from_file:
        name, content = "environment", "is an address"
        secrets += [token for token in _ACCESS_TOKENS if getattr(settings, token) is not None]
    elif "version" in settings.from_file:
        name, content = "version", "is set"
    else:
        return
    elsewhere = [_variable(secret) for secret in secrets if secret not in settings.from_file]
    if elsewhere:
        raise ConfigurationError(
            f"{_variable(name)} {content} in {_ENV_FILE}, but {' and '.join(elsewhere)} "
            f"{'is' if len(elsewhere) == 1 else 'are'} not from that file",
            hint=(
                f"a file may not decide where the secrets of others are sent: set {_variable(name)} in the "
                f"environment, or pass {name}= to rf.Client(), or keep all of them in the same {_ENV_FILE}."
            ),
        )


def _variable(name: str) -> str:
    return f"{PREFIX}{name.upper()}"


def find_dialect(name: str) -> Dialect:
    """Return a dialect by its name, in any case.

    Raises
    ------
    ConfigurationError
        If there is no such dialect.

    Examples
    --------
    >>> find_dialect("Contract").version
    '2024-08-31'
    """
    dialect = DIALECTS.get(name.strip().lower())
    if dialect is None:
        near = difflib.get_close_matches(name.strip().lower(), DIALECTS, n=1)
        raise ConfigurationError(
            f"Unknown dialect {excerpt(name)} (expected {' or '.join(map(repr, DIALECTS))})",
            hint=(
                f"{f'did you mean {near[0]!r}? ' if near else ''}Set RUTTER_DIALECT, or pass dialect= to "
                "rf.Client(): 'contract' for a server of openapi.yaml, 'live' for the real service, or the "
                "name of one that an installed package has."
            ),
        )
    return dialect


def server_of(settings: Settings, environment: str | None = None) -> Server:
    """Return the API that requests are sent to.

    Parameters
    ----------
    settings : Settings
        The settings.
    environment : str, optional
        The name of the environment; that of the settings when left out.

    Raises
    ------
    ConfigurationError
        If the dialect or the environment does not exist, or the dialect does not read that version.
    """
    dialect = find_dialect(settings.dialect)
    version = settings.version or dialect.version
    if dialect.versions is not None and version not in dialect.versions:
        raise ConfigurationError(
            f"Version {version} cannot be read in the dialect {dialect.name!r}: its types and names differ "
            f"(expected {' or '.join(sorted(dialect.versions))})",
            hint="leave RUTTER_VERSION and version= out.",
        )
    address = base_url(settings.environment, dialect)
    return Server(environment or settings.environment, address, dialect, version)


def base_url(environment: str, dialect: Dialect) -> str:
    """Return the base URL of an environment, which is a name or itself a URL.

    Raises
    ------
    ConfigurationError
        For an unknown name, a URL with credentials in it, and plain http to another machine.
    """
    url_of_name = dialect.base_urls.get(environment.lower())
    if url_of_name is not None:
        return url_of_name
    if "@" in environment:  # checked first, so that no message shows the credentials before it
        raise _password_in_url()
    try:
        url = parse_address(environment)
    except ValueError:
        url = httpx.URL()
    valid = url.scheme in {"http", "https"} and url.host and (url.port or 0) <= MAX_PORT
    if not valid or url.query or url.fragment:
        raise ConfigurationError(
            f"Unknown environment {without_query(environment)!r}",
            hint=(
                f"use one of {', '.join(map(repr, dialect.base_urls))}, or a base URL such as "
                "'https://host/path', without a query."
            ),
        )
    if url.scheme == "http" and not is_loopback(url.host):
        raise ConfigurationError(
            f"Plain http to {url.host!r} would send the credentials in the clear",
            hint="use https; plain http is for this machine only (127.0.0.1, localhost).",
        )
    _refuse_unversioned(url, dialect)
    return environment.rstrip("/")


def _refuse_unversioned(url: httpx.URL, dialect: Dialect) -> None:
    """Raise for the live service's address without its prefix: it would ignore the version."""
    named = {name: httpx.URL(address) for name, address in dialect.base_urls.items()}
    for name, address in named.items():
        if dialect.versions and url.host == address.host and url.path.rstrip("/") != address.path:
            raise ConfigurationError(
                f"At {str(url).rstrip('/')!r} the service ignores the requested version, and answers as an "
                "old one",
                hint=f"use {name!r}, or the address {str(address)!r}.",
            )


def parse_address(text: str) -> httpx.URL:
    """Parse a URL with a host that can be looked up.

    Raises
    ------
    ValueError
        If it is not a URL, or its host cannot be encoded: an empty label, or one of more than 63 characters.
    """
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise ValueError(f"{error}") from None
    # As Python does when it looks the name up; httpx decodes the host when it is read.
    if url.host:
        url.raw_host.decode().encode("idna")
    return url


def without_query(address: str) -> str:
    """Return an address as an error may show it: a query or fragment may hold a key.

    Examples
    --------
    >>> without_query("https://example.com/base?key=a-secret")
    'https://example.com/base?**********'
    """
    place = min((address.find(sign) for sign in "?#" if sign in address), default=len(address))
    return address[: place + 1] + (MASK if len(address) > place + 1 else "")


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
