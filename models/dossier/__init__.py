"""The dossier of a registered model: facts first, then pages.

`facts_of` computes one tree of figures from the registered version, `render` only formats it, `differences` compares
two trees figure by figure. The package is pure: it reads its own wording and nothing else.
"""

from models.dossier.canonical import Difference, DossierFacts, differences, figures
from models.dossier.facts import facts_of
from models.dossier.inputs import Case, Papers

__all__ = ["Case", "Difference", "DossierFacts", "Papers", "differences", "facts_of", "figures"]
