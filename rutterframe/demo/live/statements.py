"""Balance sheets, income statements and cash-flow statements of a ledger, a month each, in the base currency.

Foreign accounts are changed at the company's one rate, and what rounding leaves is in a line of its own, so
that every statement adds up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from rutterframe.demo.api.responses import ApiError
from rutterframe.demo.api.service import Call
from rutterframe.demo.books.collection import Record
from rutterframe.demo.books.tables import Ids
from rutterframe.demo.books.units import CLOSING_MOMENT, DAY, moment, month_ends, parse_day
from rutterframe.demo.live.balances import MonthlyBalances
from rutterframe.demo.live.ledger import account_type
from rutterframe.demo.live.service import live
from rutterframe.demo.live.spelling import live_date, live_moment, money_text

_MONTHS = 13  # without a start date

#: By path: the key of the list in the answer.
STATEMENTS = {
    "balance_sheets": "balance_sheets",
    "income_statements": "income_statements",
    "cash_flow_statements": "cash_flows",
}


class Statements:
    """The statements of one ledger.

    Parameters
    ----------
    balances : MonthlyBalances
        The balances of its accounts.
    seed : int
        As for `Books`.
    """

    def __init__(self, balances: MonthlyBalances, seed: int) -> None:
        self._balances = balances
        self._company = balances.company
        self._ids = Ids(seed, balances.company.ledger, "accounts")
        self._statement_ids = {name: Ids(seed, balances.company.ledger, name) for name in STATEMENTS}
        self._rows = range(len(balances.chart.accounts))

    def statement(self, name: str, month: int) -> Record:
        """Return a statement of a kind for a month."""
        makers: dict[str, Callable[[int], Record]] = {
            "balance_sheets": self._balance_sheet,
            "income_statements": self._income_statement,
            "cash_flow_statements": self._cash_flow,
        }
        last = month_ends()[month]
        first = last - date.fromordinal(last).day + 1
        updated = live_moment(min(moment(last, DAY // 2), CLOSING_MOMENT))
        return {
            "id": self._statement_ids[name].of(month),
            "start_date": live_date(first, self._company.platform),
            "end_date": live_date(last, self._company.platform),
            "currency_code": self._company.base,
            **makers[name](month),
            "created_at": updated,
            "updated_at": updated,
        }

    def _balance_sheet(self, month: int) -> Record:
        at = self._values(lambda row: self._balances.at(month, row))
        assets, liabilities, equity = (self._of_type(at, each) for each in ("asset", "liability", "equity"))
        income = sum(self._of_type(at, "revenue").values()) - sum(self._of_type(at, "expense").values())
        total_assets, total_liabilities = sum(assets.values()), sum(liabilities.values())
        rounding = total_assets - total_liabilities - sum(equity.values()) - income
        more = {"Net income": income, "Rounding of currencies": rounding}
        return {
            "total_assets": self._text(total_assets),
            "total_liabilities": self._text(total_liabilities),
            "total_equity": self._text(total_assets - total_liabilities),
            "assets": self._tree(
                "Assets",
                {
                    "Bank": self._of_account_type(assets, "bank"),
                    "Accounts receivable": self._of_account_type(assets, "accounts_receivable"),
                    "Fixed assets": self._of_account_type(assets, "fixed_asset"),
                    "Other current assets": self._of_account_type(assets, "other_current_asset"),
                },
            ),
            "liabilities": self._tree("Liabilities", {"": liabilities}),
            "equity": self._tree("Equity", {"": equity}, more),
        }

    def _income_statement(self, month: int) -> Record:
        change = self._values(lambda row: self._balances.change(month, row))
        income = self._of_type(change, "revenue")
        spending = self._of_type(change, "expense")
        sales_cost = self._of_account_type(spending, "cost_of_goods_sold")
        expenses = {row: value for row, value in spending.items() if row not in sales_cost}
        other = sum(self._of_account_type(income, "other_income").values()) - sum(
            self._of_account_type(expenses, "other_expense").values()
        )
        total, cost, spent = sum(income.values()), sum(sales_cost.values()), sum(expenses.values())
        return {
            "accounting_standard": "accrual",
            "total_income": self._text(total),
            "total_cost_of_sales": self._text(cost),
            "gross_profit": self._text(total - cost),
            "total_expenses": self._text(spent),
            "net_operating_income": self._text(total - cost - spent - other),
            "net_income": self._text(total - cost - spent),
            "income": self._tree("Income", {"": income}),
            "cost_of_sales": self._tree("Cost of sales", {"": sales_cost}) if sales_cost else None,
            "expenses": self._tree("Expenses", {"": expenses}),
        }

    def _cash_flow(self, month: int) -> Record:
        cash = self._of_account_type(self._values(lambda row: row), "bank")
        start = sum(self._balances.at(month - 1, row) for row in cash)
        end = sum(self._balances.at(month, row) for row in cash)
        change = self._values(lambda row: self._balances.change(month, row))
        loans = self._of_account_type(change, "long_term_liability")
        # The owners' money, which came in with the opening balances.
        equity = {
            row: value
            for row, value in self._of_type(change, "equity").items()
            if self._balances.chart.accounts[row].role == "Owner's equity"
        }
        equipment = {
            row: -value
            for row, value in change.items()
            if self._balances.chart.accounts[row].role == "Equipment"
        }
        financing = sum(loans.values()) + sum(equity.values())
        investing = sum(equipment.values())
        operating = end - start - financing - investing
        return {
            "starting_balance": self._text(start),
            "ending_balance": self._text(end),
            "total_operating": self._text(operating),
            "total_investing": self._text(investing),
            "total_financing": self._text(financing),
            "operating_activities": self._tree("Operating activities", {}, {"Net cash received": operating}),
            "investing_activities": self._tree("Investing activities", {"": equipment}),
            "financing_activities": self._tree("Financing activities", {"": {**loans, **equity}}),
        }

    def _values(self, value: Callable[[int], int]) -> dict[int, int]:
        return {row: value(row) for row in self._rows}

    def _of_type(self, values: Mapping[int, int], kind: str) -> dict[int, int]:
        accounts = self._balances.chart.accounts
        return {row: value for row, value in values.items() if accounts[row].type == kind}

    def _of_account_type(self, values: Mapping[int, int], kind: str) -> dict[int, int]:
        accounts = self._balances.chart.accounts
        return {row: value for row, value in values.items() if account_type(accounts[row]) == kind}

    def _tree(
        self, name: str, groups: Mapping[str, Mapping[int, int]], more: Mapping[str, int] | None = None
    ) -> Record:
        """Return a tree of groups of accounts; a group without a name has no level of its own."""
        items: list[Record] = []
        total = 0
        for group, values in groups.items():
            leaves = [self._leaf(row, value) for row, value in values.items() if value]
            total += sum(values.values())
            items += [self._node(group, sum(values.values()), leaves)] if group else leaves
        for text, value in (more or {}).items():
            total += value
            items += [self._node(text, value, [])] if value else []
        return self._node(name, total, items)

    def _leaf(self, row: int, value: int) -> Record:
        account = self._balances.chart.accounts[row]
        node = self._node(account.name, value, [])
        return {**node, "platform_id": account.number, "account_id": self._ids.of(row)}

    def _node(self, name: str, value: int, items: Iterable[Record]) -> Record:
        return {
            "platform_id": None,
            "account_id": None,
            "name": name,
            "value": self._text(value),
            "items": list(items),
        }

    def _text(self, amount: int) -> str:
        return money_text(amount, self._company.base)


def list_statements(name: str) -> Callable[[Call], Record]:
    """Return the endpoint of a kind of statement."""

    def endpoint(call: Call) -> Record:
        service = live(call)
        if service.live_books.kind(call.connection) != "ledger":
            raise ApiError(404, "ENDPOINT_NOT_SUPPORTED", f"{name}: the platform has no such objects")
        statements = Statements(MonthlyBalances(service.books, call.connection), service.books.seed)
        rows = [statements.statement(name, month) for month in _months(call)]
        return {STATEMENTS[name]: rows, "next_cursor": None, "connection": service.envelope(call.connection)}

    return endpoint


def _months(call: Call) -> list[int]:
    """Return the numbers of the months that lie between the dates of a request, the newest first."""
    ends = month_ends()
    first, last = (_day(call, name) for name in ("start_date", "end_date"))
    numbers = range(len(ends) - _MONTHS if first is None else 0, len(ends))
    return [
        number
        for number in reversed(numbers)
        if (first is None or ends[number] >= first) and (last is None or _first_of(ends[number]) <= last)
    ]


def _first_of(last: int) -> int:
    return last - date.fromordinal(last).day + 1


def _day(call: Call, name: str) -> int | None:
    text = call.query.get(name)
    if text is None:
        return None
    try:
        return parse_day(text[:10])
    except ValueError as error:
        raise ApiError(
            400, "INVALID_PARAMETER", f"{name}: must be an ISO 8601 date, not {text[:40]!r}"
        ) from error
