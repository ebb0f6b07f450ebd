"""The `pmax` command: argv → commands of the engine → text, JSON, exit status.

`verbs` says which commands there are, `main` runs one, and `session` opens the engine for it. `explanations` turns an
error into two sentences, `exit_status` into a number; `formatters` and `columns` draw what came back. What each verb
does is in `commands`.
"""
