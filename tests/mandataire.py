"""The portal as the README says to serve it: gunicorn behind the nginx of `docs/nginx.conf`.

Only the ports, the name and the certificate of the sample are replaced. `application` is what
gunicorn serves: the portal, whose worker dies in the middle of an answer when the tests ask for it.
"""

import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPSConnection
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "docs" / "nginx.conf"
NAME = "localhost"
COUPER = "X-Essai-Couper"
"""The worker kills itself after the first block of the answer to a request with this header."""


def find_nginx():
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def application(environ, start_response):
    from programme.wsgi import application as portal

    response = portal(environ, start_response)
    with closing(response):
        for block in response:
            yield block
            if f"HTTP_{COUPER.upper().replace('-', '_')}" in environ:
                os.kill(os.getpid(), signal.SIGKILL)


def media(folder):
    """Where the portal that is served keeps its files."""
    found = folder / "media"
    found.mkdir(exist_ok=True)
    return found


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def copy_database(connection, folder):
    """The address of the tests' database for another process; what is in it must be committed."""
    if connection.vendor == "sqlite":
        file = folder / "essai.sqlite3"
        with closing(sqlite3.connect(file)) as copy:
            connection.connection.backup(copy)
        return f"sqlite:///{file}"
    found = connection.settings_dict
    return f"postgres://{found['USER']}@/{found['NAME']}?host={found['HOST']}"


def write_certificate(folder):
    """A key and a certificate of one day for `NAME`, in `folder`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "privkey.pem").write_bytes(key.private_bytes(pem, *private))


def sample(folder, *, https, http, portal):
    """The sample with our ports, name and certificate: each is replaced, or the test fails."""
    text = SAMPLE.read_text()
    for pattern, replacement in (
        (r"listen 80;", f"listen 127.0.0.1:{http};"),
        (r"listen 443 ssl;", f"listen 127.0.0.1:{https} ssl;"),
        (r"server 127\.0\.0\.1:8000;", f"server 127.0.0.1:{portal};"),
        (r"server_name portail\.exemple\.fr;", f"server_name {NAME};"),
        (r"/etc/ssl/portail/", f"{folder}/"),
    ):
        text, count = re.subn(pattern, replacement, text)
        assert count, pattern
    return text


def write_nginx(folder, **ports):
    """The file that nginx starts from: Debian's own, shortened, with everything in `folder`."""
    (folder / "portail.conf").write_text(sample(folder, **ports))
    temporary = "\n".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user} worker_processes 1; daemon off; pid {folder}/nginx.pid;\n"
        f"error_log {folder}/nginx.log;\nevents {{ worker_connections 512; }}\n"
        f"http {{ access_log off;\n{temporary}\ninclude {folder}/portail.conf;\n}}\n"
    )
    return [find_nginx(), "-c", str(folder / "nginx.conf"), "-e", str(folder / "nginx.log")]


def _wait(port, process):
    for _ in range(2_400):
        if process.poll() is not None:
            break
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"nothing answers on port {port}")


@contextmanager
def started(command, port, **options):
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, **options)
    try:
        _wait(port, process)
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # with its workers: nobody waits for the slow
        process.wait()


class Serveur:
    """The two doors: nginx over HTTPS, as visitors come, and gunicorn itself."""

    def __init__(self, folder, https, portal):
        self.folder = folder
        self.https = https
        self.portal = portal
        self.context = ssl.create_default_context(cafile=folder / "fullchain.pem")

    def connect(self, timeout=60):
        """A raw connection to nginx."""
        plain = socket.create_connection(("127.0.0.1", self.https), timeout)
        return self.context.wrap_socket(plain, server_hostname=NAME)

    def get(self, path, **headers):
        """(response, its whole body) through nginx; raises when the body is cut."""
        with closing(HTTPSConnection(NAME, self.https, timeout=60, context=self.context)) as one:
            one.request("GET", path, headers=headers)
            response = one.getresponse()
            return response, response.read()

    def ask_portal(self, *lines):
        """What gunicorn answers to a request written line by line."""
        text = "\r\n".join([*lines, "Connection: close", "", ""])
        with socket.create_connection(("127.0.0.1", self.portal), 60) as one:
            one.sendall(text.encode("latin-1"))
            answer = b""
            while block := one.recv(65536):
                answer += block
        return answer


@contextmanager
def serving(connection, folder):
    """A `Serveur` over the tests' database, everything it writes being in `folder`."""
    ports = {name: free_port() for name in ("https", "http", "portal")}
    write_certificate(folder)
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": copy_database(connection, folder),
        "ALLOWED_HOSTS": NAME,
        "MEDIA_ROOT": str(media(folder)),
        "ESSAIS_SUR_DISQUE": "oui",
        "BEHIND_PROXY": "oui",
        "BIND": f"127.0.0.1:{ports['portal']}",
        "WEB_CONCURRENCY": "1",
        "WEB_THREADS": "4",
    }
    config = ["--config", "python:programme.gunicorn", "--log-level", "critical"]
    gunicorn = [sys.executable, "-m", "gunicorn", *config, "tests.mandataire:application"]
    with (
        started(gunicorn, ports["portal"], env=environment),
        started(write_nginx(folder, **ports), ports["https"]),
    ):
        yield Serveur(folder, ports["https"], ports["portal"])
