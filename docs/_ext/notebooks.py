"""Create a page for each notebook: a copy, which myst-nb runs on the demo."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from links import BINDER, REPOSITORY, resolve
from sphinx.application import Sphinx
from sphinx.config import Config

_ROOT = Path(__file__).parents[2]
_SOURCE = _ROOT / "notebooks"
_COPIES = _ROOT / "docs" / "notebooks"
_OUTPUT = "output"


def _copy(_: Sphinx, config: Config) -> None:
    """Copy the notebooks with the links of the site, and the modules that they import."""
    _COPIES.mkdir(exist_ok=True)
    for path in _SOURCE.iterdir():
        if path.suffix == ".ipynb":
            _write(_COPIES / path.name, _for_site(path.name, path.read_text(encoding="utf-8")))
        elif path.suffix in {".py", ".properties"}:
            _write(_COPIES / path.name, path.read_text(encoding="utf-8"))
    for path in _COPIES.glob("*.ipynb"):
        if not (_SOURCE / path.name).exists():
            path.unlink()
    # myst-nb compares the cells only. A change of rutterframe has them run again: it takes another cache, and
    # Sphinx reads every page again, since that is a setting.
    cache = _COPIES / ".cache" / _version_of_package()
    config["nb_execution_cache_path"] = str(cache)
    for outdated in cache.parent.glob("*"):
        if outdated != cache:
            shutil.rmtree(outdated)


def _for_site(name: str, notebook: str) -> str:
    """Return a notebook with the links of the site, and below its title where to open and to edit it."""
    content: dict[str, Any] = json.loads(notebook)
    for cell in content["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = resolve("".join(cell["source"]), "notebooks", "docs/notebooks")
    first = content["cells"][0]
    title, text = first["source"].split("\n", 1)
    links = f"[Open in Binder]({BINDER}{name}) · [Edit on GitHub]({REPOSITORY}/edit/main/notebooks/{name})"
    first["source"] = f"{title}\n\n{links}\n{text}"
    return json.dumps(content, ensure_ascii=False, indent=1)


def _write(path: Path, text: str) -> None:
    """Write a file unless it has that text already: Sphinx reads what is newer again."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _version_of_package() -> str:
    """Return a hash of the package's files and of the modules that the notebooks import."""
    digest = hashlib.sha256()
    for path in sorted([*(_ROOT / "rutterframe").rglob("*.*"), *_SOURCE.glob("*.py")]):
        if path.suffix != ".pyc" and path.is_file():
            digest.update(path.relative_to(_ROOT).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _copy_output(app: Sphinx, error: Exception | None) -> None:
    """Serve the workbook and the page that a notebook writes and links to."""
    if error is None and app.builder.format == "html" and (_COPIES / _OUTPUT).is_dir():
        shutil.copytree(_COPIES / _OUTPUT, Path(app.outdir) / _COPIES.name / _OUTPUT, dirs_exist_ok=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the copies."""
    app.connect("config-inited", _copy)
    app.connect("build-finished", _copy_output)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
