"""Configurations and policies in YAML, and options, that are wrong; nothing is trained."""

from tests.files.mistakes import Mistake

CHECK = "check civil-comments"
POLICY = "rules:\n  - {id: gap, kind: gap, metric: false_positive_rate, thresholds: [0.5], slices: ['gender:*'], limit: 1.25}\n"


def configured(text: str | bytes, *says: str, advice: dict[str, str] | None = None) -> Mistake:
    """Return the mistake of a configuration in the file c.yaml."""
    return Mistake(f"{CHECK} --config c.yaml", ("c.yaml", *says), {"c.yaml": text}, advice or {})


def policy(text: str | bytes, *says: str) -> Mistake:
    """Return the mistake of a policy in the file p.yaml."""
    return Mistake("check p.yaml", ("p.yaml", *says), {"p.yaml": text})


def option(options: str, *says: str, advice: dict[str, str] | None = None) -> Mistake:
    """Return the mistake of an option."""
    return Mistake(f"{CHECK} {options}", says, {}, advice or {})


YAML = {
    "no such file": Mistake(f"{CHECK} --config absent.yaml", ("absent.yaml: no such file",)),
    "a folder": Mistake(f"{CHECK} --config folder", ("folder: a folder, not a file",), {"folder/a.yaml": "seed: 1\n"}),
    "empty": configured("", "must hold keys and values at its top, such as `seed: 1`, not nothing"),
    "a list": configured("- seed: 1\n", "not a list"),
    "a text": configured("seed 1\n", "not a single value"),
    "tabs": configured("policy:\n\tmin_examples: 1\n", "line 2 is not valid YAML"),
    "an open bracket": configured("policy: {rules: [\n", "is not valid YAML"),
    "a key twice": configured("seed: 1\nseed: 2\n", "line 2", "the key 'seed' is given a second time, after line 1; remove one"),
    "two documents": configured("seed: 1\n---\nseed: 2\n", "is not valid YAML"),
    "a tag": configured("seed: !!python/object:os.system 1\n", "the tag"),
    "a merge key": configured("a: &a {seed: 1}\n<<: *a\n", "the merge key << is not read"),
    "aliases without end": configured("a: &a [*a]\n", "c.yaml"),
    "Latin-1": configured("seed: 1 # größe\n".encode("latin-1"), "not UTF-8 text (byte", "save the configuration as UTF-8"),
    "UTF-16": configured("seed: 1\n".encode("utf-16"), "not UTF-8 text (byte", "save the configuration as UTF-8"),
    "a megabyte": configured("# " + "a" * (1 << 20), "is larger than 524,288 bytes"),
    "an unknown key": configured("sed: 1\n", "line 1", "unknown key 'sed' (value 1); did you mean 'seed'?"),
    "an unknown key within": configured(
        "training:\n  step: 5\n", "line 2", "unknown key 'training.step' (value 5); did you mean 'training.steps'?"
    ),
    "text for a number": configured("seed: one\n", "line 1: seed", "(got 'one')"),
    "yes for true": configured("report_text: yes\n", "line 1: report_text", "(got 'yes'); write true"),
    "an octal number": configured("seed: 0100\n", "write 100, or 64 if it is octal"),
    "a number for text": configured("input: {train: [5]}\n", 'write it in quotes, "5"'),
    "a text for a list": configured("input: {train: a.csv}\n", "write a list, [a.csv]"),
    "a share above one": configured("input: {max_malformed_fraction: 1.5}\n", "input.max_malformed_fraction", "(got 1.5)"),
    "another task": configured("task: digits\n", "task is 'digits', but 'civil-comments' was asked for"),
    "a column read twice": configured(
        "input: {columns: {text: a, label: a}}\n", "is read both as text and as label; name it once"
    ),
    "an option of another model": configured(
        "training: {model: dnn, strength: 2}\n",
        "the model dnn has no training.strength",
        advice={"--set training.model=ngrams": ""},
    ),
    "an operating point": configured(
        "training: {operating_point: best}\n",
        "choose balanced, max_f1",
        advice={"--set training.operating_point.target_fpr=0.05": ""},
    ),
    "plain http": configured("training: {model: dnn, embedding: 'http://a.example/1'}\n", "only https is allowed"),
    "a threshold above one": configured("evaluation: {thresholds: [2]}\n", "threshold 2 is not between 0 and 1"),
    "a slice feature that is absent": option(
        "--set evaluation.slice_features=[age]", "'age' is no slice feature of civil-comments; choose from gender"
    ),
    "an unknown split": option("--set evaluation.splits=[eval,test]", "'test' is no split; choose from train, eval"),
}
POLICIES = {
    "no such file": Mistake("check absent.yaml", ("absent.yaml: no such file",)),
    "empty": policy("", "must hold keys and values at its top"),
    "no rule": policy("rules: []\n", "rules"),
    "an unknown kind": policy(
        "rules: [{id: a, kind: gapp, metric: auc}]\n", "line 1", "(got 'gapp')", "choose from beats_trivial"
    ),
    "an unknown metric": policy(
        POLICY.replace("false_positive_rate", "fpr"), "rule 'gap': there is no metric 'fpr'; known: false_positive_rate"
    ),
    "no limit": policy(POLICY.replace(", limit: 1.25", ""), "line 2", "limit: Field required"),
    "a limit below one": policy(POLICY.replace("1.25", "0.5"), "rule 'gap': limit 0.5 is below 1"),
    "a limit that is NaN": policy(POLICY.replace("1.25", ".nan"), "NaN is no limit"),
    "two rules of one id": policy(POLICY + POLICY.removeprefix("rules:\n"), "gap"),
    "a waiver without a day": policy(
        POLICY + "waivers: [{rule: gap, slice: 'gender:male', reason: known}]\n", "line 3: waivers.0.until: Field required"
    ),
    "a policy that extends itself": policy("extends: p.yaml\n", "which never ends; remove `extends` from one of them"),
    "a policy that extends nothing": policy("extends: absent.yaml\n", "extends: there is no file absent.yaml"),
}
OPTIONS = {
    "no value": option(
        "--set seed",
        "--set 'seed' is not of the form key.key=value",
        advice={"--set policy.min_examples=30": f"fairgate {CHECK} --set policy.min_examples=30"},
    ),
    "no key": option(
        "--set =1",
        "is not of the form key.key=value",
        advice={"--set policy.min_examples=30": f"fairgate {CHECK} --set policy.min_examples=30"},
    ),
    "an unknown key": option(
        "--set training.step=5",
        "unknown key 'training.step' (value 5)",
        advice={"--set training.steps=5": f"fairgate {CHECK} --set training.steps=5"},
    ),
    "an unknown part": option(
        "--set trainig.steps=5",
        "unknown key 'trainig'",
        advice={"--set training.steps=5": f"fairgate {CHECK} --set training.steps=5"},
    ),
    "text for a number": option("--set training.steps=many", "training.steps", "(got 'many')"),
    "half a YAML list": option("--set evaluation.splits=[train", "is not valid YAML"),
    "an unknown policy": option("--policy strictest", "'strictest'", advice={"--policy strict": ""}),
    "a policy file that is absent": option("--policy absent.yaml", "absent.yaml: no such file"),
    "a policy named as a preset": option(
        "--preset strict",
        "'strict' is a preset of the policy alone",
        advice={"--policy strict": f"fairgate {CHECK} --policy strict"},
    ),
    "an unknown preset": option("--preset exercize", "'exercize'", advice={"--preset exercise": ""}),
    "an unknown task": Mistake("run civil-coments --sample", ("Unknown task 'civil-coments'. Did you mean 'civil-comments'?",)),
    "an unknown command": Mistake("runn", ("'runn'", "run")),
    "an unknown option": Mistake("run digits --sed 1", ("--sed",), {}, {"--seed": "fairgate run digits --seed 1"}),
    "an option without its value": Mistake("run digits --seed", ("--seed",)),
    "a seed that is text": Mistake("run digits --seed one", ("seed", "'one'")),
    "no files": Mistake(
        "run civil-comments",
        ("No comments to work on",),
        {"a.csv": "comment_text,toxicity\na,0\nb,1\n"},
        {"--train FILES": "--train a.csv", "--sample": ""},
    ),
    "files and the sample": Mistake(
        "run civil-comments --sample --train a.csv",
        ("give no train or eval files with it",),
        {"a.csv": "comment_text,toxicity\na,0\nb,1\n"},
    ),
    "eval files alone": Mistake(
        "run civil-comments --eval a.csv",
        ("eval files need train files beside them",),
        {"a.csv": "comment_text,toxicity\na,0\n", "b.csv": "comment_text,toxicity\nb,0\n"},
        {"--train FILES": "--train b.csv"},
    ),
    "a file that is absent": Mistake("run civil-comments --train absent.csv", ("absent.csv: no such file",)),
    "a glob that matches nothing": Mistake("run civil-comments --train 'x-*.csv'", ("x-*.csv: no such file",)),
    "a folder in place of files": Mistake(
        "run civil-comments --train folder",
        ("folder: a folder, not a file", "folder/*.csv"),
        {"folder/a.csv": "comment_text,toxicity\na,0\nb,1\n"},
    ),
    "a header of other names": Mistake(
        "run civil-comments --train a.csv",
        ("no column comment_text; columns found: 'comment', 'toxicity'",),
        {"a.csv": "comment,toxicity\na,0\nb,1\n"},
        {"--columns text=comment": ""},
    ),
    "an embedding that is absent": Mistake(
        "run civil-comments --sample --set training.model=dnn --set training.embedding=absent",
        ("training.embedding", "absent"),
        {},
        {"--set training.embedding=training-text": ""},
    ),
    "word vectors that are absent": Mistake(
        "run civil-comments --sample --set training.model=dnn --set training.embedding=absent.txt",
        ("training.embedding", "absent.txt"),
        {},
        {"--set training.embedding=training-text": ""},
    ),
    "images in a folder that is absent": Mistake(
        "run fashion-mnist --data-dir absent", ("absent",), {}, {"fairgate data fetch fashion-mnist --to absent": ""}
    ),
    "images in an empty folder": Mistake(
        "run fashion-mnist --data-dir folder",
        ("train-images-idx3-ubyte",),
        {"folder/a": ""},
        {"fairgate data fetch fashion-mnist --to folder": ""},
    ),
    "a rate in per cent": Mistake("plan --rate 25 --limit .3", ("--rate 25 is not between 0 and 1",), {}, {"--rate .25": ""}),
    "a rate alone": Mistake(
        "plan --rate .1",
        ("--rate needs one of --limit, --against and --baseline",),
        {},
        {
            "fairgate plan --rate .19 --limit .22": "",
            "--limit": "--limit .2",
            "--against": "--against .1 --ratio 1.25 --share .1",
            "--baseline": "--baseline .2 --margin .2",
        },
    ),
    "two sources of an embedding": Mistake(
        "data embedding --to made",
        ("Give either --vectors FILE or --texts FILES",),
        {"v.txt": "a 1 2\nb 3 4\n", "a.csv": "comment_text,toxicity\n" + 99 * "one word and another,0\n"},
        {"--vectors FILE": "--vectors v.txt", "--texts FILES": "--texts a.csv"},
    ),
    "three rows": Mistake("data sample --to made --rows 2", ("--rows", "3")),
}
FOLDERS = {
    "a name that is not UTF-8": Mistake(
        "data convert civil-comments --train \udcff.csv --to made",
        ("input.train.0: not UTF-8 text ('\\udcff.csv'); rename the file",),
    ),
    "a file in place of the output": Mistake(
        "data convert civil-comments --train a.csv --to a.csv",
        ("a.csv: a file; name a folder",),
        {"a.csv": "comment_text,toxicity\na,0\nb,1\n"},
    ),
    "an output with other content": Mistake(
        "data convert civil-comments --train a.csv --to folder",
        ("folder: a folder with other content; name a new folder",),
        {"a.csv": "comment_text,toxicity\na,0\nb,1\n", "folder/thesis.txt": "ten years"},
    ),
    "an output below a file": Mistake(
        "data convert civil-comments --train a.csv --to a.csv/made",
        ("is a file, so no folder can be in it",),
        {"a.csv": "comment_text,toxicity\na,0\nb,1\n"},
    ),
    "a sample over other content": Mistake(
        "data sample --to folder", ("folder already exists",), {"folder/thesis.txt": "ten years"}, {"--to": "--to made --rows 30"}
    ),
    "a root that is a file": Mistake(
        "run digits --root a", ("a/logs/", "cannot be written (Not a directory)"), {"a": ""}, {"--root": "--root b"}
    ),
    "no report": Mistake("report folder", ("There is no report",), {"folder/a": ""}),
    "no folder to report": Mistake("report absent", ("absent",)),
    "no run to verify": Mistake("verify absent", ("absent: no such folder",)),
    "no run to plan": Mistake("plan absent", ("absent",)),
    "no run to check": Mistake("check ./absent/", ("absent",)),
    "a policy of a task and of a path": Mistake(
        "check p.yaml --policy strict",
        ("belong to a task, but p.yaml is a path",),
        {"p.yaml": POLICY},
        {"--columns, --config, --policy, --preset and --set": "fairgate check p.yaml"},
    ),
    "JUnit in a folder that is absent": Mistake("run digits --junit absent/v.xml", ("absent",)),
}
