"""The rules that hold the project together: import direction, light modules, one place for two stacks, reserved names.

Which package may import which is written in pyproject.toml, [tool.importlinter]; here is what such contracts cannot say.
"""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
PACKAGES = ("fairgate", "data", "components", "pipeline")
# Folders with code of ours that is held to the same rules.
FOLDERS = (*PACKAGES, "kubeflow", "docs")
# An example of a task in a distribution of its own.
EXAMPLE = "docs/examples/loan_approval"
# Fields whose name is a key of a published file, and so is not ours to choose.
KEYS_OF_FORMATS = {"fairgate/gate/verdict.py": {"data"}}
# A task package is one that offers a task.
TASKS = sorted(file.parent.name for file in PROJECT.glob("components/tasks/*/task.py"))
HEAVY = ["tensorflow", "keras", "apache_beam", "tfx", "tensorflow_model_analysis", "pandas", "sklearn", "kfp"]
# What --help, check and every configuration error need.
LIGHT = [
    "data",
    "data.comments.civil_comments",
    "data.comments.readers",
    "fairgate.errors",
    "data.images.fashion_mnist",
    "fairgate.counting.config",
    "fairgate.measurement",
    "fairgate.gate.policy",
    "fairgate.gate.presets",
    "components.tasks.base",
    *(f"components.tasks.{task}.task" for task in TASKS),
    "loan_approval.task",
    "fairgate.cli.main",
    "pipeline.config",
    "pipeline.tasks",
]


def sources(*folders: str) -> list[Path]:
    """The Python files of these folders, relative to the project."""
    return sorted(file.relative_to(PROJECT) for folder in folders for file in (PROJECT / folder).rglob("*.py"))


