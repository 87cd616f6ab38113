"""What the officers of a base did, through the pages of the back-office, and what must stay.

`raconter()` acts on a base where the cut of the fixtures was just loaded, and returns the facts
that a later version must still tell.
"""

from datetime import date

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from programme.models import (
    ComiteRegional,
    Contrat,
    Decision,
    Document,
    Engagement,
    Financement,
    Financeur,
    Projet,
    Realisation,
    Seance,
)
from territoires.models import Agent, Operateur, Region, Role, Territoire
from tests.programme.backoffice.identite.outils import code_now, sign_in
from tests.programme.backoffice.imports import outils as imports
from tests.programme.backoffice.outils import act, address, form_data, messages_of

SECRET_KEY = "cle-des-bases-de-version-" + "0123456789abcdef" * 3
"""What encrypts the second factors of the bases: public, therefore worth nothing elsewhere."""

MOT_DE_PASSE = "Un-mot-de-passe-de-version-2021"
SECRET_TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"

# (local part of the address, role, codes of régions, code of the opérateur)
AGENTS = (
    ("national", Role.NATIONAL, (), None),
    ("secretariat.normandie", Role.SECRETARIAT, ("28",), None),
    ("redacteur.normandie", Role.REDACTEUR, ("28",), None),
    ("lecteur.bretagne", Role.LECTEUR, ("53",), None),
    ("referent.bpifrance", Role.REFERENT, (), "bpifrance"),
)


def adresse(local):
    return f"{local}@version.invalid"


def raconter():
    """Act, then return {"modifiés": {model: {key: {field: value}}}, …}."""
    agents = {ligne[0]: _agent(*ligne) for ligne in AGENTS}
    secretariat = agents["secretariat.normandie"]
    TOTP.activate(secretariat, SECRET_TOTP)
    RecoveryCodes.activate(secretariat)
    as_secretariat = _signed_in("secretariat.normandie", totp=True)
    as_redacteur = _signed_in("redacteur.normandie")
    as_national = _signed_in("national")
    Client().post("/admin/compte/connexion/", {"login": adresse("inconnu"), "password": "faux"})

    seance = _seance(as_secretariat)
    contrat = _contrats(as_secretariat, as_redacteur, seance)
    projets = _projets(as_secretariat, as_redacteur, as_national, seance)
    territoire = _carte(as_secretariat, seance)
    documents = _documents(as_secretariat, territoire)
    realisation = _realisation(_signed_in("referent.bpifrance"), as_national)
    # A file that somebody keeps: its proof.
    b"".join(Client().get("/projets/?format=csv").streaming_content)
    return {
        "second facteur": secretariat.email,
        "documents": documents,
        "modifiés": _valeurs(
            (seance, "lieu ordre_du_jour publication"),
            (contrat, "intitule statut seance_id publication"),
            (territoire, "nom"),
            (realisation, "valeur commentaire publication"),
            *((projet, "beneficiaire objet emplois_crees publication") for projet in projets),
        ),
        "supprimé": "fai-0118",
    }


def _valeurs(*lignes):
    told = {}
    for record, names in lignes:
        record.refresh_from_db()
        values = {name: getattr(record, name) for name in names.split()}
        values["version"] = record.version
        told.setdefault(record._meta.label, {})[str(record.pk)] = values
    return told


def _agent(local, role, regions, operateur):
    operateur = operateur and Operateur.objects.get(code=operateur)
    nom = local.replace(".", " de ").title()
    agent = Agent.objects.create_user(
        adresse(local), MOT_DE_PASSE, nom=nom, role=role, operateur=operateur
    )
    agent.regions.set(Region.objects.filter(code__in=regions))
    return agent


def _signed_in(local, *, totp=False):
    client = Client()
    response = sign_in(client, adresse(local), MOT_DE_PASSE)
    if totp:
        response = client.post(
            reverse("mfa_authenticate"), {"code": code_now(SECRET_TOTP)}, follow=True
        )
    assert response.redirect_chain[-1][0] == "/admin/", response.redirect_chain
    return client


def _save(client, model, pk=None, **values):
    """Send the form of a new record, or of `pk`, as it is shown but for `values`."""
    page = address(model, "change", pk) if pk else address(model, "add")
    response = client.post(page, {**form_data(client.get(page)), **values})
    assert response.status_code == 302, messages_of(response)


def _act(client, record, nom, **values):
    response = act(client, record, nom, **values)
    assert response.status_code == 302, response.context["form"].errors


def _seance(secretariat):
    comite = ComiteRegional.objects.get(region="28")
    _save(secretariat, ComiteRegional, comite.pk, secretariat="DREETS de Normandie")
    _save(
        secretariat,
        Seance,
        comite_regional=comite.pk,
        date="2021-06-15",
        lieu="Alençon",
        ordre_du_jour="Bilan ; contrats ; carte",
    )
    seance = Seance.objects.get(comite_regional=comite)
    _act(secretariat, seance, "publier")
    return seance


