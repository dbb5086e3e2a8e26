"""The books of two made-up companies: their orders, invoices, bills, expenses, ledgers and bank accounts."""
