"""The local Spark session of notebook 07 and of the tests."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import local_spark


def test_an_installed_engine_misses_nothing() -> None:
    """For an engine that is installed the reason is empty."""
    assert [local_spark.missing(name) for name in ("pandas", "duckdb", "polars")] == ["", "", ""]


def test_an_engine_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that is not installed is named with its install command, and is not started."""
    monkeypatch.setattr(local_spark, "find_spec", lambda _: None)
    reason = "pyspark is not installed here: pip install pyspark"
    assert local_spark.missing("pyspark") == reason
    with pytest.raises(RuntimeError, match=reason):
        local_spark.local_spark()


def test_spark_needs_java(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Java the reason names the version that Spark needs."""
    monkeypatch.setattr(local_spark, "find_spec", lambda name: name)
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert local_spark.missing("pyspark").startswith("pyspark is installed, but needs Java 17 or newer")


@pytest.mark.spark
def test_spark_listens_on_loopback_only(spark: Any) -> None:
    """The local Spark has no web page, stays on loopback, and counts in UTC."""
    conf = {name: spark.conf.get(name) for name in ("spark.driver.host", "spark.ui.enabled")}
    assert conf == {"spark.driver.host": "127.0.0.1", "spark.ui.enabled": "false"}
    assert spark.conf.get("spark.sql.session.timeZone") == "UTC"
    assert local_spark.local_spark() is spark
