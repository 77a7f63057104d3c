"""Mutations of accord/ and markings/, one at a time: does a test notice?

Two kinds. First rules are taken out: a reason that is said, an `if` with what it does, a side of an `and` or `or`, a
condition of a comprehension, a case of a `match`, a member of a collection. Then the operators of mutmut change what is
left: comparisons, arguments, numbers, words, assignments; sentences for people (strings with a blank) are not changed.
mutmut's own runner collects the tests anew for every mutant; here they are collected once, and each of its mutants is a fork
that runs the tests that reach it. What survives is printed; docs/developers/mutation.md explains it.

    python -m bench.mutation [MODULE ...]      for example: accord.hearing markings
"""

import ast
import os
import re
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from difflib import ndiff
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from _pytest.main import pytest_runtestloop

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "hilf"
ROOMS = ("accord", "markings")
TESTS = [str(path) for room in ROOMS for path in sorted((ROOT / "tests" / room).glob("test_*.py"))]
CASES = str(ROOT / "tests" / "accord" / "test_cases.py")
PARALLEL = int(os.environ.get("PARALLEL", "2"))
SECONDS = 300
BROKEN = 70
"""Status of a mutant that could not be tried; that is no test that failed."""
OPTIONS = ("-q", "-x", "--assert=plain", "-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider")
_NO_RULES = ("annotation", "returns", "slice", "decorator_list")


def nodes(node: ast.AST, function: str = "", around: str = "") -> Iterator[tuple[ast.AST, str]]:
    """Every syntax node outside of annotations, and the function (or method) that it stands in."""
    yield node, function
    for name, value in ast.iter_fields(node):
        for each in () if name in _NO_RULES else value if isinstance(value, list) else [value]:
            if isinstance(each, ast.ClassDef):
                yield from nodes(each, function, f"{around}{each.name}.")
            elif isinstance(each, ast.FunctionDef):
                yield from nodes(each, function or f"{around}{each.name}", around)
            elif isinstance(each, ast.AST) and "__all__" not in ast.unparse(each)[:7]:
                yield from nodes(each, function, around)


def without_one(tree: ast.Module, path: Path) -> Iterator[tuple[str, str, CodeType]]:
    """A module with one thing less: what is gone, the function that it is gone from, and the code of the module."""
    for node, function in nodes(tree):
        for listed, number, instead in removable(node, in_function=bool(function)):
            gone = listed[number]
            listed[number : number + 1] = [] if instead is None else [ast.copy_location(instead, gone)]
            text = " ".join(ast.unparse(gone).split())
            line = gone.pattern.lineno if isinstance(gone, ast.match_case) else gone.lineno
            what = f"{line}: {type(node).__name__} without {text[:100]}"
            yield what, function, compile(tree, path, "exec")
            listed[number : number + (instead is not None)] = [gone]


def removable(node: Any, *, in_function: bool) -> Iterator[tuple[list[Any], int, ast.AST | None]]:
    """What can be taken out of a node: the list in which it stands, its place, what stands there instead."""
    for name in ("body", "orelse") if in_function else ():
        listed = getattr(node, name, None)
        if isinstance(listed, list):
            yield from ((listed, n, ast.Pass()) for n, each in enumerate(listed) if is_rule(each))
    match node:
        case ast.BoolOp():
            neutral = ast.Constant(isinstance(node.op, ast.And))
            yield from ((node.values, n, neutral) for n in range(len(node.values)))
        case ast.comprehension():
            yield from ((node.ifs, n, None) for n in range(len(node.ifs)))
        case ast.Match() if len(node.cases) > 1:
            yield from ((node.cases, n, None) for n in range(len(node.cases)))
        case ast.Set() | ast.Tuple(ctx=ast.Load()) | ast.List(ctx=ast.Load()):
            yield from ((node.elts, n, None) for n in range(len(node.elts)))


def is_rule(statement: ast.stmt) -> bool:
    """Whether a statement does something by itself."""
    said = isinstance(statement, ast.Expr) and not isinstance(statement.value, ast.Constant)
    return said or isinstance(statement, ast.If | ast.Raise | ast.AugAssign | ast.For)


