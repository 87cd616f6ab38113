"""How each kind of page is read: rules of the portal in a few sentences, never a fact."""

AU_PLUS_TARD = "« Au plus tard » : c’était fait à cette date, peut-être avant."
NON_RENSEIGNE = "« Non renseigné » : personne ne l’a dit ; ce n’est ni zéro ni non."
SOMMES = (
    "Une somme ne compte que les projets dont la source donne la valeur ; les autres n’y comptent "
    "pas pour zéro."
)
HORIZON = (
    "Après la dernière source connue d’une sorte de faits, le site ne dit plus rien d’eux : ce "
    "n’est pas que rien n’a changé."
)

LECTURES = {
    "liste": (
        (
            "Une ligne est une fiche publiée. Plusieurs valeurs d’un même filtre s’ajoutent ; deux "
            "filtres se croisent."
        ),
        NON_RENSEIGNE,
        "La page, ses nombres et ses fichiers ont les mêmes lignes ; l’adresse les redonne.",
    ),
    "territoire": (
        AU_PLUS_TARD,
        NON_RENSEIGNE,
        SOMMES,
        "Les projets sont ceux que des sources publient ; il peut y en avoir d’autres.",
    ),
    "portrait": (
        "Chaque membre et chaque bassin est pris entier, tel que sa source le découpe.",
        "Des emplois s’additionnent ; des parts et des bassins, non.",
        AU_PLUS_TARD,
        NON_RENSEIGNE,
    ),
    "projet": (
        (
            "Une valeur vient de la source de la fiche, sauf « lecture du portail », que ce site a "
            "tirée du texte, et « d’après la commune », qu’il a calculée."
        ),
        "L’investissement est celui du porteur, pas l’aide ; les emplois sont ceux qu’il annonce.",
        NON_RENSEIGNE,
    ),
    "contrat": (
        "Le statut est le dernier qu’une source publiée donne : le contrat a pu avancer depuis.",
        AU_PLUS_TARD,
        HORIZON,
    ),
    "region": (
        "Un territoire que deux régions suivent compte dans chacune, et une fois dans le pays.",
        SOMMES,
        "La complétude dit ce que ce site sait, pas ce que la région fait.",
    ),
    "commune": (
        "Une commune est dans un territoire par son intercommunalité, ou par elle-même.",
        "« Possible » : son entrée n’est connue que plus tard, sans exclure qu’elle y fût déjà.",
        HORIZON,
    ),
    "fonds": (
        "Annoncé : ce qu’une autorité a dit. Publié : ce que disent les fiches, une par projet.",
        SOMMES,
        (
            "La médiane partage les projets qui disent la valeur en deux moitiés : la somme, elle, "
            "peut ne tenir qu’à quelques-uns."
        ),
    ),
    "accueil": (
        "Un nombre « annoncé » est ce qu’une autorité a dit ; l’autre est compté dans les fiches.",
        HORIZON,
        NON_RENSEIGNE,
    ),
    "operateur": (
        "Un statut est calculé : de l’échéance, d’un délai de grâce et des preuves publiées.",
        "« Rien de publié » : aucune preuve n’est publiée, ce qui ne dit pas que rien n’est fait.",
        "Un référent n’est compté que s’il est publié et en fonction ce jour-là.",
    ),
    "carte": (
        "Une couleur pleine : un document nomme le territoire à cette date.",
        "« Possible » : il est sur une liste plus tardive, qui n’exclut pas qu’il y fût déjà.",
        HORIZON,
    ),
    "donnees": (
        "Un jeu est une liste de ce site, entière ; sa colonne dit ce que vaut chaque valeur.",
        "Une case vide est « non renseigné » : ni zéro, ni non.",
        "La date d’une version est celle de l’enregistrement ; chaque fait a la sienne.",
    ),
    "suivre": (
        "Un changement est celui d’une fiche de ce site : le fait qu’il dit peut être plus ancien.",
        "Une fiche qui n’est plus publiée est dite retirée, sans ce qu’elle disait.",
    ),
    "signaler": (
        "Un signalement n’est public qu’avec sa réponse, de qui publie la fiche.",
        "« Amendée » : corrigée autrement que ce qui était proposé.",
    ),
    "chiffres": (
        (
            "Un écart n’est pas une faute : il dit ce que les fiches ont de moins, ou de plus, que "
            "l’annonce."
        ),
        (
            "Un chiffre « retrouvé dans l’annonce seule » n’est pas confirmé : les fiches viennent "
            "d’elle."
        ),
        "« Plus de », « près de », « environ » sont les mots de la source, et restent.",
    ),
}
"""{kind of page: its sentences}"""
