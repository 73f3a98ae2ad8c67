"""Let a policy extend another, which it may only make stricter: an organisation's policy, and a team's on top.

In: a policy as it is written, with `extends`, and the file that this names, which may extend a third. Out: one policy, which
holds everything. What a policy that extends another may write:

    rules           a new `id` adds a rule; the `id` of an inherited rule changes it, with the changed keys alone:
        slices, thresholds              those listed are added to the inherited ones
        min, max, limit, margin …       towards stricter, which the kind of the rule defines (`Rule.is_as_strict`)
        confidence, unproven, unproven_violation    as below
    confidence                                      raised
    unproven, unproven_violation, uncovered_harm    from pass (report) to inconclusive to refuse
    allow_waivers, allow_never_predicted            from true to false
    author, rationale (also of a rule)              added to the inherited ones
    waivers                                         added, where the inherited policy allows waivers

Any other change is an error that names both files, the key and both values. To repeat an inherited value changes nothing.
"""

import os.path
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fairgate import yaml_files
from fairgate.errors import InputError
from fairgate.gate.policy import Policy
from fairgate.gate.rule import Rule
from fairgate.strict import origin, validate
from fairgate.yaml_files import Document, Keys

EXTENDS = "extends"
_EFFECTS = ("pass", "report", "inconclusive", "refuse")  # from lenient to strict
_EFFECT_KEYS = ("unproven", "unproven_violation", "uncovered_harm")
_SWITCHES = ("allow_waivers", "allow_never_predicted")
_ADDED = ("slices", "thresholds")
_SAID = ("author", "rationale")
_POLICY = "policy"
_TITLE = "Policy error"


@dataclass(frozen=True)
class Written:
    """A policy as it is written.

    Attributes:
        fields: of the policy; `extends` among them.
        documents: where they come from, the one that decides first.
        within: keys above the fields in the documents.
    """

    fields: Mapping[str, object]
    documents: Sequence[Document]
    within: Keys = ()

    def place(self, *keys: str | int) -> str:
        """Return the file and line of a key of the policy."""
        path = (*self.within, *keys)
        return origin(self.documents, path).place(path)


@dataclass(frozen=True)
class _Inherited:
    """A policy that may be extended, and where each of its values is written.

    Attributes:
        policy: the whole policy.
        name: its file.
        places: ("confidence",) or ("rules", id, "limit") -> the file and line.
    """

    policy: Policy
    name: str
    places: Mapping[Keys, str]

    def place(self, *keys: str | int) -> str:
        """Return where a value is written; the file alone for a default."""
        return self.places.get(keys, self.name)


def read(path: Path) -> Policy:
    """Read a policy file, and those that it extends.

    Raises:
        InputError: a file cannot be read or holds no policy, a policy loosens the one that it extends, or extends itself.
    """
    return _read(path, ()).policy


def resolve(written: Written, folder: Path) -> Policy:
    """Return the policy that is written, merged with those that it extends.

    Args:
        written: the policy.
        folder: that `extends` is relative to.

    Raises:
        InputError: as `read`.
    """
    return _resolve(written, folder, ()).policy


def _read(path: Path, below: tuple[Path, ...]) -> _Inherited:
    """Read a policy file; `below` are the files that extend it, the first last."""
    if os.path.realpath(path) in map(os.path.realpath, below):  # unlike resolve(), also for a link that leads to itself
        chain = " extends ".join(map(str, [*below, path]))
        raise InputError(f"{_TITLE}: {chain}, which never ends; remove `{EXTENDS}` from one of them.")
    document = yaml_files.load(path, _POLICY)
    within: Keys = (_POLICY,) if _POLICY in document.mapping else ()
    fields = document.mapping.get(_POLICY, document.mapping)
    if not isinstance(fields, dict):
        raise InputError(f"{document.place(within)}: policy must hold keys and values, such as `rules:`, not {fields!r}.")
    return _resolve(Written(fields, [document], within), path.parent, (*below, path))


