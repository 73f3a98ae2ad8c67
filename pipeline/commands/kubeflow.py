"""`fairgate kubeflow …`: the same graph on Kubeflow Pipelines v2. Needs the dependency group `kubeflow`."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from fairgate.cli import completion
from fairgate.cli.group import examples, group
from fairgate.errors import InputError, os_reason
from fairgate.files import destination, replace_text
from pipeline import check as checks
from pipeline import config as configuration
from pipeline.engines import refused
from pipeline.kubeflow import cluster_rules

_NO_ENGINE = (
    "a compiled pipeline hands no work to a cluster of Flink or Spark, whose workers would not see the files in a step's "
    "container. Leave it out; for several processes in each container add --beam-arg=--direct_running_mode=multi_processing "
    "--beam-arg=--direct_num_workers=2. `fairgate run` has --engine (docs/engines.md)."
)

app = group("Compile and run the pipeline on Kubeflow Pipelines v2.")


@app.command(
    name="compile",
    epilog=examples(
        "fairgate kubeflow compile digits --image registry/fairgate:latest",
        "fairgate kubeflow compile civil-comments --image registry/fairgate:latest \\",
        "    --examples /mnt/fairgate/examples --volume fairgate:/mnt/fairgate",
    ),
)
def compile_(
    task: Annotated[
        str,
        typer.Argument(metavar="TASK", help="As in `fairgate run`.", show_default=False, autocompletion=completion.tasks),
    ],
    image: Annotated[str, typer.Option(metavar="IMAGE", help="Container image of every step.", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Output file.")] = Path("pipeline.yaml"),
    examples: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="Folder of converted examples (default: a parameter of the submitted run)."),
    ] = None,
    serving: Annotated[
        str, typer.Option(metavar="FOLDER", help="Folder to publish blessed models in.")
    ] = "/mnt/fairgate/serving",
    root: Annotated[str | None, typer.Option(metavar="URI", help="Artifact store (default: the cluster's own).")] = None,
    volume: Annotated[
        str | None, typer.Option(metavar="CLAIM:PATH", help="Persistent volume claim and its mount path in all containers.")
    ] = None,
    preset: Annotated[
        str | None, typer.Option(metavar="NAME", help="As in `fairgate run`.", autocompletion=completion.presets)
    ] = None,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="As in `fairgate run`.")] = None,
    policy: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help="As in `fairgate run`.", autocompletion=completion.policies)
    ] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="As in `fairgate run`.")] = None,
    beam_arg: Annotated[list[str] | None, typer.Option(metavar="OPTION", help="As in `fairgate run`.")] = None,
    engine: Annotated[str | None, typer.Option(hidden=True)] = None,
) -> None:
    """Compile the pipeline of a task into a file to submit."""
    if engine is not None:
        raise InputError(f"--engine {engine}: {_NO_ENGINE}")
    refused.require_sound(beam_arg or ())
    run_config = configuration.load(
        task, configuration.Overrides(config, settings or (), {"preset": preset} if preset else None, policy)
    )
    problems = [
        *checks.problems(run_config),
        *checks.publishing_problems(run_config),
        *run_config.training.unresolved_inputs(),
        *cluster_rules.target_problems(task, image, volume, root, {"--examples": examples, "--serving": serving}),
    ]
    if problems:
        raise InputError("\n".join(problems))
    require_compiler()
    from pipeline.terminal import quiet

    with quiet(Path("/dev/null")):
        from pipeline.engines import beam_options
        from pipeline.kubeflow.compile import Target, compile_pipeline

        beam_options.require_known_offline(beam_arg or ())
        written = compile_pipeline(run_config, Target(image, serving, examples, root, volume, tuple(beam_arg or ())))
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        replace_text(destination(output), written)
    except OSError as error:
        raise InputError(f"{output} cannot be written ({os_reason(error)}); name another file with --output.") from None
    typer.echo(f"{output}: {task}, compiled for the image {image}.")
    for warning in cluster_rules.unmounted("--serving", serving, volume):
        typer.echo(f"Warning: {warning}", err=True)


def require_compiler() -> None:
    """Raise InputError if the compiler is not installed."""
    if find_spec("kfp") is None:
        raise InputError("The package kfp is not installed: add the dependency group, `scripts/uv.sh sync --group kubeflow`.")