def _contrats(secretariat, redacteur, seance):
    protocole = Contrat.objects.get(slug="protocole-pays-de-l-aigle")
    _save(
        secretariat,
        Contrat,
        protocole.pk,
        **{
            "nb_actions": "12",
            "signataires-0-organisme": "Région Normandie",
            "signataires-0-nom": "Anne Martin",
            "signataires-TOTAL_FORMS": "1",
        },
    )
    _save(
        redacteur,
        Contrat,
        territoire="ti-2807",
        type="contrat",
        intitule="Pays de l’Aigle, contrat de relance",
    )
    contrat = Contrat.objects.get(territoire="ti-2807", type="contrat")
    _save(redacteur, Contrat, contrat.pk, intitule="Pays de l’Aigle et de la Risle")
    _act(secretariat, contrat, "valider", seance=seance.pk, texte="Validé, avec une réserve.")
    _act(secretariat, contrat, "publier")
    return contrat


def _projets(secretariat, redacteur, national, seance):
    _save(
        redacteur,
        Projet,
        code="aigle-1",
        beneficiaire="Forges de l’Iton",
        territoire="ti-2807",
        departement="61",
        statut="remonté",
    )
    brouillon = Projet.objects.get(code="aigle-1")
    _save(redacteur, Projet, brouillon.pk, objet="Une aciérie décarbonée", emplois_crees="14")
    _act(secretariat, brouillon, "contractualiser", seance=seance.pk)
    charge = Projet.objects.filter(territoire__regions="28", departement="61").exclude(
        pk=brouillon.pk
    )[0]
    _save(secretariat, Projet, charge.pk, objet="Objet corrigé par le comité", emplois_crees="33")
    financement = charge.financements.get()
    prefix = "financements-0-"
    _save(
        secretariat,
        Projet,
        charge.pk,
        **{f"{prefix}montant_accorde_eur": "250000", f"{prefix}accorde_le": "2021-07-01"},
    )
    assert Financement.objects.get(pk=financement.pk).montant_accorde_eur == 250_000
    page = address(Projet, "delete", Projet.objects.get(code="fai-0118").pk)
    seen = national.get(page).context["empreinte"]
    national.post(page, {"post": "yes", "empreinte": seen})
    assert not Projet.objects.filter(code="fai-0118").exists()
    # One import applied, one that waits.
    row = {"code": "aigle-1", "beneficiaire": "Forges de l’Iton et de la Risle"}
    new = {"code": "aigle-2", "beneficiaire": "Fonderie de Rugles"}
    row["territoire"] = new["territoire"] = "ti-2807"
    depot = imports.importer(secretariat, "projets", imports.fichier(row, new), "projets-2021.csv")
    imports.appliquer(secretariat, "projets", depot)
    assert (depot.nb_modifies, depot.nb_nouveaux) == (1, 1), imports.dits(depot)
    row = {"code": "aigle-2", "emplois_crees": "3"}
    imports.importer(secretariat, "projets", imports.fichier(row), "projets-2022.csv")
    return [brouillon, charge, Projet.objects.get(code="aigle-2")]


def _carte(secretariat, seance):
    territoire = Territoire.objects.get(pk="ti-2807")
    page = reverse(
        "admin:programme_seance_acte_territoire", args=[seance.pk, "renommer", "ti-2807"]
    )
    data = {"le": "2021-07-01", "source": "Comité du 15 juin 2021", "nom": "L’Aigle et Risle"}
    shown = secretariat.post(page, data)
    secretariat.post(page, {**data, "empreinte": shown.context["empreinte"]})
    assert Decision.objects.filter(type=Decision.Type.CARTE, territoire=territoire).exists()
    return territoire


def _documents(secretariat, territoire):
    """The keys of a file that the public reads and of one that it does not."""
    for titre, nom in (("Feuille de route", "feuille.pdf"), ("Projet d’avenant", "avenant.pdf")):
        _save(
            secretariat,
            Document,
            titre=titre,
            date=date(2021, 6, 15),
            territoire=territoire.pk,
            fichier=SimpleUploadedFile(nom, PDF + titre.encode()),
        )
    publie, brouillon = Document.objects.order_by("pk")
    _act(secretariat, publie, "publier")
    return {"publié": publie.pk, "brouillon": brouillon.pk}


def _realisation(referent, national):
    bpifrance = Operateur.objects.get(code="bpifrance")
    engagement = Engagement.objects.filter(operateur=bpifrance)[0]
    _save(
        referent,
        Realisation,
        engagement=engagement.pk,
        operateur=bpifrance.pk,
        annee="2021",
        valeur="120",
        commentaire="Arrêté au 31 décembre",
    )
    realisation = Realisation.objects.get()
    _act(national, realisation, "publier")
    _save(
        national,
        Financeur,
        nom="Région Normandie",
        slug="region-normandie",
        type=Financeur.Type.REGION,
    )
    return realisation
