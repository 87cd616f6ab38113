"""A small OpenID Connect provider that behaves as ProConnect: for tests, on 127.0.0.1.

Discovery, authorization, token, keys and user information, the last as a JWT. Its `person` is who
signs in; its `faults` name what it does wrong, to prove that it is noticed.
"""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, SECRET = "portail-de-test", "secret-de-test"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Fournisseur:
    """The provider's state. `requests` keeps what it was asked: (path, parameters)."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}/api/v2"
        self.person = {"sub": "p-1", "email": "nadia@agents.example", "given_name": "Nadia"}
        self.acr, self.amr = "eidas1", ["pwd"]
        self.faults = set()
        self.requests = []
        self._codes = {}

    # --- What each address answers: (status, type, body) or a redirect --------------------------

    def discovery(self, _):
        issuer = "https://ailleurs.invalid" if "issuer" in self.faults else self.url
        return _json(
            {
                "issuer": issuer,
                **{
                    f"{name}_endpoint": f"{self.url}/{path}"
                    for name, path in (
                        ("authorization", "authorize"),
                        ("token", "token"),
                        ("userinfo", "userinfo"),
                        ("end_session", "session/end"),
                    )
                },
                "jwks_uri": f"{self.url}/jwks",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        )

    def authorize(self, sent):
        """As ProConnect: long random values are required, an unknown parameter is refused."""
        known = {"response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "claims"}
        if set(sent) != known or min(len(sent["state"]), len(sent["nonce"])) < 32:
            return _json({"error": "Y000400"}, 400)
        if "annule" in self.faults:
            answer = {"error": "access_denied", "state": sent["state"]}
        else:
            code = f"code-{len(self._codes)}"
            self._codes[code] = sent
            answer = {"code": code, "state": "faux" if "state" in self.faults else sent["state"]}
        return 302, f"{sent['redirect_uri']}?{urlencode(answer)}", b""

    def token(self, sent):
        asked = self._codes.pop(sent.get("code"), None)
        secret = (sent.get("client_id"), sent.get("client_secret"))
        if "ailleurs" in self.faults:
            return 307, f"{self.url}/ailleurs", b""
        if asked is None or secret != (CLIENT_ID, SECRET) or "code" in self.faults:
            return _json({"error": "invalid_grant"}, 400)
        assert sent["redirect_uri"] == asked["redirect_uri"]
        nonce = "un autre nonce" if "nonce" in self.faults else asked["nonce"]
        now = int(time.time()) - (3600 if "expire" in self.faults else 0)
        identity = {
            "iss": self.url,
            "aud": "un autre service" if "audience" in self.faults else CLIENT_ID,
            "sub": self.person["sub"],
            "iat": now,
            "exp": now + 60,
            "nonce": nonce,
            "acr": self.acr,
            "amr": self.amr,
        }
        key = OTHER_KEY if "signature" in self.faults else KEY
        token = self._sign(identity, key, none="algorithme" in self.faults)
        return _json({"access_token": "acces", "token_type": "Bearer", "id_token": token})

    def userinfo(self, _):
        if "userinfo-ailleurs" in self.faults:
            return 302, f"{self.url}/ailleurs", b""
        if "userinfo-500" in self.faults:
            return _json({"error": "panne"}, 500)
        person = {"iss": self.url, "aud": CLIENT_ID, **self.person}
        if "sub" in self.faults:
            person["sub"] = "quelqu’un d’autre"
        if "userinfo-json" in self.faults:
            return _json(person)
        key = OTHER_KEY if "userinfo-signature" in self.faults else KEY
        return 200, "application/jwt", self._sign(person, key).encode()

    def jwks(self, _):
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
        kid = "autre" if "cle" in self.faults else "cle-1"
        return _json({"keys": [{**key, "kid": kid, "alg": "RS256", "use": "sig"}]})

    def _sign(self, claims, key, *, none=False):
        if none:
            return jwt.encode(claims, None, algorithm="none", headers={"kid": "cle-1"})
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "cle-1"})


def _json(data, status=200):
    return status, "application/json", json.dumps(data).encode()


class _Handler(BaseHTTPRequestHandler):
    ADDRESSES = {
        "/api/v2/.well-known/openid-configuration": "discovery",
        "/api/v2/authorize": "authorize",
        "/api/v2/token": "token",
        "/api/v2/userinfo": "userinfo",
        "/api/v2/jwks": "jwks",
    }

    def _answer(self, text):
        provider, path = self.server.provider, urlsplit(self.path).path
        sent = {name: values[0] for name, values in parse_qs(text).items()}
        provider.requests.append((path, sent))
        name = self.ADDRESSES.get(path)
        status, kind, body = getattr(provider, name)(sent) if name else (404, "text/plain", b"")
        self.send_response(status)
        self.send_header("Location" if status in {302, 307} else "Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self._answer(urlsplit(self.path).query)

    def do_POST(self):
        self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def log_message(self, *args):
        """Nothing on the terminal."""


@contextmanager
def serve():
    """Serve a provider from a thread; closed, thread included, at the end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.provider = Fournisseur(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