class Loop:
    """A plugin of pytest: when the tests are collected, runs all of them, then for each mutant those that reach it."""

    def __init__(self, mutants: Callable[["Loop"], None]) -> None:
        self.mutants = mutants
        self.by_function: defaultdict[str, dict[str, float]] = defaultdict(dict)
        self.reached: set[str] = set()
        self.session: Any = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run them as they are, and if they pass, the mutants."""
        self.session = session
        everything = pytest_runtestloop(session)
        if not session.testsfailed:
            self.mutants(self)
        return everything

    def pytest_runtest_setup(self) -> None:
        """What is kept in a cache would hide from the second test on that it is reached."""
        forget()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a test reached, and how long it took."""
        if report.when == "call":
            for name in self.reached:
                self.by_function[name][report.nodeid] = report.duration
            self.reached.clear()

    def run(self, reach: dict[str, float], own: str) -> int:
        """Run the tests that reach something, its own and the cases first, then the quickest: 1 where one fails."""
        items = [item for item in self.session.items if item.nodeid in reach]
        items.sort(key=lambda item: (str(item.path) not in (own, CASES), reach[item.nodeid]))
        self.session.items = items
        self.session.config.pluginmanager.unregister(name="terminalreporter")
        forget()
        try:
            pytest_runtestloop(self.session)
        except self.session.Failed:
            return 1
        return int(self.session.testsfailed > 0)


def fork(act: Callable[[], int]) -> int:
    """Start something in a process of its own, silent; its id."""
    process = os.fork()
    if process:
        return process
    signal.alarm(SECONDS)
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    try:
        os._exit(act())
    except BaseException:  # noqa: BLE001 -- the parent says so; nothing of the parent's goes on in here
        os._exit(BROKEN)


def reading(codes: dict[str, CodeType]) -> None:
    """From now on modules are made from these codes, where their files stand among them."""
    as_written = SourceFileLoader.get_code
    SourceFileLoader.get_code = (  # type: ignore[method-assign]
        lambda loader, name: codes[loader.path] if loader.path in codes else as_written(loader, name)
    )


class Tally:
    """Runs mutants beside each other and counts what became of them."""

    def __init__(self) -> None:
        self.running: dict[int, tuple[str, str]] = {}
        self.found: Counter[tuple[str, bool]] = Counter()

    def start(self, module: str, what: str, act: Callable[[], int]) -> None:
        """Run one, as soon as there is room for it."""
        self.running[fork(act)] = module, what
        self.wait(PARALLEL - 1)

    def wait(self, left: int = 0) -> None:
        """Wait until no more than so many run."""
        while len(self.running) > left:
            process, status = os.wait()
            module, what = self.running.pop(process)
            broken = os.waitstatus_to_exitcode(status) == BROKEN
            self.found[module, status == 0 or broken] += 1
            if status == 0 or broken:
                print(f"{'not tried' if broken else 'survived'}  {module} {what}", flush=True)

    def report(self, kind: str) -> None:
        """Print a line for each module."""
        self.wait()
        modules = sorted({module for module, _ in self.found})
        for module in modules:
            killed, survived = self.found[module, False], self.found[module, True]
            print(f"{kind}  {module}: {killed + survived} mutants, {killed} noticed, {survived} survived")
        killed = sum(number for (_, survived), number in self.found.items() if not survived)
        print(f"{kind}  in all: {sum(self.found.values())} mutants, {killed} noticed", flush=True)


def forget() -> None:
    """Empty every cache of the house, so that what a mutant says is asked for anew."""
    for name, module in list(sys.modules.items()):
        for each in list(vars(module).values()) if name.startswith("hilf.") else ():
            if callable(getattr(each, "cache_clear", None)):
                each.cache_clear()


def from_tables(paths: list[Path]) -> None:
    """Take out each member of a table and each clause outside of functions: the room is read anew without it."""
    tally = Tally()
    for path, each in missing(paths).items():
        own = str(ROOT / "tests" / path.parent.name / f"test_{path.name}")
        for what, _, code in (one for one in each if not one[1]):

            def read_anew(path: Path = path, code: CodeType = code, own: str = own) -> int:
                reading({str(path): code})
                return int(
                    pytest.main(
                        [*OPTIONS, *dict.fromkeys(one for one in (own, CASES, *TESTS) if one in TESTS)]
                    )
                )

            tally.start(f"{path.parent.name}.{path.stem}", what, read_anew)
    tally.report("taken out of tables")


def missing(paths: list[Path]) -> dict[Path, list[tuple[str, str, CodeType]]]:
    """File → what can go from it, the function it goes from ("" for a table), the code of the module without it."""
    return {path: list(without_one(ast.parse(path.read_text(encoding="utf-8")), path)) for path in paths}


