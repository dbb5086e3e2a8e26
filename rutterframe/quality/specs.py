"""The table of checks: meaning, severity and reason. The documentation's page of checks lists it."""

from __future__ import annotations

from collections.abc import Iterable

from rutterframe.quality import balances, completeness, duplicates, orders, references, values
from rutterframe.quality.findings import Check, Severity
from rutterframe.quality.own import OWN_CHECKS

_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

CHECKS: tuple[Check, ...] = (
    Check(
        "incomplete_load",
        _ERROR,
        "A connection's records were not all loaded.",
        "Every sum over the frame is short by what is missing.",
        completeness.incomplete_load,
    ),
    Check(
        "refused_row",
        _ERROR,
        "A record was set aside while loading, since it could not be read without guessing.",
        "It is in no report until it is corrected on the platform.",
        completeness.refused_row,
    ),
    Check(
        "missing_id",
        _ERROR,
        "A record has no id.",
        "It cannot be distinguished from a duplicate, nor looked up on the platform.",
        completeness.missing_id,
    ),
    Check(
        "duplicate_id",
        _ERROR,
        "The same record appears more than once.",
        "It counts more than once. Loaders keep each record once; frames put together by hand may not.",
        duplicates.duplicate_id,
    ),
    Check(
        "unknown_account",
        _ERROR,
        "A transaction or an expense is posted to an account that is not in the chart of accounts.",
        "The trial balance lacks the account, so the books cannot balance.",
        references.unknown_account,
    ),
    Check(
        "closed_with_balance",
        _ERROR,
        "A paid, voided or rejected document still has an amount due.",
        "Aging leaves it out; either the status is wrong, or the balance is.",
        balances.closed_with_balance,
    ),
    Check(
        "lines_do_not_sum",
        _ERROR,
        "More is due on a document than its lines add up to, by the currency's smallest unit or more.",
        "A line is missing, or the balance is wrong: what is asked for cannot be explained.",
        balances.lines_do_not_sum,
    ),
    Check(
        "line_is_not_its_product",
        _ERROR,
        "A line's total is not quantity times unit price, by the currency's smallest unit or more. "
        "In the live dialect the line may have tax and a discount besides.",
        "One of the three is wrong, or a discount is hidden in the line.",
        balances.line_is_not_its_product,
    ),
    Check(
        "unknown_currency",
        _ERROR,
        "A record has no currency, or a code that ISO 4217 does not have.",
        "It becomes a currency of its own in every report, and cannot be converted.",
        values.unknown_currency,
    ),
    Check(
        "date_out_of_range",
        _ERROR,
        f"A day is before {values.EARLIEST:%Y}, or more than {values.DUE_YEARS_AHEAD} years (due dates) or "
        f"{values.PAST_YEARS_AHEAD} year (all else) after the data was fetched.",
        "It falls into the wrong bucket, week or period: usually two digits were swapped.",
        values.date_out_of_range,
    ),
    Check(
        "missing_amount",
        _ERROR,
        "A record that counts in reports has no amount.",
        "It counts as nothing, and totals are too low.",
        values.missing_amount,
    ),
    Check(
        "amount_too_large",
        _ERROR,
        "An amount is too large to be counted exactly.",
        "Reports refuse it, and no business has it: a number was put into the wrong field.",
        values.amount_too_large,
    ),
    Check(
        "missing_date",
        _ERROR,
        "A transaction, an expense or an order has no date.",
        "It is in no period: a report by month or week lacks it.",
        values.missing_date,
    ),
    Check(
        "missing_account",
        _ERROR,
        "A transaction or an expense has no account.",
        "No account's postings add up to its balance, and cash history lacks it.",
        values.missing_account,
    ),
    Check(
        "negative_order_total",
        _ERROR,
        "An order has a total below zero.",
        "It lowers revenue: a refund was entered as a sale, or the sign is wrong.",
        orders.negative_order_total,
    ),
    Check(
        "unknown_customer",
        _WARNING,
        "An invoice or an order names a customer whom its connection does not list.",
        "No one can be asked to pay: the customer was deleted or merged.",
        references.unknown_customer,
    ),
    Check(
        "unknown_vendor",
        _WARNING,
        "In the live dialect: a bill names a vendor whom its connection does not list.",
        "No one can be paid: the vendor was deleted or merged.",
        references.unknown_vendor,
    ),
    Check(
        "no_party",
        _WARNING,
        "An invoice has no customer, or a bill no vendor. (An order without a customer is a guest's.)",
        "No one can be asked to pay it, or be paid.",
        references.no_party,
    ),
    Check(
        "unknown_product",
        _WARNING,
        "An order line sells a product or a variant that its connection does not list.",
        "Revenue by product has no name for it: it was deleted from the catalogue.",
        references.unknown_product,
    ),
    Check(
        "possible_duplicate",
        _WARNING,
        "A document, an order, an expense or a transaction looks like an earlier one in all but its id.",
        "It may have been entered twice, and count or be paid twice.",
        duplicates.possible_duplicate,
    ),
    Check(
        "customer_entered_twice",
        _WARNING,
        "A customer has the e-mail address of another of its connection, or its name and no other address.",
        "What it owes is spread over two customers, and each looks smaller than it is.",
        duplicates.customer_entered_twice,
    ),
    Check(
        "unlikely_order_total",
        _WARNING,
        f"An order's total is zero, or {orders.FACTOR} times its lines or more, or as small a part of them.",
        "Revenue is wrong by the difference: usually a decimal point was set wrongly.",
        orders.unlikely_order_total,
    ),
    Check(
        "negative_expense",
        _WARNING,
        "An expense is negative.",
        "It lowers what was spent: a refund was entered as an expense, or the sign is wrong.",
        values.negative_expense,
    ),
    Check(
        "price_not_positive",
        _WARNING,
        "A product or a variant has a price of zero or less.",
        "It is sold for nothing.",
        values.price_not_positive,
    ),
    Check(
        "open_without_balance",
        _WARNING,
        "An open document has nothing due.",
        "It was paid and never closed; lists of open documents count it.",
        balances.open_without_balance,
    ),
    Check(
        "payments_do_not_sum",
        _WARNING,
        "In the live dialect: less or more is due on a document than its total less its payments, by the "
        "currency's smallest unit or more.",
        "An aging of an earlier day is worked out from total and payments, and is wrong by the difference.",
        balances.payments_do_not_sum,
    ),
    Check(
        "missing_due_date",
        _WARNING,
        "An open document has no due date.",
        "It never becomes overdue: aging shows it in a column of its own, and no one reminds the customer.",
        values.missing_due_date,
    ),
    Check(
        "long_overdue",
        _WARNING,
        f"A document is still open more than {values.OVERDUE_YEARS} years after it was due.",
        "It will hardly be paid: write it off, or set off the payment that was not assigned to it.",
        values.long_overdue,
    ),
    Check(
        "updated_before_created",
        _WARNING,
        "A record was updated before it was created.",
        "One of the two moments is wrong, and it falls into the wrong period or is left out of a refresh.",
        values.updated_before_created,
    ),
    Check(
        "unknown_word",
        _WARNING,
        "A status or a type is missing, or is one that neither the contract nor a report knows.",
        "Reports take an unknown status as open, and an unknown type as a type of its own.",
        values.unknown_word,
    ),
    Check(
        "too_many_decimals",
        _WARNING,
        "An amount is finer than the smallest unit of its currency, such as half a cent or a tenth of a yen.",
        "It cannot be paid: the currency may be wrong, or the amount is by a factor of 100.",
        values.too_many_decimals,
    ),
    Check(
        "negative_quantity",
        _WARNING,
        "A line has a negative quantity, and the document is not a credit.",
        "A return was entered as a sale, or a number has the wrong sign; units sold are too low.",
        values.negative_quantity,
    ),
    Check(
        "unapplied_credit",
        _NOTE,
        "A credit is open: the amount due is negative, or a credit memo is not used up.",
        "It lowers the total of an aging until it is set off against a document or paid out.",
        balances.unapplied_credit,
    ),
    Check(
        "draft_with_balance",
        _NOTE,
        "A draft has an amount due.",
        "It is in no aging and no ledger: it is forgotten, or still to come.",
        balances.draft_with_balance,
    ),
    Check(
        "part_paid",
        _NOTE,
        "Less is due on an open document than its lines add up to.",
        "It was paid in part; what was paid is not in the record.",
        balances.part_paid,
    ),
    Check(
        "order_is_not_its_lines",
        _NOTE,
        "Orders come to more than their lines: one row for each connection. An order that comes to less, or "
        "to more than half as much again, has a row of its own.",
        "The rest is shipping, tax and discounts: revenue by product shows it as not allocated.",
        orders.order_is_not_its_lines,
    ),
    Check(
        "part_of_a_load",
        _NOTE,
        "A frame holds other rows than were loaded.",
        "It was filtered, cut or put together: totals are not those of what was loaded.",
        completeness.part_of_a_load,
    ),
    Check(
        "overdrawn",
        _NOTE,
        "A bank account is below zero.",
        "It is a debt, and the cash position shows it as such.",
        values.overdrawn,
    ),
    Check(
        "negative_stock",
        _NOTE,
        "A variant's stock is below zero.",
        "More was sold than there was, or a delivery was not entered.",
        values.negative_stock,
    ),
)


OWN_CHECKS.reserve(lambda: {check.name for check in CHECKS})


def all_checks() -> list[Check]:
    """Return the checks of rutterframe, then those of other packages and of the program."""
    return [*CHECKS, *OWN_CHECKS.all()]


def checks_table(checks: Iterable[Check] = CHECKS) -> str:
    """Return a table of checks as Markdown, by default those of rutterframe.

    Parameters
    ----------
    checks : iterable of Check
        The checks, such as `all_checks()`, which has those of other packages as well.

    Examples
    --------
    >>> checks_table().splitlines()[0]
    '| check | severity | what a finding says | why it matters |'
    """
    lines = ["| check | severity | what a finding says | why it matters |", "| --- | --- | --- | --- |"]
    lines += [f"| `{check.name}` | {check.severity} | {check.meaning} | {check.reason} |" for check in checks]
    return "\n".join(lines)
