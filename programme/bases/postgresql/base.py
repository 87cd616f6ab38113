"""PostgreSQL, as the portal speaks to it."""

from django.db.backends.postgresql import features

from programme.bases import FinDeTransaction, Moments, MomentsFeatures
from programme.pannes.postgresql import base


class DatabaseFeatures(MomentsFeatures, features.DatabaseFeatures):
    pass


class DatabaseWrapper(FinDeTransaction, Moments, base.DatabaseWrapper):
    features_class = DatabaseFeatures
