"""Lines that another line can stand in for at no loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from coproduce.network.case import Case, Floats, Key


class _Columns(Protocol):
    @property
    def relief(self) -> Mapping[str, object]: ...


def dominators(
    case: Case,
    columns: _Columns,
    build_worth: Mapping[tuple[int, int], Floats],
    make_worth: Mapping[tuple[Key, int], Floats],
) -> dict[int, tuple[int, ...]]:
    """Return for each line the lines that do everything it does at no worse value.

    A plan that uses a line and leaves one of its dominators unused can move the whole line there
    and be worth no less. So some best plan uses a line only if it uses all of its dominators.
    That holds only while no limit tells sites apart and no site's relief is capped, since both
    bind lines of a site together: lines of capped sites neither dominate nor are dominated.

    Args:
        case: the case.
        columns: the model's columns; sites with relief columns are the capped ones.
        build_worth: (line, size number) → worth of a module by order year, base mn.
        make_worth: (key, line) → worth of a unit of output by year from first output, base mn.
    """
    free = [n for n, line in enumerate(case.lines) if line.site_id not in columns.relief]
    made: dict[int, list[Key]] = {}
    for key, number in make_worth:
        made.setdefault(number, []).append(key)

    def dominates(best: int, line: int) -> bool:
        """Return whether `best` does all that `line` does for no less; ties go to the first."""
        one, two = case.lines[best], case.lines[line]
        is_same_kind = (
            one.technology_id == two.technology_id
            and one.lead_years == two.lead_years
            and one.max_modules >= two.max_modules
        )
        if not is_same_kind:
            return False
        gains = [build_worth[best, i] - build_worth[line, i] for i in range(len(two.sizes))]
        gains += [make_worth[key, best] - make_worth[key, line] for key in made.get(line, ())]
        difference = np.concatenate(gains) if gains else np.zeros(1)
        return bool((difference >= 0).all() and ((difference > 0).any() or best < line))

    return {
        line: tuple(best for best in free if best != line and dominates(best, line))
        for line in free
    }
