"""What can a report run on, beyond pandas? A Spark of this machine's own, to try what a cluster would do."""

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
_QUIET = Path(__file__).with_name("engines.log4j2.properties")
# Java compiles less thoroughly: reports that take a second are done in half the time.
_QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def lacking(package: str) -> str:
    """Say in words what keeps an engine from running here; empty if nothing.

    Parameters
    ----------
    package : str
        What is imported: "duckdb", "polars" or "pyspark".

    Examples
    --------
    >>> lacking("pandas"), lacking("no_such_engine")
    ('', 'no_such_engine is not installed here: pip install no_such_engine')
    """
    if find_spec(package) is None:
        return f"{package} is not installed here: pip install {package}"
    if package == "pyspark" and not _java():
        return "pyspark is installed, but needs Java 17 or newer: none on PATH, none in JAVA_HOME"
    return ""


def local_spark(*, cores: int = 2) -> SparkSession:
    """Start Spark in this process, on this machine alone; a cluster's session takes the same reports.

    Parameters
    ----------
    cores : int
        How many threads it works with.

    Returns
    -------
    pyspark.sql.SparkSession
        Listening on loopback only, without a web page, in UTC; the one that runs already, if one does.

    Raises
    ------
    RuntimeError
        If PySpark or Java is missing; the message says which.

    Examples
    --------
    >>> spark = local_spark()  # doctest: +SKIP
    >>> rf.reports.ar_aging(spark.read.parquet("invoices.parquet"), "2026-06-30")  # doctest: +SKIP
    """
    missing = lacking("pyspark")
    if missing:
        raise RuntimeError(missing)
    # Of its pandas-like interface, which the reports do not use; said at several places, some of them later.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    # Half a gigabyte that few have.
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
        .config("spark.driver.extraJavaOptions", f"-Dlog4j2.configurationFile={_QUIET.as_uri()} {_QUICK}")
        .config("spark.sql.session.timeZone", "UTC")
    )
    with _hushed():
        return builder.getOrCreate()


@contextmanager
def _hushed() -> Iterator[None]:
    """Start what is started here without standard error: Java greets there, whatever it is told."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java") is not None or (home is not None and (Path(home) / "bin" / "java").exists())
