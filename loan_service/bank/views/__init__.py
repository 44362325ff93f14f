"""One read model per noun of the bank, used by api, pages and cli alike."""
