"""The district wing: agencies' files become events, a points ledger, a civility index and its certificates."""
