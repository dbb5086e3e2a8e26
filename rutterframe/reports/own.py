"""Reports of other packages and of the program: a spec and a function, maybe with rows and a chart."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from rutterframe.entry_points import Registry
from rutterframe.models import LIVE_RESOURCES, RESOURCES
from rutterframe.reports.columns import CURRENCY, Column, Kind, Order, Rows, Spec

if TYPE_CHECKING:
    from plotly import graph_objects as go

_LONGEST_TITLE = 31  # of the name of a sheet in Excel
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_FRAMES = frozenset({*RESOURCES, *LIVE_RESOURCES})
#: The names of reports in a shell that no report has as a function.
COMMANDS = frozenset(
    {
        "aging", "all", "cash", "expenses", "forecast", "open_bills", "open_invoices", "payables", "revenue",
        "top_overdue_bills",
    }
)  # fmt: skip
# What a report has in ``attrs`` beside its options.
_NOT_OPTIONS = frozenset(
    {
        "books",
        "counts",
        "name",
        "notes",
        "options",
        "receipt",
        "report",
        "rows",
        "rows_by_currency",
        "sources",
    }
)
# What only means something for reports that views and comparisons know by name.
_RESERVED = ("party", "lists_documents", "by_in_title", "zero_row", "compares")


@dataclass(frozen=True, slots=True)
class Report:
    """A report of another package or of the program.

    Attributes
    ----------
    spec : Spec
        Its name, title, question and columns. ``signature`` may be left out: all of its columns are meant.
    function : callable
        Returns it. Parameters that are named like resources take their frames, such as ``orders``; those with
        a default are None where the frame is not loaded. ``as_of`` takes the day as text, YYYY-MM-DD. Any
        other parameter is an option, and has a default.
    rows : callable, optional
        Takes frames and day as the function does, and the options that decide which rows count; returns the
        rows that the report adds up. Of these, ``explain`` shows the ones with the keys of a report's row:
        its currency, columns of the kind ``KEY``, and ``spec.identity``. Without it, no row is explained.
    chart : callable, optional
        Takes the report, and returns a plotly figure. Without it, a bar for each row, by ``spec.size``.
    """

    spec: Spec
    function: Callable[..., Any]
    rows: Callable[..., Any] | None = None
    chart: Callable[[pd.DataFrame], go.Figure] | None = None

    def __post_init__(self) -> None:
        """Fill in what the spec leaves out."""
        parts: tuple[object, object] = (self.spec, self.function)
        if not isinstance(parts[0], Spec) or not callable(parts[1]):
            return  # which `check_report` refuses
        spec, frames = self.spec, [*frames_of(self.function)]
        object.__setattr__(
            self,
            "spec",
            replace(
                spec,
                signature=spec.signature or tuple(getattr(each, "name", "") for each in spec.columns),
                sources=spec.sources or tuple(frames[:1]),
                needs=spec.needs or ((spec.size,) if spec.size else ()),
            ),
        )

    @property
    def name(self) -> str:
        """The name, as its entry point has it."""
        return self.spec.name

    @property
    def frames(self) -> dict[str, bool]:
        """The resources that the function takes, and whether it needs them."""
        return frames_of(self.function)

    @property
    def options(self) -> list[str]:
        """The names of the function's options."""
        return options_of(self.function)

    @property
    def keys(self) -> list[str]:
        """The columns that tell its rows apart, beside the connection."""
        kinds = {column.name: column.kind for column in self.spec.columns}
        keys = [name for name, kind in kinds.items() if kind is Kind.KEY]
        return [*dict.fromkeys([*keys, *self.spec.identity, "currency"])]

    def arguments(
        self, function: Callable[..., Any], frames: Mapping[str, Any], as_of: str
    ) -> dict[str, Any]:
        """Return the frames and the day as a function of the report takes them."""
        needed = frames_of(function)
        values = {name: frames[name] if is_needed else frames.get(name) for name, is_needed in needed.items()}
        # A function that writes into its frames must not change those that other reports are computed from.
        values = {
            name: frame.copy(deep=False) if isinstance(frame, pd.DataFrame) else frame
            for name, frame in values.items()
        }
        takes_day = "as_of" in inspect.signature(function).parameters
        return {**values, **({"as_of": as_of} if takes_day else {})}


def frames_of(function: Callable[..., Any]) -> dict[str, bool]:
    """Return the resources that a function takes by its parameters' names, and whether it needs them."""
    return {
        name: parameter.default is parameter.empty
        for name, parameter in inspect.signature(function).parameters.items()
        if name in _FRAMES
    }


def options_of(function: Callable[..., Any]) -> list[str]:
    """Return the names of a function's parameters that are neither frames nor the day."""
    names = inspect.signature(function).parameters
    return [name for name in names if name != "as_of" and name not in _FRAMES]


def check_report(report: object) -> None:
    """Refuse a report that views could not draw.

    Raises
    ------
    TypeError
        If it is not a Report with a Spec and functions.
    ValueError
        If a part of its spec or a parameter of a function is not valid; the message says which.
    """
    if not isinstance(report, Report):
        raise TypeError(f"expected a Report, not {type(report).__name__}")
    spec: object = report.spec
    if not isinstance(spec, Spec):
        raise TypeError(f"spec must be a Spec, not {type(spec).__name__}")
    for name in ("function", "rows", "chart"):
        value = getattr(report, name)
        if not (callable(value) or (value is None and name != "function")):
            raise TypeError(f"{report.name}: {name} must be a function, not {type(value).__name__}")
    _check_spec(report.spec)
    _check_columns(report.spec)
    _refuse_alike(report.spec)
    _check_parameters(report.name, report.function)
    if report.rows is not None:
        _check_parameters(report.name, report.rows)
        unknown = [name for name in options_of(report.rows) if name not in report.options]
        if unknown:
            raise ValueError(
                f"{report.name}: rows takes the option {unknown[0]!r}, and the function does not"
            )


