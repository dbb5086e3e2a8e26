"""Start Spark on this machine alone, for notebook 07 and tests; on a cluster, use the cluster's session."""

from __future__ import annotations

import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession  # pyright: ignore[reportMissingImports]

# Spark writes its warnings on standard error, where a notebook would show them between the tables.
_LOG_SETTINGS = Path(__file__).with_name("local_spark.log4j2.properties")
# Java compiles less thoroughly: reports that take a second are done in half the time. Each query is code of
# its own, and without space for it Java stops compiling after some hundred queries.
JAVA_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=240m"


def missing(package: str) -> str:
    """Return what keeps an engine ("duckdb", "polars", "pyspark") from running here; empty if nothing does.

    Examples
    --------
    >>> missing("pandas"), missing("no_such_engine")
    ('', 'no_such_engine is not installed here: pip install no_such_engine')
    """
    if find_spec(package) is None:
        return f"{package} is not installed here: pip install {package}"
    if package == "pyspark" and not _has_java():
        return "pyspark is installed, but needs Java 17 or newer: not on PATH, and JAVA_HOME is not set"
    return ""


def local_spark(*, cores: int = 2, java_options: str = JAVA_OPTIONS) -> SparkSession:
    """Start Spark in this process, on loopback, without a web page, in UTC; or return the running session.

    Raises
    ------
    RuntimeError
        If PySpark or Java is missing; the message says which.
    """
    if reason := missing("pyspark"):
        raise RuntimeError(reason)
    # About its pandas-like interface, which the reports do not use; some come later than the import.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    from pyspark.sql import SparkSession  # noqa: PLC0415 # pyright: ignore[reportMissingImports]

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    # Its workers must run the same Python as this one.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = (
        SparkSession.builder.master(f"local[{cores}]")
        .appName("rutterframe")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.shuffle.partitions", str(cores))
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.memory", "1g")
        .config(
            "spark.driver.extraJavaOptions",
            f"-Dlog4j2.configurationFile={_LOG_SETTINGS.as_uri()} {java_options}",
        )
        .config("spark.sql.session.timeZone", "UTC")
    )
    with _without_stderr():
        return builder.getOrCreate()


@contextmanager
def _without_stderr() -> Iterator[None]:
    """Close standard error while Java starts, which writes a greeting there whatever its settings."""
    stderr = os.dup(2)
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(devnull)


def _has_java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java") is not None or (home is not None and (Path(home) / "bin" / "java").exists())
