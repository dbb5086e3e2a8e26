"""What every test may use: the demo API over a real socket, and a client that does not wait."""

from __future__ import annotations

import importlib.util
import json
import os
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import hypothesis
import pandas as pd
import pytest

import rutterframe as rf
from rutterframe.demo.server import DemoServer
from rutterframe.frames.text_dtype import IS_PANDAS_2
from tests.s3_server import S3Server, run_s3_server

NOTEBOOKS = Path(rf.__file__).parent.parent / "notebooks"


def module_of_notebooks(name: str) -> ModuleType:
    """Import a module that stands beside the notebooks, which are not a package."""
    spec = importlib.util.spec_from_file_location(name, NOTEBOOKS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


local_spark = module_of_notebooks("local_spark")

hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
hypothesis.settings.load_profile("ci")

if IS_PANDAS_2:
    # The tests' own frames hold text as on pandas 3; test_text_dtype.py tests a session without the option.
    pd.options.future.infer_string = True

#: The demo's connections that are active.
HEALTHY = (
    "roaster-quickbooks",
    "roaster-shopify",
    "roaster-bank",
    "roaster-google-ads",
    "gear-xero",
    "gear-amazon",
    "gear-shopify",
    "gear-bank",
)
#: Parameters that run a test on another engine than pandas.
ENGINES = frozenset({"pandas-arrow", "polars", "polars-lazy", "pyarrow", "duckdb"})
#: The tests of which `make test-fast` runs none, and how many cases of any other test it runs.
SLOW = frozenset(
    line
    for line in Path(__file__).with_name("slow_tests.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
)
QUICK_CASES = 1
#: Tries three times without waiting: tests do not sleep.
AT_ONCE = rf.RetryPolicy(attempts=3, wait_initial=0.0, wait_max=0.0)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of one Spark, and of one browser's module, in one worker, and mark what is not quick."""
    cases: Counter[str] = Counter()
    for item in items:
        function = item.nodeid.partition("[")[0]
        cases[function] += 1
        if function in SLOW:
            item.add_marker("slow")
        if cases[function] > QUICK_CASES:
            item.add_marker("case")
        if item.path.parent.name == "browser":
            item.add_marker("browser")
        for name in ("spark", "browser"):
            if item.get_closest_marker(name):
                # One Spark for all its tests; a browser is a module's, so two workers share the modules.
                group = name if name == "spark" else f"{name}-{item.path.stem}"
                item.add_marker(pytest.mark.xdist_group(group))
                item.add_marker("long")
        # The same test on pandas is quick; `make test-fast` runs that one.
        parameters = getattr(item, "callspec", None)
        values = parameters.params.values() if parameters else ()
        if any(isinstance(value, str) and value in ENGINES for value in values):
            item.add_marker("engine")


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Keep the developer's credentials and .env out of the tests, and what an example sets out of others."""
    for name in os.environ:
        if name.startswith("RUTTER_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    environment = os.environ
    yield
    # A fixture of the session is set up before this one: it would read what a docstring's example has set.
    for name in [name for name in environment if name.startswith("RUTTER_")]:
        del environment[name]


@pytest.fixture(scope="session")
def shared_server() -> Iterator[DemoServer]:
    """One demo API for the whole session."""
    with DemoServer() as server:
        yield server


@pytest.fixture
def server(shared_server: DemoServer) -> Iterator[DemoServer]:
    """The demo API without faults."""
    shared_server.configure(page_size=50, faults=[])
    yield shared_server
    shared_server.configure(page_size=50, faults=[])


@pytest.fixture(scope="module")
def written_to() -> Iterator[DemoServer]:
    """A demo API of a module's own: what is written stays in its books."""
    with DemoServer() as server:
        yield server


@pytest.fixture
def client(server: DemoServer) -> Iterator[rf.Client]:
    """A client on the demo API."""
    with client_of(server) as client:
        yield client


def settings_of(server: DemoServer) -> dict[str, str]:
    """Return the environment in which a user reaches a server."""
    return {
        "RUTTER_CLIENT_ID": server.client_id,
        "RUTTER_CLIENT_SECRET": server.client_secret,
        "RUTTER_ENVIRONMENT": server.url,
        "RUTTER_ACCESS_TOKENS": json.dumps(server.access_tokens),
    }


def client_of(server: DemoServer, **options: object) -> rf.Client:
    """Create a client on a server; options are those of rf.Client."""
    defaults = {
        "client_id": server.client_id,
        "client_secret": server.client_secret,
        "environment": server.url,
        "access_tokens": server.access_tokens,
        "rate_limit": None,
        "retry": AT_ONCE,
    }
    return rf.Client(**{**defaults, **options})  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One S3-compatible server for the whole session."""
    with run_s3_server(tmp_path_factory.mktemp("s3") / "requests") as server:
        yield server


@pytest.fixture
def s3_bucket(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty bucket; the environment leads to its server."""
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    return s3_server.create_bucket(f"ledger-{uuid.uuid4().hex[:8]}")


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """One Spark on two cores, on this machine alone."""
    if reason := local_spark.missing("pyspark"):
        pytest.skip(reason)
    session = local_spark.local_spark()
    yield session
    session.stop()
