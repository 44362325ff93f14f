"""Editions of dated rules: proposed by one, assessed, approved by another, in force from a day, perhaps backed out.

    files -> examined (checks, cases, impact assessment) -> proposed -> approved -> in force -> perhaps backed out

Rulebooks of the district and lending policies of banks live the same life: each brings its tables' name, the words in
which refusals speak, and how its files are read. A *series* keeps editions apart that never replace one another, such
as those of two banks.
"""
