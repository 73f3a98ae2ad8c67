"""What the images of a task look like: the names of their features, their size, brightness and classes.

The tasks, their trainers and their reports need these; they import no reader of files for them.
"""

from dataclasses import dataclass

IMAGE = "image"
LABEL = "label"


@dataclass(frozen=True)
class ImageFormat:
    """What the images of a task look like.

    Attributes:
        shape: height and width in pixels.
        pixel_max: the brightest pixel; the darkest is 0.
        classes: the name of each label, in the order of the labels.
    """

    shape: tuple[int, int]
    pixel_max: int
    classes: tuple[str, ...]

    @property
    def pixels(self) -> int:
        """Pixels of an image."""
        return self.shape[0] * self.shape[1]


FASHION_MNIST = ImageFormat(
    shape=(28, 28),
    pixel_max=255,
    classes=("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
DIGITS = ImageFormat(shape=(8, 8), pixel_max=16, classes=tuple("0123456789"))
