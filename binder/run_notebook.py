"""Run one notebook in the environment of this Python, and print the peak memory of its kernel in bytes.

From the notebook's folder, as JupyterLab does::

    python run_notebook.py 01_connect_and_load.ipynb
"""

from __future__ import annotations

import resource
import sys

import nbformat
from nbclient import NotebookClient

notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=120, kernel_name="python3", store_widget_state=False).execute()
unit = 1 if sys.platform == "darwin" else 1024
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit)
