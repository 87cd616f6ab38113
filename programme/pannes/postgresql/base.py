"""Django's PostgreSQL backend, that never waits without end for a server that says nothing.

The server enforces its own limits (`statement_timeout`…) as long as it runs. Stopped, paused or cut
off, it enforces nothing: the client counts too, and gives the connection up.
"""

from time import monotonic

import psycopg
from django.db.backends.postgresql import base
from django.db.utils import OperationalError

from programme.pannes import limites
from programme.pannes.pouls import pouls_de

# Of a server that is asked for nothing but a sign of life.
SIGNE_DE_VIE = 2  # seconds


class Connexion(psycopg.Connection):
    limite = 0  # seconds; 0, none

    def wait(self, gen, *args, **kwargs):
        """Raises `OperationalError` when the server says nothing for too long; it is then left."""
        kwargs.setdefault("timeout", limites.silence(self.limite) or None)
        try:
            return super().wait(gen, *args, **kwargs)
        except psycopg.errors._WaitTimeout as error:
            self.pgconn.finish()
            raise psycopg.OperationalError(f"no answer in {kwargs['timeout']} s") from error


class _Psycopg:
    """psycopg, whose connections are ours: the one name that Django's backend looks up."""

    connect = staticmethod(Connexion.connect)

    def __getattr__(self, name):
        return getattr(psycopg, name)


class DatabaseWrapper(base.DatabaseWrapper):
    Database = _Psycopg()

    def get_connection_params(self):
        params = super().get_connection_params()
        # A network that is gone is noticed, whatever one was waiting for.
        quick = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
        return {"connect_timeout": round(limites.current().connexion), **quick, **params}

    def get_new_connection(self, conn_params):
        pouls = pouls_de(self.alias)
        if not pouls.may_call():
            raise OperationalError("the database did not answer a moment ago")
        try:
            connection = super().get_new_connection(conn_params)
        except psycopg.OperationalError:
            pouls.lost()
            raise
        pouls.found()
        connection.limite = limites.current().silence
        return connection

    def is_usable(self):
        """As Django's, within a moment: it is asked before each request.

        A server that does not give this sign is not called again at once, by any thread.
        """
        with limites.briefly(SIGNE_DE_VIE):
            started = monotonic()
            usable = super().is_usable()
            if not usable and monotonic() - started >= limites.silence(SIGNE_DE_VIE):
                pouls_de(self.alias).lost()
        return usable
