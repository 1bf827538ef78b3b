"""Datasets: cards, folders of images and arrays, as uint8 images in three splits."""

from __future__ import annotations

from cnnsearch.data.cards import Card, card_names, read_card
from cnnsearch.data.dataset import Dataset, channel_statistics
from cnnsearch.data.sources import open_dataset

__all__ = ["Card", "Dataset", "card_names", "channel_statistics", "open_dataset", "read_card"]
