from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cnnsearch.data import card_names, cards, open_dataset, read_card, sources
from cnnsearch.errors import DataError

WITHOUT_TENSORFLOW = """
import sys
import cnnsearch.data
assert "numpy" not in sys.modules, "numpy"
dataset = cnnsearch.data.open_dataset("fashion-mnist-mini")
cnnsearch.data.channel_statistics(dataset.x_train)
print(sorted({name.partition(".")[0] for name in sys.modules} & {"tensorflow", "keras"}))
"""


def test_the_embedded_dataset_is_a_balanced_part_of_fashion_mnist() -> None:
    dataset = open_dataset("fashion-mnist-mini")

    assert dataset.shape == (28, 28, 1)
    assert dataset.classes[0] == "T-shirt/top"
    assert dataset.licence == "MIT"
    assert set(map(tuple, (row.values() for row in dataset.facts()["class_counts"].values()))) == {
        (900, 100, 200)
    }


def test_the_embedded_dataset_opens_without_tensorflow() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TENSORFLOW], capture_output=True, text=True, check=False
    )

    assert (done.stdout.strip(), done.stderr) == ("[]", "")


@pytest.mark.parametrize("name", card_names())
def test_every_card_says_where_the_data_is_from_and_may_be_used(name: str) -> None:
    card = read_card(name)

    assert card.name == name
    assert card.source.startswith("https://")
    assert card.licence
    assert card.citation
    assert (card.folder / "LICENSE").is_file()
    assert len(card.classes) == len(set(card.classes)) > 1


def test_a_misspelt_name_is_answered_with_the_closest_and_with_what_is_accepted() -> None:
    with pytest.raises(DataError) as raised:
        open_dataset("fashion-mnist-mimi")

    assert "did you mean `fashion-mnist-mini`?" in str(raised.value)
    assert "a folder with one sub-folder of images a class, or an .npz" in str(raised.value)


@pytest.mark.parametrize("source", ["", "no/such/path", "x" * 5000, "nul\0byte"])
def test_what_does_not_exist_is_refused(source: str) -> None:
    with pytest.raises(DataError, match=r"no such dataset|cannot be read"):
        open_dataset(source)


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0, float("nan")])
def test_a_validation_share_outside_0_to_1_is_refused(share: float) -> None:
    with pytest.raises(DataError, match=r"data\.validation is .* between 0 and 1"):
        open_dataset("fashion-mnist-mini", validation=share)


@pytest.mark.parametrize("size", [0, -3, 100_000])
def test_a_senseless_image_size_is_refused(size: int) -> None:
    with pytest.raises(DataError, match=r"data\.image_size is"):
        open_dataset("fashion-mnist-mini", image_size=size)


def _install(folder: Path, monkeypatch: pytest.MonkeyPatch, card: str) -> None:
    (folder / "tiny").mkdir()
    (folder / "tiny" / "card.yaml").write_text(card)
    monkeypatch.setattr(cards, "cards_folder", lambda: folder)


TINY = """
{name: tiny, title: t, source: s, licence: l, citation: c, shape: [2, 2, 1], classes: [a, b],
 file: tiny.npz, sha256: {tiny.npz: "0"}}
"""


def test_a_shipped_file_that_has_changed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(tmp_path, monkeypatch, TINY)
    np.savez(tmp_path / "tiny" / "tiny.npz", x=np.zeros((9, 2, 2), np.uint8), y=np.arange(9) % 2)

    with pytest.raises(DataError, match=r"tiny\.npz: is damaged .its sha256 is not the card's"):
        open_dataset("tiny")


def test_a_shipped_file_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(tmp_path, monkeypatch, TINY)

    with pytest.raises(DataError, match=r"tiny\.npz: cannot be read"):
        open_dataset("tiny")


@pytest.mark.parametrize("card", ["", "[1]", "name: tiny", "a: [", TINY.replace("title", "titel")])
def test_a_broken_card_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, card: str) -> None:
    _install(tmp_path, monkeypatch, card)

    with pytest.raises(DataError, match=r"card\.yaml: not a valid dataset card"):
        open_dataset("tiny")


def test_another_bit_of_the_file_is_another_checksum(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(b"abc")
    sha256_of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    sources.check_sha256(path, sha256_of_abc)

    path.write_bytes(b"abd")
    with pytest.raises(DataError, match="is damaged"):
        sources.check_sha256(path, sha256_of_abc)


@pytest.mark.parametrize("source", ["no/such/path", "fashion-mist", "nul\0byte"])
def test_a_source_is_unknown_where_nothing_is_there(source: str) -> None:
    assert "no such dataset, file or folder" in str(sources.unknown_source(source))


def test_what_is_there_is_not_unknown_though_it_may_be_no_dataset(tmp_path: Path) -> None:
    assert sources.unknown_source(str(tmp_path)) is None
    assert sources.unknown_source(card_names()[0]) is None
