"""A personal datum is masked wherever the portal keeps it: `mots` says how it is found and what
takes its place, `portee` where it is looked for, `acte` does it.
"""
