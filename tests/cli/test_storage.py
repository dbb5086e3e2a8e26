"""Addresses on the command line, where keys are in the environment only."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from rutterframe import cli
from rutterframe.demo.server import DemoServer
from tests.conftest import settings_of
from tests.s3_server import SECRET, S3Server

ONE = ("--connection", "gear-xero")


def run(*words: str, **env: str) -> Result:
    return CliRunner().invoke(cli.app, [*words], env={"COLUMNS": "80", "TERM": "dumb", **env})


def content(server: S3Server, address: str) -> io.BytesIO:
    bucket, _, key = address.removeprefix("s3://").partition("/")
    return io.BytesIO(server.client().get_object(Bucket=bucket, Key=key)["Body"].read())


def test_refresh_report_and_load(server: DemoServer, s3_server: S3Server, s3_bucket: str) -> None:
    """A dataset, a workbook, a page and a table are in a bucket, and replaced only with --force."""
    settings, path = settings_of(server), f"{s3_bucket}/books"
    lists = [word for name in ("invoices", "accounts", "customers") for word in ("--resource", name)]
    done = run("refresh", path, *ONE, *lists, **settings)
    assert done.exit_code == 0, done.output
    assert "gear-xero invoices refreshed 423 423 0 0" in " ".join(done.output.split())
    files = ("--excel", f"{path}/aging.xlsx", "--html", f"{path}/aging.html")
    report = ("report", "aging", "--as-of", "2026-06-30", "--dataset", path, *files)
    written = run(*report)
    assert written.exit_code == 0, written.output
    assert f"Written to {path}/aging.xlsx.\nWritten to {path}/aging.html.\n" in written.stderr
    assert "All 4 totals agree." in written.stdout
    assert load_workbook(content(s3_server, f"{path}/aging.xlsx")).sheetnames[:2] == [
        "Cover",
        "Aging",
    ]
    assert b"All 4 totals agree." in content(s3_server, f"{path}/aging.html").read()
    again = run(*report)
    assert again.exit_code == 1
    message = (
        f"Error: --excel: '{path}/aging.xlsx' exists; add --force to replace it, or choose another name\n"
    )
    assert again.stderr == message
    assert run(*report, "--force").exit_code == 0
    s3_server.client().put_object(
        Bucket=s3_bucket.removeprefix("s3://"),
        Key="rates.csv",
        Body=b"currency,rate,date\nEUR,1.1,2026-06-30\n",
    )
    rates = ("--currency", "USD", "--rates", f"{s3_bucket}/rates.csv", "--format", "json")
    assert "JPY" in run(*report[:6], *rates).stderr  # a rate is missing: the file was read
    load = ("load", "invoices", *ONE, "--out", f"{path}/x.parquet")
    assert run(*load, **settings).exit_code == 0
    assert len(pd.read_parquet(content(s3_server, f"{path}/x.parquet"))) == 423
    requests = len(server.requests)
    assert f"--out: '{path}/x.parquet' exists; add --force" in run(*load, **settings).stderr
    assert len(server.requests) == requests


GOOD = "'s3://bucket/x.csv'"
EXPECTED = "expected one such as 's3://bucket/folder', 'gs://bucket/folder' or 'az://container/folder'"
#: A command, variables that differ, and its error.
WRONG = {
    "a slash is missing": (
        ("load", "invoices", "--out", "s3:/bucket/x.csv"), {},
        "--out: 's3:/bucket/x.csv' is not an address, since it has one '/' too few: write the text {good}",
    ),
    "no such bucket": (
        ("report", "aging", "--excel", "s3://nothing-here/x.xlsx"), {},
        ("Cannot write s3://nothing-here/x.xlsx: there is no bucket 'nothing-here' at {url}{next}create it, "
        "or check its name and AWS_ENDPOINT_URL."),
    ),
    "no endpoint": (
        ("report", "aging", "--dataset", "s3://bucket/books"), {"AWS_ENDPOINT_URL": "here"},
        ("AWS_ENDPOINT_URL in the environment is 'here', not the address of a server (expected one such as "
        "'https://minio.example.com:9000')"),
    ),
    "a wrong key": (
        ("refresh", "s3://answer-403-InvalidAccessKeyId/books"), {},
        ("{dataset} s3://answer-403-InvalidAccessKeyId/books cannot be used: {url} does not know the access "
        "key{next}check AWS_ACCESS_KEY_ID."),
    ),
    "http": (
        ("refresh", "s3://bucket/books"), {"AWS_ALLOW_HTTP": "false"},
        ("{dataset} s3://bucket/books cannot be used: {url} is http, which sends everything in the clear and "
        "is not allowed by itself{next}name an address with https://, or for a server of your own network "
        "set AWS_ALLOW_HTTP=true in the environment."),
    ),
    "no rates": (
        ("report", "aging", "--currency", "USD", "--rates", "s3://answer-403-AccessDenied/rates.csv"), {},
        (
            "Cannot read s3://answer-403-AccessDenied/rates.csv: the keys may not list there (403 Forbidden "
            "AccessDenied){next}check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and that they may list, "
            "read, write and delete."
        ),
    ),
    "a link": (
        ("refresh", "https://b.s3.amazonaws.com/x"), {},
        "'https://b.s3.amazonaws.com/x' is not an address of object storage: {expected}",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_addresses_and_settings(name: str, server: DemoServer, s3_server: S3Server) -> None:
    """Each is one error, before the API is asked for anything, and shows no key."""
    words, env, error = WRONG[name]
    texts = {"url": s3_server.url, "dataset": "The dataset at", "next": "\nNext: ", "expected": EXPECTED}
    requests = len(server.requests)
    day = ("--as-of", "2026-06-30") if words[0] == "report" else ()
    result = run(*words, *day, **settings_of(server), **{**s3_server.environment, **env})
    assert result.exit_code == 1
    assert result.stderr.removeprefix("Error: ") == f"{error.format(**texts, good=GOOD)}\n"
    assert "|" not in result.stdout
    assert SECRET not in result.output
    resources = [one for one in server.requests[requests:] if "connections" not in str(one)]
    assert resources == []
