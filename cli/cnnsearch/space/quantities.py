"""Quantities as people write them: counts, sizes (`4MB`), latencies, durations and shares."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

COUNT_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
SIZE_UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
BINARY_SIZE_UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
MICROSECONDS = {"us": 1, "ms": 10**3, "s": 10**6}
SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}

_COUNT = re.compile(r"\s*(\d{1,15}(?:\.\d{1,9})?)\s*([kKMGT]?)\s*")
_SIZE = re.compile(r"\s*(\d{1,15}(?:\.\d{1,9})?)\s*([kKMGT]?i?B)\s*")
_LATENCY = re.compile(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*(us|ms|s)\s*")
_DURATION = re.compile(r"\s*(?:\d{1,9}(?:\.\d{1,9})?\s*[dhms]\s*)+")
_SECONDS = re.compile(r"\s*\d{1,9}(?:\.\d{1,9})?\s*")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([dhms])")
_SHARE = re.compile(r"\s*(\d{1,3}(?:\.\d{1,9})?)\s*%\s*")


def parse_count(value: object) -> int:
    """Return a count such as `500k` or `50M` as a whole number.

    Raises:
        ValueError: It is not a count, or no whole one.
    """
    if isinstance(value, str) and (match := _COUNT.fullmatch(value)):
        unit = "k" if match[2] == "K" else match[2]
        exact = Decimal(match[1]) * COUNT_UNITS[unit]
        value = int(exact) if exact == int(exact) else float(exact)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("expected a count such as 500k or 50M")
    if value != int(value):
        raise ValueError(f"expected a whole count, not {value}")
    return int(value)


def parse_size(value: object) -> int:
    """Return a size such as `4MB` or `512KiB` in bytes; a plain number is bytes.

    Raises:
        ValueError: It is not a size, or no whole number of bytes.
    """
    if isinstance(value, str) and (match := _SIZE.fullmatch(value)):
        unit = match[2].replace("ki", "Ki").replace("KB", "kB")
        if unit != "iB":
            return _whole_bytes(Decimal(match[1]) * {**SIZE_UNITS, **BINARY_SIZE_UNITS}[unit])
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("expected a size such as 4MB or 512kB")
    return _whole_bytes(Decimal(value))


def _whole_bytes(exact: Decimal) -> int:
    if exact != int(exact):
        raise ValueError(f"expected whole bytes, not {exact:f}")
    return int(exact)


def parse_latency(value: object) -> int:
    """Return a latency such as `5ms` or `0.2s` in whole microseconds.

    Raises:
        ValueError: It is not a latency with its unit, or finer than a microsecond.
    """
    match = _LATENCY.fullmatch(value) if isinstance(value, str) else None
    exact = Decimal(match[1]) * MICROSECONDS[match[2]] if match else Decimal("0.1")
    if exact != int(exact):
        raise ValueError("expected a latency such as 5ms or 0.2s")
    return int(exact)


def parse_duration(value: object) -> float:
    """Return a duration such as `90s`, `10m` or `1h30m` in seconds; a bare number is seconds.

    Raises:
        ValueError: It is not a duration.
    """
    if isinstance(value, str) and _DURATION.fullmatch(value):
        return sum(float(n) * SECONDS[unit] for n, unit in _DURATION_PART.findall(value))
    if isinstance(value, str) and _SECONDS.fullmatch(value):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("expected a time such as 90s, 10m or 1h30m")
    return float(value)


def parse_share(value: object) -> float:
    """Return a share such as `20%` or `0.2` as a number; the range is the caller's matter.

    Raises:
        ValueError: It is not a share.
    """
    if isinstance(value, str) and (match := _SHARE.fullmatch(value)):
        return float(f"{float(match[1]) / 100:.12g}")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("expected a share such as 20% or 0.2")
    return float(value)


def format_count(count: float) -> str:
    """Return three digits and a unit: 61706 becomes `61.7k`."""
    return "".join(_in_short(count, COUNT_UNITS))


def format_size(size_bytes: float) -> str:
    """Return three digits and a decimal unit: 2450000 becomes `2.45 MB`."""
    return " ".join(_in_short(size_bytes, SIZE_UNITS))


def format_latency(microseconds: float) -> str:
    """Return three digits and a unit: 7251 becomes `7.25 ms`."""
    return " ".join(_in_short(microseconds, MICROSECONDS))


def _in_short(amount: float, units: Mapping[str, float]) -> tuple[str, str]:
    """Return three digits and the smallest of `units`, smallest first, that needs no more."""
    short = [(float(f"{amount / size:.3g}"), unit) for unit, size in units.items()]
    digits, unit = next((each for each in short if each[0] < 1000), short[-1])
    return f"{digits:g}", unit


def plural(number: int, noun: str) -> str:
    """Return `1 trial` or `2 trials`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def format_moment(moment: datetime) -> str:
    """Return a time with its zone: `2026-01-05 12:11 UTC+02:00`."""
    written = moment.isoformat(" ", "minutes")
    ahead = written[len("2026-01-05 12:11") :].removeprefix("+00:00")
    return f"{moment:%Y-%m-%d %H:%M} UTC{ahead}"


def format_duration(seconds: float) -> str:
    """Return the two largest units: 90 becomes `1m 30s`, 0.25 becomes `0.2s`."""
    if seconds < 10:
        return f"{seconds:.1f}".removesuffix(".0") + "s"
    rest = round(seconds)
    parts: list[str] = []
    for unit, size in SECONDS.items():
        amount, rest = divmod(rest, size)
        if parts or amount:
            parts.append(f"{amount}{unit}")
    return " ".join(part for part in parts[:2] if not part.startswith("0"))
