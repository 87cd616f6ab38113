"""Write what was read: only what changed, and never over an officer's work.

Two kinds of models:

* reference rows (communes, employment basins…) are the file's own: whatever differs is rewritten;
* rows with a history are edited by officers. `LigneChargee` keeps what the last load wrote, so
  that three texts meet for each column: the last loaded, today's record, the file's. A column
  that only the file changed is updated; one that an officer changed stays, and is named.

Nothing is ever deleted by a load, nor made again after an officer deleted it; nor is anything
written on a record that was merged in another, or on what was left under it.
"""

from collections import Counter
from dataclasses import dataclass, field

from territoires.chargement import liens
from territoires.chargement.cles import REMPLACE_PAR, EnCours, se_remplace
from territoires.chargement.lecture import ValeurRefusee, en_erreur, lecteur, lire
from territoires.chargement.refus import nommer_la_ligne
from territoires.fusion import INCONNU, Verdict, merge
from territoires.models import LigneChargee
from territoires.occultes import porte_marque, remettrait, semblable

BATCH = 1000
PREMIER = "chargement initial"
SUIVANT = "chargement des données"


@dataclass
class Bilan:
    """What a load did to one file's rows: counts, and sentences on what it left alone."""

    fichier: str
    comptes: Counter = field(default_factory=Counter)
    remarques: list = field(default_factory=list)

    @property
    def a_change(self):
        return bool(self.comptes["créées"] or self.comptes["modifiées"])

    def __str__(self):
        words = ("créées", "modifiées", "inchangées")
        counts = [(self.comptes[word], word) for word in words if self.comptes[word]]
        shown = [f"{n} {word if n > 1 else word.removesuffix('s')}" for n, word in counts]
        return f"{self.fichier} : {', '.join(shown) or 'aucune ligne'}"


def charger(fichier, dossier, cles, avancer=lambda n: None):
    """Load one file inside the caller's transaction; `avancer(n)` is told of n rows done.

    Returns a `Bilan`. Raises `ErreurDeChargement`, naming the line, when a value or the database
    refuses a row.
    """
    lignes = lire(fichier, dossier, cles)
    if fichier.controler:
        instances = [_instance(fichier, ligne) for ligne in lignes]
        if refus := [(lignes[n].numero, *told) for n, *told in fichier.controler(instances)]:
            raise en_erreur(fichier, refus)
    bilan = Bilan(fichier.nom)
    write = _charger_suivi if fichier.suivi else _charger_reference
    write(fichier, lignes, cles, bilan, avancer)
    if bilan.a_change:
        cles.oublier(fichier.modele)
    return bilan


def _instance(fichier, ligne):
    """The unsaved record that a row describes, without its many-to-many."""
    values = {fichier.champ(c).attname: ligne.valeurs[c] for c in fichier.simples}
    return fichier.modele(**values, **fichier.fixes)


def _ecrire(fichier, lignes, instances, write, avancer):
    """Write the records of `lignes` with `write(objects)`, by batches; return what it returns."""
    written = []
    for start in range(0, len(lignes), BATCH):
        rows, batch = lignes[start : start + BATCH], instances[start : start + BATCH]
        with nommer_la_ligne(fichier, rows, batch):
            written += write(batch)
        avancer(len(batch))
    return written


# --- Reference rows ---------------------------------------------------------------------------


def _charger_reference(fichier, lignes, cles, bilan, avancer):
    manager = fichier.modele._base_manager
    pk = fichier.modele._meta.pk.attname
    names = [fichier.champ(c).attname for c in fichier.simples]
    key = [fichier.champ(c).attname for c in fichier.cle]
    stored = {tuple(row[n] for n in key): row for row in manager.values(pk, *names)}
    linked = {c: liens.en_base(fichier.modele, c) for c in fichier.multiples}
    nouvelles, modifiees = [], []
    for ligne in lignes:
        instance = _instance(fichier, ligne)
        row = stored.get(tuple(getattr(instance, n) for n in key))
        if row is None:
            nouvelles.append((ligne, instance))
        elif any(getattr(instance, n) != row[n] for n in names) or any(
            ligne.valeurs[c] != linked[c].get(row[pk], frozenset()) for c in fichier.multiples
        ):
            instance.pk, instance._state.adding = row[pk], False
            modifiees.append((ligne, instance))
    same = len(lignes) - len(nouvelles) - len(modifiees)
    bilan.comptes.update(créées=len(nouvelles), modifiées=len(modifiees), inchangées=same)
    avancer(same)

    def overwrite(instances):
        return manager.bulk_create(
            instances,
            update_conflicts=True,
            unique_fields=[pk],
            update_fields=[c for c in fichier.simples if c not in fichier.cle],
        )

    for found, write in ((nouvelles, manager.bulk_create), (modifiees, overwrite)):
        rows, instances = [p[0] for p in found], [p[1] for p in found]
        written = _ecrire(fichier, rows, instances, write, avancer)
        for colonne in fichier.multiples:
            wanted = {o.pk: li.valeurs[colonne] for li, o in zip(rows, written, strict=True)}
            liens.remplacer(fichier.modele, colonne, wanted)
    if extra := len(stored) + len(nouvelles) - len(lignes):
        bilan.remarques.append(f"lignes en base et absentes du fichier, conservées : {extra}.")


