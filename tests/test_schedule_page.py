"""The recipes of docs/howto/schedule.md run: each as its scheduler would run it, against the demo API."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import subprocess
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

import rutterframe as rf
from rutterframe import cli
from rutterframe.cli.refresh_report import RefreshReport
from rutterframe.demo.server import DemoServer
from tests.conftest import HEALTHY, settings_of

ROOT = Path(rf.__file__).parent.parent
PAGE = (ROOT / "docs/howto/schedule.md").read_text(encoding="utf-8")
PROGRAM, FOLDER = "/opt/rutterframe/bin/rutterframe", "/srv/books"
#: cron's environment.
POOR = {"HOME": "/nonexistent", "LOGNAME": "books", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}


def block(language: str, word: str) -> str:
    """Return the code of the page in a language that has a word."""
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    (code,) = [code for code in blocks if word in code]
    return code


@dataclass(frozen=True)
class Machine:
    """A folder with credentials in .env, and a program that runs the command line of this checkout."""

    server: DemoServer
    folder: Path
    program: Path

    def with_paths(self, text: str) -> str:
        """Return a recipe with this machine's paths."""
        return text.replace(PROGRAM, str(self.program)).replace(FOLDER, str(self.folder))

    def run(
        self, command: str, shell: str = "/bin/sh", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of a shell in a poor environment, from another folder."""
        return subprocess.run(
            [shell, "-c", self.with_paths(command)], env={**POOR, **environment}, cwd="/",
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def write_settings(self, **changed: str) -> None:
        """Write .env, readable by its user alone."""
        file = self.folder / ".env"
        subprocess.run(["install", "-m", "600", "/dev/null", str(file)], check=True)
        lines = [f"{name}='{value}'" for name, value in {**settings_of(self.server), **changed}.items()]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        assert file.stat().st_mode & 0o777 == 0o600


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A machine with the folder and the program of the recipes."""
    program, folder = tmp_path / "bin/rutterframe", tmp_path / "books"
    for directory in (program.parent, folder):
        directory.mkdir()
    code = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom rutterframe.cli import app\napp()\n"
    program.write_text(f"#!{sys.executable}\n{code}", encoding="utf-8")
    program.chmod(0o755)
    with DemoServer(page_size=500) as server:
        machine = Machine(server, folder, program)
        machine.write_settings()
        yield machine


def check(machine: Machine) -> None:
    """Check that the dataset has everything of the active connections."""
    status = rf.Dataset(machine.folder / "data").status()
    assert set(status["connection_id"]) == {*HEALTHY}
    assert status["complete"].all()
    assert status["rows"].sum() > 0


@pytest.mark.slow
def test_cron(machine: Machine) -> None:
    """In cron's environment its line writes nothing; with a wrong secret it writes the text of a mail."""
    (line,) = [line for line in block("text", "MAILTO").splitlines() if line.startswith("15 3")]
    command = line.split(maxsplit=5)[5]
    done = machine.run(command)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    check(machine)
    machine.write_settings(RUTTER_CLIENT_SECRET="a-wrong-secret")
    done = machine.run(command.replace(f"&& {PROGRAM}", f"&& flock -n refresh.lock {PROGRAM}"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: The API answered HTTP 401")
    assert "a-wrong-secret" not in done.stderr
    assert (machine.folder / "refresh.lock").exists()


@pytest.mark.long
def test_systemd(machine: Machine) -> None:
    """The service's command succeeds in its folder, and the timer has a time."""
    units = {}
    for name in ("books.service", "books.timer"):
        units[name] = configparser.RawConfigParser(strict=False)
        units[name].optionxform = str  # type: ignore[assignment,method-assign]
        units[name].read_string(block("ini", name))
    service = units["books.service"]["Service"]
    command = f"cd {service['WorkingDirectory']} && exec {service['ExecStart']}"
    done = machine.run(command)
    assert done.returncode == 0
    assert " INFO transactions of gear-bank: refreshed, " in done.stderr
    check(machine)
    assert re.fullmatch(r"\*-\*-\* \d\d:\d\d:\d\d", units["books.timer"]["Timer"]["OnCalendar"])


@pytest.mark.long
def test_airflow(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The task's command succeeds, and the last line of both streams together is the document."""
    tasks: list[dict[str, Any]] = []

    class DAG:
        def __init__(self, *_: Any, **__: Any) -> None: ...
        def __enter__(self) -> None: ...
        def __exit__(self, *_: object) -> None: ...

    for name in (
        "airflow",
        "airflow.providers",
        "airflow.providers.standard",
        "airflow.providers.standard.operators",
    ):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    bash, sdk = types.ModuleType("airflow.providers.standard.operators.bash"), types.ModuleType("airflow.sdk")
    vars(bash)["BashOperator"], vars(sdk)["DAG"] = lambda **task: tasks.append(task), DAG
    for module in (bash, sdk):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(block("python", "airflow"), "dag.py", "exec"), {})  # noqa: S102 - the page's own code
    (task,) = tasks
    command = f"cd {shlex.quote(task['cwd'])} && ({task['bash_command']}) 2>&1"
    done = machine.run(command, "bash")
    assert done.returncode == 0
    document = task["output_processor"](done.stdout.splitlines()[-1])
    assert (document["exit_code"], document["stale"]) == (0, [])
    assert {one["connection_id"] for one in document["lists"]} == {*HEALTHY}
    check(machine)


@pytest.mark.long
def test_github_actions(machine: Machine) -> None:
    """The workflow is valid YAML, names every setting, and its command writes the document."""
    workflow = yaml.safe_load(block("yaml", "runs-on"))
    job = workflow["jobs"]["refresh"]
    assert workflow[True] == {"schedule": [{"cron": "15 3 * * *"}]}  # YAML 1.1 reads "on" as true
    secrets = {**settings_of(machine.server), "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    environment = {
        name: secrets[name] if value == f"${{{{ secrets.{name} }}}}" else value
        for name, value in job["env"].items()
    }
    assert not any("secrets" in value for value in environment.values())
    (command,) = [step["run"] for step in job["steps"] if "refresh s3://" in step.get("run", "")]
    command = command.replace("rutterframe refresh s3://acme-books/data", f"{PROGRAM} refresh {FOLDER}/data")
    done = machine.run(f"cd {FOLDER} && rm .env && {command}", "bash", **environment)
    assert done.returncode == 0
    assert json.loads((machine.folder / "refresh.json").read_text(encoding="utf-8"))["exit_code"] == 0
    check(machine)


def python_with(package: str) -> str:
    """Return a Python that has a package, which may be another environment's; skip without one."""
    python = os.environ.get("SCHEDULERS_PYTHON", sys.executable)
    ran = subprocess.run([python, "-c", f"import {package}"], capture_output=True, check=False)
    if ran.returncode:
        pytest.skip(f"{package} is not installed: SCHEDULERS_PYTHON names a Python of an environment with it")
    return python


def run_python(machine: Machine, python: str, code: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Run a recipe of the page and some lines after it in another environment."""
    (tmp_path / "recipe.py").write_text(machine.with_paths(code), encoding="utf-8")
    environment = {
        "HOME": str(tmp_path), "PATH": os.environ["PATH"], "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true", "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1", "DAGSTER_DISABLE_TELEMETRY": "1",
    }  # fmt: skip
    return subprocess.run(
        [python, "recipe.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.long
def test_dagster(machine: Machine, tmp_path: Path) -> None:
    """The asset is materialized with the counts; with a wrong secret it fails with the exit code."""
    python, code = python_with("dagster"), block("python", "import dagster")
    done = run_python(machine, python, code + "assert dg.materialize([books]).success\n", tmp_path)
    assert done.returncode == 0, done.stderr
    check(machine)
    machine.write_settings(RUTTER_CLIENT_SECRET="a-wrong-secret")
    done = run_python(machine, python, code + "dg.materialize([books])\n", tmp_path)
    assert done.returncode == 1
    assert "The refresh ended with exit code 1" in done.stderr
    assert "a-wrong-secret" not in done.stderr + done.stdout


@pytest.mark.long
@pytest.mark.timeout(300)
def test_prefect(machine: Machine, tmp_path: Path) -> None:
    """The flow returns the counts; with a wrong secret it fails with the exit code."""
    python, code = python_with("prefect"), block("python", "from prefect")
    code = code[: code.index('if __name__ == "__main__":')]
    run = "from prefect.testing.utilities import prefect_test_harness\nwith prefect_test_harness(120):\n"
    done = run_python(machine, python, f"{code}{run}    print(books())\n", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "'failed': 0" in done.stdout
    check(machine)
    machine.write_settings(RUTTER_CLIENT_SECRET="a-wrong-secret")
    quick = code.replace("retries=2, retry_delay_seconds=600", "retries=1, retry_delay_seconds=0")
    done = run_python(machine, python, f"{quick}{run}    books()\n", tmp_path)
    assert done.returncode == 1
    assert "The refresh ended with exit code 1" in done.stderr
    assert "a-wrong-secret" not in done.stderr + done.stdout


@pytest.mark.parametrize("page", ["schedule", "engines", "storage", "databases", "dataset"])
def test_a_page_starts_without_credentials(page: str) -> None:
    """The commands of a page's shell blocks have options that exist, and its first block names --demo."""
    text = (ROOT / f"docs/howto/{page}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:ba)?sh\n(.*?)```", text, re.DOTALL | re.MULTILINE)
    blocks = [code for code in blocks if "rutterframe refresh" in code]
    assert "--demo" in blocks[0]
    group: Any = typer.main.get_command(cli.app)
    for code in blocks:
        for line in re.findall("^rutterframe .*$", code, re.MULTILINE):
            name, *words = shlex.split(line, comments=True)[1:]
            assert group.commands[name].make_context(name, words).params


def test_the_page_has_every_key() -> None:
    """The table of the document's keys has each of them, in its order."""
    rows = re.findall(r"^  \| (`.*?`) \|", PAGE, re.MULTILINE)
    keys = [key for row in rows for key in re.findall(r"`(\w+)`", row)]
    assert keys == [*json.loads(RefreshReport("x").to_json())]
