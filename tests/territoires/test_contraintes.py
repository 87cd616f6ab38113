"""What must never be false of the map and of who works on it, refused by the database itself."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from territoires.models import Rattachement, Role
from tests.factories import (
    AgentFactory,
    AutreNomFactory,
    CommuneFactory,
    IntercommunaliteFactory,
    OperateurFactory,
    RattachementFactory,
    TerritoireFactory,
)
from tests.regles import assert_refused, constraints_of

pytestmark = pytest.mark.django_db

DEJA_MEMBRE = "Cette intercommunalité est déjà membre d’un territoire à cette période."


def siren():
    return (
        IntercommunaliteFactory(),
        {"siren": "20006846X"},
        "Le SIREN compte neuf chiffres, sans espace.",
    )


def code_commune():
    return CommuneFactory(), {"code": "6121"}, "Le code INSEE d’une commune compte cinq caractères."


def code_territoire():
    row = TerritoireFactory(rattachement=None)
    message = "Le code d’un territoire a la forme ti-7505, ou ti2-7505 en phase 2."
    return row, {"code": "TI-7505"}, message


def adresse_territoire():
    first = TerritoireFactory()
    TerritoireFactory(phase_id=2, slug=first.slug)
    message = "Un territoire de cette phase a déjà cette adresse."
    return TerritoireFactory(), {"slug": first.slug}, message


def code_de_liste():
    first = TerritoireFactory(code_anct="ti-7510")
    TerritoireFactory(phase_id=2, code_anct="ti-7510")
    message = "Un territoire de cette phase a déjà ce code de liste."
    return TerritoireFactory(), {"code_anct": first.code_anct}, message


def pas_avant():
    message = "Seule une entrée « au plus tard » a un premier jour possible, avant son début."
    row = RattachementFactory(certitude="exacte", debut=date(2019, 11, 14))
    return row, {"pas_avant": date(2018, 11, 22)}, message


def successeur():
    row = TerritoireFactory()
    return row, {"successeur": row}, "Un territoire ne peut pas être réuni dans lui-même."


def autre_nom():
    AutreNomFactory(territoire=(one := TerritoireFactory()), nom="L’Aigle")
    other = AutreNomFactory(territoire=one, nom="Ouche")
    return other, {"nom": "L’Aigle"}, "Ce territoire a déjà ce nom dans sa liste."


def autre_nom_date():
    end = date(2020, 1, 1)
    AutreNomFactory(territoire=(one := TerritoireFactory()), fin=end)
    other = AutreNomFactory(territoire=one, fin=date(2021, 1, 1))
    return other, {"fin": end}, "Ce territoire a déjà changé de nom à cette date."


def un_membre():
    message = "Un rattachement concerne une intercommunalité ou une commune, pas les deux."
    return RattachementFactory(), {"commune": CommuneFactory()}, message


def fin_apres_debut():
    row = RattachementFactory(debut=date(2019, 11, 14))
    return row, {"fin": row.debut}, "La fin d’un rattachement vient après son début."


def intercommunalite_unique():
    first = RattachementFactory(debut=date(2019, 11, 14))
    return RattachementFactory(), {"intercommunalite": first.intercommunalite}, DEJA_MEMBRE


def commune_unique():
    first = RattachementFactory(intercommunalite=None, commune=CommuneFactory())
    other = RattachementFactory(intercommunalite=None, commune=CommuneFactory())
    message = "Cette commune est déjà membre d’un territoire à cette période."
    return other, {"commune": first.commune}, message


def email():
    AgentFactory(email="camille@agents.example")
    return (
        AgentFactory(),
        {"email": "Camille@Agents.example"},
        "Un agent a déjà cette adresse électronique.",
    )


def operateur_selon_role():
    message = "Un référent d’opérateur a un opérateur ; les autres rôles n’en ont pas."
    return AgentFactory(role=Role.NATIONAL), {"operateur": OperateurFactory()}, message


CAS = {
    "intercommunalite_siren_neuf_chiffres": siren,
    "commune_code_cinq_caracteres": code_commune,
    "territoire_code_forme": code_territoire,
    "territoire_adresse_unique": adresse_territoire,
    "territoire_code_anct_unique": code_de_liste,
    "territoire_pas_son_propre_successeur": successeur,
    "autre_nom_unique": autre_nom,
    "autre_nom_un_seul_par_date": autre_nom_date,
    "rattachement_un_seul_membre": un_membre,
    "rattachement_fin_apres_debut": fin_apres_debut,
    "rattachement_pas_avant_au_plus_tard": pas_avant,
    "rattachement_intercommunalite_unique": intercommunalite_unique,
    "rattachement_commune_unique": commune_unique,
    "agent_email_unique_sans_casse": email,
    "agent_operateur_selon_role": operateur_selon_role,
}


def test_every_constraint_is_proved():
    assert CAS.keys() == constraints_of("territoires")


@pytest.mark.parametrize("name", CAS)
def test_constraint(name):
    row, values, message = CAS[name]()
    assert_refused(row, values, name, message)


# --- Periods that may not overlap -------------------------------------------------------------

MEMBRE = (date(2019, 11, 14), date(2021, 11, 22))


@pytest.mark.parametrize(
    ("debut", "fin", "overlaps"),
    [
        (date(2018, 11, 22), date(2019, 11, 14), False),  # ends the day the other begins
        (date(2021, 11, 22), None, False),  # begins the day the other ends
        (date(2018, 11, 22), date(2019, 11, 15), True),
        (date(2021, 11, 21), None, True),
        (date(2020, 1, 1), date(2020, 2, 1), True),
        (date(2018, 11, 22), None, True),
        (*MEMBRE, True),
    ],
)
@pytest.mark.parametrize("same_territory", [True, False])
def test_a_member_is_in_one_territory_at_a_time(debut, fin, overlaps, same_territory):
    first = RattachementFactory(debut=MEMBRE[0], fin=MEMBRE[1])
    where = first.territoire if same_territory else TerritoireFactory(rattachement=None)
    row = Rattachement(
        territoire=where,
        intercommunalite=first.intercommunalite,
        debut=debut,
        fin=fin,
        certitude="exacte",
    )
    if not overlaps:
        row.full_clean()
        row.save()
        return
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    assert refused.value.messages == [DEJA_MEMBRE]
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Rattachement.objects.bulk_create([row])


def test_a_member_may_be_in_one_territory_of_each_phase():
    first = RattachementFactory(debut=MEMBRE[0])
    row = Rattachement(
        territoire=TerritoireFactory(phase_id=2, rattachement=None),
        intercommunalite=first.intercommunalite,
        debut=MEMBRE[1],
        certitude="exacte",
    )
    row.full_clean()
    Rattachement.objects.bulk_create([row])
    assert row.phase_id == 2


def test_a_row_may_be_saved_again_and_moved():
    row = RattachementFactory(debut=MEMBRE[0], fin=MEMBRE[1])
    row.debut = date(2020, 1, 1)
    row.full_clean()
    row.save()
    row.intercommunalite = IntercommunaliteFactory()
    row.full_clean()
    row.save()


def test_reopening_a_period_over_another_is_refused():
    first = RattachementFactory(debut=MEMBRE[0], fin=MEMBRE[1])
    RattachementFactory(intercommunalite=first.intercommunalite, debut=MEMBRE[1])
    assert_refused(first, {"fin": None}, "rattachement_intercommunalite_unique", DEJA_MEMBRE)


def test_no_query_reads_the_index_of_a_constraint_on_periods():
    """PostgreSQL would prefer it to that of the column, and take five times as long."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has triggers")
    member = RattachementFactory(intercommunalite=IntercommunaliteFactory())
    asked = Rattachement.objects.filter(
        intercommunalite=member.intercommunalite, phase=member.phase
    ).at(date(2026, 12, 1))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "rattachement_intercommunalite_unique" not in asked.explain()
