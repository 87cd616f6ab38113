"""The charts of the portal: declared as numbers, drawn by the server, told by their own table.

`graphique(code)` is a chart of the registry as it is now; a template shows one by
`{% include "programme/graphiques/figure.html" with graphique=… only %}`, a file by its `svg`.
"""
