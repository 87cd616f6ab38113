"""The files of the portal on a server that speaks S3 (`DOCUMENTS_URL`); its failures are a disk's.

What the server stores is whole or not there: it says so itself, nothing is renamed.
"""

import functools

from boto3.exceptions import S3UploadFailedError
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

from programme.stockage import StockageAbsent

QUESTIONS = ("_open", "_save", "delete", "exists", "listdir", "size")


CONFIG = Config(
    signature_version="s3v4",
    s3={"addressing_style": "path"},
    connect_timeout=2,
    read_timeout=10,
    retries={"max_attempts": 2, "mode": "standard"},
    # Servers other than Amazon's do not know the newer digests.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class StockageS3(S3Storage):
    def __init__(self, **options):
        super().__init__(client_config=CONFIG, **options)

    def _open(self, name, mode="rb"):
        """Read at once: who reads it later, in the middle of an answer, could say nothing."""
        file = super()._open(name, mode)
        _ = file.file
        return file

    def exists(self, name):
        """A folder too, as on a disk: here it is but the beginning of names."""
        return super().exists(name) or any(map(any, super().listdir(name)))


def _told(question):
    @functools.wraps(question)
    def asked(*args, **kwargs):
        try:
            return question(*args, **kwargs)
        except (BotoCoreError, ClientError, S3UploadFailedError) as error:
            raise StockageAbsent(f"le stockage des documents ne répond pas : {error}") from error

    return asked


for _name in QUESTIONS:
    setattr(StockageS3, _name, _told(getattr(StockageS3, _name)))
