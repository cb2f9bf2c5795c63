"""Calibration: from values as they are stored to those that are meant.

The NIX format keeps the coefficients of a polynomial and an origin with an array: the value meant
is the sum of ``c[i] * (x - origin) ** i``. Without coefficients, only the origin is subtracted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nixschema.array import Values


def calibrate(values: Values, coefficients: npt.ArrayLike | None, origin: float | None) -> Values:
    """The values that are meant, as float64 (or complex); the values themselves where none are.

    Args:
        values: numbers as they are stored.
        coefficients: of the polynomial, that of the constant first; None or none at all for no
            polynomial.
        origin: what is subtracted first; None for zero.

    Raises:
        TypeError: the values are no numbers.
    """
    powers: Sequence[float] = [] if coefficients is None else np.asarray(coefficients).tolist()
    if not powers and not origin:
        return values
    if values.dtype.kind not in "iufcb":
        raise TypeError("only numbers can be calibrated")
    meant = values.astype(np.result_type(values.dtype, np.float64)) - (origin or 0.0)
    return meant if not powers else np.asarray(np.polynomial.polynomial.polyval(meant, powers))
