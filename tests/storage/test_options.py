"""The settings of a bucket: secrets, bounds on waiting, and values that are refused before any request."""

from __future__ import annotations

import os
import pickle
from typing import Any

import pytest

from rutterframe.storage import StorageOptions, wrap_options

BOUNDS = {"connect_timeout": "3s", "retry_timeout": "10s"}


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("AWS_", "GOOGLE_", "AZURE_")):
            monkeypatch.delenv(name)


def test_what_deltalake_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was passed, and bounds on waiting, unless those are set, as an option or in the environment."""
    assert StorageOptions().for_address("s3://bucket") == BOUNDS
    passed = {"AWS_REGION": "eu-west-1", "retry_timeout": "60s", "timeout": "5s"}
    assert wrap_options(passed).for_address("s3://bucket/x") == {**passed, "connect_timeout": "3s"}
    assert wrap_options({"aws_connect_timeout": "9s"}).for_address("s3://bucket") == {
        "aws_connect_timeout": "9s",
        "retry_timeout": "10s",
    }
    assert StorageOptions().for_address("s3://bucket", small=True) == {**BOUNDS, "timeout": "10s"}
    assert wrap_options(passed).for_address("s3://bucket", small=True)["timeout"] == "5s"
    monkeypatch.setenv("AWS_CONNECT_TIMEOUT", "1s")
    assert StorageOptions().for_address("s3://bucket") == {"retry_timeout": "10s"}
    assert StorageOptions().for_address("gs://bucket") == BOUNDS


def test_options_are_secrets() -> None:
    """No text of options shows a value; a pickle has them, for tasks of other processes."""
    options = wrap_options({"AWS_SECRET_ACCESS_KEY": "the-secret"})
    assert "the-secret" not in f"{options!r} {options} {vars(StorageOptions)}"
    assert wrap_options(options) is options
    assert pickle.loads(pickle.dumps(options)) == options  # noqa: S301 - our own


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["the-secret"], "list"),
        ("the-secret", "str"),
        ({"AWS_REGION": 1}, "a mapping with other values"),
        ({1: "the-secret"}, "a mapping with other values"),
    ],
)
def test_options_that_are_no_mapping(options: Any, problem: str) -> None:
    """The error names the type, never the value."""
    with pytest.raises(TypeError, match=f"this is {problem}$"):
        wrap_options(options).for_address("s3://bucket")


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("AWS_ENDPOINT_URL", "127.0.0.1:9000", "is '127.0.0.1:9000', not the address of a server"),
        ("AWS_ENDPOINT_URL", "", "is '', not the address of a server"),
        ("AWS_ENDPOINT", "http://host:99999", "is 'http://host:99999', not the address of a server"),
        ("AWS_ENDPOINT_URL_S3", "ftp://host", "is 'ftp://host', not the address of a server"),
        ("AWS_ENDPOINT_URL", "http://me:the-secret@host", "is an address with a name or a password, not"),
        ("AWS_ENDPOINT_URL", "http://host ", "has a space or a line break at its end"),
        ("AWS_SECRET_ACCESS_KEY", "the-secret\n", "has a space or a line break at its end"),
        ("AWS_ACCESS_KEY_ID", "", "is empty"),
        ("AWS_REGION", "eu-\x1bwest", "or a control character"),
    ],
)
def test_values_that_deltalake_cannot_take(
    name: str, value: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rust would panic on these: the setting is named, in the environment as among the options."""
    for key in (name, name.lower()):
        with pytest.raises(ValueError, match=f"^{key} of storage_options ") as error:
            wrap_options({key: value}).for_address("s3://bucket")
        assert problem in str(error.value)
        assert "the-secret" not in str(error.value)
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=f"^{name} in the environment ") as error:
        StorageOptions().for_address("s3://bucket")
    assert problem in str(error.value)
    right = {"AWS_ENDPOINT_URL": "http://host:9000"}.get(name, "http://host" if "ENDPOINT" in name else "x")
    assert wrap_options({name: right}).for_address("s3://bucket") == {name: right, **BOUNDS}
    assert StorageOptions().for_address("gs://bucket") == BOUNDS


def test_a_key_of_google_has_several_lines() -> None:
    """The JSON of a service account is taken as it is."""
    options = {"GOOGLE_SERVICE_ACCOUNT_KEY": '{"a":\n1}\n'}
    assert wrap_options(options).for_address("gs://bucket") == {**BOUNDS, **options}
