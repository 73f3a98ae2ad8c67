"""What a cluster accepts, by tables: the rules of Kubernetes, Kubeflow Pipelines and the registries, and messages to act on."""

from collections.abc import Callable

import pytest

from pipeline.kubeflow import cluster_rules as rules

SHA256 = f"sha256:{'f' * 64}"


@pytest.mark.parametrize(
    "image",
    [
        "fairgate",
        "fairgate:latest",
        "registry/fairgate:1",
        "test.com:5000",  # the tag 5000
        "localhost:5000/fairgate",
        "test:5000/repo:tag",
        f"test:5000/repo@{SHA256}",
        f"test:5000/repo:tag@{SHA256}",
        f"repo@sha512:{'0' * 128}",
        "sub-dom1.foo.com/bar/baz/quux:some-long-tag",
        "b.gcr.io/test.example.com/my-app:test.example.com",
        "Registry.example.org/fairgate:1",  # a registry's name may have capital letters
        "lowercase:Uppercase",
        "192.168.1.1:5000/repo",
        "[2001:db8::1]:5000/repo",
        "foo/foo_bar.com:8080",
        "a__b/c---d/e.f:_x",
        "a/" * 127 + "a:tag-puts-this-over-max",
        f"repo:{'t' * 128}",
        "f" * 63,
    ],
)
def test_images_of_the_reference_grammar_are_accepted(image: str) -> None:
    assert rules.image_problems(image) == []


@pytest.mark.parametrize(
    ("image", "fault"),
    [
        ("", "it is empty; name it as in --image registry.example.org/fairgate:1"),
        (" ", "it is empty; name it as in --image registry.example.org/fairgate:1"),
        ("registry/fairgate:1 ", "it has white space; name it as in --image registry.example.org/fairgate:1"),
        ("https://registry/fairgate:1", "leave https:// out"),
        ("Fairgate:1", "a repository is lower case; --image fairgate:1"),
        ("test:5000/Uppercase/lowercase:Tag", "a repository is lower case; --image test:5000/uppercase/lowercase:Tag"),
        ("Registry.example.org/Team/fairgate:1", "a repository is lower case; --image Registry.example.org/team/fairgate:1"),
        (
            "repo@sha256:ffff",
            "the digest 'sha256:ffff' is neither sha256: with 64 nor sha512: with 128 lower-case hexadecimal digits",
        ),
        (
            f"repo@md5:{'f' * 32}",
            f"the digest 'md5:{'f' * 32}' is neither sha256: with 64 nor sha512: with 128 lower-case hexadecimal digits",
        ),
        ("repo:-1", "the tag '-1' is not of 1 to 128 letters, digits, and characters of '_.-' (not first '.' or '-')"),
        ("repo:", "the tag '' is not of 1 to 128 letters, digits, and characters of '_.-' (not first '.' or '-')"),
        (
            f"repo:{'t' * 129}",
            f"the tag '{'t' * 129}' is not of 1 to 128 letters, digits, and characters of '_.-' (not first '.' or '-')",
        ),
        ("aa/asdf$$^/aa", "name it as in --image registry.example.org/fairgate:1"),
        (":justtag", "name it as in --image registry.example.org/fairgate:1"),
        (f"@{SHA256}", "name it as in --image registry.example.org/fairgate:1"),
        ("-test.com/repo", "name it as in --image registry.example.org/fairgate:1"),
        ("a___b", "name it as in --image registry.example.org/fairgate:1"),
        ("f" * 64, "it is an id; name it as in --image registry.example.org/fairgate:1"),
        (
            "domain/" + "a" * 256,
            "its repository has more than 255 characters; name it as in --image registry.example.org/fairgate:1",
        ),
    ],
)
def test_other_images_are_refused_with_the_remedy(image: str, fault: str) -> None:
    assert rules.image_problems(image) == [f"--image {image!r} is no image that a cluster can pull: {fault}."]


