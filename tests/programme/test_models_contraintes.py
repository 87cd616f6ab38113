"""What must never be false of the programme's records, refused by the database itself."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from programme.models import Precision
from tests import factories as f
from tests.regles import assert_refused, constraints_of

pytestmark = pytest.mark.django_db

JOUR = date(2019, 4, 30)
SEANCE = "Ce comité a déjà une séance à cette date."
CIBLE = "Un document se rattache à un territoire, un contrat, un projet ou une séance."


def national_seance(**kwargs):
    return f.SeanceFactory(comite_regional=None, **kwargs)


def seance_comite():
    message = "Une séance est celle d’un comité régional ou du comité national."
    return f.SeanceFactory(), {"comite_national": f.ComiteNationalFactory()}, message


def seance_regionale():
    first = f.SeanceFactory(date=JOUR)
    other = f.SeanceFactory(comite_regional=first.comite_regional, date=date(2019, 5, 1))
    return other, {"date": JOUR}, SEANCE


def seance_nationale():
    first = national_seance(comite_national=f.ComiteNationalFactory(), date=JOUR)
    other = national_seance(comite_national=first.comite_national, date=date(2019, 5, 1))
    return other, {"date": JOUR}, SEANCE


def decision_contrat():
    message = "Nommez le contrat que la séance valide."
    return f.DecisionFactory(), {"type": "valider un contrat"}, message


def decision_projet():
    message = "Nommez le projet que la séance valide."
    return f.DecisionFactory(), {"type": "valider un projet"}, message


def decision_territoire():
    message = "Nommez le territoire que la séance ajuste."
    return f.DecisionFactory(), {"type": "ajuster la carte"}, message


def contrat_fusionne():
    message = "Ce contrat est fusionné dans un autre, qui le remplace : il ne se publie plus."
    return f.ContratFactory(), {"absorbe_par": f.ContratFactory()}, message


def projet_fusionne():
    message = "Ce projet est fusionné dans un autre, qui le remplace : il ne se publie plus."
    return f.ProjetFactory(), {"absorbe_par": f.ProjetFactory()}, message


def contrat_precision():
    message = "La précision va avec une date de signature."
    return f.ContratFactory(), {"date_signature": None}, message


def contrat_date():
    message = "Dites ce que vaut la date de signature : sa précision."
    return f.ContratFactory(), {"precision_signature": ""}, message


def contrat_seance():
    row = f.ContratFactory(date_signature=None, precision_signature="")
    message = "Un contrat validé en comité nomme la séance."
    return row, {"statut": "validé en comité"}, message


def contrat_statut():
    message = "Un contrat qui a une date de signature n’est plus en préparation."
    return f.ContratFactory(), {"statut": "en préparation"}, message


def contrat_fin():
    row = f.ContratFactory(date_signature=date(2019, 12, 9))
    message = "L’achèvement ne précède pas la signature."
    return row, {"date_fin": date(2019, 12, 8)}, message


def contrat_meme_acte():
    row = f.ContratFactory()
    return row, {"meme_acte_que": row}, "Nommez un autre acte que celui-ci."


def signataire():
    first = f.SignataireFactory()
    other = f.SignataireFactory(contrat=first.contrat, nom=first.nom)
    return other, {"organisme": first.organisme}, "Ce signataire est déjà dans la liste."


def avenant():
    first = f.AvenantFactory()
    other = f.AvenantFactory(contrat=first.contrat)
    return other, {"numero": first.numero}, "Ce contrat a déjà un avenant de ce numéro."


def projet_siren():
    return f.ProjetFactory(), {"siren": "81056510"}, "Le SIREN compte neuf chiffres, sans espace."


def projet_point():
    message = "Donnez la longitude et la latitude, ou aucune des deux."
    return f.ProjetFactory(), {"lat": None}, message


def projet_point_ecarte():
    message = (
        "Un projet localisé par son code postal n’a pas de point : videz la longitude et la "
        "latitude, ou dites-le localisé par ses coordonnées."
    )
    return f.ProjetFactory(), {"localisation": "code postal"}, message


def enveloppe_regionale():
    region = f.RegionFactory()
    first = f.EnveloppeFactory(region=region)
    message = "Cette région a déjà cette enveloppe pour cette année."
    return f.EnveloppeFactory(region=region), {"intitule": first.intitule}, message


def enveloppe_nationale():
    first = f.EnveloppeFactory()
    message = "Cette enveloppe nationale existe déjà pour cette année."
    return f.EnveloppeFactory(), {"intitule": first.intitule}, message


def financeur_regional():
    message = (
        "Une région enregistre une Région, une autre collectivité ou un financeur privé : l’État, "
        "l’Union européenne et les opérateurs sont de tout le pays."
    )
    return f.FinanceurFactory(region=f.RegionFactory()), {"type": "État"}, message


def financement_enveloppe():
    first = f.FinancementFactory()
    other = f.FinancementFactory(projet=first.projet, enveloppe=first.enveloppe)
    message = "Ce projet a déjà un financement de ce financeur sur cette enveloppe."
    return other, {"financeur": first.financeur}, message


def financement_hors_enveloppe():
    first = f.FinancementFactory(enveloppe=None)
    other = f.FinancementFactory(projet=first.projet, enveloppe=None)
    message = "Ce projet a déjà un financement de ce financeur hors enveloppe."
    return other, {"financeur": first.financeur}, message


def financement_verse():
    row = f.FinancementFactory(montant_accorde_eur=300_000)
    message = "Le montant versé ne dépasse pas le montant accordé."
    return row, {"montant_verse_eur": 300_001}, message


def chiffre():
    first = f.ChiffreAnnonceFactory()
    message = "Ce chiffre est déjà enregistré à cette date."
    return f.ChiffreAnnonceFactory(), {"indicateur": first.indicateur}, message


def confrontation_sources():
    row = f.ConfrontationFactory()
    message = "Une confrontation oppose deux sources différentes."
    return row, {"source_b": row.source_a}, message


def confrontation_date_a():
    message = "Une date et sa précision vont ensemble."
    return f.ConfrontationFactory(), {"precision_a": ""}, message


def confrontation_date_b():
    message = "Une date et sa précision vont ensemble."
    return f.ConfrontationFactory(), {"precision_b": Precision.JOUR}, message


def jalon():
    first = f.JalonFactory()
    message = "Ce jalon est déjà enregistré à cette date."
    return f.JalonFactory(), {"intitule": first.intitule}, message


def personne():
    first = f.PersonneFactory()
    message = "Cette personne est déjà enregistrée dans cette fonction à cette date."
    return f.PersonneFactory(), {"nom": first.nom}, message


def affirmation_operateur():
    message = "Nommez l’opérateur dont parle cette affirmation."
    return f.AffirmationFactory(), {"rubrique": "opérateur"}, message


def affirmation_personne():
    message = "Nommez la personne qui fait cette déclaration."
    return f.AffirmationFactory(), {"rubrique": "déclaration"}, message


def terme_page():
    message = "La page est une adresse de ce site, qui commence par « / »."
    return f.TermeFactory(), {"page": "https://exemple.fr/"}, message


def document_fichier():
    message = "Donnez un fichier ou une adresse, l’un des deux."
    return f.DocumentFactory(), {"fichier": "documents/2019/a.pdf"}, message


def document_objet():
    return f.DocumentFactory(), {"contrat": f.ContratFactory()}, CIBLE


def document_meme_fichier():
    first = f.DocumentFactory(url="", fichier=ContentFile(b"%PDF-1.4", "bilan.pdf"))
    other = f.DocumentFactory(url="", fichier=ContentFile(b"%PDF-1.4", "bilan.pdf"))
    message = "Ce fichier est déjà celui d’un autre document."
    return other, {"fichier": first.fichier.name}, message


def proposition_date():
    message = "Une proposition répondue dit quand elle l’a été."
    return f.PropositionFactory(), {"repondue_le": timezone.now()}, message


def proposition_motif():
    message = "Dites pourquoi la proposition est refusée."
    answered = {"etat": "refusée", "repondue_le": timezone.now(), "reponse": ""}
    return f.PropositionFactory(), answered, message


def proposition_suivi():
    first, other = f.PropositionFactory(jeton="a" * 22), f.PropositionFactory(jeton="b" * 22)
    return other, {"jeton": first.jeton}, "Ce formulaire a déjà été envoyé."


def parution_retiree():
    message = "Une parution retirée dit quand et pourquoi."
    return f.ParutionFactory(), {"etat": "retirée", "retiree_le": timezone.now()}, message


def convention():
    first = f.ConventionFactory()
    other = f.ConventionFactory(operateur=first.operateur, intitule="Avenant")
    message = "Cet opérateur a déjà cette convention à cette date."
    return other, {"intitule": first.intitule}, message


def engagement():
    message = "L’échéance et sa précision vont ensemble."
    return f.EngagementFactory(), {"precision_echeance": Precision.JOUR}, message


def realisation():
    first = f.RealisationFactory(annee=2020)
    other = f.RealisationFactory(engagement=first.engagement, operateur=first.operateur, annee=2021)
    message = "Cet opérateur a déjà une réalisation pour cet engagement et cette année."
    return other, {"annee": 2020}, message


def realisation_annee():
    message = "L’année s’écrit sur quatre chiffres, à partir de 2018."
    return f.RealisationFactory(), {"annee": 20}, message


def referent_fin():
    row = f.ReferentFactory()
    return row, {"fin": row.debut}, "La fin vient après le début."


def referent_unique():
    first = f.ReferentFactory(debut=date(2019, 9, 1))
    other = f.ReferentFactory(operateur=first.operateur, debut=date(2021, 1, 1))
    message = "Cet opérateur a déjà un référent pour ce territoire à cette période."
    return other, {"territoire": first.territoire}, message


def prioritaire():
    first = f.TerritoirePrioritaireFactory()
    other = f.TerritoirePrioritaireFactory(operateur=first.operateur)
    message = "Ce territoire est déjà prioritaire cette année-là."
    return other, {"territoire": first.territoire}, message


def vue_de_liste():
    first = f.VueDeListeFactory()
    other = f.VueDeListeFactory(agent=first.agent)
    message = "Vous avez déjà une vue de ce nom dans cette liste : donnez-lui un autre nom."
    return other, {"nom": first.nom}, message


def decision_preparee():
    message = (
        "Une décision préparée porte sur un contrat, un projet, une proposition ou la carte : une "
        "seule chose."
    )
    return f.DecisionPrepareeFactory(), {"contrat": None}, message


CAS = {
    "decision_preparee_sur_une_chose": decision_preparee,
    "seance_un_seul_comite": seance_comite,
    "seance_regionale_unique": seance_regionale,
    "seance_nationale_unique": seance_nationale,
    "decision_contrat_nomme": decision_contrat,
    "decision_projet_nomme": decision_projet,
    "decision_territoire_nomme": decision_territoire,
    "contrat_fusionne_retire": contrat_fusionne,
    "contrat_precision_avec_date": contrat_precision,
    "contrat_date_avec_precision": contrat_date,
    "contrat_valide_nomme_sa_seance": contrat_seance,
    "contrat_signe_quand_date": contrat_statut,
    "contrat_fin_apres_signature": contrat_fin,
    "contrat_meme_acte_qu_un_autre": contrat_meme_acte,
    "signataire_unique": signataire,
    "avenant_numero_unique": avenant,
    "projet_fusionne_retire": projet_fusionne,
    "projet_siren_neuf_chiffres": projet_siren,
    "projet_point_complet": projet_point,
    "projet_point_ecarte": projet_point_ecarte,
    "enveloppe_regionale_unique": enveloppe_regionale,
    "enveloppe_nationale_unique": enveloppe_nationale,
    "financement_enveloppe_unique": financement_enveloppe,
    "financement_sans_enveloppe_unique": financement_hors_enveloppe,
    "financement_verse_dans_accorde": financement_verse,
    "chiffre_annonce_unique": chiffre,
    "confrontation_deux_sources": confrontation_sources,
    "confrontation_date_et_precision_a": confrontation_date_a,
    "confrontation_date_et_precision_b": confrontation_date_b,
    "jalon_unique": jalon,
    "personne_unique": personne,
    "affirmation_operateur_nomme": affirmation_operateur,
    "affirmation_personne_nommee": affirmation_personne,
    "terme_page_du_site": terme_page,
    "document_fichier_ou_adresse": document_fichier,
    "document_un_seul_objet": document_objet,
    "document_fichier_unique": document_meme_fichier,
    "proposition_repondue_a_une_date": proposition_date,
    "proposition_refusee_avec_motif": proposition_motif,
    "proposition_adresse_de_suivi": proposition_suivi,
    "parution_retiree_dit_pourquoi": parution_retiree,
    "convention_unique": convention,
    "engagement_echeance_et_precision": engagement,
    "realisation_unique": realisation,
    "realisation_annee_vraisemblable": realisation_annee,
    "financeur_regional_d_un_type_regional": financeur_regional,
    "referent_fin_apres_debut": referent_fin,
    "referent_unique_par_operateur_et_territoire": referent_unique,
    "territoire_prioritaire_unique": prioritaire,
    "vue_de_liste_nommee_une_fois": vue_de_liste,
}


def test_every_constraint_is_proved():
    assert CAS.keys() == constraints_of("programme")


@pytest.mark.parametrize("name", CAS)
def test_constraint(name):
    row, values, message = CAS[name]()
    assert_refused(row, values, name, message)


@pytest.mark.parametrize("field", ["montant_demande_eur", "montant_accorde_eur"])
def test_an_amount_is_never_negative(field):
    row = f.FinancementFactory(montant_verse_eur=None)
    setattr(row, field, -1)
    with pytest.raises(ValidationError, match="supérieure ou égale à 0"):
        row.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(**{field: -1})
