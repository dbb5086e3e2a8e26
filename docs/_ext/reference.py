"""Build the reference: tables from the package's own data, and links of short and of external names."""

from __future__ import annotations

import inspect
from typing import Any

import reference_tables
from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

from rutterframe.reports.specs import SPECS

#: Where the reports are functions, and methods.
_REPORTS = ("rutterframe.reports", "rutterframe.Books")


class Generated(SphinxDirective):
    """Insert a table, or sections, that `reference_tables` writes from the package's data."""

    required_arguments = 1
    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the nodes of the text."""
        text = reference_tables.TABLES[self.arguments[0]](*self.arguments[1:])
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def _resolve(app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement) -> Any:
    """Resolve the short name of an object, as docstrings write it, if there is one that it can mean."""
    if node.get("refdomain") != "py":
        return None
    domain = env.domains.python_domain
    matches = domain.find_obj(env, None, None, node["reftarget"].removesuffix("()"), None, searchmode=1)
    # A function comes before a method of that name, rutterframe.X before rutterframe.views.X.
    ranked = sorted(((entry.objtype == "method", name.count(".")), name, entry) for name, entry in matches)
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    _, name, entry = ranked[0]
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, [content], name)


def _link_definition(
    _app: Sphinx, what: str, name: str, _function: object, _options: object, lines: list[str]
) -> None:
    """Add the link to a report's definition to its docstring, and to that of the method of books."""
    holder, _, report = name.rpartition(".")
    if what in {"function", "method"} and holder in _REPORTS and report in SPECS:
        target = f"definition-{report.replace('_', '-')}"
        link = f":ref:`Every column, with its unit and sign <{target}>`."
        lines += ["", ".. rubric:: Definition", "", link, ""]


def _skip_foreign(
    _app: Sphinx, _what: str, _name: str, member: object, _skip: bool, _options: object
) -> bool | None:
    """Leave out what a class inherits from another project's class, such as a widget's traits."""
    member = getattr(member, "fget", member)
    owner = getattr(member, "__objclass__", member)
    module = getattr(owner, "__module__", None) or "rutterframe"
    return None if module.startswith("rutterframe") and not inspect.isbuiltin(member) else True


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive, the choice of members and the resolution of names."""
    app.add_directive("generated", Generated)
    app.connect("autodoc-process-docstring", _link_definition, priority=600)  # after numpydoc
    app.connect("autodoc-skip-member", _skip_foreign)
    app.connect("missing-reference", _resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
