"""Many image files to one array, decoded by several threads and kept in the cache."""

from __future__ import annotations

import hashlib
import math
import os
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnsearch.data import cache
from cnnsearch.data.archives import memory_limit_bytes
from cnnsearch.data.folders import ImageFile
from cnnsearch.data.images import Header, decode, read_header
from cnnsearch.errors import DataError
from cnnsearch.space.quantities import plural

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT = "1"  # of the cache: another number where the pixels are made in another way
IN_MEMORY_BYTES = 1 << 30  # more than this is decoded onto the disk, where the cache has room
BLOCK, BLOCK_BYTES = 256, 1 << 28  # images decoded at a time, and between reports of progress
NAMED = 20  # unreadable images that are named

Progress = Callable[[int, int], None]  # images done, images in all


@dataclass(frozen=True)
class Decoded:
    """Pixels `(images, height, width, channels)` in the order of the files."""

    pixels: NDArray[np.uint8]
    digests: tuple[str, ...]  # sha256 of each file's content


def decode_files(
    files: Sequence[ImageFile], image_size: int | None, progress: Progress | None = None
) -> Decoded:
    """Decode images to one shape, or take them from the cache where none has changed since.

    Args:
        files: What to decode.
        image_size: Side in pixels to bring them to; None needs images of one shape.
        progress: Told now and then how many images are decoded.

    Raises:
        DataError: Images that cannot be read, or of several shapes, or too much for this machine.
    """
    key = _key(files, image_size)
    found = cache.load(key)
    if found is not None:
        pixels, digests = found[0], tuple(found[1].get("digests", ()))
        if len(pixels) == len(digests) == len(files):
            return Decoded(pixels, digests)
    with warnings.catch_warnings():  # Pillow's, about oddities in the files; failures are reported
        warnings.filterwarnings("ignore", module="PIL")
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            return _Decoder(files, image_size, progress, pool).run(key)


