"""The commands, one file and one function of the same name each: parse, call, print.

A command file imports only the standard library and Typer at its top, and what it works with inside
its function; its function is listed in `COMMANDS` of `cnnsearch/main.py`. Results go to stdout,
progress to stderr, and errors are raised as `cnnsearch.errors` and told by `main.py`.
"""