ACCEPTED: list[tuple[Callable[[str], list[str]], list[str]]] = [
    (rules.pipeline_problems, ["digits", "civil-comments", "a" * 119, "2", "x-"]),
    (
        rules.volume_problems,
        [
            "fairgate:/mnt/fairgate",
            "a:/x",
            f"{'a' * 63}:/x/",
            "claim-2:/mnt/with space",
            "0:/..x",
            "c:/mnt",
            "c:/mnt/tmp",
            "c:/optional",
            "c:/data",
            "c:/srv",
        ],
    ),
    (
        rules.root_problems,
        [
            *("minio://mlpipeline", "s3://my.bucket-1/a/b", f"s3://{'a' * 63}", "gs://abc/", "gs://my_bucket/x", "gs://a_b_c"),
            f"gs://{'.'.join(['a' * 55] * 4)[:222]}",
        ],
    ),
    (lambda folder: rules.folder_problems("--serving", folder), ["/mnt/x", "gs://bucket/x", "/"]),
    (lambda name: rules.run_problems(name, "e"), ["weekly", "Weekly: comments, Ä", "é" * 255, "-x"]),
    (lambda name: rules.run_problems("r", name), ["weekly", "x" * 128]),
    (rules.schedule_problems, ["weekly", "Weekly -2", "A-b", "Übung", "每周", "x-"]),
    (rules.namespace_problems, ["", "kubeflow", "team-1", "a" * 63]),
]


@pytest.mark.parametrize(("problems", "value"), [(rule, value) for rule, values in ACCEPTED for value in values])
def test_what_a_cluster_accepts_is_accepted(problems: Callable[[str], list[str]], value: str) -> None:
    assert problems(value) == []


CLAIM = "such a name has at most 63 lower-case letters, digits and hyphens, and begins and ends with a letter or digit."
NAMESPACE = "it has at most 63 lower-case letters, digits and hyphens, and begins and ends with a letter or digit."
STORE = "it begins with one of minio://, s3://, gs:// and a bucket of 3 to 63 lower-case letters, digits, hyphens and single dots"


@pytest.mark.parametrize("claim", ["Fairgate", "fair_gate", "-fairgate", "fairgate-", "team.fairgate", "a" * 64, "é"])
def test_claim_must_be_a_volume_s_name_too(claim: str) -> None:
    """A claim may have dots and 253 characters, but Kubeflow Pipelines names the pod's volume after it."""
    volume = f"{claim}:/mnt"
    assert rules.volume_problems(volume) == [
        f"--volume {volume!r}: {claim!r} is no volume claim that a pod can mount; {CLAIM}",
    ]


@pytest.mark.parametrize("path", ["/", "//", "/mnt:ro", "/mnt/../etc", "/mnt\n"])
def test_mount_path_is_a_folder_below_the_root(path: str) -> None:
    volume = f"fairgate:{path}"
    remedy = "name a folder, as in --volume fairgate:/mnt/fairgate."
    assert rules.volume_problems(volume) == [f"--volume {volume!r}: {path!r} is no path to mount at; {remedy}"]


@pytest.mark.parametrize("volume", ["claim", "claim:", ":/mnt", "claim:mnt"])
def test_volume_is_a_claim_and_a_path(volume: str) -> None:
    assert rules.volume_problems(volume) == [
        f"--volume {volume!r} is not of the form CLAIM:/path, for example fairgate:/mnt/fairgate."
    ]


@pytest.mark.parametrize(
    "root",
    [
        *("/mnt/x", "minio:/x", "http://bucket", "minio://", "s3://ab", "s3://Bucket/x", "s3://a_b_c", "gs://b..c", "s3://b..c"),
        *(
            "gs://_ab",
            "gs://ab_",
            "gs://ab-",
            "s3://ab-",
            "s3://a.",
            f"s3://{'a' * 64}",
            f"gs://{'a' * 64}",
            f"gs://{'a.' * 111}b",
        ),
    ],
)
def test_root_is_an_artifact_store(root: str) -> None:
    assert rules.root_problems(root) == [
        f"--root {root!r} is no artifact store: {STORE} (gs:// also underscores), as in --root minio://mlpipeline/fairgate."
    ]


@pytest.mark.parametrize("task", ["loan_approval", "Digits", "a" * 120, "a.b", "a b"])
def test_pipeline_is_named_by_its_task(task: str) -> None:
    assert rules.pipeline_problems(task) == [
        f"The task {task!r} makes the pipeline name 'fairgate-{task}', which Kubeflow Pipelines refuses: it has at most 128 "
        "lower-case letters, digits and hyphens. Rename the task, in its Task and in its entry point."
    ]


