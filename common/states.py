"""State machines as tables: each app's `states.py` lists its states and the moves between them, with a reason each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from common.errors import DomainError, ErrorCode


@dataclass(frozen=True)
class Machine:
    """The moves one kind of record may make, each with the sentence that says why it happens."""

    name: str
    moves: Mapping[tuple[str, str], str]

    def allows(self, current: str, target: str) -> bool:
        return (current, target) in self.moves

    def check(self, current: str, target: str) -> None:
        """Raises DomainError(ILLEGAL_MOVE) for a move that is not in the table."""
        if not self.allows(current, target):
            raise DomainError(ErrorCode.ILLEGAL_MOVE, what=self.name, current=str(current), target=str(target))

    def sources(self, target: str) -> list[str]:
        """The states from which `target` can be reached: the condition of a compare-and-set UPDATE."""
        return [current for current, reached in self.moves if reached == target]
