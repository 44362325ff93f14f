"""What the doors of both wings share: languages, pages, problems, paging, safe headers.

Nothing here knows a person, a household or a bank: it turns what views return into answers people and programs read.
"""
