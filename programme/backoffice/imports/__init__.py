"""Import of whole files, and their export: read, compared, shown row by row, applied at once.

Our own rather than django-import-export: that one keeps whole files as instances in memory,
makes several queries a row, shows no change field by field, and knows neither perimeter, lock nor
version.
"""
