"""Each wrong setting of a bucket gives one sentence: what is wrong, what was there, and what to do next."""

from __future__ import annotations

import pytest
from pandas import DataFrame

import rutterframe as rf
from rutterframe.storage.errors import plain_store_errors, store_problem
from tests.s3_server import SECRET, S3Server

ALLOW_HTTP = "AWS_ALLOW_HTTP=true"
WHERE = "as storage_options= or in the environment."
#: Wrong settings: an address, options (None takes one away), the reason, and what to do.
WRONG: dict[str, tuple[str, dict[str, str | None], str, str]] = {
    "a bucket that does not exist": (
        "s3://nothing-here/x", {}, "there is no bucket 'nothing-here' at {url}",
        "create it, or check its name and AWS_ENDPOINT_URL.",
    ),
    "an endpoint where no one listens": (
        "s3://bucket/x", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "max_retries": "1"},
        "no server listens at http://127.0.0.1:9", "check AWS_ENDPOINT_URL.",
    ),
    "an endpoint without a server": (
        "s3://bucket/x", {"AWS_ENDPOINT_URL": "http://nothing.invalid", "max_retries": "1"},
        "there is no server http://nothing.invalid", "check AWS_ENDPOINT_URL.",
    ),
    "https of a server that speaks http": (
        "s3://bucket/x", {"AWS_ENDPOINT_URL": "{https}", "max_retries": "1"},
        "{https} cannot be reached: received corrupt message of type InvalidContentType",
        "check AWS_ENDPOINT_URL, and whether it is http:// or https://.",
    ),
    "http that is not allowed": (
        "s3://bucket/x", {"AWS_ALLOW_HTTP": None},
        "{url} is http, which sends everything in the clear and is not allowed by itself",
        f"name an address with https://, or for a server of your own network pass {ALLOW_HTTP}, {WHERE}",
    ),
    "no keys": (
        "s3://bucket/x",
        {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "max_retries": "1",
         "AWS_METADATA_ENDPOINT": "http://127.0.0.1:9"},
        "no keys are set, and this machine has no role that grants access",
        "pass AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, as storage_options= or in the environment.",
    ),
    "no secret key": (
        "s3://bucket/x", {"AWS_SECRET_ACCESS_KEY": None}, "AWS_SECRET_ACCESS_KEY is missing",
        "pass AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, as storage_options= or in the environment.",
    ),
    "a time that is not one": (
        "s3://bucket/x", {"timeout": "long"},
        "a storage option is not a number, a time such as '30s', or true or false",
        "check timeout, connect_timeout, retry_timeout, max_retries and AWS_ALLOW_HTTP.",
    ),
    "a number that is not one": (
        "s3://bucket/x", {"max_retries": "many"},
        "a storage option is not a number, a time such as '30s', or true or false",
        "check timeout, connect_timeout, retry_timeout, max_retries and AWS_ALLOW_HTTP.",
    ),
    "an access key that is not known": (
        "s3://answer-403-InvalidAccessKeyId/x", {}, "{url} does not know the access key",
        "check AWS_ACCESS_KEY_ID.",
    ),
    "a wrong secret key": (
        "s3://answer-403-SignatureDoesNotMatch/x", {}, "the secret key does not belong to the access key",
        "check AWS_SECRET_ACCESS_KEY.",
    ),
    "keys without a permission": (
        "s3://answer-403-AccessDenied/x", {}, "the keys may not list there (403 Forbidden AccessDenied)",
        "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and that they may list, read, write and delete.",
    ),
    "a session that has ended": (
        "s3://answer-400-ExpiredToken/x", {}, "the session token has expired", "renew AWS_SESSION_TOKEN.",
    ),
    "another region": (
        "s3://answer-400-AuthorizationHeaderMalformed/x", {},
        "the bucket is in another region than AWS_REGION names: it is in eu-west-1",
        "pass the bucket's region as AWS_REGION, as storage_options= or in the environment.",
    ),
    "another region, as a redirect": (
        "s3://answer-301-PermanentRedirect/x", {},
        "the bucket is in another region than AWS_REGION names",
        "pass the bucket's region as AWS_REGION, as storage_options= or in the environment.",
    ),
    "a server of something else": (
        "s3://answer-418-/x", {}, "{url} answers 418 I'm a teapot",
        "check the address and AWS_ENDPOINT_URL; is it object storage?",
    ),
    "a busy server": (
        "s3://answer-503-SlowDown/x", {"max_retries": "1"},
        "{url} cannot answer now (503 Service Unavailable SlowDown)", "try again later.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_settings(name: str, s3_server: S3Server) -> None:
    """A dataset and a file to write are refused in the same words, which show no key."""
    address, changed, reason, hint = WRONG[name]
    words = {"url": s3_server.url, "https": s3_server.url.replace("http", "https")}
    options = {
        key: value.format_map(words)
        for key, value in {**s3_server.storage_options, **changed}.items()
        if value is not None
    }
    sentence = f"{reason.format_map(words)}\nNext: {hint.format_map(words)}"
    with pytest.raises(OSError, match=r"\nNext: ") as error:
        rf.Dataset(f"{address}/books", storage_options=options)
    assert str(error.value) == f"The dataset at {address}/books cannot be used: {sentence}"
    assert SECRET not in str(error.value)
    with pytest.raises(OSError, match=r"\nNext: ") as error:
        rf.write_frame(DataFrame({"a": [1]}), f"{address}/x.csv", storage_options=options)
    assert str(error.value) == f"Cannot write {address}/x.csv: {sentence}"


def test_a_server_that_never_answers() -> None:
    """A request that times out is named with its server, and the option to wait longer."""
    text = (
        "Generic S3 error: Error performing GET http://10.0.0.1:9000/b?prefix=x in 30s\n - HTTP error\n"
        "error sending request\noperation timed out"
    )
    assert store_problem(OSError(text), "s3://b/x") == (
        "http://10.0.0.1:9000 does not answer",
        "check AWS_ENDPOINT_URL; a longer timeout= in storage_options waits.",
    )


@pytest.mark.parametrize(
    ("address", "text", "reason", "hint"),
    [
        (
            "gs://b/x",
            "Error performing GET http://169.254.169.254/computeMetadata/v1/x in 1s\noperation timed out",
            "no keys are set, and this machine has no role that grants access",
            "pass GOOGLE_APPLICATION_CREDENTIALS, as storage_options= or in the environment.",
        ),
        (
            "az://b/x",
            "Generic MicrosoftAzure error: Account must be specified",
            "the account of Azure is not known",
            f"pass AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY, {WHERE}",
        ),
        (
            "az://b/x",
            "performing GET https://a.b/b non-2xx status code\n404 Not Found\n<Code>ContainerNotFound</Code>",
            "there is no container 'b' at https://a.b",
            "create it, or check its name and AZURE_STORAGE_ACCOUNT_NAME.",
        ),
    ],
)
def test_other_stores(address: str, text: str, reason: str, hint: str) -> None:
    """The settings that an error names are those of the store."""
    assert store_problem(OSError(text), address) == (reason, hint)


def test_an_error_that_is_not_known() -> None:
    """Another error of deltalake is one line without colours, with a hint."""
    problem = OSError("Generic S3 error\n \x1b[31m\u21b3\x1b[0m odd\n\n")
    with (
        pytest.raises(
            OSError, match=r"^Cannot write s3://b/x: Generic S3 error: odd\nNext: check the address"
        ),
        plain_store_errors("s3://b/x"),
    ):
        raise problem


def test_other_errors() -> None:
    """A file that is missing is named, with what to do left to the caller; a folder has errors of its own."""
    missing = (
        "Object at location a/b not found\nperforming HEAD http://h/b non-2xx status code\n404 Not Found"
    )
    assert store_problem(OSError(missing), "s3://b/x") == ("the file a/b is missing", "")
    assert store_problem(OSError("Connection refused"), "/books") is None
    assert store_problem(OSError("Connection refused"), "file:///books") is None
