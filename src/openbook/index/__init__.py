"""Chunks in, passages out: stores, search, and keeping an index up to date."""

from openbook.index.search import Retrieval, SearchSettings, search

__all__ = ["Retrieval", "SearchSettings", "search"]