@pytest.mark.parametrize(
    ("folder", "better"),
    [
        *(("serving", "serving"), ("./models", "models"), ("", "serving"), (".", "serving"), ("~/x", "x"), ("~", "serving")),
        *(("../a/b", "a/b"), ("a\nb/c", "c")),
    ],
)
def test_folder_is_a_path_from_the_root(folder: str, better: str) -> None:
    assert rules.folder_problems("--serving", folder) == [
        f"--serving {folder!r} is no folder of a container; give its path from the root, as in --serving /mnt/fairgate/{better}."
    ]


@pytest.mark.parametrize("folder", ["file:///x", "foo://b", "://", "s3://", "gs://b..c"])
def test_folder_is_of_no_unknown_scheme(folder: str) -> None:
    assert rules.folder_problems("--examples", folder) == [
        f"--examples {folder!r} is no folder of a container; give a path from the root, as in --examples /mnt/fairgate/examples."
    ]


@pytest.mark.parametrize(
    ("path", "hidden"),
    [
        *(("/opt", "/opt/fairgate"), ("/opt/fairgate", "/opt/fairgate"), ("/opt/fairgate/data/", "/opt/fairgate")),
        *(
            ("/proc", "/proc"),
            ("/etc", "/etc"),
            ("//usr//lib", "/usr"),
            ("/minio", "/minio"),
            ("/gcs/b", "/gcs"),
        ),
    ],
)
def test_volume_covers_nothing_of_the_image(path: str, hidden: str) -> None:
    volume = f"c:{path}"
    assert rules.volume_problems(volume) == [
        f"--volume {volume!r} covers {hidden} of the containers or a part of it, which their programs need; mount it elsewhere, "
        "as in --volume c:/mnt/fairgate."
    ]


UNMOUNTED = (
    "is on no volume of --volume: what is written there is gone with its pod, unless the cluster mounts something there itself"
)


@pytest.mark.parametrize(
    ("folder", "volume", "remedy"),
    [
        ("/mnt/fairgate/serving", None, "--volume CLAIM:/mnt/fairgate"),
        ("/mnt/fairgate/serving", "fairgate:/mnt/f", "--serving /mnt/f/serving"),
        ("/mnt/fx", "fairgate:/mnt/f/", "--serving /mnt/f/serving"),
    ],
)
def test_folder_on_no_volume_is_named_with_the_remedy(folder: str, volume: str | None, remedy: str) -> None:
    assert rules.unmounted("--serving", folder, volume) == [f"--serving {folder} {UNMOUNTED}. Add {remedy}."]


@pytest.mark.parametrize(
    ("folder", "volume"), [("/mnt/f/serving", "c:/mnt/f"), ("/mnt/f", "c:/mnt/f/"), ("gs://bucket/x", None), (None, None)]
)
def test_folder_on_a_volume_needs_no_word(folder: str | None, volume: str | None) -> None:
    assert rules.unmounted("--serving", folder, volume) == []


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 256])
def test_run_s_name_can_be_shown_and_stored(name: str) -> None:
    assert rules.run_problems(name, "e") == [
        f"--name {name!r} is no name that Kubeflow Pipelines accepts; give 1 to 255 characters that can be shown."
    ]


def test_experiment_s_name_is_shorter() -> None:
    name = "x" * 129
    assert rules.run_problems("r", name) == [
        f"--experiment {name!r} is no name that Kubeflow Pipelines accepts; give 1 to 128 characters that can be shown."
    ]


@pytest.mark.parametrize(
    ("name", "better"), [("--nightly", "nightly"), ("Ü-Nacht", "nacht"), ("-", "nightly"), ("é -", "nightly")]
)
def test_schedule_s_name_does_not_become_one_that_begins_with_a_hyphen(name: str, better: str) -> None:
    """The server keeps lower-case ASCII letters, digits and hyphens; Kubernetes refuses what begins with a hyphen."""
    assert rules.schedule_problems(name) == [
        f"--name {name!r} is no name for a schedule: its first ASCII letter, digit or hyphen is a hyphen, and Kubernetes refuses "
        f"the name that Kubeflow Pipelines makes of it; for example --name {better}."
    ]


@pytest.mark.parametrize("namespace", ["Team", "a.b", "-a", "a" * 64])
def test_namespace_is_a_label(namespace: str) -> None:
    assert rules.namespace_problems(namespace) == [
        f"--namespace {namespace!r} is no namespace; {NAMESPACE} `kubectl get namespaces` lists those of the cluster."
    ]
