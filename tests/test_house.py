"""The house keeps its own rules: names, sizes, no paths of a machine, every error code documented."""

import ast
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "hilf"
FORBIDDEN_NAMES = {
    "utils",
    "util",
    "helpers",
    "common",
    "misc",
    "base",
    "manager",
    "service",
    "services",
    "handlers",
}
FORBIDDEN_ENDINGS = ("Manager", "Service", "Handler", "Helper", "Util", "Impl", "Info")
PURE = {"errors", "canonical", "stix", "markings", "seal", "ledger", "accord", "lists", "federation"}
CHANCE = {
    "generate", "generate_key", "generate_private_key", "generate_parameters", "urandom", "getrandom",
    "token_bytes", "token_hex", "token_urlsafe", "randbytes", "randbelow", "randbits", "getrandbits", "random_serial_number",
    "SystemRandom", "uuid1", "uuid4",
}  # fmt: skip
MODULES = sorted(path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)


def test_no_module_has_a_drawer_s_name() -> None:
    assert [str(path.relative_to(ROOT)) for path in MODULES if path.stem in FORBIDDEN_NAMES] == []


def test_no_class_is_named_after_a_role() -> None:
    named = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and node.name.endswith(FORBIDDEN_ENDINGS)
    ]
    assert named == []


def test_every_module_says_what_it_decides() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in MODULES
        if path.read_text(encoding="utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_no_module_is_longer_than_400_lines() -> None:
    long = {
        str(p.relative_to(ROOT)): n
        for p in MODULES
        if (n := len(p.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def error_codes() -> set[str]:
    """Codes that the source raises, written as the first argument of an error or as `rule` of a partner's fault."""
    codes = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            first = node.args[0]
            if (
                node.func.id in {"Refusal", "CallerFault", "OperatorFault"}
                and isinstance(first, ast.Constant)
                and isinstance(first.value, str)
            ):
                codes.add(first.value)
    return codes


def test_every_error_code_is_documented() -> None:
    documented = (ROOT / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
    assert sorted(code for code in error_codes() if f"`{code}`" not in documented) == []


def test_error_codes_are_slugs_of_a_room() -> None:
    assert [code for code in error_codes() if not re.fullmatch(r"[a-z]+\.[a-z0-9][a-z0-9.-]*", code)] == []


def names_used(tree: ast.AST) -> set[str]:
    names = {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    return names | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def test_no_rule_makes_chance() -> None:
    """Libraries bring chance as well, which import-linter cannot see: seeds, salts and nonces are arguments."""
    found = {
        str(path.relative_to(ROOT)): made
        for path in MODULES
        if path.relative_to(SOURCE).parts[0].removesuffix(".py") in PURE
        and (made := names_used(ast.parse(path.read_text(encoding="utf-8"))) & CHANCE)
    }
    assert found == {}


@pytest.mark.skipif("HILF_VECTORS" not in os.environ, reason="HILF_VECTORS names no folder of vectors")
def test_the_vectors_are_those_that_were_handed_over() -> None:
    given = Path(os.environ["HILF_VECTORS"]) / "hilf-1"
    held = ROOT / "tests" / "vectors" / "hilf-1"
    assert {path.name: path.read_bytes() for path in held.glob("*.json")} == {
        path.name: path.read_bytes() for path in given.glob("*.json")
    }


@pytest.mark.parametrize("below_root", ["work/", "root/", "tmp/w"])
def test_no_path_of_a_machine_stands_in_the_repository(below_root: str) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    files = [ROOT / name.decode() for name in listed.split(b"\0") if name]
    kept = [path for path in files if path.is_file() and path != Path(__file__)]
    assert [
        str(path.relative_to(ROOT)) for path in kept if f"/{below_root}".encode() in path.read_bytes()
    ] == []
