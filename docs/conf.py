"""The settings of the documentation site: `make docs` builds it."""

import importlib.metadata
import os
import sys
from pathlib import Path

_HERE = Path(__file__).parent
sys.path.insert(0, str(_HERE / "_ext"))
# The notebooks run on the demo: nothing of a developer's own account may get into the site.
for name in [name for name in os.environ if name.startswith("RUTTER_")]:
    del os.environ[name]

# Both are of _ext, which the lines above add to the path.
import names  # noqa: E402
from source import linkcode_resolve  # noqa: E402, F401 - Sphinx looks for it here

project = "rutterframe"
author = "The rutterframe maintainers"
copyright = "the rutterframe maintainers, MIT licence"  # noqa: A001 - the name of Sphinx's setting
version = release = importlib.metadata.version("rutterframe")
extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "sphinx.ext.linkcode",
    "numpydoc",
    "myst_nb",
    "sphinx_design",
    "sphinx_copybutton",
    # of docs/_ext
    "links",
    "metadata",
    "notebooks",
    "outputs",
    "reference",
]
nitpicky = True
exclude_patterns = ["notebooks/.cache", "notebooks/output"]
numpydoc_show_class_members = False
# A type of a docstring is a link where it is one of ours, or one of those that docs/_ext/names.py lists.
numpydoc_xref_param_type = True
numpydoc_xref_ignore = "all"
numpydoc_xref_aliases = names.aliases()
default_role = "py:obj"
autodoc_typehints = "none"
autodoc_inherit_docstrings = False
autodoc_member_order = "bysource"
toc_object_entries_show_parents = "hide"
templates_path = ["_templates"]
nb_execution_mode = "cache"  # where: docs/_ext/notebooks.py
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # it is of another host
myst_enable_extensions = ["attrs_block", "attrs_inline", "colon_fence", "deflist", "substitution"]
myst_heading_anchors = 3
myst_substitutions = {"version": version}
# An outer name is a link by the inventory that docs/reference has; nothing is fetched.
intersphinx_mapping = names.inventories(_HERE.parent / "build" / "inventories")
# Quotes stay straight: types and values are copied from the reference.
smartquotes = False
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

html_theme = "pydata_sphinx_theme"
html_title = f"rutterframe {version}"
html_static_path = ["_static"]
html_css_files = ["custom.css"]
html_favicon = "_static/logo.svg"
html_baseurl = "https://rutterframe.github.io/rutterframe/"
html_show_sphinx = False
html_theme_options = {
    "logo": {
        "text": "rutterframe",
        "image_light": "_static/logo.svg",
        "image_dark": "_static/logo-dark.svg",
        "alt_text": "",
    },
    "icon_links": [
        {
            "name": "The repository",
            "url": "https://github.com/rutterframe/rutterframe",
            "icon": "fa-brands fa-github",
        }
    ],
    "use_edit_page_button": True,
    "secondary_sidebar_items": ["page-toc", "edit-this-page"],
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "footer_start": ["copyright"],
    "footer_end": ["version"],
    "search_bar_text": "Search: ar_aging, tie-out, webhook …",
}
html_sidebars = {"index": [], "changelog": [], "404": []}
html_context = {
    "github_url": "https://github.com",
    "github_user": "rutterframe",
    "github_repo": "rutterframe",
    "github_version": "main",
    "doc_path": "docs",
    "default_mode": "auto",
}
