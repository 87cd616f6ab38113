"""What was measured, as tables that people read."""

from collections.abc import Iterator

NOMS = {
    "csv": "CSV du portail, compté, neutralisé, avec empreinte",
    "json": "JSON du portail",
    "geojson": "GeoJSON du portail",
    "xlsx": "XLSX du portail",
    "valeurs": "CSV des valeurs des communes",
    "pair_sqlite3": "`sqlite3 -csv`, le même SELECT",
    "pair_iterateur": "`iterator()` et une ligne à la fois (documentation de Django)",
    "pair_import_export": "django-import-export, CSV",
    "pair_openpyxl": "openpyxl `write_only`, XLSX",
    "pair_datasette": "Datasette `_stream`, CSV",
    "tout": "`psql COPY`, tous les projets, tels quels",
    "tout_neutralise": "`psql COPY`, tous les projets, neutralisés comme ici",
    "restreint": "`psql COPY`, 100 000 projets au plus",
    "restreint_neutralise": "le même, neutralisé",
    "valeurs_limite": "`psql COPY`, les valeurs des communes",
    "valeurs_neutralise": "le même, neutralisé",
}
BASES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}


def written(found):
    """The Markdown of a run."""
    machine = found["machine"]
    lines = [
        f"# Mesures à {_count(found['projets'])} projets",
        "",
        f"Le {found['le']} : {machine['coeurs']} cœurs partagés ({machine['processeur']}), Python",
        f"{machine['python']}, en tours alternés. La médiane, puis le plus court et le plus long.",
        "Les secondes changent avec la machine : seuls les rapports se comparent.",
        "",
        f'    make bench ARGS="--lignes {found["projets"]}"',
    ]
    for name, (title, rows) in PARTIES.items():
        if part := found["parties"].get(name):
            rounds = f", {part['tours']} tours" if part["tours"] > 1 else ""
            lines += ["", f"## {title}{rounds}", "", *rows(part["mesures"])]
    return "\n".join(lines) + "\n"


def _files(part) -> Iterator[str]:
    yield (
        "Rapport : le temps de `psql COPY` des mêmes lignes, telles quelles, sur celui du fichier "
        "(1 : la limite). Entre parenthèses, contre un `psql COPY` qui neutralise comme le portail."
    )
    yield ""
    yield from _table("", "rapport", "secondes", "premier octet", "mémoire +", "Mo")
    for name, told in part["limites"].items():
        yield _row(NOMS.get(f"{name}_limite", NOMS[name]), 1, _seconds(told), "", "", "")
    for base, kinds in part.items():
        if base == "limites":
            continue
        for name, told in kinds.items():
            neutral = told.get("rapport_neutralise")
            yield _row(
                f"{BASES[base]} : {NOMS[name]}",
                f"{_number(told['rapport'])}{f' ({_number(neutral)})' if neutral else ''}",
                _seconds(told),
                f"{_number(told['premier_octet_s'])} s",
                f"{_number(told['memoire_mo'])} Mo",
                _number(round(told["octets"] / 1e6, 1)),
            )


def _pages(part) -> Iterator[str]:
    yield (
        "Secondes d’une page faite à neuf, puis combien de fois plus que la même à 2 000 projets ; "
        f"gardée, 304 : la vitesse d’une vue vide ({_number(part['vide_s'])} s), 1 est la limite."
    )
    yield ""
    yield from _table("page", "2 000", "grande base", "fois", "gardée", "304", "Datasette, fois")
    for name, told in part["grande"].items():
        yield _row(
            name,
            _seconds(part["petite"][name]["neuve"]),
            _seconds(told["neuve"]),
            _number(part["contre_petite"][name]),
            _number(told["gardee"]["rapport"]),
            _number(told["304"]["rapport"]),
            _number(part["datasette"][name]["secondes"] / told["neuve"]["secondes"])
            if name in part["datasette"]
            else "",
        )


def _imports(part) -> Iterator[str]:
    yield from _table(
        "", "lignes", "lire", "appliquer", "rapport", "un collègue attend", "mémoire +"
    )
    for base, steps in part.items():
        for name in ("ajouter", "modifier", "rien"):
            told = steps[name]
            applied = told.get("appliquer", {})
            yield _row(
                f"{BASES[base]} : {name}",
                _count(told["lignes"]),
                f"{_number(told['lire']['secondes'])} s",
                f"{_number(applied['secondes'])} s" if applied else "",
                _number(applied["rapport"]) if applied else "",
                f"{_number(max(told['lire']['collegue_s'], applied.get('collegue_s', 0)))} s",
                f"{_number(max(told['lire']['memoire_mo'], applied.get('memoire_mo', 0)))} Mo",
            )


def _robot(part) -> Iterator[str]:
    yield (
        "Un robot suit les liens d’un visiteur et les déforme. Fautes : une réponse 5xx, ou un "
        "refus sans phrase. Les plus longues à répondre, une par sorte de page, faites à neuf."
    )
    yield ""
    yield from _table("", "demandes", "fautes", "secondes", "demande")
    for base, told in part.items():
        counts = _count(told["demandes"]), _count(len(told["fautes"]))
        for seconds, asked in told["lentes"]:
            shown = asked.replace("|", "%7C").replace("`", "%60")
            yield _row(BASES[base], *counts, _number(seconds), f"`{shown}`")


def _table(*heads) -> Iterator[str]:
    yield _row(*heads)
    yield _row("---", *("---:" for _ in heads[1:]))


def _row(*cells):
    return f"| {' | '.join(map(str, cells))} |"


def _seconds(told):
    low, high = told["de_a"]
    return f"{_number(told['secondes'])} ({_number(low)}–{_number(high)})"


def _number(value):
    """Three digits that count, with a comma."""
    return f"{value:.3g}".replace(".", ",") if value < 1000 else _count(value)


def _count(value):
    return f"{value:,.0f}".replace(",", "\u00a0")


PARTIES = {
    "fichiers": ("Fichiers", _files),
    **{f"pages_{base}": (f"Pages, {title}", _pages) for base, title in BASES.items()},
    "imports": ("Import d’un fichier", _imports),
    "robot": ("Demandes hostiles", _robot),
}
"""{part: (its title, what writes its table)}."""
