"""« Pourquoi ne vois-je pas… ? »: the rule that hides or locks a record, in words.

No rule is written here: each sentence asks the word that holds it (`visible_to`, `published`, the
roles of `droits`, `lock_on`, the admin's own permissions) and says its answer.
"""
