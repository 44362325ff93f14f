"""Templates of the dossier, one per part."""
