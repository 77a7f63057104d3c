"""How SQLite goes about queries: an index that reads too much shows in no small test, and takes minutes in a great node."""

from django.db import connection

from hilf.store import database


def plans_of(ask):
    """How SQLite goes about each query that a function makes, index by index."""
    said = []

    def listen(execute, sql, parameters, many, context):
        said.append((sql, parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(listen):
        ask()
    return [
        " ".join(line[3] for line in database.rows(f"EXPLAIN QUERY PLAN {sql}", parameters))
        for sql, parameters in said
    ]
