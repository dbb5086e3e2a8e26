"""Settings of the client, from keywords, the environment or a .env file."""

from __future__ import annotations

import difflib
import ipaddress
import os
from dataclasses import dataclass
from datetime import date

import httpx
from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rutterframe.dialects import Dialect
from rutterframe.errors import ConfigurationError, MissingCredentials

PREFIX = "RUTTER_"
_ENV_FILE = ".env"


class Settings(BaseSettings):
    """The settings, from keywords, from ``RUTTER_…`` in the environment, or from ``.env``.

    Those of a report, from ``as_of`` on, are not used by the client. The secrets are ``SecretStr``: they show
    as asterisks wherever they are printed.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=_ENV_FILE,
        env_ignore_empty=True,
        # Other programs keep their own variables in the same .env; our own typos are caught below.
        extra="ignore",
        hide_input_in_errors=True,
        frozen=True,
    )

    client_id: SecretStr | None = None
    client_secret: SecretStr | None = None
    environment: str = "production"
    version: str | None = None
    access_token: SecretStr | None = None
    access_tokens: SecretStr | None = None
    as_of: date | None = None
    currency: str | None = None
    rates: str | None = None
    businesses: str | None = None


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


def read_settings(**keywords: str | SecretStr | None) -> Settings:
    """Read the settings; keywords that are None or empty are looked up instead.

    Raises
    ------
    ConfigurationError
        If a ``RUTTER_…`` variable is set that does not exist: a typo would otherwise go unseen.
    """
    _refuse_typos()
    try:
        settings = Settings(**{name: value for name, value in keywords.items() if value})  # type: ignore[arg-type]
    except ValidationError as error:
        details = error.errors(include_input=False)
        problem = ", ".join(f"{detail['loc'][0]}: {detail['msg']}" for detail in details)
    else:
        if settings.version is None or (settings.version.isascii() and settings.version.isprintable()):
            return settings
        problem = "version: a header cannot hold these characters"
    raise ConfigurationError(
        f"A setting is not valid ({problem})",
        hint="settings are text in plain characters; as_of is a date (YYYY-MM-DD) such as 2026-06-30.",
    )


def credentials(settings: Settings) -> tuple[SecretStr, SecretStr]:
    """Return the client id and secret.

    Raises
    ------
    MissingCredentials
        If either is not set; half-set credentials are named as such.
    """
    client_id, client_secret = settings.client_id, settings.client_secret
    if client_id is not None and client_secret is not None:
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
        raise ConfigurationError(
            "The environment's URL has a user name or a password in it",
            hint="leave them out; the client id and secret have their own settings.",
        )
    try:
        url = httpx.URL(environment)
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL()
    if url.scheme not in {"http", "https"} or not url.host or url.query or url.fragment:
        raise ConfigurationError(
            f"Unknown environment {environment!r}",
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
    return environment.rstrip("/")


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refuse_typos() -> None:
    known = sorted(f"{PREFIX}{name.upper()}" for name in Settings.model_fields)
    for source, names in (("the environment", os.environ), (_ENV_FILE, dotenv_values(_ENV_FILE))):
        for name in names:
            if name.upper().startswith(PREFIX) and name.upper() not in known:
                near = difflib.get_close_matches(name.upper(), known, n=1)
                raise ConfigurationError(
                    f"Unknown setting {name} in {source}",
                    hint=f"{f'did you mean {near[0]}? ' if near else ''}Known are {', '.join(known)}.",
                )
