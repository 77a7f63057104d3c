"""What stood between this node and each other one when its releases were last judged anew (`node/effects`).

Holds no rule: a standing is a text that differs when what is agreed does.
"""

from hilf.store.database import execute, rows


def every() -> dict[str, str]:
    """The standing of each node of which there is one."""
    return dict(rows("SELECT node, standing FROM accord_standing"))


def put(node: str, standing: str) -> None:
    """Note that everything released to a node and waiting for it was judged under this standing."""
    execute(
        "INSERT INTO accord_standing (node, standing) VALUES (%s, %s)"
        " ON CONFLICT (node) DO UPDATE SET standing = excluded.standing",
        (node, standing),
    )
