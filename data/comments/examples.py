"""Comments as canonical serialized `tf.train.Example`s."""

from typing import cast

from data.comments.civil_comments import Comment
from data.comments.names import IDENTITIES, LABEL, TEXT
from data.records import Values, decode_example, encode_example


def encode_comment(comment: Comment) -> bytes:
    """The canonical serialized `tf.train.Example` of a comment: text bytes[1], label float[1], per feature bytes[0..k]."""
    features: dict[str, Values] = {TEXT: [comment.text.encode()], LABEL: [float(comment.toxic)]}
    features.update((name, [identity.encode() for identity in identities]) for name, identities in comment.identities.items())
    return encode_example(features)


def decode_comment(serialized: bytes) -> Comment:
    """The comment of a canonical serialized `tf.train.Example`.

    Raises:
        ValueError: it is not canonical (text or label absent, or the bytes are no example).
    """
    features = decode_example(serialized)
    try:
        text, label = cast(bytes, features[TEXT][0]), cast(float, features[LABEL][0])
    except LookupError:
        raise ValueError(f"no {TEXT} and {LABEL} in an example of {sorted(features)}") from None
    identities = {name: tuple(value.decode() for value in cast(list[bytes], features.get(name, []))) for name in IDENTITIES}
    return Comment(text.decode(), label == 1.0, identities)
