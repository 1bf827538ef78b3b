"""The full Fashion-MNIST: found on this machine or downloaded by Keras."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from cnnsearch.data.cards import Card
from cnnsearch.data.idx import parse_idx, unpack
from cnnsearch.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")  # Debian package dataset-fashion-mnist
# Where Keras puts its copy if the home folder cannot be written.
FALLBACK = Path(tempfile.gettempdir()) / ".keras" / "datasets" / "fashion-mnist"
DOWNLOAD = "import keras; keras.datasets.fashion_mnist.load_data()"
DOWNLOAD_LIMIT_S = 600


def keras_folder() -> Path:
    """Return the folder in which Keras keeps its copy, as Keras decides it."""
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    return Path(home).expanduser() / "datasets" / "fashion-mnist"


def find_files() -> Path | None:
    """Return the folder that holds the four files, or None.

    Raises:
        DataError: The environment variable FASHION_MNIST names a folder without them.
    """
    named = os.environ.get("FASHION_MNIST")
    if named:
        missing = [name for name in FILES if not (Path(named) / name).is_file()]
        if missing:
            raise DataError(
                f"FASHION_MNIST={named}: no {', '.join(missing)} there; correct or unset the "
                "variable"
            )
        return Path(named)
    for folder in (keras_folder(), DEBIAN_FOLDER, FALLBACK):
        if all((folder / name).is_file() for name in FILES):
            return folder
    return None


def download() -> str:
    """Let Keras download the files, in a process of its own: this one stays free of TensorFlow.

    Returns:
        Why it failed, in one line; empty when it did not.
    """
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    try:
        done = subprocess.run(
            [sys.executable, "-c", DOWNLOAD],
            capture_output=True,
            text=True,
            env=quiet,
            timeout=DOWNLOAD_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
    return "" if done.returncode == 0 else lines[-1]


def locate() -> Path:
    """Return the folder of the four files, downloading them where needed.

    Raises:
        DataError: They are nowhere and cannot be downloaded.
    """
    folder = find_files()
    if folder is not None:
        return folder
    reason = download()
    folder = find_files()
    if folder is not None:
        return folder
    raise DataError(
        "fashion-mnist: the data is not on this machine\n"
        f"  {keras_folder()}   Keras' cache: not all four files (FASHION_MNIST=<folder> names "
        "another place)\n"
        f"  {DEBIAN_FOLDER}   not there; on Debian or Ubuntu: apt install dataset-fashion-mnist\n"
        f"  download by keras.datasets.fashion_mnist   failed: {reason or 'left no files'}\n"
        "  or use the embedded fashion-mnist-mini, which needs no download"
    )


def read_arrays(card: Card) -> tuple[Path, dict[str, NDArray[np.uint8]]]:
    """Return the folder, and x_train, y_train, x_test and y_test, checked against the card.

    Raises:
        DataError: The files cannot be found, or are damaged.
    """
    folder = locate()
    arrays = {}
    for key, name in zip(("x_train", "y_train", "x_test", "y_test"), FILES, strict=True):
        content = unpack(folder / name)
        arrays[key] = parse_idx(content, folder / name)
        if hashlib.sha256(content).hexdigest() != card.sha256.get(name):
            raise DataError(
                f"{folder / name}: not the published Fashion-MNIST (sha256 differs); delete it "
                "and try again"
            )
    return folder, arrays
