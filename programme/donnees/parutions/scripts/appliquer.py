"""python3 appliquer.py avant.csv ecarts.csv apres.csv : applique les écarts d’un jeu, en CSV."""

import csv
import re
import sys

csv.field_size_limit(1 << 30)
lus = [open(nom, encoding="utf-8-sig", newline="") for nom in sys.argv[1:3]]
(colonnes, *avant), (tete, *ecarts) = (list(csv.reader(lu)) for lu in lus)
places = [colonnes.index(nom) for nom in tete[1:-3]]
lignes = {tuple(ligne[n] for n in places): dict(zip(colonnes, ligne)) for ligne in avant}
for changement, *cle, champ, _, apres in ecarts:
    if changement == "colonnes":
        colonnes = apres.split("|")
    elif changement == "retirée":
        lignes.pop(tuple(cle), None)
    else:
        lignes.setdefault(tuple(cle), {})[champ] = apres
cite = lambda mot: '"{}"'.format(mot.replace('"', '""')) if re.search('[",\r\n]', mot) else mot
rangees = [colonnes, *([lignes[cle].get(nom, "") for nom in colonnes] for cle in sorted(lignes))]
suite = open(sys.argv[3], "w", encoding="utf-8-sig", newline="")
suite.writelines(",".join(map(cite, rangee)) + "\n" for rangee in rangees)
