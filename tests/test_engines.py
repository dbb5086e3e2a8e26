"""What reports can run on, beyond pandas."""

from __future__ import annotations

from typing import Any

import pytest

from rutterframe import engines


def test_what_is_there_lacks_nothing() -> None:
    """Of an engine that is installed nothing is said."""
    assert [engines.lacking(name) for name in ("pandas", "duckdb", "polars")] == ["", "", ""]


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that is not installed is named, with how to get it, and is not started."""
    monkeypatch.setattr(engines, "find_spec", lambda _: None)
    told = "pyspark is not installed here: pip install pyspark"
    assert engines.lacking("pyspark") == told
    with pytest.raises(RuntimeError, match=told):
        engines.local_spark()


def test_spark_needs_java(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spark without Java cannot start, and that is said before it is tried."""
    monkeypatch.setattr(engines, "find_spec", lambda name: name)
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert engines.lacking("pyspark").startswith("pyspark is installed, but needs Java 17 or newer")


@pytest.mark.spark
def test_spark_listens_on_loopback_only(spark: Any) -> None:
    """The local Spark has no web page, stays on loopback, and counts in UTC."""
    conf = {name: spark.conf.get(name) for name in ("spark.driver.host", "spark.ui.enabled")}
    assert conf == {"spark.driver.host": "127.0.0.1", "spark.ui.enabled": "false"}
    assert spark.conf.get("spark.sql.session.timeZone") == "UTC"
    assert engines.local_spark() is spark
