"""Whether a file that is held open is still the one at its path."""

import os
from pathlib import Path


class FileIdentity:
    """Remembers which file a path meant; a file that was moved goes on taking writes that nobody will find."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: tuple[int, int] | None = None  # device and inode

    def remember(self) -> None:
        """Take the file that is there now for ours, the first time; raises OSError without one."""
        if self._known is None:
            self._known = self._now()

    def fault(self) -> str:
        """Return in one sentence that the file is not the one we know, "" when it is, or none was remembered."""
        if self._known is None:
            return ""
        try:
            now = self._now()
        except OSError as exc:
            return f"{self._path} is gone ({exc.strerror}): it was moved or deleted while in use; put it back"
        if now != self._known:
            return f"{self._path} was replaced by another file while in use; put the old one back, or restart"
        return ""

    def _now(self) -> tuple[int, int]:
        found = os.stat(self._path)
        return found.st_dev, found.st_ino
