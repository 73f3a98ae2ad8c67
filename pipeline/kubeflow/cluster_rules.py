"""What a cluster accepts as the name of a pipeline, a run or a schedule, as an image, and as a volume claim.

A cluster reports such a mistake only when it starts a pod, or never: the pod waits for an image that cannot be pulled. Each
function takes what the user typed and returns its problems as sentences that name the option, the value and the remedy.
"""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from pipeline.kubeflow.entry import FOLDERS
from pipeline.tasks import pipeline_name

# Kubeflow Pipelines' ValidatePipelineName. Kubernetes shortens the names that it makes of it, so that 63 is no limit here.
PIPELINE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,127}")
DNS_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")  # RFC 1123, as Kubernetes reads it
MAX_DISPLAY_NAME = 255  # characters; a column of the cluster's database before Kubeflow Pipelines 2.15
MAX_EXPERIMENT_NAME = 128

# The grammar of github.com/distribution/reference, by which Kubernetes reads an image.
_HOST = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
_DOMAIN = rf"({_HOST}|\[[A-Fa-f0-9:]+\])(:[0-9]+)?"
_COMPONENT = r"[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*"
_IMAGE = re.compile(
    rf"(?P<domain>{_DOMAIN}/)?(?P<repository>{_COMPONENT}(/{_COMPONENT})*)"
    r"(:(?P<tag>\w[\w.-]{0,127}))?(@(?P<digest>sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}))?",
    re.ASCII,
)
_MAX_REPOSITORY = 255
_HEX_ID = re.compile("[a-f0-9]{64}")  # an image's id is no reference
# A bucket: of S3 and MinIO at most 63 characters; Google's may have underscores, and 222 characters if dots part it.
_BUCKET = re.compile(r"[a-z0-9][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)*(?<!-)")
_GOOGLE_BUCKET = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}(\.[a-z0-9][a-z0-9_-]{0,62})*(?<![_-])")
_MAX_BUCKET, _MAX_GOOGLE_BUCKET = 63, 222
# What Linux and our image keep there: no volume on one of them, in one, or on a folder that holds one.
_HIDDEN = ("/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/opt/fairgate", "/proc", "/sbin", "/sys", "/usr")
# Where the launcher of Kubeflow Pipelines puts artifacts.
_LAUNCHERS = tuple(f"/{folder}" for folder in FOLDERS.values())
FOLDER_NAMES = {"--examples": "examples", "--serving": "serving"}  # option -> the folder's usual name
_IMAGE_REMEDY = "name it as in --image registry.example.org/fairgate:1"


def pipeline_problems(task: str) -> list[str]:
    """Return the problems of a pipeline's name, which is made of the name of its task."""
    name = pipeline_name(task)
    if PIPELINE_NAME.fullmatch(name):
        return []
    return [
        f"The task {task!r} makes the pipeline name {name!r}, which Kubeflow Pipelines refuses: it has at most 128 lower-case "
        "letters, digits and hyphens. Rename the task, in its Task and in its entry point."
    ]


def image_problems(image: str) -> list[str]:
    """Return the problems of an image's reference: [REGISTRY[:PORT]/]REPOSITORY[:TAG][@DIGEST]."""
    found = _IMAGE.fullmatch(image)
    if found and len(found["repository"]) <= _MAX_REPOSITORY and not _HEX_ID.fullmatch(image):
        return []
    return [f"--image {image!r} is no image that a cluster can pull: {_image_fault(image, found)}."]


def _image_fault(image: str, found: re.Match[str] | None) -> str:
    if found:
        long = len(found["repository"]) > _MAX_REPOSITORY
        return f"{f'its repository has more than {_MAX_REPOSITORY} characters' if long else 'it is an id'}; {_IMAGE_REMEDY}"
    if not image.strip():
        return f"it is empty; {_IMAGE_REMEDY}"
    if image != "".join(image.split()):
        return f"it has white space; {_IMAGE_REMEDY}"
    if "://" in image:
        return f"leave {image.partition('://')[0]}:// out"
    name, at, digest = image.partition("@")
    if at and _IMAGE.fullmatch(name):
        return f"the digest {digest!r} is neither sha256: with 64 nor sha512: with 128 lower-case hexadecimal digits"
    head, slash, last = name.rpartition("/")
    repository, colon, tag = last.partition(":")
    lower = f"{_lower_path(head)}{slash}{repository.lower()}{colon}{tag}{at}{digest}"
    if _IMAGE.fullmatch(lower):
        return f"a repository is lower case; --image {lower}"
    if colon and _IMAGE.fullmatch(head + slash + repository):
        return f"the tag {tag!r} is not of 1 to 128 letters, digits, and characters of '_.-' (not first '.' or '-')"
    return _IMAGE_REMEDY


def _lower_path(head: str) -> str:
    """Return what is before the last slash in lower case, but for the registry, which may have capital letters."""
    first, slash, rest = head.partition("/")
    registry = "." in first or ":" in first
    return f"{first if registry else first.lower()}{slash}{rest.lower()}"


def volume_problems(volume: str | None) -> list[str]:
    """Return the problems of CLAIM:/path. A claim is mounted as a volume of its own name, which is a label of RFC 1123."""
    if volume is None:
        return []
    claim, _, path = volume.partition(":")
    if not claim or not path.startswith("/"):
        return [f"--volume {volume!r} is not of the form CLAIM:/path, for example fairgate:/mnt/fairgate."]
    problems = []
    if not DNS_LABEL.fullmatch(claim):
        problems.append(
            f"--volume {volume!r}: {claim!r} is no volume claim that a pod can mount; such a name has at most 63 lower-case "
            "letters, digits and hyphens, and begins and ends with a letter or digit."
        )
    if ":" in path or not path.strip("/") or ".." in PurePosixPath(path).parts or not path.isprintable():
        problems.append(
            f"--volume {volume!r}: {path!r} is no path to mount at; name a folder, as in --volume {claim}:/mnt/fairgate."
        )
    elif hidden := _hidden_by(path):
        problems.append(
            f"--volume {volume!r} covers {hidden} of the containers or a part of it, which their programs need; mount it "
            f"elsewhere, as in --volume {claim}:/mnt/fairgate."
        )
    return problems


