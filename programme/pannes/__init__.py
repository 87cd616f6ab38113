"""What holds when the database does not: stopped, slow, locked, full, read-only.

`causes` names what happened; `limites` says how long anything may wait; `pouls` remembers, for all
threads of a process, that nobody answers; `reponses` is what a person then reads.
"""
