"""One read model per noun of the district, used by api, pages and cli alike."""
