"""python3 appliquer_json.py avant.json ecarts.json apres.json : le même, en JSON."""

import json
import sys

avant, ecarts = (json.load(open(nom, encoding="utf-8")) for nom in sys.argv[1:3])
cle = lambda de: tuple("" if de[nom] is None else str(de[nom]) for nom in ecarts["cle"])
lignes = {cle(ligne): ligne for ligne in avant["results"]}
for ligne in ecarts["retirees"]:
    del lignes[cle(ligne)]
lignes.update((cle(ligne), ligne) for ligne in ecarts["ajoutees"])
for un in ecarts["changees"]:
    lignes[cle(un["cle"])].update((nom, champ["apres"]) for nom, champ in un["champs"].items())
noms, suite = ecarts["colonnes"]["apres"], open(sys.argv[3], "w", encoding="utf-8", newline="")
rangees = ({nom: lignes[une].get(nom) for nom in noms} for une in sorted(lignes))
texte = ",\n".join(json.dumps(ligne, ensure_ascii=False) for ligne in rangees)
tete = json.dumps(ecarts["entete"], ensure_ascii=False)[:-1] + ', "results": [\n'
suite.write(tete + texte + "\n" * bool(texte) + "]}\n")
