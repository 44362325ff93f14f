"""One module per source: eleven feeds, two registers, the ledger of consents."""
