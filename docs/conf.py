"""The settings of the documentation site: `make docs` builds it."""

import importlib.metadata

project = "rutterframe"
version = release = importlib.metadata.version("rutterframe")
extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_nb",
    "sphinx_design",
    "sphinx_copybutton",
    "sphinx_click",
]
nitpicky = True
exclude_patterns = ["*.py"]
html_theme = "pydata_sphinx_theme"
numpydoc_show_class_members = False
nb_execution_mode = "off"
myst_enable_extensions = ["colon_fence", "deflist"]
