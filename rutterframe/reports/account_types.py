"""Types of accounts: which bank accounts are debts, and the side of the ledger that each type is on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import narwhals.stable.v2 as nw
import numpy as np

from rutterframe.reports.engine.frame import Frame, Native, collect, normalize_key, read_frame
from rutterframe.reports.engine.tick_arrays import to_floats
from rutterframe.reports.statuses import is_one_of

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")

# Any of these words makes an account cash, or a debt.
_CASH_WORDS = (
    "bank cash cd certificate checking cheque chequing current debit deposit depository gic giro market "
    "paypal prepaid saving savings sweep"
)
_DEBT_WORDS = "card cards heloc lines loan loans mortgage mortgages"
# The words of the whole type, joined.
_DEBT_TYPES = (
    "auto charge construction consumer credit creditcard creditcards creditfacility creditline debt "
    "homeequity installment lineofcredit loc overdraft revolver revolving revolvingcredit student"
)
_CASH = frozenset(_CASH_WORDS.split())
_DEBT = frozenset(_DEBT_WORDS.split())
_DEBTS = frozenset(_DEBT_TYPES.split())
#: The kinds of live bank accounts that are debts, and that of those that hold cash.
DEBT_KINDS = ("credit", "loan")
_CASH_KIND = "depository"
_ENDS = ("card", "creditline", "lineofcredit", "loan", "loans", "mortgage")

_ASSETS = (
    "accountsreceivable asset assets bank cash current currentasset currentassets fixed fixedasset "
    "fixedassets inventory noncurrent noncurrentasset noncurrentassets otherasset otherassets "
    "othercurrentasset othercurrentassets otherfixedasset prepayment"
)
_EXPENSES = (
    "cogs costofgoodssold costofsales depreciation depreciatn directcost directcosts expense expenses "
    "indirectcosts otherexpense otherexpenses overhead overheads"
)
_LIABILITIES = (
    "accountspayable creditcard currentliabilities currentliability currliab liabilities liability "
    "longtermliabilities longtermliability noncurrentliability othercurrentliability otherliability termliab"
)
_OWN = "equity income otherincome revenue revenues sales turnover"
_SIDES = {
    **dict.fromkeys(f"{_ASSETS} {_EXPENSES}".split(), 1),
    **dict.fromkeys(f"{_LIABILITIES} {_OWN}".split(), -1),
}


def normalize_type(word: str) -> str:
    """Write a type in lower case, its words joined by underscores.

    Examples
    --------
    >>> normalize_type("Cost of Goods Sold"), normalize_type("creditCard"), normalize_type("LINE-OF-CREDIT")
    ('cost_of_goods_sold', 'credit_card', 'line_of_credit')
    """
    return "_".join(_words(word)) or word


def side_of(word: str) -> int:
    """Return the sign with which accounts of a type count: assets and expenses 1, the other side -1, none 0.

    Examples
    --------
    >>> side_of("Asset"), side_of("cost_of_goods_sold"), side_of("income"), side_of("memo")
    (1, 1, -1, 0)
    """
    return _SIDES.get("".join(_words(word)), 0)


def ledger_side(word: str) -> int:
    """Return 1 for the type of an asset and -1 for that of a liability; 0 for any other type.

    Examples
    --------
    >>> ledger_side("Asset"), ledger_side("OTHER_LIABILITY"), ledger_side("expense"), ledger_side("memo")
    (1, -1, 0, 0)
    """
    word = "".join(_words(word))
    return (word in _ASSETS.split()) - (word in _LIABILITIES.split())


def kind_of(word: str) -> str:
    """Return what a type is: asset, liability, equity, revenue or expense; empty for any other type.

    Examples
    --------
    >>> kind_of("Bank"), kind_of("other_income"), kind_of("cost_of_goods_sold"), kind_of("memo")
    ('asset', 'revenue', 'expense', '')
    """
    joined = "".join(_words(word))
    if joined == "equity":
        return joined
    kinds = {"asset": _ASSETS, "liability": _LIABILITIES, "revenue": _OWN, "expense": _EXPENSES}
    return next((kind for kind, words in kinds.items() if joined in words.split()), "")


def is_debt(word: str) -> bool:
    """Return whether bank accounts of a type are cards, credit lines or loans.

    Examples
    --------
    >>> is_debt("Credit Card"), is_debt("LINE_OF_CREDIT"), is_debt("debit_card"), is_debt("checking")
    (True, True, False, False)
    """
    words = set(_words(word)) - {"account", "accounts"}
    whole = "".join(each for each in _words(word) if each in words)
    if whole in _DEBTS or words & (_DEBT - {"card", "cards", "lines"}):
        return True
    if {"credit"} < words and words & {"card", "cards", "line", "lines"}:
        return True
    return not words & _CASH and (bool(words & {"card", "cards"}) or whole.endswith(_ENDS))


def is_cash(word: str) -> bool:
    """Return whether bank accounts of a type are known to be cash.

    Examples
    --------
    >>> is_cash("Checking"), is_cash("money_market"), is_cash("brokerage")
    (True, True, False)
    """
    words = _words(word)
    return bool({*words, "".join(words)} & _CASH) and not is_debt(word)


def _words(word: str) -> list[str]:
    return [each.lower() for each in _WORD.findall(word)]


def types_of(frame: Frame) -> list[str | None]:
    """Return the types in a frame of accounts, each once, None for a missing one."""
    types = collect(frame.select(nw.col("type").cast(nw.String)).unique())
    return sorted(
        {normalize_key(word) for (word,) in types.iter_rows()}, key=lambda word: (word is None, word or "")
    )


def type_is_in(words: Iterable[str]) -> nw.Expr:
    """Return whether the type is one of some words, as the frame has them; a missing one is not."""
    types = list(words)
    if not types:
        # A literal would have no length, and an engine may refuse an empty list.
        return nw.col("type").is_null() & ~nw.col("type").is_null()
    return nw.col("type").cast(nw.String).is_in(types).fill_null(value=False)


def flag_debts(banks: Frame) -> nw.Expr:
    """Return whether each bank account is a card, a credit line or a loan; without types and kinds none is.

    A live account has a kind beside its type, which may name what a loan is for: a type such as "commercial"
    is that of a loan as well as of an account that holds cash.
    """
    columns = banks.collect_schema().names()
    flags = []
    if "type" in columns:
        flags.append(type_is_in(word for word in types_of(banks) if word is not None and is_debt(word)))
    if "kind" in columns:
        flags.append(is_one_of(DEBT_KINDS, "kind"))
    if not flags:
        return nw.lit(value=False)
    return flags[0] if len(flags) == 1 else flags[0] | flags[1]


def filter_cash(bank_accounts: Native) -> Native:
    """Return the bank accounts that hold cash: cards, credit lines and loans are debts.

    Parameters
    ----------
    bank_accounts : DataFrame
        Bank accounts, of any engine; without ``type`` all of them are cash.

    Examples
    --------
    >>> import pandas as pd
    >>> banks = pd.DataFrame({"id": ["1", "2"], "type": ["checking", "Credit card"]})
    >>> filter_cash(banks)["id"].tolist()
    ['1']
    """
    banks = read_frame(bank_accounts, (), kind="bank_accounts")
    if not {"type", "kind"} & {*banks.collect_schema().names()}:
        return bank_accounts
    return banks.filter(~flag_debts(banks)).to_native()


def notes_on_banks(banks: Frame) -> list[str]:
    """Note missing balances, and the types that were taken as cash; only pandas carries notes."""
    if not isinstance(banks, nw.DataFrame) or not banks.implementation.is_pandas():
        return []
    missing = int(np.isnan(to_floats(banks["balance"].to_native())).sum())
    notes = [f"Bank accounts without a balance, counted as zero: {missing:,}."] if missing else []
    if not {"type", "kind"} & {*banks.columns}:
        text = "bank_accounts has no column 'type': every account is taken as cash, cards and loans too."
        return [*notes, text]
    unknown: Counter[str] = Counter()
    types, kinds = (
        banks[name].to_list() if name in banks.columns else [None] * len(banks) for name in ("type", "kind")
    )
    for value, kind in zip(types, kinds, strict=True):
        word, known = normalize_key(value), normalize_key(kind)
        if known is not None and normalize_type(known) in {*DEBT_KINDS, _CASH_KIND}:
            continue
        if word is None or not (is_cash(word) or is_debt(word)):
            unknown["without a type" if word is None else repr(word)] += 1
    if unknown:
        words = ", ".join(f"{number:,} {word}" for word, number in sorted(unknown.items()))
        notes.append(f"Bank accounts of an unknown type or none, taken as cash: {words}.")
    return notes
