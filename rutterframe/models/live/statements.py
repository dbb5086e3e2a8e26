"""Statements, live: balance sheets, income statements and cash-flow statements of a ledger."""

from __future__ import annotations

from typing import Annotated

from rutterframe.models.base import Record, optional
from rutterframe.models.fields import CurrencyCode, Day, Id, Money, Text, Timestamp, known


class StatementItem(Record):
    """One line of a statement; sub-totals are lines as well."""

    path: Text | None = optional("The headings above the line and its name, with > between them")
    name: Text | None = optional("The name of the line")
    account_id: Id | None = optional("The account, if the line is one")
    value: Money | None = optional("The amount, with what is below the line")


class _Statement(Record):
    """The first columns of every statement."""

    id: Id | None = optional("Identifies the statement")
    start_date: Day | None = optional("The first day of the period")
    end_date: Day | None = optional("The last day of the period")
    currency: CurrencyCode | None = optional("The currency of the amounts")


class _Items(Record):
    """The last columns of every statement."""

    items: list[StatementItem] | None = optional("Every line of the statement, from top to bottom")
    created_at: Timestamp | None = optional("When the statement was created")
    updated_at: Timestamp | None = optional("When the statement last changed")


class _Position(_Statement):
    total_assets: Money | None = optional("What the business owns")
    total_liabilities: Money | None = optional("What the business owes")
    total_equity: Money | None = optional("What is left for the owners")


class _Result(_Statement):
    accounting_standard: Annotated[Text, known("cash", "accrual", "unknown")] | None = optional(
        "Whether documents count when they are paid or when they are written"
    )
    total_income: Money | None = optional("What was earned")
    total_cost_of_sales: Money | None = optional("What the goods cost that were sold")
    gross_profit: Money | None = optional("Income less cost of sales")
    total_expenses: Money | None = optional("What else was spent")
    net_operating_income: Money | None = optional("The result of the business itself")
    net_income: Money | None = optional("The result of the period")


class _Flows(_Statement):
    starting_balance: Money | None = optional("The cash at the beginning")
    total_operating: Money | None = optional("Cash from the business itself")
    total_investing: Money | None = optional("Cash from investments, negative if money was invested")
    total_financing: Money | None = optional("Cash from owners and lenders")
    ending_balance: Money | None = optional("The cash at the end")


# The columns of the class that is named last come first.
class BalanceSheet(_Items, _Position):
    """What a business owns and owes on one day."""


class IncomeStatement(_Items, _Result):
    """What a business earned and spent in a period."""


class CashFlowStatement(_Items, _Flows):
    """Where the cash of a period came from and went to."""
