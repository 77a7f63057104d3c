"""`hilf accord print`: the memorandum of an accord as a PDF, in Arabic, English or French."""

import re
from pathlib import Path

import click

from hilf.accord.template import LANGUAGES
from hilf.cli.face import Face, command, example
from hilf.errors import CallerFault, OperatorFault


@click.command(
    "print",
    epilog=example(
        "hilf accord print accord--7d2b8b1e-0c56-4d4e-9f0a-5f1f0a7c0001 --lang ar --out memorandum.pdf"
    ),
)
@click.argument("accord_id", metavar="ID")
@click.option("--lang", default="en", metavar="|".join(LANGUAGES), help="Of the memorandum.")
@click.option(
    "--text",
    "text_hash",
    default="",
    metavar="HASH",
    help="Which version (default: the one that counts or waits).",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where (default: the id, version and language).",
)
@command
def print_(face: Face, accord_id: str, lang: str, text_hash: str, out: Path | None) -> None:
    """Print the memorandum as a PDF; its text is made from the clauses that the node enforces."""
    if lang not in LANGUAGES:
        raise CallerFault(
            "accord.language",
            f"There is no memorandum in {lang[:20]!r}.",
            "",
            f"Write {', '.join(LANGUAGES)}.",
        )
    home = face.open_pages()
    from hilf.console.accords import memorandum  # late, so that --help needs no database
    from hilf.console.accords.views import chosen
    from hilf.node import accord as verbs
    from hilf.node.home import now

    shown = chosen(verbs.show(home, accord_id, now()), text_hash)
    made = memorandum.pdf(lang, shown)
    file = out or Path(memorandum.name_of(shown, lang))
    try:
        file.write_bytes(made)
    except OSError as error:
        raise OperatorFault(
            "accord.not-written",
            f"{file} cannot be written: {error.strerror}.",
            "",
            "Name another with --out.",
        ) from error
    pages = len(re.findall(rb"/Type\s*/Page\b", made))
    face.say(f"{file}: {pages} pages, text {shown.life.accord.hash[:16]}…")
    face.finish({"file": str(file), "language": lang, "pages": pages, "hash": shown.life.accord.hash})
