"""Records of findings: what they hold, how they show themselves, and what is refused."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal

import pytest

from rutterframe.findings import TOPICS, Finding, Findings

CASH = Finding("cash", "EUR", {"overdrawn": Decimal("5.00")}, "Till: 5.00 EUR overdrawn.")
LOAD = Finding("load", None, {"rows": 3}, "3 rows were loaded <here>.")


def test_a_finding_is_its_sentence_as_text() -> None:
    """A finding prints its sentence, and has the exact numbers beside it."""
    assert str(CASH) == "Till: 5.00 EUR overdrawn."
    assert CASH.values == {"overdrawn": Decimal("5.00")}


def test_a_finding_cannot_be_changed() -> None:
    """Neither its fields nor its values can be set."""
    with pytest.raises(AttributeError):
        CASH.topic = "load"  # type: ignore[misc]
    with pytest.raises(TypeError):
        CASH.values["overdrawn"] = Decimal(0)  # type: ignore[index]


def test_a_finding_is_copied_and_pickled() -> None:
    """A copy, also from a pickle, is equal and has the same hash."""
    for other in (copy.deepcopy(CASH), pickle.loads(pickle.dumps(CASH))):  # noqa: S301 - our own bytes
        assert other == CASH
        assert hash(other) == hash(CASH)


def test_an_unknown_topic_is_refused() -> None:
    """An error lists the topics."""
    with pytest.raises(ValueError, match="topic='tax' is not a topic"):
        Finding("tax", None, {}, "")
    with pytest.raises(ValueError, match="topic='tax' is not a topic"):
        Findings([CASH]).about("tax")


def test_findings_of_one_topic_are_sentences() -> None:
    """One topic needs no title; without findings the data shows nothing."""
    assert repr(Findings([CASH, CASH])) == "Finding: Till: 5.00 EUR overdrawn. Till: 5.00 EUR overdrawn."
    assert repr(Findings()) == "Finding: The data shows nothing here."


def test_findings_of_several_topics_have_titles() -> None:
    """Each sentence begins with the title of its topic, and HTML is escaped."""
    both = Findings([LOAD, CASH])
    assert repr(both) == "Finding: Load: 3 rows were loaded <here>. Cash: Till: 5.00 EUR overdrawn."
    assert "Load: 3 rows were loaded &lt;here&gt;.<br>Cash: Till: 5.00 EUR overdrawn." in both._repr_html_()


def test_findings_are_a_sequence() -> None:
    """They have a length, items and slices, compare item by item, and are selected by topic."""
    both = Findings([LOAD, CASH])
    assert (len(both), both[1], [*both]) == (2, CASH, [LOAD, CASH])
    assert both[1:] == both.about("cash") == Findings([CASH])
    assert hash(both[1:]) == hash(Findings([CASH]))
    assert both.sentences == ["3 rows were loaded <here>.", "Till: 5.00 EUR overdrawn."]
    assert both != [LOAD, CASH]
    assert list(TOPICS) == ["load", "receivables", "payables", "revenue", "cash", "businesses", "month_end"]
