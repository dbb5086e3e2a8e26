"""The dialect: where it is set, which there are, and what each of them refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import rutterframe as rf

CREDENTIALS: dict[str, Any] = {"client_id": "an-id", "client_secret": "a-secret"}
LIVE: dict[str, Any] = {**CREDENTIALS, "dialect": "live"}


def test_the_contract_is_the_default() -> None:
    """Without a setting a client speaks the contract."""
    with rf.Client(**CREDENTIALS) as client:
        assert client.dialect == "contract"


@pytest.mark.parametrize("name", ["live", "Live", " LIVE "])
@pytest.mark.parametrize("source", ["keyword", "environment", "dotenv"])
def test_the_dialect_is_set_like_every_setting(
    monkeypatch: pytest.MonkeyPatch, source: str, name: str
) -> None:
    """A keyword, the environment and .env set it, in any case; repr and card name it."""
    keywords: dict[str, Any] = {}
    if source == "keyword":
        keywords["dialect"] = name
    elif source == "environment":
        monkeypatch.setenv("RUTTER_DIALECT", name)
    else:
        Path(".env").write_text(f'RUTTER_DIALECT="{name}"\n', encoding="utf-8")
    with rf.Client(**CREDENTIALS, **keywords) as client:
        assert client.dialect == "live"
        assert repr(client).endswith(", version 2024-08-31, dialect 'live'>")
        assert "dialect" in client._repr_html_()


def test_a_misspelt_dialect_is_an_error() -> None:
    """An unknown dialect is refused with the two that there are, and the one that was probably meant."""
    with pytest.raises(rf.ConfigurationError) as error:
        rf.Client(**CREDENTIALS, dialect="liev")
    assert str(error.value) == (
        "Unknown dialect 'liev' (expected 'contract' or 'live')\n"
        "Next: did you mean 'live'? Set RUTTER_DIALECT, or pass dialect= to rf.Client(): 'contract' for a "
        "server of openapi.yaml, 'live' for the real service, or the name of one that an installed package "
        "has."
    )


def test_a_misspelt_variable_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt name of the setting is refused with the right one."""
    monkeypatch.setenv("RUTTER_DIALEKT", "live")
    with pytest.raises(rf.ConfigurationError, match=r"did you mean RUTTER_DIALECT\?"):
        rf.Client(**CREDENTIALS)


def test_live_reads_one_version() -> None:
    """Another version has other types and names: it is refused before anything is sent."""
    with pytest.raises(rf.ConfigurationError) as error:
        rf.Client(**LIVE, version="2023-03-14")
    assert str(error.value) == (
        "Version 2023-03-14 cannot be read in the dialect 'live': its types and names differ (expected "
        "2024-08-31)\nNext: leave RUTTER_VERSION and version= out."
    )
    with rf.Client(**LIVE, version="2024-08-31") as client:
        assert client.dialect == "live"


def test_the_sandbox_of_live_is_versioned() -> None:
    """The service's addresses without /versioned ignore the version header, so they are refused."""
    with rf.Client(**LIVE, environment="sandbox") as client:
        assert "https://sandbox.rutterapi.com/versioned," in repr(client)
    with pytest.raises(rf.ConfigurationError) as error:
        rf.Client(**LIVE, environment="https://sandbox.rutterapi.com/")
    assert str(error.value) == (
        "At 'https://sandbox.rutterapi.com' the service ignores the requested version, and answers as an old "
        "one\nNext: use 'sandbox', or the address 'https://sandbox.rutterapi.com/versioned'."
    )
    with rf.Client(**LIVE, environment="https://sandbox.rutterapi.com/versioned/") as client:
        assert "https://sandbox.rutterapi.com/versioned," in repr(client)