def _check_spec(spec: Spec) -> None:
    if not _NAME.fullmatch(spec.name):
        raise ValueError(
            f"{spec.name!r} is not a valid name of a report (expected lower-case letters, digits and _)"
        )
    if not spec.title or not spec.question:
        raise ValueError(f"{spec.name}: the spec needs a title and a question")
    if len(spec.title) > _LONGEST_TITLE or set(spec.title) & set("[]:*?/\\'"):
        raise ValueError(
            f"{spec.name}: the title {spec.title!r} cannot be the name of a sheet (expected up to "
            f"{_LONGEST_TITLE} characters without []:*?/\\')"
        )
    reserved = [name for name in _RESERVED if getattr(spec, name)]
    if reserved or spec.rows is not Rows.SOURCE:
        what = reserved[0] if reserved else "rows"
        raise ValueError(f"{spec.name}: {what} is for reports of rutterframe itself: leave it out")


def _check_columns(spec: Spec) -> None:
    named: dict[str, Column] = {}
    for column in spec.columns:
        if not isinstance(column, Column):
            raise TypeError(f"{spec.name}: columns must hold Column, not {type(column).__name__}")
        if column.name in named:
            raise ValueError(f"{spec.name}: the column {column.name!r} is listed twice")
        named[column.name] = column
    if named.get("currency") != CURRENCY:
        raise ValueError(
            f"{spec.name}: CURRENCY must be one of its columns: amounts of two currencies are never added"
        )
    for part in ("signature", "needs", "within", "columns_shown", "identity"):
        unknown = [name for name in getattr(spec, part) if name not in named and name != "connection_id"]
        if unknown:
            raise ValueError(f"{spec.name}: {part} names {unknown[0]!r}, which is not one of its columns")
    if spec.size and (spec.size not in named or not named[spec.size].is_summed):
        raise ValueError(f"{spec.name}: size={spec.size!r} must be a column of numbers that are added up")
    if spec.order is Order.LARGEST and not spec.size:
        raise ValueError(f"{spec.name}: order=Order.LARGEST needs size, the column that is largest first")
    if spec.order in {Order.DAYS, Order.WEEKS, Order.TYPES}:
        raise ValueError(f"{spec.name}: order must be REPORT, LARGEST or RANK")


def _check_parameters(name: str, function: Callable[..., Any]) -> None:
    """Refuse a function with a parameter that has no value, or a name that ``attrs`` has already."""
    parameters = inspect.signature(function).parameters.values()
    frames = frames_of(function)
    if not any(frames.values()):
        known = ", ".join((*RESOURCES, *LIVE_RESOURCES))
        raise ValueError(f"{name}: {_word(function)} takes no frame: name a parameter like one of {known}")
    for parameter in parameters:
        if parameter.kind in {parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
            raise ValueError(f"{name}: {_word(function)} must take {parameter} by its name")
        is_option = parameter.name != "as_of" and parameter.name not in frames
        if is_option and parameter.default is parameter.empty:
            raise ValueError(
                f"{name}: {_word(function)} has the parameter {parameter.name!r}, not a resource or as_of: "
                "give it a default"
            )
        if parameter.name in _NOT_OPTIONS:
            raise ValueError(f"{name}: an option cannot be named {parameter.name!r}: use another name")


def _word(function: Callable[..., Any]) -> str:
    return f"the function {getattr(function, '__name__', 'of the report')}"


#: The specs of rutterframe itself, which `SpecTable` fills in.
_OURS: dict[str, Spec] = {}


def _refuse_alike(spec: Spec) -> None:
    """Refuse a report that another one would be taken for once it has lost its name."""
    for other in _OURS.values():
        if {column.name for column in other.columns}.issuperset(spec.signature):
            raise ValueError(
                f"{spec.name}: {other.name} has all of its columns, and either would be taken for the other: "
                "add a column, or name one differently"
            )


#: The reports of installed packages, and those that the program has registered.
REPORTS: Registry[Report] = Registry("report", lambda report: report.name, check_report)


class SpecTable(dict[str, Spec]):
    """The specs of rutterframe by name; one that it does not have is looked up among those of other packages.

    Iteration yields those of rutterframe only.
    """

    def __init__(self, specs: Mapping[str, Spec]) -> None:
        super().__init__(specs)
        _OURS.update(specs)
        REPORTS.reserve(lambda: {*_OURS, *COMMANDS})

    def __missing__(self, name: str) -> Spec:
        """Return the spec of a report of another package."""
        report = REPORTS.find(name)
        if report is None:
            raise KeyError(name)
        return report.spec

    def __contains__(self, name: object) -> bool:
        """Return whether there is a report of that name."""
        return super().__contains__(name) or name in REPORTS.names

    def own(self, name: str) -> Report | None:
        """Return a report of another package; None for one of rutterframe, and if there is none."""
        return None if super().__contains__(name) else REPORTS.find(name)
