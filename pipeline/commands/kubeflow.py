"""`fairgate kubeflow …`: the same graph on Kubeflow Pipelines v2. Needs the extra `kubeflow`, and says so where it is missing."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from fairgate.errors import InputError
from fairgate.files import replace_text
from pipeline import check as checks
from pipeline import config as configuration

app = typer.Typer(rich_markup_mode=None, help="Compile the pipeline for Kubeflow Pipelines v2, run it there.")


@app.command(name="compile")
def compile_(
    task: Annotated[str, typer.Argument(metavar="TASK", help="As for run.", show_default=False)],
    image: Annotated[str, typer.Option(metavar="IMAGE", help="Container image of every step.", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where the specification goes.")] = Path(
        "pipeline.yaml"
    ),
    examples: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Converted examples; open until submission by default.")
    ] = None,
    serving: Annotated[str, typer.Option(metavar="FOLDER", help="Where blessed models go.")] = "/mnt/fairgate/serving",
    root: Annotated[str | None, typer.Option(metavar="URI", help="Of the artifacts; the engine's own by default.")] = None,
    volume: Annotated[
        str | None, typer.Option(metavar="CLAIM:PATH", help="Persistent volume claim, and where all containers find it.")
    ] = None,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="As for run.")] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="As for run.")] = None,
    beam_arg: Annotated[list[str] | None, typer.Option(metavar="OPTION", help="As for run.")] = None,
) -> None:
    """Write the pipeline specification of a task, to be submitted as it is."""
    run_config = configuration.load(task, configuration.Overrides(config, settings or ()))
    problems = [*checks.problems(run_config), *run_config.training.unprepared(), *_bad_volume(volume)]
    if problems:
        raise InputError("\n".join(problems))
    require_extra()
    from pipeline.terminal import quiet

    with quiet(Path("/dev/null")):
        from pipeline.kubeflow.compile import Target, compile_pipeline

        written = compile_pipeline(run_config, Target(image, serving, examples, root, volume, tuple(beam_arg or ())))
    output.parent.mkdir(parents=True, exist_ok=True)
    replace_text(output, written)
    typer.echo(f"{output}: {task}, to be run in {image}.")


def require_extra() -> None:
    """Raises InputError where the compiler is not installed."""
    if find_spec("kfp") is None:
        raise InputError("Kubeflow Pipelines is not installed: add the extra, as in `uv sync --extra kubeflow`.")


def _bad_volume(volume: str | None) -> list[str]:
    claim, _, path = (volume or "").partition(":")
    if volume is None or (claim and path.startswith("/")):
        return []
    return [f"--volume {volume!r} is not of the form CLAIM:/path, for example fairgate:/mnt/fairgate."]
