"""The code scanner: a repository becomes searchable, and stays so.

Reading order: `models` → `pipeline` → `stages` → `git.mirror` → `parse.file` → `store` → `search`.
Importing the package loads no grammar; only the parser's child processes do.
"""