# --- Rows that officers edit ------------------------------------------------------------------


def _charger_suivi(fichier, lignes, cles, bilan, avancer):
    chargees = {c.cle: c for c in LigneChargee.objects.filter(fichier=fichier.nom)}
    stored = {str(pk) for pk in fichier.modele._base_manager.values_list("pk", flat=True)}
    nouvelles, modifiees = [], []
    for ligne in lignes:
        chargee = chargees.pop(ligne.cle, None) or _masquee(chargees, ligne)
        if chargee is None:
            nouvelles.append(ligne)
        elif chargee.objet not in stored:
            bilan.remarques.append(
                f"« {ligne.cle} » a été supprimé par un agent : il n’est pas recréé."
            )
            avancer(1)
        elif chargee.valeurs == ligne.textes:
            bilan.comptes["inchangées"] += 1
            avancer(1)
        else:
            modifiees.append((ligne, chargee))
    bilan.remarques += [
        f"« {cle} » n’est plus dans le fichier : l’enregistrement est conservé." for cle in chargees
    ]
    nouvelles = _adopter(fichier, nouvelles, bilan, avancer) if stored else nouvelles
    for ligne in nouvelles:
        _dire_remplacees(fichier, ligne, cles, bilan)
    for rang in _par_rang(fichier, nouvelles):
        _creer_avec_historique(fichier, rang, bilan, avancer)
    retirees = _remplacees(fichier) if modifiees else {}
    for ligne, chargee in modifiees:
        if kept := retirees.get(chargee.objet):
            bilan.remarques.append(
                f"« {ligne.cle} » a été fusionné dans « {kept} » : rien n’est écrit sur ce qui a "
                "été retiré. Reportez ce qui change sur la ligne de la fiche gardée."
            )
            bilan.comptes["inchangées"] += 1
        else:
            _dire_remplacees(fichier, ligne, cles, bilan)
            _nommer_les_creees(fichier, ligne)
            _fusionner(fichier, ligne, chargee, cles, bilan)
        avancer(1)


def _remplacees(fichier):
    """{key of a record, as text: what was kept for it, or for the one that it belongs to}."""
    modele = fichier.modele
    owners = [c for c in fichier.cle if se_remplace(fichier.champ(c).related_model)]
    paths = [""] * se_remplace(modele) + [f"{c}__" for c in owners]
    found = {}
    for path in paths:
        rows = modele._base_manager.filter(**{f"{path}{REMPLACE_PAR}__isnull": False})
        for row in rows.select_related(f"{path}{REMPLACE_PAR}"):
            owner = getattr(row, path.removesuffix("__")) if path else row
            found[str(row.pk)] = getattr(owner, REMPLACE_PAR)
    return found


def _dire_remplacees(fichier, ligne, cles, bilan):
    """Say which names of a row are those of a record that was merged, and as what they are read."""
    for colonne in fichier.simples:
        text = ligne.textes[colonne]
        if kept := cles.remplacant(fichier, colonne, text):
            bilan.remarques.append(
                f"« {ligne.cle} » : {colonne} « {text} » a été fusionné dans « {kept} », et se lit "
                "comme lui. Écrivez le code de la fiche gardée."
            )


def _masquee(chargees, ligne):
    """The row that `ligne` was, when what was masked is part of its key; None without one."""
    for cle in chargees:
        if porte_marque(cle) and semblable(cle, ligne.cle):
            return chargees.pop(cle)
    return None


def _par_rang(fichier, lignes):
    """`lignes` in groups to be written in turn, a row after those of its file that it names."""
    reste = list(lignes)
    while reste:
        attendues = {ligne.cle for ligne in reste}
        rang = [li for li in reste if not any(li.textes[c] in attendues for c in fichier.internes)]
        if not rang:
            phrase = "des lignes se nomment en rond. Videz l’une d’elles."
            raise en_erreur(fichier, [(reste[0].numero, fichier.internes[0], phrase)])
        for ligne in rang:
            _nommer_les_creees(fichier, ligne)
        yield rang
        written = {ligne.numero for ligne in rang}
        reste = [ligne for ligne in reste if ligne.numero not in written]


def _nommer_les_creees(fichier, ligne):
    """Put the keys of records where a row names others of its file, which are written by now."""
    for colonne in fichier.internes:
        if isinstance(ligne.valeurs[colonne], EnCours):
            known = LigneChargee.objects.get(fichier=fichier.nom, cle=ligne.textes[colonne])
            ligne.valeurs[colonne] = fichier.modele._meta.pk.to_python(known.objet)