def from_functions(paths: list[Path]) -> None:
    """Take every rule out of functions: one that is loaded gets other code; a profile says which tests call it."""
    found = missing(paths)

    def mutants(loop: Loop) -> None:
        sys.setprofile(None)
        tally = Tally()
        for path, each in found.items():
            own = str(ROOT / "tests" / path.parent.name / f"test_{path.name}")
            for what, function, code in (one for one in each if one[1]):
                reach = loop.by_function.get(f"{path}:{function}", {})

                def act(path: Path = path, function: str = function, code: CodeType = code, own: str = own,
                        reach: dict[str, float] = reach) -> int:  # fmt: skip
                    give(path, function, code)
                    return loop.run(reach, own)

                nobody = "" if reach else " (no test reaches it)"
                tally.start(f"{path.parent.name}.{path.stem}", f"{what}{nobody}", act)
        tally.report("taken out")

    loop, rooms = Loop(mutants), tuple(str(SOURCE / room) for room in ROOMS)

    def called(frame: Any, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(rooms):
            function = frame.f_code.co_qualname.partition(".<locals>")[0]
            loop.reached.add(f"{frame.f_code.co_filename}:{function}")

    sys.setprofile(called)
    if pytest.main([*OPTIONS, *TESTS], plugins=[loop]):
        sys.exit("The tests fail while nothing is taken out. Run: make test")


def give(path: Path, function: str, code: CodeType) -> None:
    """Give a function that is loaded the code that it has in a changed module."""
    found: Any = sys.modules[f"hilf.{path.parent.name}.{path.stem}"]
    for name in function.split("."):
        found = vars(found)[name]
    for inner in ("fget", "func", "__wrapped__", "__func__"):
        found = getattr(found, inner, found)
    found.__code__ = next(each for each in codes(code) if each.co_qualname == function)


def codes(code: CodeType) -> Iterator[CodeType]:
    """The code of a module and of everything defined in it."""
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from codes(each)


def change(paths: list[Path]) -> None:
    """Change what mutmut changes, but no sentences."""
    from mutmut.mutation import file_mutation, mutators, trampoline

    def words(node: Any) -> Any:
        return () if " " in getattr(node, "value", "") else mutators.operator_string(node)

    file_mutation.mutation_operators = [
        (kind, words if operator is mutators.operator_string else operator)
        for kind, operator in mutators.mutation_operators
    ]
    made = {
        path: file_mutation.mutate_file_contents(str(path), path.read_text(encoding="utf-8"))
        for path in paths
    }
    reading({str(path): compile(each.code, path, "exec") for path, each in made.items()})
    trampoline.set_mutant_under_test("stats")

    def mutants(loop: Loop) -> None:
        tally = Tally()
        for path, each in made.items():
            module = f"{path.parent.name}.{path.stem}"
            own = str(ROOT / "tests" / path.parent.name / f"test_{path.name}")
            changes = differences(each.code)
            for name in each.mutant_names:
                full = f"hilf.{module}.{name}"
                reach = loop.by_function.get(full.rpartition("__mutmut_")[0], {})

                def act(full: str = full, reach: dict[str, float] = reach, own: str = own) -> int:
                    trampoline.set_mutant_under_test(full)
                    return loop.run(reach, own)

                tally.start(module, f"{name}: {changes(name)}{'' if reach else ' (no test reaches it)'}", act)
        tally.report("changed")

    loop = Loop(mutants)
    trampoline.record_trampoline_hit = lambda name, **_: loop.reached.add(name)
    if pytest.main([*OPTIONS, *TESTS], plugins=[loop]):
        sys.exit("The tests fail while nothing is changed. Run: make test")


def differences(source: str) -> Callable[[str], str]:
    """What each mutant changes, as one line."""
    lines = source.split("\n")
    functions = {
        node.name: [
            re.sub(r"__mutmut_\w+", "", line).strip() for line in lines[node.lineno - 1 : node.end_lineno]
        ]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
    }

    def difference(name: str) -> str:
        before = functions.get(f"{name.rpartition('__mutmut_')[0]}__mutmut_orig", [])
        return " ".join(line for line in ndiff(before, functions.get(name, [])) if line[0] in "+-")[:300]

    return difference


def main(wanted: list[str]) -> None:
    """Try every mutant of the modules wanted, and print what nobody missed."""
    os.chdir(ROOT)
    os.environ.setdefault("HYPOTHESIS_PROFILE", "mutation")
    paths = [
        path
        for room in ROOMS
        for path in sorted((SOURCE / room).glob("*.py"))
        if not wanted or any(f"{room}.{path.stem}.".startswith(f"{each}.") for each in wanted)
    ]
    kinds = {"taken-out": from_functions, "changed": change, "tables": from_tables}
    for kind in [os.environ["KIND"]] if "KIND" in os.environ else kinds:
        process = os.fork()  # each begins with nothing loaded
        if not process:
            kinds[kind](paths)
            os._exit(0)
        if os.waitpid(process, 0)[1]:
            sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
