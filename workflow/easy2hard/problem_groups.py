"""Groups of test problems that results are told by: buckets and values of a hardness measure, subjects."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from easy2hard.errors import UserError
from easy2hard.matrices import BUCKETS


def groups(
    ids: Sequence[str], items: pd.DataFrame, hardness: pd.DataFrame, *, subjects: bool
) -> dict[str, np.ndarray]:
    """(n_ids,) bool by name: all, easy, medium, hard, `value 3`, `subject Algebra`; only those that have a problem.
    subjects: whether to group by subject too.
    items, hardness: tables ITEMS and HARDNESS. Raises UserError for an id that one of them does not have.
    """
    wanted = pd.Index(ids)
    for name, frame in (("items", items), ("hardness", hardness)):
        absent = wanted.difference(frame["item_id"])
        if len(absent):
            raise UserError(f"the {name} table has no row for '{absent[0]}', of which there are samples")
    known = hardness.set_index("item_id").loc[wanted]
    bucket, value = known["bucket"].to_numpy(dtype=object), known["value"].to_numpy(dtype=np.float64)
    found = {"all": np.ones(len(wanted), dtype=bool), **{name: bucket == name for name in BUCKETS}}
    found |= {f"value {level:g}": value == level for level in np.unique(value[~np.isnan(value)])}
    if subjects:
        subject = items.set_index("item_id").loc[wanted, "subject"]
        found |= {f"subject {name}": (subject == name).to_numpy() for name in sorted(subject.dropna().unique())}
    return {name: mask for name, mask in found.items() if mask.any()}
