"""The example that ``cascades demo`` compiles and runs: a word report of a book, chapter by chapter.

Decided here: nothing that others depend on; it is written to be read. It uses what flows have: literal
arguments, references to outputs, parts of outputs (``chapter["text"]``), references inside lists and dicts, and
inputs with defaults.
"""

import re
from collections import Counter
from typing import Any

from cascades_sdk.cli.excerpt import BOOK, CHAPTERS
from cascades_sdk.compiler import flow, task

__all__ = ["word_report"]


@task
def read_chapter(number: int) -> dict[str, str]:
    """The title and the text of a chapter, counted from 1."""
    title, text = CHAPTERS[number - 1]
    return {"title": title, "text": text}


@task
def count_words(text: str, shortest: int) -> dict[str, int]:
    """How often each word of at least ``shortest`` letters occurs."""
    words = re.findall(r"[a-z]+(?:'[a-z]+)?", text.lower())
    return dict(Counter(word for word in words if len(word) >= shortest))


@task
def add_up(counts: list[dict[str, int]]) -> dict[str, int]:
    """The counts of all chapters together."""
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return dict(total)


@task
def most_common(counts: dict[str, int], top: int) -> list[str]:
    """The words that occur most often; of equals, the first in the alphabet."""
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return [f"{word} ({counts[word]})" for word in ranked[:top]]


@task
def longest_words(counts: dict[str, int], top: int) -> list[str]:
    """The longest words; of equals, the first in the alphabet."""
    return sorted(counts, key=lambda word: (-len(word), word))[:top]


@task
def write_report(book: str, chapters: list[dict[str, Any]], common: list[str], longest: list[str]) -> dict[str, Any]:
    """The report."""
    return {
        "book": book,
        "chapters": [f"{chapter['title']} ({sum(chapter['counts'].values())})" for chapter in chapters],
        "most common": common,
        "longest": longest,
    }


@flow
def word_report(shortest: int = 5, top: int = 5) -> dict[str, Any]:
    """Count the words of each chapter, then of the whole."""
    chapters = [read_chapter(number) for number in range(1, len(CHAPTERS) + 1)]
    counts = [count_words(chapter["text"], shortest) for chapter in chapters]
    total = add_up(counts)
    told: list[dict[str, Any]] = [
        {"title": chapter["title"], "counts": count} for chapter, count in zip(chapters, counts, strict=True)
    ]
    return write_report(BOOK, told, most_common(total, top), longest_words(total, top))
