"""Make anew `static/dsfr-reduit/`, the part of the DSFR that our pages can use."""

import shutil

from django.core.management.base import BaseCommand

from programme import dsfr_reduit


class Command(BaseCommand):
    help = "Refait static/dsfr-reduit/ : la part du DSFR que nos gabarits emploient."

    def handle(self, *args, **options):
        made = dsfr_reduit.made()
        shutil.rmtree(dsfr_reduit.FOLDER, ignore_errors=True)
        for name, body in made.items():
            path = dsfr_reduit.FOLDER / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        whole = (dsfr_reduit.PACKAGE / dsfr_reduit.SHEET).stat().st_size
        kept = len(made["dsfr.css"])
        self.stdout.write(f"{len(made)} fichiers ; la feuille du DSFR : {whole} → {kept} octets.")
