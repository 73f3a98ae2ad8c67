"""Building and training classifiers of images."""

from pathlib import Path
from unittest.mock import Mock

import keras
import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from components.modelling.training import Point
from components.tasks.images.batches import Images, Labels, hold_out
from components.tasks.images.model import augmentation, build_classifier, learning_rate, predict, train, train_members
from components.tasks.images.model_config import PRESETS, ImageModelConfig

QUICK = ImageModelConfig(hidden=(16,), batch_size=32, epochs=3)


def striped(count: int = 200, side: int = 8) -> tuple[Images, Labels]:
    """Noisy images of two classes: bright upper half, bright lower half."""
    random = np.random.default_rng(0)
    labels = np.arange(count) % 2
    pixels = random.random((count, side, side), np.float32) * 0.5
    pixels[labels == 0, : side // 2] += 0.5
    pixels[labels == 1, side // 2 :] += 0.5
    return pixels.reshape(count, -1), labels


def weights(model: keras.Model) -> NDArray[np.float32]:
    """All weights in one vector."""
    return np.concatenate([weight.ravel() for weight in model.get_weights()])


SIZES = {
    "one layer": (ImageModelConfig(hidden=(5,)), 64 * 5 + 5 + 5 * 3 + 3),
    "none": (ImageModelConfig(hidden=()), 64 * 3 + 3),
    "three layers": (ImageModelConfig(hidden=(6, 5, 4)), 64 * 6 + 6 + 6 * 5 + 5 + 5 * 4 + 4 + 4 * 3 + 3),
    # A convolution has 9 weights for each pair of channels, its normalisation 4 values for each.
    "the lab's": (PRESETS["lab"].candidate, 64 * 128 + 128 + 128 * 64 + 64 + 64 * 32 + 32 + 32 * 3 + 3),
    "convolutions": (ImageModelConfig(filters=((4,), (5, 6)), hidden=()), 9 * 4 + 16 + 180 + 20 + 270 + 24 + 6 * 3 + 3),
    "convolutions of each place": (
        ImageModelConfig(filters=((4,), (5,)), hidden=(), average=False),
        36 + 16 + 180 + 20 + 80 * 3 + 3,
    ),
    "convolutions and a layer": (ImageModelConfig(filters=((4,),), hidden=(7,)), 9 * 4 + 16 + 4 * 7 + 7 + 7 * 3 + 3),
}


@pytest.mark.parametrize(("config", "parameters"), SIZES.values(), ids=SIZES)
def test_any_list_of_widths(config: ImageModelConfig, parameters: int) -> None:
    """The layers that the configuration names, and no other; the output is a probability of each class."""
    model = build_classifier(64, 3, config)
    assert model.count_params() == parameters
    probabilities = predict(model, striped(5)[0])
    assert probabilities.shape == (5, 3)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


def test_the_lab_has_as_many_weights_as_the_published_one() -> None:
    """Of images of 28 x 28 pixels and ten classes."""
    assert build_classifier(784, 10, PRESETS["lab"].candidate).count_params() == 111_146


def test_each_layer_has_its_own_activation_and_dropout() -> None:
    model = build_classifier(
        64, 3, ImageModelConfig(hidden=(6, 5, 4), activation=("linear", "tanh", "relu"), dropout=(0.0, 0.4, 0.0))
    )
    described = [layer.activation.__name__ if isinstance(layer, keras.layers.Dense) else layer.rate for layer in model.layers[1:]]
    assert described == ["linear", "tanh", 0.4, "relu", "softmax"]


def test_the_seed_sets_the_weights() -> None:
    """Equal seeds build equal models, other seeds others."""
    first, again, other = (weights(build_classifier(64, 2, QUICK, seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_answers_averaged_over_the_mirror_image() -> None:
    """The mean of the plain model's two answers; the same for an image and its mirror image; the same weights."""
    images = striped(5)[0].reshape(-1, 8, 8) * np.linspace(0, 1, 8, dtype=np.float32)
    flat, mirrored = images.reshape(5, -1), images[:, :, ::-1].reshape(5, -1)
    plain = build_classifier(64, 2, QUICK, seed=3)
    averaged = build_classifier(64, 2, QUICK.model_copy(update={"mirror_average": True}), seed=3)
    expected = (predict(plain, flat) + predict(plain, mirrored)) / 2
    np.testing.assert_allclose(predict(averaged, flat), expected, rtol=1e-5)
    np.testing.assert_allclose(predict(averaged, mirrored), expected, rtol=1e-5)
    assert np.abs(predict(plain, flat) - expected).max() > 1e-3
    np.testing.assert_array_equal(weights(plain), weights(averaged))


def test_training_does_not_average() -> None:
    """Only the image itself is learned from; its mirror image may be another class."""
    averaged = build_classifier(64, 2, QUICK.model_copy(update={"mirror_average": True, "dropout": 0.0}), seed=3)
    plain = build_classifier(64, 2, QUICK.model_copy(update={"dropout": 0.0}), seed=3)
    images = striped(5)[0]
    np.testing.assert_array_equal(averaged(images, training=True), plain(images, training=True))


CHANGES = {
    "perceptron": {},
    "convolutions": {"filters": ((4,), (8,)), "hidden": (), "mirror": True, "shift": 1, "mirror_average": True},
    "SGD": {"optimizer": "sgd", "learning_rate": 0.1},
    "AdamW with warm-up": {"optimizer": "adamw", "weight_decay": 0.01, "warm_up": 0.3},
    "squared error": {"loss": "mean_squared_error"},
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_every_choice_learns(changes: dict[str, object]) -> None:
    """Ten epochs are enough to separate the two classes."""
    config = ImageModelConfig.model_validate({"hidden": (16,), "batch_size": 16, "epochs": 10, "learning_rate": 0.01} | changes)
    images, labels = striped()
    model = build_classifier(64, 2, config, seed=4)
    train(model, images, labels, config, seed=4)
    assert (predict(model, images).argmax(axis=1) == labels).mean() > 0.9


def test_training_repeats() -> None:
    """Two trainings with one seed end in the same weights, with augmentation and dropout; another seed in others."""
    config = ImageModelConfig(filters=((4,),), hidden=(8,), batch_size=32, epochs=2, mirror=True, shift=1)
    ends = []
    for seed in (4, 4, 5):
        model = build_classifier(64, 2, config, seed=0)
        train(model, *striped(), config, seed)
        ends.append(weights(model))
    np.testing.assert_array_equal(ends[0], ends[1])
    assert (ends[0] != ends[2]).any()


def test_curves_of_both_splits() -> None:
    """Loss and accuracy of each epoch, on train and on validation."""
    points = train(build_classifier(64, 2, QUICK), *striped(), QUICK)
    found = {(point.step, point.epoch, point.split, point.metric) for point in points}
    assert found == {
        (6 * epoch, epoch, split, name)
        for epoch in (1, 2, 3)
        for split in ("train", "validation")
        for name in ("loss", "accuracy")
    }
    assert len(points) == len(found)


def test_without_validation_every_epoch_is_trained() -> None:
    """Nothing held out, nothing stopped early."""
    config = QUICK.model_copy(update={"validation_share": 0.0, "patience": 1})
    points = train(build_classifier(64, 2, config), *striped(), config)
    assert {point.split for point in points} == {"train"}
    assert max(point.epoch or 0 for point in points) == 3


def test_early_stopping_restores_the_best_weights() -> None:
    """Labels without meaning: the validation loss soon rises, training stops, and the best epoch's weights come back."""
    images, labels = striped()[0], np.random.default_rng(1).integers(0, 2, 200)
    config = ImageModelConfig(
        hidden=(64, 64), dropout=0, learning_rate=0.01, batch_size=16, epochs=60, validation_share=0.3, patience=4
    )
    model = build_classifier(64, 2, config)
    points = train(model, images, labels, config, seed=5)
    losses = [point.value for point in points if (point.split, point.metric) == ("validation", "loss")]
    best = int(np.argmin(losses))
    assert len(losses) == best + 1 + 4 < 60
    _, held_out = hold_out(labels, 0.3, 5)
    certainty = predict(model, images[held_out])[np.arange(len(held_out)), labels[held_out]]
    assert -np.log(certainty).mean() == pytest.approx(losses[best], abs=1e-5)


@pytest.mark.parametrize("restore_best", [True, False])
def test_early_stopping_on_the_training_loss(restore_best: bool) -> None:
    """Nothing is held out; a rate that is too high makes the loss rise, and the last or the best weights stay."""
    images, labels = striped()
    config = ImageModelConfig(
        hidden=(8,), dropout=0, schedule="constant", learning_rate=0.5, optimizer="sgd", batch_size=16, epochs=60,
        validation_share=0, monitor="loss", patience=2, restore_best=restore_best,
    )  # fmt: skip
    model = build_classifier(64, 2, config)
    losses = [point.value for point in train(model, images, labels, config, seed=5) if point.metric == "loss"]
    best = int(np.argmin(losses))
    assert len(losses) == best + 1 + 2 < 60
    again = build_classifier(64, 2, config)
    train(
        again,
        images,
        labels,
        config.model_copy(update={"patience": None, "epochs": best + 1 if restore_best else len(losses)}),
        5,
    )
    np.testing.assert_allclose(weights(model), weights(again), atol=1e-6)


def test_curves_of_the_metrics_that_are_chosen() -> None:
    config = QUICK.model_copy(update={"epochs": 1, "metrics": ("sparse_top_k_categorical_accuracy",), "validation_share": 0.0})
    points = train(build_classifier(64, 6, config), *striped(), config)
    assert {point.metric for point in points} == {"loss", "sparse_top_k_categorical_accuracy"}


def test_loss_goal() -> None:
    """Training stops after the first epoch whose training loss is below the goal, not before."""
    config = ImageModelConfig(hidden=(16,), learning_rate=0.002, batch_size=16, epochs=50, validation_share=0, loss_goal=0.3)
    points = train(build_classifier(64, 2, config), *striped(), config)
    losses = [point.value for point in points if point.metric == "loss"]
    assert losses[-1] < 0.3 <= min(losses[:-1])
    assert points[0] == Point(13, "train", points[0].metric, points[0].value, epoch=1)


def test_members_are_networks_of_their_own() -> None:
    """The first is the only one of a run with one; the second differs; a curve is the mean over both."""
    one, two = (QUICK.model_copy(update={"members": count, "epochs": 1}) for count in (1, 2))
    (alone,), curve = train_members(*striped(), 2, one, seed=3)
    (first, second), mean_curve = train_members(*striped(), 2, two, seed=3)
    _, second_curve = train_members(*striped(), 2, one, seed=1003)
    np.testing.assert_array_equal(weights(first), weights(alone))
    assert (weights(first) != weights(second)).any()
    for mean, *values in zip(mean_curve, curve, second_curve, strict=True):
        assert mean.value == pytest.approx(np.mean([point.value for point in values]))


RATES = {
    "no warm-up": (0.0, [0.1, 0.0853553, 0.05, 0.0146447, 0.0]),
    "warm-up": (0.5, [0.001, 0.0505, 0.1, 0.05, 0.0]),
}


@pytest.mark.parametrize(("warm_up", "rates"), RATES.values(), ids=RATES)
def test_rates_rise_in_a_straight_line_and_fall_along_a_cosine(warm_up: float, rates: list[float]) -> None:
    """The peak is reached at the end of the warm-up, 0 after the last step."""
    schedule = learning_rate(QUICK.model_copy(update={"learning_rate": 0.1, "warm_up": warm_up}), steps=4)
    assert not isinstance(schedule, float)
    assert [float(schedule(step)) for step in range(5)] == pytest.approx(rates, abs=1e-7)


def test_a_constant_rate() -> None:
    assert learning_rate(QUICK.model_copy(update={"learning_rate": 0.1, "schedule": "constant"}), steps=4) == 0.1


def test_the_schedule_spans_all_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve batches in three epochs are twelve steps of the schedule."""
    rates = Mock(return_value=1e-3)
    monkeypatch.setattr("components.tasks.images.model.learning_rate", rates)
    config = QUICK.model_copy(update={"validation_share": 0.0})
    train(build_classifier(64, 2, config), *striped(100), config)
    rates.assert_called_once_with(config, 12)


def test_only_the_network_is_exported(tmp_path: Path) -> None:
    """Neither the augmentation nor the optimizer goes into the saved model; both are bound to the training."""
    config = ImageModelConfig(filters=((4,), (8,)), hidden=(), epochs=1, mirror=True, shift=1, mirror_average=True)
    images, labels = striped(60)
    model = build_classifier(64, 2, config)
    train(model, images, labels, config)
    serve = tf.function(lambda rows: model(rows, training=False), input_signature=[tf.TensorSpec([None, 64])])
    module = tf.Module()
    module.network, module.serve = model, serve
    tf.saved_model.save(module, str(tmp_path), signatures=serve)
    loaded = tf.saved_model.load(str(tmp_path))
    np.testing.assert_allclose(loaded.serve(images), predict(model, images), rtol=1e-4)
    saved = [shape for name, shape in tf.train.list_variables(str(tmp_path / "variables" / "variables")) if "VALUE" in name]
    assert sorted(map(tuple, saved)) == sorted(tuple(weight.shape) for weight in model.weights)


def augmented(images: Images, changes: dict[str, object], *, training: bool = True) -> Images:
    """Images [N, height, width] as the network sees them behind its augmentation, with seed 0."""
    layers = augmentation(ImageModelConfig.model_validate(changes), side=images.shape[1], seed=0)
    return np.asarray(keras.Sequential(layers)(images[..., None], training=training))[..., 0]


def test_mirroring_half_of_the_images() -> None:
    """An image is as it was or mirrored left to right, about equally often."""
    image = np.arange(9, dtype=np.float32).reshape(3, 3)
    out = augmented(np.stack([image] * 200), {"mirror": True})
    turned = (out == image[:, ::-1]).all(axis=(1, 2))
    assert ((out == image).all(axis=(1, 2)) != turned).all()
    assert 80 < turned.sum() < 120


def test_shifting_in_all_directions() -> None:
    """One bright pixel reaches each of the nine places around it about equally often, and leaves black behind."""
    image = np.zeros((3, 3), np.float32)
    image[1, 1] = 1
    out = augmented(np.stack([image] * 900), {"shift": 1})
    assert set(out.sum(axis=(1, 2))) == {1}
    assert out.sum(axis=0).min() > 60
    assert out.sum(axis=0).max() < 140


def test_what_is_shifted_out_is_lost() -> None:
    """A pixel at the border leaves the image; it does not come back on the other side."""
    image = np.zeros((3, 3), np.float32)
    image[0, 0] = 1
    out = augmented(np.stack([image] * 200), {"shift": 1})
    assert set(out.sum(axis=(1, 2))) == {0, 1}
    assert (out.sum(axis=0)[2] == 0).all()


def test_a_model_that_answers_sees_the_image_itself() -> None:
    """Augmentation is for training alone."""
    images = striped(5)[0].reshape(-1, 8, 8)
    np.testing.assert_array_equal(augmented(images, {"mirror": True, "shift": 1}, training=False), images)