def _resolve(written: Written, folder: Path, below: tuple[Path, ...]) -> _Inherited:
    name = written.documents[-1].name
    if EXTENDS not in written.fields:
        policy = validate(Policy, written.fields, written.documents, _TITLE, written.within)
        return _Inherited(policy, name, dict(_places(written)))
    extended = written.fields[EXTENDS]
    if not isinstance(extended, str) or not extended:
        raise InputError(f"{_TITLE} in {written.place(EXTENDS)}: {EXTENDS} must name a policy file, not {extended!r}.")
    if not (folder / extended).is_file():
        raise InputError(f"{_TITLE} in {written.place(EXTENDS)}: {EXTENDS}: there is no file {folder / extended}.")
    inherited = _read(folder / extended, below)
    _require(_other_rules(written, inherited))
    policy = _merged(written, inherited)
    _require(_looser(written, policy, inherited))
    return _Inherited(policy, name, {**inherited.places, **dict(_places(written))})


def _require(problems: Iterator[str]) -> None:
    if found := "; ".join(problems):
        raise InputError(f"{_TITLE} in {found}.")


def _places(written: Written) -> Iterator[tuple[Keys, str]]:
    """Yield where each value stands that is written here."""
    for key in written.fields:
        yield (key,), written.place(key)
    for number, rule in _rules(written):
        for key in rule:
            yield ("rules", str(rule.get("id")), key), written.place("rules", number, key)


