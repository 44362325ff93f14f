"""Everything that happened in the district, source by source, up to the demo day."""

from dataclasses import dataclass

from experiments.simulation import breaches
from experiments.simulation.arrays import stream
from experiments.simulation.breaches import Breaches
from experiments.simulation.civility import Participation, Traits
from experiments.simulation.config import SimulationConfig
from experiments.simulation.court import Court
from experiments.simulation.deeds import Deeds, honours_of_entities
from experiments.simulation.entities import Entities
from experiments.simulation.occurrences import Occurrences, concatenated
from experiments.simulation.world import World

_HONOUR_LEVELS = (0.70, 0.21, 0.075, 0.015)  # [P] district, city, province, nation
_BRAVERY_LEVELS = (0.75, 0.20, 0.05, 0.0)  # [P]


@dataclass(frozen=True, slots=True)
class Behaviours:
    """What each agency has to deliver, ordered by the day it became known."""

    municipal: Occurrences
    grid: Occurrences
    commitments: Occurrences
    ebike: Occurrences
    neighborhood: Occurrences
    platforms: Occurrences
    court: Occurrences
    volunteering: Occurrences
    hygiene: Occurrences
    compact: Occurrences
    self_discipline: Occurrences


def draw_behaviours(
    config: SimulationConfig,
    world: World,
    traits: Traits,
    joined: Participation,
    entities: Entities,
    *,
    seed: int,
    scale: float,
) -> Behaviours:
    """Draw deeds and breaches of the whole history; each source has a random stream of its own."""
    good, bad, civility = Deeds(config, world, traits, joined), Breaches(config, world, traits), config.civility
    grid, hazards = bad.hazards(stream(seed, "hazards"), entities.count)
    municipal = [
        bad.penalties(stream(seed, "penalties"), entities.count),
        good.honours(stream(seed, "honours"), breaches.HONOUR, civility.honour_rate, _HONOUR_LEVELS),
        good.honours(stream(seed, "bravery"), breaches.BRAVERY, civility.bravery_rate, _BRAVERY_LEVELS),
        honours_of_entities(stream(seed, "entity honours"), config, entities.count, breaches.HONOUR),
        bad.banned(stream(seed, "banned"), scale),
    ]

    def known(rows: Occurrences) -> Occurrences:
        return rows.known_before(config.history.end_day).in_known_order()

    return Behaviours(
        municipal=known(concatenated(municipal)),
        grid=known(grid),
        commitments=known(bad.commitments(stream(seed, "commitments"), entities.count)),
        ebike=known(bad.ebike(stream(seed, "e-bikes"))),
        neighborhood=known(good.neighborhood_points(stream(seed, "neighborhood points"))),
        platforms=known(concatenated([good.sign_ins(stream(seed, "sign-ins")), hazards])),
        court=known(Court(config, world, traits).everything(stream(seed, "court"), scale)),
        volunteering=known(good.volunteering(stream(seed, "volunteering"))),
        hygiene=known(good.hygiene(stream(seed, "hygiene"))),
        compact=known(good.compact(stream(seed, "compact"))),
        self_discipline=known(good.self_discipline(stream(seed, "self-discipline"))),
    )
