"""python3 verifier.py : compare les fichiers de ce dossier à ceux que manifeste.json annonce."""

import hashlib
import json
import sys
from pathlib import Path

fautes = 0
for un in json.loads(Path("manifeste.json").read_text(encoding="utf-8"))["fichiers"]:
    nom = next((nom for nom in (un["nom"], un.get("telecharge")) if nom and Path(nom).exists()), "")
    octets = Path(nom).read_bytes() if nom else b""
    if not nom or hashlib.sha256(octets).hexdigest() == un["sha256"]:
        print(un["nom"], ": intact" if nom else ": absent")
        continue
    taille, fautes = f"{len(octets)} octets au lieu de {un['octets']}", fautes + 1
    zip_refait = octets[:2] == b"PK" and octets[-22:-18] == b"PK\5\6"
    coupe = len(octets) < un["octets"] and not zip_refait
    print(nom, ": coupé," if coupe else ": recompressé," if zip_refait else ": modifié,", taille)
sys.exit(bool(fautes))