def _rules(written: Written) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Yield the rules that are written as keys and values, with their numbers; validation names the others."""
    rules = written.fields.get("rules")
    for number, rule in enumerate(rules) if isinstance(rules, list) else ():
        if isinstance(rule, dict):
            yield number, rule


def _merged(written: Written, inherited: _Inherited) -> Policy:
    """Return the inherited policy with the changes applied, before it is known whether they are allowed."""
    below = inherited.policy
    fields = {key: value for key, value in written.fields.items() if key != EXTENDS}
    position = {rule.id: number for number, rule in enumerate(below.rules)}
    merged: list[object] = [rule.model_dump() for rule in below.rules]
    moved: dict[int, int] = {}  # number of a rule as written -> its number in the merged policy
    for key, separator in (("author", "; "), ("rationale", " ")):
        if key in fields:
            fields[key] = _joined(getattr(below, key), fields[key], separator)
    rules = fields.get("rules", [])
    for number, rule in enumerate(rules if isinstance(rules, list) else ()):
        at = position.get(str(rule.get("id"))) if isinstance(rule, dict) else None
        if at is None or at in moved.values():  # a second change of one rule stays a rule of its own, so that it is named
            moved[number] = len(merged)
            merged.append(rule)
        else:
            moved[number] = at
            merged[at] = _changed(below.rules[at], rule)
    if isinstance(rules, list):
        fields["rules"] = merged
    waivers = fields.get("waivers", [])
    if isinstance(waivers, list):  # behind those that are written here, whose numbers messages name
        fields["waivers"] = [*waivers, *(waiver.model_dump(mode="json") for waiver in below.waivers)]
    documents = [_renumbered(document, written, moved) for document in written.documents]
    return validate(Policy, below.model_dump() | fields, documents, _TITLE, written.within)


def _changed(below: Rule, changes: Mapping[str, object]) -> dict[str, object]:
    """Return the fields of an inherited rule with the changes; slices and thresholds are added."""
    fields = below.model_dump() | dict(changes)
    if "rationale" in changes:
        fields["rationale"] = _joined(below.rationale, changes["rationale"], " ")
    for key in _ADDED:
        added = changes.get(key, [])
        if isinstance(added, list):
            fields[key] = list(dict.fromkeys([*getattr(below, key), *added]))
    return fields


def _joined(below: str, own: object, separator: str) -> object:
    """Return what both policies say; what is no text is left to the validation."""
    if not isinstance(own, str) or not below or own == below:
        return own
    return f"{below}{separator}{own}" if own else below


def _renumbered(document: Document, written: Written, moved: Mapping[int, int]) -> Document:
    """Return the document with the lines of its rules under their numbers in the merged policy."""
    above = (*written.within, "rules")
    lines: dict[Keys, int] = {}
    for keys, line in document.lines.items():
        number = keys[len(above)] if keys[: len(above)] == above and len(keys) > len(above) else None
        if not isinstance(number, int):
            lines[keys] = line
        elif origin(written.documents, above) is document:
            path = (*above, moved[number], *keys[len(above) + 1 :])
            lines[path] = line
    return Document(document.name, document.value, lines)


def _other_rules(written: Written, inherited: _Inherited) -> Iterator[str]:
    """Yield what cannot even be merged: waivers that are not allowed, and an inherited rule that would become another one."""
    if written.fields.get("waivers") and not inherited.policy.allow_waivers:
        place = inherited.place("allow_waivers")
        yield f"{written.place('waivers')}: waivers: {place} allows none (allow_waivers: false); remove them"
    rules = {rule.id: rule for rule in inherited.policy.rules}
    for number, fields in _rules(written):
        rule = rules.get(str(fields.get("id")))
        for key in ("kind", "metric") if rule else ():
            old, new = getattr(rule, key), fields.get(key, getattr(rule, key))
            if new != old:
                name = str(fields["id"])
                where = inherited.place("rules", name, key)
                yield _sentence(written.place("rules", number, key), f"rule {name!r}, {key}", new, old, where)


def _looser(written: Written, policy: Policy, inherited: _Inherited) -> Iterator[str]:
    """Yield each change that is none towards stricter."""
    below = inherited.policy
    for key in [key for key in written.fields if key not in (EXTENDS, *_SAID, "rules", "waivers")]:
        old, new = getattr(below, key), getattr(policy, key)
        if new != old and not _policy_key_is_as_strict(key, new, old):
            yield _sentence(written.place(key), key, new, old, inherited.place(key))
    rules = {rule.id: rule for rule in below.rules}
    merged = {rule.id: rule for rule in policy.rules}
    for number, fields in _rules(written):
        name = str(fields.get("id"))
        for key in fields if name in rules else ():
            if not _rule_key_is_as_strict(key, merged[name], policy, rules[name], below):
                old, new = getattr(rules[name], key), getattr(merged[name], key)
                where = inherited.place("rules", name, key)
                yield _sentence(written.place("rules", number, key), f"rule {name!r}, {key}", new, old, where)


def _sentence(place: str, key: str, new: object, old: object, inherited: str) -> str:
    return (
        f"{place}: {key}: {_written(new)} instead of {_written(old)} in {inherited}: "
        "a policy may only make stricter what it extends; remove the key"
    )


def _written(value: object) -> str:
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _policy_key_is_as_strict(key: str, new: object, old: object) -> bool:
    if key in _SWITCHES:
        return new is False
    if key == "confidence":
        return isinstance(new, float) and isinstance(old, float) and new >= old
    return key in _EFFECT_KEYS and _EFFECTS.index(str(new)) >= _EFFECTS.index(str(old))


def _rule_key_is_as_strict(key: str, rule: Rule, policy: Policy, below: Rule, policy_below: Policy) -> bool:
    """Return whether the change of a rule is allowed; what a rule leaves open is compared as the policy decides it."""
    new, old = getattr(rule, key), getattr(below, key)
    if new == old or key in _SAID:
        return True
    if key in ("confidence", "unproven", "unproven_violation"):
        new, old = (getattr(policy, key) if new is None else new), (getattr(policy_below, key) if old is None else old)
        return _policy_key_is_as_strict(key, new, old)
    if key in _ADDED:
        return key == "thresholds" or rule.more_slices_are_stricter
    return bool(rule.is_as_strict(key, below))