def _creer_avec_historique(fichier, lignes, bilan, avancer):
    histories = []

    def create(instances):
        created = fichier.modele.objects.bulk_create(instances, batch_size=BATCH)
        records = fichier.modele.history
        histories.extend(
            records.bulk_history_create(created, batch_size=BATCH, default_change_reason=PREMIER)
        )
        return created

    instances = [_instance(fichier, ligne) for ligne in lignes]
    made = _ecrire(fichier, lignes, instances, create, avancer)
    for colonne in fichier.multiples:
        wanted = {o.pk: ligne.valeurs[colonne] for ligne, o in zip(lignes, made, strict=True)}
        liens.remplacer(fichier.modele, colonne, wanted)
    liens.historiser(fichier.modele, fichier.multiples, histories)
    _noter(fichier, zip(lignes, (o.pk for o in made), strict=True))
    bilan.comptes["créées"] += len(made)


def _noter(fichier, paires):
    """Remember the rows of `paires`, (row, key of its record)."""
    LigneChargee.objects.bulk_create(
        [
            LigneChargee(fichier=fichier.nom, cle=li.cle, objet=str(pk), valeurs=li.textes)
            for li, pk in paires
        ],
        batch_size=BATCH,
    )


def _adopter(fichier, lignes, bilan, avancer):
    """Set apart the rows whose record an officer already made by hand; return the others."""
    key = [fichier.champ(c).attname for c in fichier.cle]
    rows = fichier.modele._base_manager.values_list("pk", *key)
    stored = {tuple(values): pk for pk, *values in rows}
    new, adopted = [], []
    for ligne in lignes:
        pk = stored.get(tuple(ligne.valeurs[c] for c in fichier.cle))
        if pk is None:
            new.append(ligne)
        else:
            adopted.append((ligne, pk))
            bilan.remarques.append(
                f"« {ligne.cle} » existait déjà, saisi par un agent : il est conservé tel quel."
            )
    _noter(fichier, adopted)
    bilan.comptes["inchangées"] += len(adopted)
    avancer(len(adopted))
    return new


def _fusionner(fichier, ligne, chargee, cles, bilan):
    """Bring a changed row of the file into its record, column by column."""
    instance = fichier.modele._base_manager.get(pk=chargee.objet)
    changed, kept, masked = [], [], []
    for colonne, text in ligne.textes.items():
        if chargee.valeurs.get(colonne) == text:
            continue
        now = (
            liens.actuels(instance, colonne)
            if colonne in fichier.multiples
            else getattr(instance, fichier.champ(colonne).attname)
        )
        before = _relire(fichier, colonne, chargee.valeurs.get(colonne), cles)
        verdict = merge(before, now, ligne.valeurs[colonne]).verdict
        if remettrait(now, ligne.valeurs[colonne]):
            masked.append(colonne)
        elif verdict is Verdict.SAISI:
            changed.append(colonne)
        elif verdict in {Verdict.REPRIS, Verdict.CONFLIT}:
            kept.append(colonne)
    if changed:
        _modifier(fichier, ligne, instance, changed)
    if kept:
        bilan.remarques.append(
            f"« {ligne.cle} » : {', '.join(kept)} modifié par un agent depuis le dernier "
            "chargement, sa saisie est conservée."
        )
    if masked:
        bilan.remarques.append(
            f"« {ligne.cle} » : {', '.join(masked)} contient une donnée occultée, que le fichier "
            "remettrait : l’enregistrement est conservé. Retirez-la du fichier, en y écrivant ce "
            "que dit l’enregistrement."
        )
    # A column kept keeps its old text here too: it is said again until the two agree.
    chargee.valeurs = ligne.textes | {c: chargee.valeurs.get(c) for c in kept + masked}
    chargee.save()
    bilan.comptes["modifiées" if changed else "inchangées"] += 1


def _modifier(fichier, ligne, instance, colonnes):
    for colonne in colonnes:
        if colonne not in fichier.multiples:
            setattr(instance, fichier.champ(colonne).attname, ligne.valeurs[colonne])
    instance._change_reason = SUIVANT
    with nommer_la_ligne(fichier, [ligne], [instance]):
        instance.save()
    for colonne in colonnes:
        if colonne in fichier.multiples:
            getattr(instance, colonne).set(ligne.valeurs[colonne])


def _relire(fichier, colonne, text, cles):
    """The value that a text loaded before stands for; `INCONNU` when it means nothing now."""
    champ = fichier.champ(colonne)
    if text is None:  # the file did not have this column
        return frozenset() if champ.many_to_many else champ.get_default()
    try:
        return lecteur(fichier, colonne, cles.pour(fichier, colonne, ()))(text)
    except ValeurRefusee:
        return INCONNU
