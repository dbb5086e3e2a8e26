"""Build this repository as Binder does, without docker, and check its size and memory against a budget.

From the root of the repository, in the development environment::

    python binder/check.py

repo2docker prints its Dockerfile; a fresh environment is built by the same steps; every notebook runs in it;
its size, and the memory of a session, are printed beside their budgets. The exit code is 1 if a check fails.
This downloads what Binder would, so it is a command of its own and not a test.
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
#: The notebook of the measured session; without it, all are measured.
MEASURED = "02"
#: What the badge opens: Voilà runs this notebook, and serves its outputs without the code.
DASHBOARD = "voila/render/notebooks/00_dashboard.ipynb"
#: The requirements that Binder's base image has as well. They are installed first, at its versions: pip does
#: not replace a package that is new enough, so this is the JupyterLab that opens the notebooks on Binder.
BASE = ("pip", "jupyterlab", "ipywidgets")


def required_python(runtime: str) -> str:
    """Return the Python version of runtime.txt."""
    match = re.fullmatch(r"python-(\d+\.\d+)\s*", runtime)
    if not match:
        raise SystemExit(f"binder/runtime.txt holds {runtime!r}, not a line such as python-3.12")
    return match[1]


def missing_steps(dockerfile: str, python: str) -> list[str]:
    """Return the required steps that the Dockerfile lacks, in their order."""
    steps = (
        "environment-2epy-2d" + python.replace(".", "-2e") + "-2d",
        " src/ ${REPO_DIR}/\n",
        'bin/pip install --no-cache-dir -r "binder/requirements.txt"\n',
        "RUN ./binder/postBuild\n",
    )
    missing, start = [], 0
    for step in steps:
        position = dockerfile.find(step, start)
        if position < 0:
            missing.append(step.strip())
        else:
            start = position + len(step)
    return missing


def base_versions(lock: str) -> list[str]:
    """Return the packages of a conda lock file as pip's constraints."""
    package = r"^http\S+/([a-z][^/\s]*)-(\d[\w.]*)-[^-/\s]+\.(?:conda|tar\.bz2)\b"
    packages = re.findall(package, lock, re.MULTILINE)
    return [f"{name}=={version}" for name, version in packages]


def base_lock(python: str) -> str:
    """Return the conda lock file of Binder's base image for a Python, which is part of repo2docker."""
    # Not imported, since its own imports would warn.
    spec = importlib.util.find_spec("repo2docker")
    if not (spec and spec.origin):
        raise SystemExit("jupyter-repo2docker is not installed; run: make install")
    folder = Path(spec.origin).parent / "buildpacks" / "conda"
    return (folder / f"environment.py-{python}-linux-64.lock").read_text(encoding="utf-8")


def disk_use(folder: Path) -> int:
    """Return the bytes of a folder on disk; a file with several names counts once."""
    stats = [path.lstat() for path in folder.rglob("*")]
    return sum({(each.st_dev, each.st_ino): each.st_blocks * 512 for each in stats}.values())


def run(command: Sequence[str | Path], cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a command and return its output; if it fails, print the output and exit."""
    result = subprocess.run(command, cwd=cwd, env=env, check=False, capture_output=True, text=True)
    if result.returncode:
        raise SystemExit(f"{result.stdout}{result.stderr}\nfailed: {' '.join(map(str, command))}")
    return result.stdout


def interpreter(version: str) -> str:
    """Return the Python that Binder would use; without it, print that and return this one."""
    # pyenv offers a version only if this variable names it.
    env = {**os.environ, "PYENV_VERSION": version}
    command = [f"python{version}", "-c", "import sys; print(sys.executable)"]
    try:
        return subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        print(f"python          {version} is not installed, so this continues with {sys.version.split()[0]}")
        return sys.executable


def dockerfile_python(source: Path) -> str:
    """Check the Dockerfile that repo2docker prints, and return its Python."""
    python = required_python((source / "binder" / "runtime.txt").read_text(encoding="utf-8"))
    tool = Path(sys.executable).with_name("jupyter-repo2docker")
    dockerfile = run([tool, "--no-build", "--debug", "."], source)
    missing = missing_steps(dockerfile, python)
    if missing:
        raise SystemExit(f"{dockerfile}\nThe Dockerfile lacks, in this order: {missing}")
    print(f"Dockerfile      Python {python}, requirements after the copy, postBuild")
    return python


def environment(source: Path, venv: Path, python: str) -> dict[str, str]:
    """Build the environment by the Dockerfile's steps, and return the variables of a session in it."""
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
    # Without the developer's own settings and credentials.
    session = {"PATH": f"{inside.parent}{os.pathsep}{os.defpath}", "HOME": str(source), "LANG": "C.UTF-8"}
    run(["./binder/postBuild"], source, session)
    lab = run([inside, "-m", "jupyterlab", "--version"], source, session).strip()
    seconds = time.monotonic() - began
    print(f"environment     Python {version}, JupyterLab {lab}, pip check, postBuild: {seconds:.0f} s")
    return session


def kernel_peak(notebook: Path, python: Path, session: dict[str, str]) -> int:
    """Run a notebook, and return the peak memory of its kernel."""
    began = time.monotonic()
    peak = int(run([python, RUNNER, notebook.name], notebook.parent, session))
    seconds = time.monotonic() - began
    print(f"{notebook.name}: ran in {seconds:.0f} s, its kernel took up to {peak / MB:.0f} MB", flush=True)
    return peak


def server_peak(notebook: Path, source: Path, python: Path, session: dict[str, str]) -> int:
    """Open a notebook in JupyterLab's server, and return the server's peak memory."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = (f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1")
    options = ("--no-browser", "--allow-root", "--IdentityProvider.token=", *address)
    command = (str(python), "-m", "jupyterlab", *options)
    name = notebook.relative_to(source).as_posix()
    log = source / "server.log"
    with (
        log.open("wb") as errors,
        subprocess.Popen(command, cwd=source, env=session, stderr=errors) as server,
    ):
        # Connects again, a little later each time, until the server listens.
        retrying = httpx.HTTPTransport(retries=7)
        try:
            with httpx.Client(
                base_url=f"http://127.0.0.1:{port}/", transport=retrying, timeout=60
            ) as browser:
                for page in (f"lab/tree/{name}", f"api/contents/{name}", "lab/api/settings", DASHBOARD):
                    browser.get(page).raise_for_status()
        except httpx.HTTPError as error:
            raise SystemExit(f"{log.read_text()}\nfailed: JupyterLab's server: {error}") from error
        finally:
            server.terminate()
            _, status, usage = os.wait4(server.pid, 0)
            server.returncode = os.waitstatus_to_exitcode(status)
    return int(usage.ru_maxrss) * (1 if sys.platform == "darwin" else 1024)


def within(name: str, used: int, budget: int, note: str) -> bool:
    """Print a figure with its budget, and return whether it is within it."""
    ok = used <= budget
    print(f"{name:15} {used / MB:.0f} MB of {budget / MB:.0f} MB{'' if ok else ': TOO MUCH'} ({note})")
    return ok


def main() -> int:
    """Run all checks; return 0 if all pass, else 1."""
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
    passed = (
        within("venv", size, VENV_BUDGET, "with the base image's JupyterLab"),
        within("session", kernels[heaviest] + server, SESSION_BUDGET, parts),
    )
    print(f"in all          {time.monotonic() - began:.0f} s")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
