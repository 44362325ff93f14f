"""The households of a bank as one live model sees them, beside everything they are to be compared with."""

from collections.abc import Iterator
from functools import cached_property, lru_cache

from sqlalchemy import Connection

from loan_service.bank.stages.monitoring.inputs import Households, Standing
from loan_service.bank.store import model_monitoring as store
from loan_service.bank.store.promotions import Promotion
from models.arrays import Floats
from models.feature_spec import Kind, declared_features
from models.features import make_features
from models.monitoring import Figure, Levels, Population, Reference, on_the_card, population_figures, reference_of
from models.monitoring.population import Origin, SectorView, sector_rows
from models.scorecard import Scorecard


class ModelView:
    """One model's look at a bank's newest household file; there must be one."""

    def __init__(self, promotion: Promotion, connection: Connection, households: Households, levels: Levels) -> None:
        self._promotion = promotion
        self._connection = connection
        self._households = households
        self._levels = levels
        self._card = card_of(promotion.scorecard)
        self._spec = declared_features(kind_of(promotion))
        self.newest = households.files[0]
        self.before = households.files[1] if len(households.files) > 1 else None

    def figures(self) -> tuple[Figure, ...]:
        """Every figure of the population."""
        scored, season = self._households.first_scored(self._promotion.promoted_on), self._season()
        before = self._seen(self.before, "file_before") if self.before else None
        return population_figures(
            Population.of(self._card, self._values(self.newest)),
            self._levels,
            season=season,
            scored=self._seen(scored, "first_scored") if scored else None,
            # One file is not told twice, as the measure and as the file before.
            before=None if before and season and season.told == before.told else before,
            sectors=tuple(self._sectors()),
            learned=self._learned,
        )

    @cached_property
    def _last_year(self) -> Standing | None:
        return self._households.same_month_last_year(self._levels.stability.least_rows)

    @property
    def _learned(self) -> bool:
        """Whether the card was trained from a file; an expert's card was not."""
        return bool(self._promotion.data_sha256)

    def _season(self) -> Reference | None:
        """The same month a year earlier, else the training rows of the month, else what the card tells.

        An expert's card has no training rows: the first population it scored is its measure, and nothing before that.
        """
        if self._last_year is not None:
            return self._seen(self._last_year, "same_month_last_year")
        name, version = self._promotion.model_name, self._promotion.model_version
        kept = store.kept_reference(self._connection, name, version, self.newest.file.on.month)
        if kept is not None or self._learned:
            return kept or on_the_card(self._card)
        scored = self._households.first_scored(self._promotion.promoted_on)
        return self._seen(scored, "first_scored") if scored else None

    def _sectors(self) -> Iterator[SectorView]:
        """Every sector that has households now, with its references of enough rows."""
        values = self._values(self.newest)
        seasons = self._by_sector(self._last_year, "same_month_last_year")
        befores = self._by_sector(self.before, "file_before")
        for sector, rows in sector_rows(self._card, values).items():
            if rows.size >= self._levels.stability.least_rows:
                population = Population.of(self._card, values[rows])
                yield SectorView(sector, population, seasons.get(sector), befores.get(sector))

    def _by_sector(self, standing: Standing | None, origin: Origin) -> dict[str, Reference]:
        if standing is None:
            return {}
        values, told, groups = self._values(standing), f"{standing.file.on}", self._levels.stability.groups
        return {
            sector: reference_of(self._card, values[rows], origin, told, groups=groups)
            for sector, rows in sector_rows(self._card, values).items()
            if rows.size >= self._levels.stability.least_rows
        }

    def _seen(self, standing: Standing, origin: Origin) -> Reference:
        """A whole file as a reference."""
        told, groups = f"{standing.file.on}", self._levels.stability.groups
        return reference_of(self._card, self._values(standing), origin, told, groups=groups)

    def _values(self, standing: Standing) -> Floats:
        return self._card.check_features(make_features(self._households.as_seen(standing), self._spec))


def kind_of(promotion: Promotion) -> Kind:
    """The promotion's kind as the feature specification knows it."""
    return "full" if promotion.kind == "full" else "baseline"


@lru_cache(maxsize=16)
def card_of(text: str) -> Scorecard:
    """The card a promotion carries, read once."""
    return Scorecard.from_json(text)
