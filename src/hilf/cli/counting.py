"""How far long work is: told to a person at a terminal while it lasts, and to no script.

It goes to standard error and is gone when the work is done, so that the answer stays what it is.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hilf.cli.face import Face


@contextmanager
def counting(face: Face, beginning: str = "reading") -> Iterator[Callable[[str], None]]:
    """Take sentences that say how far the work is, and show the latest, with the time that it took so far.

    Args:
        face: of the command.
        beginning: what is shown until the first one comes.
    """
    if face.as_json or face.columns is None:
        yield lambda _words: None
        return
    from rich.console import Console  # late: --help needs none of it
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(beginning)
        yield lambda words: bar.update(task, description=words)
