"""Counts, durations and shares, read and written as people do."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnsearch.space import (
    format_count,
    format_duration,
    format_latency,
    format_size,
    parse_count,
    parse_duration,
    parse_latency,
    parse_share,
    parse_size,
)
from cnnsearch.space.quantities import format_moment, plural


@pytest.mark.parametrize(
    ("text", "count"),
    [("500k", 500_000), ("50M", 50_000_000), ("1.5G", 1_500_000_000), ("7", 7), (7, 7), (2.0, 2)],
)
def test_counts_are_read(text: object, count: int) -> None:
    assert parse_count(text) == count


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [
        ("4MB", 4_000_000),
        ("4 MiB", 4 * 2**20),
        ("1.5GB", 1_500_000_000),
        ("512kB", 512_000),
        ("512KB", 512_000),
        ("64KiB", 65_536),
        ("64kiB", 65_536),
        ("7B", 7),
        (7, 7),
    ],
)
def test_sizes_are_read(text: object, size_bytes: int) -> None:
    assert parse_size(text) == size_bytes


@pytest.mark.parametrize("wrong", ["4M", "4", "iB", "4iB", "4Mb", ".5B", "0.5B", True, None])
def test_what_is_no_size_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"expected (a size|whole bytes)"):
        parse_size(wrong)


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [("5ms", 5_000), ("0.2 s", 200_000), ("250us", 250), ("1.5ms", 1_500), ("3s", 3_000_000)],
)
def test_latencies_are_read(text: str, microseconds: int) -> None:
    assert parse_latency(text) == microseconds


@pytest.mark.parametrize("wrong", ["5", 5, 0.005, "5 m", "0.5us", "1h", "", None, True])
def test_what_is_no_latency_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="expected a latency such as 5ms"):
        parse_latency(wrong)


@pytest.mark.parametrize(
    ("microseconds", "text"),
    [(250, "250 us"), (999.7, "1 ms"), (7_251, "7.25 ms"), (5e6, "5 s"), (2e9, "2000 s")],
)
def test_latencies_are_written_in_short(microseconds: float, text: str) -> None:
    assert format_latency(microseconds) == text


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("10m", 600),
        ("2h", 7_200),
        ("1h30m", 5_400),
        ("1h 30m", 5_400),
        (0.5, 0.5),
        ("10", 10),
    ],
)
def test_durations_are_read(text: object, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(("text", "share"), [("20%", 0.2), ("12.5%", 0.125), (0.3, 0.3), (0, 0)])
def test_shares_are_read(text: object, share: float) -> None:
    assert parse_share(text) == share


@pytest.mark.parametrize("wrong", ["", "k", "5x", "-3", "1 000", True, None, [1], float("inf")])
def test_what_is_no_quantity_is_refused(wrong: object) -> None:
    for parse in (parse_count, parse_duration, parse_share):
        with pytest.raises(ValueError, match="expected a "):
            parse(wrong)


def test_half_a_parameter_is_refused() -> None:
    with pytest.raises(ValueError, match="whole count"):
        parse_count("0.5")


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1k"),
        (61_706, "61.7k"),
        (999_999, "1M"),
        (138_357_544, "138M"),
        (5e15, "5000T"),
    ],
)
def test_counts_are_written_in_three_digits(count: float, text: str) -> None:
    assert format_count(count) == text


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [(0, "0 B"), (999, "999 B"), (2_450_000, "2.45 MB"), (999_999, "1 MB"), (5e15, "5000 TB")],
)
def test_sizes_are_written_in_three_digits(size_bytes: float, text: str) -> None:
    assert format_size(size_bytes) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.25, "0.2s"),
        (9, "9s"),
        (90, "1m 30s"),
        (120, "2m"),
        (3_600, "1h"),
        (3_659.7, "1h 1m"),
        (200_000, "2d 7h"),
    ],
)
def test_durations_are_written_in_two_units(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.integers(min_value=0, max_value=10**15 - 1))
def test_a_written_count_is_read_as_nearly_the_same(count: int) -> None:
    assert parse_count(format_count(count)) == pytest.approx(count, rel=0.006)


@given(st.floats(min_value=0, max_value=10**7))
def test_a_written_duration_is_read_as_nearly_the_same(seconds: float) -> None:
    assert parse_duration(format_duration(seconds)) == pytest.approx(seconds, rel=0.05, abs=0.06)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2026-01-05T10:11:12+00:00", "2026-01-05 10:11 UTC"),
        ("2026-01-05T12:11:12+02:00", "2026-01-05 12:11 UTC+02:00"),
        ("2026-01-05T12:11:12-09:30", "2026-01-05 12:11 UTC-09:30"),
    ],
)
def test_a_time_is_written_with_its_zone(written: str, shown: str) -> None:
    assert format_moment(datetime.fromisoformat(written)) == shown


def test_one_of_a_kind_is_no_plural() -> None:
    assert [plural(count, "trial") for count in (0, 1, 1_200)] == [
        "0 trials",
        "1 trial",
        "1,200 trials",
    ]