def parse(file: Path) -> ast.Module:
    """The syntax tree of a file of the project."""
    return ast.parse((PROJECT / file).read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    """Dotted names of all imports, also those inside functions; `from a import b` gives a.b, for b may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def bound(tree: ast.Module) -> Iterator[str]:
    """Everything that the code names itself: variables, parameters, attributes, functions, classes, aliases."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname for alias in node.names if alias.asname)


def test_imports_keep_the_contracts() -> None:
    """Those of [tool.importlinter] in pyproject.toml; the message shows each import that breaks one."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("task", TASKS)
def test_contracts_name_every_task(task: str) -> None:
    """Tasks share the package `tasks` with their base, so that a new one must be named."""
    assert f"tasks.{task}" in (PROJECT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("file", sources("docs"), ids=str)
def test_the_example_of_a_task_needs_no_pipeline(file: Path) -> None:
    """It stands on the components, as a task of this project does."""
    ours = {name.split(".")[0] for name in imported(parse(file))} & {"", "tests", "loan_approval", *PACKAGES}
    assert ours <= {"fairgate", "data", "components", "loan_approval"}


@pytest.mark.parametrize("file", sources("components"), ids=str)
def test_only_steps_import_the_graph_s_language(file: Path) -> None:
    """`tfx.dsl` makes steps; what they do is plain functions. import-linter sees no further than `tfx`."""
    uses = any(name.startswith("tfx.dsl") for name in imported(parse(file)))
    assert not uses or file.is_relative_to("components/steps")


def test_tasks_are_registered_in_one_place() -> None:
    """The graph, the runners and the command know tasks by the register only."""
    knowing = [
        str(file)
        for file in sources("pipeline", "kubeflow")
        if any(name.startswith(f"components.tasks.{task}.") for name in imported(parse(file)) for task in TASKS)
    ]
    assert knowing == ["pipeline/tasks.py"]


STACKS = "data/stacks.py"  # names each difference between the stacks
VERSIONS = re.compile(r"\bversion_info\b|\b__version__\b|\bversion\(")


def stack_questions(tree: ast.Module) -> Iterator[str]:
    """Whatever tells one version of Python or of a package from another: comparisons, imports and parts that may be missing."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = {alias.asname or alias.name for node in imports for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and VERSIONS.search(ast.unparse(node)):
            yield ast.unparse(node)
        elif isinstance(node, ast.Try) and any("ImportError" in ast.unparse(handler) for handler in node.handlers):
            yield from (ast.unparse(inner) for inner in node.body if inner in imports)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "hasattr" and ast.unparse(node.args[0]) in modules:
            yield ast.unparse(node)


@pytest.mark.parametrize("file", sources(*FOLDERS, "benchmarks"), ids=str)
def test_one_module_asks_which_stack_it_runs_on(file: Path) -> None:
    """Everywhere else one spelling holds on both."""
    assert file.as_posix() == STACKS or list(stack_questions(parse(file))) == []


QUESTIONS = {
    "sys.version_info >= (3, 11)": "import sys\nif sys.version_info >= (3, 11): pass",
    "keras.__version__ < '3'": "import keras\nif keras.__version__ < '3': pass",
    "version('numpy') < '2'": "if version('numpy') < '2': pass",
    "import tomllib": "try:\n    import tomllib\nexcept ImportError:\n    pass",
    "hasattr(m, 'GetMessageClass')": "from google.protobuf import message_factory as m\nif hasattr(m, 'GetMessageClass'): pass",
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_questions_about_the_stack_are_recognised(question: str) -> None:
    """In each of the usual spellings."""
    assert list(stack_questions(ast.parse(QUESTIONS[question]))) == [question]


@pytest.mark.parametrize("file", sources(*FOLDERS, "tests", "scripts", "benchmarks"), ids=str)
def test_package_names_name_packages_only(file: Path) -> None:
    """`data`, `components` and `pipeline` are never variables, parameters, attributes or functions."""
    names = set(bound(parse(file))) & {"data", "components", "pipeline"}
    assert names == KEYS_OF_FORMATS.get(str(file), set())


@pytest.mark.parametrize("file", sources(*FOLDERS), ids=str)
def test_one_function_states_the_reason_of_a_system_error(file: Path) -> None:
    """`error.strerror` is None of many errors, so that a message would say "(None)"; `os_reason` never does."""
    attributes = {ast.unparse(node) for node in ast.walk(parse(file)) if isinstance(node, ast.Attribute)}
    read = {name for name in attributes if name.endswith(".strerror")} - {"os.strerror"}
    assert read == ({"error.strerror"} if str(file) == "fairgate/errors.py" else set())


def bare_process(code: str, folder: Path) -> str:
    """What Python prints in a fresh process, with neither this folder nor PYTHONPATH on its path."""
    command = [sys.executable, "-I", "-c", code]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_packages_are_installed_from_here(tmp_path: Path) -> None:
    """Each name is common enough that something else might be imported in its place."""
    code = f"import importlib.util as u; print(*(u.find_spec(name).origin for name in {PACKAGES}))"
    assert bare_process(code, tmp_path).split() == [str(PROJECT / name / "__init__.py") for name in PACKAGES]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """For each light module, the heavy packages that are loaded once it is imported, in one process, in the order of the list."""
    code = f"""
import importlib, json, sys
sys.path.append({str(PROJECT / EXAMPLE)!r})
loaded = {{}}
for name in {LIGHT}:
    try:
        importlib.import_module(name)
        loaded[name] = [heavy for heavy in {HEAVY} if heavy in sys.modules]
    except Exception as error:
        loaded[name] = [repr(error)]
print(json.dumps(loaded))
"""
    answer: dict[str, list[str]] = json.loads(bare_process(code, tmp_path_factory.mktemp("bare")))
    return answer


@pytest.mark.parametrize("name", LIGHT)
def test_light_modules_import_nothing_heavy(loaded: dict[str, list[str]], name: str) -> None:
    """TensorFlow and TFX take 10 to 60 seconds to import; the command answers before that."""
    assert loaded[name] == []


def test_kubeflow_is_no_package() -> None:
    """An __init__.py would put this folder in the place of the package `kubeflow` on PyPI."""
    assert list((PROJECT / "kubeflow").rglob("__init__.py")) == []


def test_pictures_show_every_step_of_the_graph() -> None:
    """Both drawings, by the numbers that pipeline/graph.py gives the steps."""
    steps = re.findall(r"^ *(\d+)\. (\w+) ", ast.get_docstring(parse(Path("pipeline/graph.py"))) or "", re.MULTILINE)
    _, mermaid, _, plain, *_ = (PROJECT / "docs/architecture.md").read_text(encoding="utf-8").split("```")
    assert len(steps) == 12
    assert [name for _, name in steps if name not in mermaid] == []
    assert [step for step in steps if not re.search(rf"\b{step[0]} {step[1]}", plain)] == []


SKIPPED = {".git", ".venv", ".tools", "runs", "build", "dist", "__pycache__", ".hypothesis", "uv.lock"}
# Folders of one person's machine; written in two parts, so that this file does not match itself.
MACHINE = re.compile(r"(?<![\w.$}])/(?:" + r"work|root|home/\w+|Users/\w+)" + r"(?=[/\s\"'`:)]|$)", re.MULTILINE)


def texts(folder: Path = PROJECT) -> Iterator[Path]:
    """Every file of the project but what git leaves out."""
    for entry in sorted(folder.iterdir()):
        if entry.name in SKIPPED or entry.name.endswith((".egg-info", "_cache")):
            continue
        if entry.is_dir():
            yield from texts(entry)
        else:
            yield entry


def test_no_file_names_a_folder_of_a_machine() -> None:
    """A path that exists on one machine only breaks, or tells too much, on every other."""
    found = [
        f"{file.relative_to(PROJECT)}: {match.group()}"
        for file in texts()
        for match in MACHINE.finditer(file.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []
