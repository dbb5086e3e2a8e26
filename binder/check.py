"""Do what Binder does with this repository, without docker, and hold it to its budget.

From the root of the repository, in the development environment::

    python binder/check.py

repo2docker prints its Dockerfile; a fresh environment is made by the same steps; every notebook runs in it;
its size, and the memory of a session, are printed beside what they may be. The exit code is 1 if anything is
not as it should be. This downloads what Binder would, so it is a command of its own and no test.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
RUNNER = ROOT / "binder" / "run_notebook.py"
MB = 1_000_000
VENV_BUDGET = 1000 * MB
SESSION_BUDGET = 1000 * MB
#: The notebook whose session is measured; until it is there, all are.
MEASURED = "02"
#: What the requirements share with Binder's base image. It comes first, at the base image's versions: pip
#: leaves alone what is there and new enough, so this is the JupyterLab that opens the notebooks on Binder.
BASE = ("pip", "jupyterlab", "ipywidgets")


def python_wanted(runtime: str) -> str:
    """Give the version that runtime.txt asks for."""
    found = re.fullmatch(r"python-(\d+\.\d+)\s*", runtime)
    if not found:
        raise SystemExit(f"binder/runtime.txt holds {runtime!r}, not a line such as python-3.12")
    return found[1]


def missing_steps(dockerfile: str, python: str) -> list[str]:
    """Give what the Dockerfile lacks of the steps that it should have, in their order."""
    steps = (
        "environment-2epy-2d" + python.replace(".", "-2e") + "-2d",
        " src/ ${REPO_DIR}/\n",
        'bin/pip install --no-cache-dir -r "binder/requirements.txt"\n',
        "RUN ./binder/postBuild\n",
    )
    missing, at = [], 0
    for step in steps:
        found = dockerfile.find(step, at)
        if found < 0:
            missing.append(step.strip())
        else:
            at = found + len(step)
    return missing


def base_versions(lock: str) -> list[str]:
    """Give the packages of a conda lock file as pip's constraints."""
    package = r"^http\S+/([a-z][^/\s]*)-(\d[\w.]*)-[^-/\s]+\.(?:conda|tar\.bz2)\b"
    found = re.findall(package, lock, re.MULTILINE)
    return [f"{name}=={version}" for name, version in found]


def base_lock(python: str) -> str:
    """Give the conda lock file of Binder's base image for a Python, which repo2docker carries."""
    # Found and not imported: that would warn of what it imports itself.
    spec = importlib.util.find_spec("repo2docker")
    if not (spec and spec.origin):
        raise SystemExit("jupyter-repo2docker is not installed; run: make install")
    folder = Path(spec.origin).parent / "buildpacks" / "conda"
    return (folder / f"environment.py-{python}-linux-64.lock").read_text(encoding="utf-8")


def disk_use(folder: Path) -> int:
    """Give the bytes that a folder takes on disk; a file of several names counts once."""
    stats = [path.lstat() for path in folder.rglob("*")]
    return sum({(each.st_dev, each.st_ino): each.st_blocks * 512 for each in stats}.values())


def run(command: Sequence[str | Path], cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a command to its end, and give what it printed; where it fails, show that and end."""
    outcome = subprocess.run(command, cwd=cwd, env=env, check=False, capture_output=True, text=True)
    if outcome.returncode:
        raise SystemExit(f"{outcome.stdout}{outcome.stderr}\nfailed: {' '.join(map(str, command))}")
    return outcome.stdout


def interpreter(version: str) -> str:
    """Find the Python that Binder would use; where it is not there, take this one and say so."""
    # pyenv offers a version only where it is asked for.
    env = {**os.environ, "PYENV_VERSION": version}
    ask = [f"python{version}", "-c", "import sys; print(sys.executable)"]
    try:
        return subprocess.run(ask, env=env, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        print(f"python          {version} is not here, so this goes on with {sys.version.split()[0]}")
        return sys.executable


def dockerfile_python(source: Path) -> str:
    """Check the Dockerfile that repo2docker prints, and give its Python."""
    python = python_wanted((source / "binder" / "runtime.txt").read_text(encoding="utf-8"))
    tool = Path(sys.executable).with_name("jupyter-repo2docker")
    printed = run([tool, "--no-build", "--debug", "."], source)
    missing = missing_steps(printed, python)
    if missing:
        raise SystemExit(f"{printed}\nThe Dockerfile lacks, in this order: {missing}")
    print(f"Dockerfile      Python {python}, requirements after the copy, postBuild")
    return python


def environment(source: Path, venv: Path, python: str) -> dict[str, str]:
    """Make the environment by the Dockerfile's steps, and give the variables of a session in it."""
    began = time.monotonic()
    inside = venv / "bin" / "python"
    if shutil.which("uv"):
        run(["uv", "venv", "--quiet", "--no-python-downloads", "--python", python, venv], source)
        install = ["uv", "pip", "install", "--quiet", "--compile-bytecode", "--python", str(inside)]
    else:
        run([python, "-m", "venv", venv], source)
        install = [str(inside), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    version = run([inside, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], source).strip()
    constraints = venv / "base.txt"
    constraints.write_text("\n".join(base_versions(base_lock(version))), encoding="utf-8")
    run([*install, "--constraint", constraints, *BASE], source)
    run([*install, "--requirement", "binder/requirements.txt"], source)
    run([inside, "-m", "pip", "check"], source)
    # The developer's own settings and credentials stay out.
    session = {"PATH": f"{inside.parent}{os.pathsep}{os.defpath}", "HOME": str(source), "LANG": "C.UTF-8"}
    run(["./binder/postBuild"], source, session)
    lab = run([inside, "-m", "jupyterlab", "--version"], source, session).strip()
    seconds = time.monotonic() - began
    print(f"environment     Python {version}, JupyterLab {lab}, pip check, postBuild: {seconds:.0f} s")
    return session


def kernel_peak(notebook: Path, python: Path, session: dict[str, str]) -> int:
    """Run a notebook, and give the peak memory of its kernel."""
    began = time.monotonic()
    peak = int(run([python, RUNNER, notebook.name], notebook.parent, session))
    seconds = time.monotonic() - began
    print(f"{notebook.name}: ran in {seconds:.0f} s, its kernel took up to {peak / MB:.0f} MB", flush=True)
    return peak


def server_peak(notebook: Path, source: Path, python: Path, session: dict[str, str]) -> int:
    """Open a notebook in JupyterLab's server, and give the server's peak memory."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = (f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1")
    options = ("--no-browser", "--allow-root", "--IdentityProvider.token=", *address)
    command = (str(python), "-m", "jupyterlab", *options)
    name = notebook.relative_to(source).as_posix()
    log = source / "server.log"
    with log.open("wb") as said, subprocess.Popen(command, cwd=source, env=session, stderr=said) as server:
        # Connects again, a little later each time, until the server listens.
        lasting = httpx.HTTPTransport(retries=7)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}/", transport=lasting, timeout=60) as browser:
                for page in (f"lab/tree/{name}", f"api/contents/{name}", "lab/api/settings"):
                    browser.get(page).raise_for_status()
        except httpx.HTTPError as error:
            raise SystemExit(f"{log.read_text()}\nfailed: JupyterLab's server: {error}") from error
        finally:
            server.terminate()
            _, status, usage = os.wait4(server.pid, 0)
            server.returncode = os.waitstatus_to_exitcode(status)
    return int(usage.ru_maxrss) * (1 if sys.platform == "darwin" else 1024)


def within(what: str, used: int, budget: int, note: str) -> bool:
    """Print a figure with its budget, and tell whether it keeps it."""
    kept = used <= budget
    print(f"{what:15} {used / MB:.0f} MB of {budget / MB:.0f} MB{'' if kept else ': TOO MUCH'} ({note})")
    return kept


def main() -> int:
    """Check everything; 0 if it is as it should be."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="binder-") as folder:
        source, venv = Path(folder) / "source", Path(folder) / "venv"
        shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*", "__pycache__", "node_modules"))
        python = venv / "bin" / "python"
        session = environment(source, venv, interpreter(dockerfile_python(source)))
        size = disk_use(venv)
        notebooks = sorted((source / "notebooks").glob("*.ipynb"))
        with ThreadPoolExecutor(2) as pool:
            peaks = pool.map(lambda each: kernel_peak(each, python, session), notebooks)
            kernels = dict(zip(notebooks, peaks, strict=True))
        measured = [each for each in notebooks if each.name.startswith(MEASURED)] or notebooks
        heaviest = max(measured, key=lambda each: kernels[each])
        server = server_peak(heaviest, source, python, session)
    parts = f"{heaviest.name}: kernel {kernels[heaviest] / MB:.0f}, server {server / MB:.0f}"
    kept = (
        within("venv", size, VENV_BUDGET, "with the base image's JupyterLab"),
        within("session", kernels[heaviest] + server, SESSION_BUDGET, parts),
    )
    print(f"in all          {time.monotonic() - began:.0f} s")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
