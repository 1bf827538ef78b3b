"""`cnnsearch predict` tells what images show, and of what is none that it is none."""

from __future__ import annotations

from math import exp
from pathlib import Path

import pytest
from tests.commands.conftest import Call, SaveImage


def test_each_image_gets_its_label_with_the_probability(
    call: Call, day_and_night: Path, save_image: SaveImage
) -> None:
    save_image("a.png", 0)
    save_image("b.png", 255)

    said = call("predict", day_and_night, "a.png", "b.png")

    assert (said.code, said.errors) == (0, "")
    assert said.output == (
        "image  label  probability  then\n"
        "a.png  night       0.9820  day 0.0180\n"
        "b.png  day         0.9820  night 0.0180\n"
    )


def test_as_json_it_names_the_model_the_images_and_their_best_labels(
    call: Call, day_and_night: Path, save_image: SaveImage
) -> None:
    save_image("a.png", 0)

    found = call("predict", day_and_night / "model.keras", "a.png", "--top", "1", "--json").json

    assert found == {
        "version": 1,
        "model": {
            "path": str(day_and_night / "model.keras"),
            "format": "keras",
            "run": None,
            "shape": [4, 4, 1],
            "classes": ["night", "day"],
        },
        "predictions": [
            {
                "image": "a.png",
                "top": [{"label": "night", "probability": pytest.approx(1 / (1 + exp(-4)))}],
            }
        ],
        "unreadable": [],
    }


def test_an_image_of_another_size_is_resized(
    call: Call, day_and_night: Path, save_image: SaveImage
) -> None:
    save_image("large.jpg", 255, side=300)

    found = call("predict", day_and_night, "large.jpg", "--json").json

    assert found["predictions"][0]["top"][0]["label"] == "day"


def test_what_is_no_image_is_named_and_counted_and_the_others_are_predicted(
    call: Call, day_and_night: Path, save_image: SaveImage, tmp_path: Path
) -> None:
    save_image("photos/a.png", 0)
    (tmp_path / "photos" / "broken.png").write_bytes(b"no image")
    (tmp_path / "photos" / "empty.jpg").touch()
    (tmp_path / "photos" / "notes.txt").touch()  # no image by its name: left out

    said = call("predict", day_and_night, "photos", "--json")

    assert said.code == 2
    assert [each["image"] for each in said.json["predictions"]] == ["photos/a.png"]
    assert [each["image"] for each in said.json["unreadable"]] == [
        "photos/broken.png",
        "photos/empty.jpg",
    ]
    assert said.errors == (
        "Error: 2 of 3 images cannot be read\n"
        "  photos/broken.png: not an image, or damaged at its beginning\n"
        "  photos/empty.jpg: the file is empty\n"
    )


def test_what_is_not_there_is_named_and_counted_and_the_others_are_predicted(
    call: Call, day_and_night: Path, save_image: SaveImage
) -> None:
    save_image("a.png", 0)

    said = call("predict", day_and_night, "gone.png", "a.png", "gone.png", "gone/*.jpg", "--json")

    assert said.code == 2
    assert [each["image"] for each in said.json["predictions"]] == ["a.png"]
    assert said.errors == (
        "Error: 2 of 3 images cannot be read\n"
        "  gone.png: there is no such file or folder\n"
        "  gone/*.jpg: no file has a name of this pattern\n"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing.png"], "nothing.png: there is no such file or folder"),
        (["*.png"], "*.png: no file has a name of this pattern"),
        (["empty"], "empty: holds no image (of the kinds "),
    ],
)
def test_images_that_are_not_there_are_told_before_a_model_is_loaded(
    arguments: list[str],
    words: str,
    call: Call,
    day_and_night: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr("cnnsearch.exporting.predicting.open_model", None)

    said = call("predict", day_and_night, *arguments)

    assert (said.code, said.output) == (2, "")
    assert words in said.errors


def test_names_cannot_write_on_the_terminal(
    call: Call, day_and_night: Path, save_image: SaveImage
) -> None:
    save_image("[red]\x1b[2Ja.png", 0)

    assert "[red]?[2Ja.png" in call("predict", day_and_night, "*.png").output


def test_an_unknown_model_is_told(call: Call, save_image: SaveImage) -> None:
    save_image("a.png", 0)

    said = call("predict", "nihgt", "a.png")

    assert said.code == 2
    assert "there is no run nihgt in runs" in said.errors
