"""Every chart of the portal, by its code: pages, citations and embeds read the same."""

from programme.catalogue.graphiques import carte, contrats, fonds, promesses, regions
from programme.catalogue.graphiques.declaration import Declaration, Graphique


def _du_fonds(make):
    return lambda: make(fonds.fonds())


DECLARATIONS = {
    declaration.code: declaration
    for declaration in (
        Declaration(
            "fonds-renseignements",
            "Ce que disent les projets du fonds",
            "fonds",
            _du_fonds(fonds.renseignements),
        ),
        Declaration(
            "fonds-investissements",
            "Investissements dits par les projets du fonds",
            "fonds",
            _du_fonds(fonds.investissements),
        ),
        Declaration(
            "fonds-par-region", "Projets du fonds par région", "fonds", _du_fonds(fonds.par_region)
        ),
        Declaration(
            "fonds-par-filiere",
            "Projets du fonds par filière",
            "fonds",
            _du_fonds(fonds.par_filiere),
        ),
        Declaration(
            "fonds-par-taille",
            "Projets du fonds par taille d’entreprise",
            "fonds",
            _du_fonds(fonds.par_taille),
        ),
        Declaration(
            "fonds-par-annee",
            "Projets du fonds par année de la liste",
            "fonds",
            _du_fonds(fonds.par_annee),
        ),
        Declaration(
            "programme-territoires",
            "Territoires, annonce après annonce",
            "territoires",
            carte.croissance,
        ),
        Declaration(
            "contrats-signes", "Protocoles et contrats signés", "contrats", contrats.signatures
        ),
        Declaration(
            "contrats-renseignements",
            "Ce que disent les contrats publiés",
            "contrats",
            contrats.renseignements,
        ),
        Declaration("regions-projets", "Projets par région", "regions", regions.projets),
        Declaration("regions-contrats", "Contrats publiés par région", "regions", regions.contrats),
        Declaration(
            "promesses-par-operateur",
            "Engagements par opérateur",
            "operateurs",
            promesses.par_operateur,
        ),
        Declaration(
            "promesses-dans-le-temps",
            "Engagements dans le temps",
            "operateurs",
            promesses.dans_le_temps,
        ),
    )
}


def graphique(code) -> Graphique:
    """The chart of this code, as it is now. Raises KeyError for a code that is not declared."""
    return DECLARATIONS[code].faire()
