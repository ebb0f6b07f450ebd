"""What is under way, remembered so that a crash loses nothing: on disk for real work, in memory for tests."""

from pmax.adapters.journal.directory import JournalFailed, SqliteJournal
from pmax.adapters.journal.memory import MemoryJournal

__all__ = ["JournalFailed", "MemoryJournal", "SqliteJournal"]
