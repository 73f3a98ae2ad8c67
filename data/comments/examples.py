"""Comments as canonical serialized `tf.train.Example`s."""

from data.comments.civil_comments import Comment
from data.comments.names import LABEL, TEXT
from data.records import Values, encode_example


def encode_comment(comment: Comment) -> bytes:
    """Serialize a comment as canonical `tf.train.Example`: text bytes[1], label float[1], per feature bytes[0..k]."""
    features: dict[str, Values] = {TEXT: [comment.text.encode()], LABEL: [float(comment.toxic)]}
    features.update((name, [identity.encode() for identity in identities]) for name, identities in comment.identities.items())
    return encode_example(features)