class _Decoder:
    """One decoding of many files."""

    def __init__(
        self,
        files: Sequence[ImageFile],
        image_size: int | None,
        progress: Progress | None,
        pool: ThreadPoolExecutor,
    ) -> None:
        self.files, self.image_size, self.pool = files, image_size, pool
        self.progress = progress or (lambda done, total: None)
        self.digests: list[str] = []
        self.unreadable: list[str] = []  # those without a header, each a text that names it

    def run(self, key: str) -> Decoded:
        """Decode all, into memory or onto the disk."""
        headers = self._headers()
        self.grey = all(header.grey for header in headers)
        self.shape = self._common_shape(headers)
        shape = (len(self.files), *self.shape)
        size_bytes = math.prod(shape)
        if size_bytes > IN_MEMORY_BYTES and cache.has_room_for(size_bytes):
            try:
                cache.store(key, self._blocks(), shape, self._facts)
                found = cache.load(key)
                if found is not None:
                    return Decoded(found[0], tuple(self.digests))
            except OSError:
                pass  # no cache, then: once more, into memory
        return self._in_memory(key, shape, size_bytes)

    def _in_memory(self, key: str, shape: tuple[int, ...], size_bytes: int) -> Decoded:
        import numpy as np

        if size_bytes > memory_limit_bytes():
            raise DataError(
                f"{len(self.files):,} images of {_text(self.shape)} take {size_bytes / 2**30:,.1f} "
                f"GiB, more than the memory of this machine or container and the disk of "
                f"{cache.cache_folder()} have to spare; make them smaller: --set data.image_size=96"
            )
        pixels, done = np.empty(shape, dtype=np.uint8), 0
        for block in self._blocks():
            pixels[done : done + len(block)] = block
            done += len(block)
        try:
            if cache.has_room_for(size_bytes):
                cache.store(key, [pixels], shape, self._facts)
        except OSError:
            pass  # the next start decodes again, that is all
        return Decoded(pixels, tuple(self.digests))

    def _facts(self) -> dict[str, Any]:
        return {"digests": self.digests}

    def _headers(self) -> list[Header]:
        """Read all headers: shapes are known before the long work. Files without are set aside."""
        found = list(self.pool.map(_attempt, [_header] * len(self.files), self.files))
        self.unreadable = [text for text in found if isinstance(text, str)]
        headers = [header for header in found if isinstance(header, Header)]
        if not headers:
            check_readable(self.unreadable)
        whole = [isinstance(each, Header) for each in found]
        self.files = list(compress(self.files, whole))
        return headers

    def _common_shape(self, headers: list[Header]) -> tuple[int, int, int]:
        """Return height, width and channels of all images."""
        channels = 1 if self.grey else 3
        if self.image_size is not None:
            return self.image_size, self.image_size, channels
        shapes = Counter((header.height, header.width) for header in headers)
        if len(shapes) > 1:
            raise DataError(_mixed_shapes(self.files, headers, shapes))
        ((height, width),) = shapes
        return height, width, channels

    def _blocks(self) -> Iterator[NDArray[np.uint8]]:
        """Give the decoded images in order, a block at a time, and none after an unreadable one.

        All are decoded before an unreadable one is told: so all of them are, at once.
        """
        import numpy as np

        self.digests, unreadable = [], [*self.unreadable]
        block = max(1, min(BLOCK, BLOCK_BYTES // math.prod(self.shape)))
        for start in range(0, len(self.files), block):
            files = self.files[start : start + block]
            found = list(self.pool.map(_attempt, [self._decoded] * len(files), files))
            unreadable += [text for text in found if isinstance(text, str)]
            if not unreadable:
                self.digests += [digest for _, digest in found]
                yield np.stack([pixels for pixels, _ in found])
            self.progress(start + len(files), len(self.files))
        check_readable(unreadable)

    def _decoded(self, file: ImageFile) -> tuple[NDArray[np.uint8], str]:
        content = file.path.read_bytes()
        pixels = decode(content, grey=self.grey, size=self.image_size)
        if pixels.shape != self.shape:
            raise ValueError(
                f"its header says {_text(self.shape)}, but it has {_text(pixels.shape)}"
            )
        return pixels, hashlib.sha256(content).hexdigest()


def _header(file: ImageFile) -> Header:
    return read_header(file.path)


def attempt(work: Callable[[Path], Any], path: Path) -> Any:
    """Return what `work` makes of a file, or text that says why it cannot."""
    from PIL import UnidentifiedImageError

    try:
        return work(path)
    except UnidentifiedImageError:
        is_empty = path.is_file() and not path.stat().st_size
        return "the file is empty" if is_empty else "not an image, or damaged at its beginning"
    except Exception as error:  # decoders of damaged files raise nearly anything
        told = (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
        return "the file is damaged: its end is missing" if "truncated" in told.lower() else told


def _attempt(work: Callable[[ImageFile], Any], file: ImageFile) -> Any:
    """Return what `work` makes of the file, or text that names it and says why it cannot."""
    found = attempt(lambda _: work(file), file.path)
    return f"{file.path}: {found}" if isinstance(found, str) else found


def check_readable(unreadable: list[str]) -> None:
    """Raise DataError where there are `unreadable` images, each a text that names it."""
    if unreadable:
        lines = [f"{plural(len(unreadable), 'image')} cannot be read"]
        lines += [f"  {text}" for text in sorted(unreadable)[:NAMED]]
        if len(unreadable) > NAMED:
            lines.append(f"  and {len(unreadable) - NAMED:,} more")
        lines.append(f"  repair or remove {'them' if len(unreadable) > 1 else 'it'}")
        raise DataError("\n".join(lines))


def _mixed_shapes(
    files: Sequence[ImageFile], headers: list[Header], shapes: Counter[tuple[int, int]]
) -> str:
    """Say which shapes there are, with a file of the two most frequent."""
    examples: dict[tuple[int, int], Path] = {}
    for file, header in zip(files, headers, strict=True):
        examples.setdefault((header.height, header.width), file.path)
    (common, _), (other, _) = shapes.most_common(2)
    return (
        f"images of {len(shapes):,} shapes; expected one shape, or a size to bring them to: "
        "--set data.image_size=96\n"
        f"  {shapes[common]:,} of {_text(common)}, such as {examples[common]}\n"
        f"  {shapes[other]:,} of {_text(other)}, such as {examples[other]}"
    )


def _text(shape: Sequence[int]) -> str:
    return "x".join(str(length) for length in shape)


def _key(files: Sequence[ImageFile], image_size: int | None) -> str:
    """Return the name of the cache entry: of these files, unchanged, in this order and size."""
    digest = hashlib.sha256(f"{FORMAT} {image_size}".encode())
    for file in files:
        facts = f"\0{file.path.resolve()}\0{file.size_bytes}\0{file.modified_ns}"
        digest.update(os.fsencode(facts))
    return digest.hexdigest()[:32]