def _hidden_by(path: str) -> str:
    """Return a folder of the image, or of the launcher, that a volume at this path would hide; "" if there is none."""
    mounted = PurePosixPath("/", path.strip("/"))
    for folder in map(PurePosixPath, (*_HIDDEN, *_LAUNCHERS)):
        if folder.is_relative_to(mounted) or mounted.is_relative_to(folder):
            return str(folder)
    return ""


def folder_problems(option: str, folder: str | None) -> list[str]:
    """Return the problems of a folder of the containers, which have no working directory of the user's."""
    if folder is None:
        return []
    scheme, separator, _ = folder.partition("://")
    if (folder.startswith("/") and folder.isprintable()) or (separator and scheme in FOLDERS and _bucket_of(folder)):
        return []
    if separator:
        remedy = f"give a path from the root, as in {option} /mnt/fairgate/{FOLDER_NAMES[option]}"
    else:
        kept = "/".join(part for part in PurePosixPath(folder).parts if part not in ("~", "..", "/") and part.isprintable())
        remedy = f"give its path from the root, as in {option} /mnt/fairgate/{kept or FOLDER_NAMES[option]}"
    return [f"{option} {folder!r} is no folder of a container; {remedy}."]


def unmounted(option: str, folder: str | None, volume: str | None) -> list[str]:
    """Return a warning if a folder of the containers is on no volume, and so in a pod that is removed after its step."""
    if folder is None or "://" in folder:
        return []
    mounted = volume.partition(":")[2] if volume else ""
    if mounted and PurePosixPath(folder).is_relative_to(PurePosixPath(mounted)):
        return []
    remedy = (
        f"{option} {PurePosixPath(mounted, FOLDER_NAMES[option])}"
        if mounted
        else f"--volume CLAIM:{PurePosixPath(folder).parent}"
    )
    return [
        f"{option} {folder} is on no volume of --volume: what is written there is gone with its pod, unless the cluster mounts "
        f"something there itself. Add {remedy}."
    ]


def _bucket_of(uri: str) -> str:
    """Return the bucket of an object store's URI; "" if there can be none of that name."""
    scheme, _, rest = uri.partition("://")
    bucket = rest.partition("/")[0]
    if scheme == "gs":
        good = _GOOGLE_BUCKET.fullmatch(bucket) and len(bucket) <= (_MAX_GOOGLE_BUCKET if "." in bucket else _MAX_BUCKET)
    else:
        good = _BUCKET.fullmatch(bucket) and len(bucket) <= _MAX_BUCKET
    return bucket if good and len(bucket) >= 3 else ""


def root_problems(root: str | None) -> list[str]:
    """Return the problems of the artifact store's URI: a scheme that the containers know, a bucket, perhaps a path."""
    if root is None:
        return []
    scheme, separator, _ = root.partition("://")
    if separator and scheme in FOLDERS and _bucket_of(root):
        return []
    schemes = ", ".join(f"{name}://" for name in FOLDERS)
    return [
        f"--root {root!r} is no artifact store: it begins with one of {schemes} and a bucket of 3 to 63 lower-case letters, "
        "digits, hyphens and single dots (gs:// also underscores), as in --root minio://mlpipeline/fairgate."
    ]


def run_problems(name: str, experiment: str) -> list[str]:
    """Return the problems of a run's name and its experiment's, which may hold any characters that can be shown."""
    limits = (("--name", name, MAX_DISPLAY_NAME), ("--experiment", experiment, MAX_EXPERIMENT_NAME))
    return [
        f"{option} {value!r} is no name that Kubeflow Pipelines accepts; give 1 to {limit} characters that can be shown."
        for option, value, limit in limits
        if not value.strip() or not value.isprintable() or len(value) > limit
    ]


def schedule_problems(name: str) -> list[str]:
    """Return the problem of a schedule's name: the cluster names its object by the name's letters, digits and hyphens."""
    kept = re.sub("[^a-z0-9-]+", "", name.lower())
    if not kept.startswith("-"):
        return []
    return [
        f"--name {name!r} is no name for a schedule: its first ASCII letter, digit or hyphen is a hyphen, and Kubernetes refuses "
        f"the name that Kubeflow Pipelines makes of it; for example --name {kept.strip('-') or 'nightly'}."
    ]


def namespace_problems(namespace: str) -> list[str]:
    """Return the problems of a namespace; "" is that of a cluster with one user."""
    if not namespace or DNS_LABEL.fullmatch(namespace):
        return []
    return [
        f"--namespace {namespace!r} is no namespace; it has at most 63 lower-case letters, digits and hyphens, and begins and "
        "ends with a letter or digit. `kubectl get namespaces` lists those of the cluster."
    ]


def target_problems(task: str, image: str, volume: str | None, root: str | None, folders: Mapping[str, str | None]) -> list[str]:
    """Return everything in a pipeline to compile that a cluster would refuse; `folders` maps options to folders."""
    return [
        *pipeline_problems(task),
        *image_problems(image),
        *volume_problems(volume),
        *root_problems(root),
        *(problem for option, folder in folders.items() for problem in folder_problems(option, folder)),
    ]
