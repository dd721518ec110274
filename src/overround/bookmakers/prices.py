"""What a bookmaker's price field says: an offer, that there is none, or nothing that can be believed."""

import re

from overround.domain.markets import price_milli

Price = str | float | None  # as sent

UNREADABLE = -1  # what stands for a price that is no number of any kind

_NUMBER = re.compile(r"\d{1,40}(\.\d{1,40})?", re.ASCII)


def read_price(price: Price) -> int:
    """
    Return a price x 1000; 0 for a number that is no offer, `UNREADABLE` for what is no number at all.

    >>> read_price("1.96"), read_price("1.00"), read_price(0), read_price("2,5"), read_price(None)
    (1960, 0, 0, -1, -1)
    """
    milli = price_milli(price)
    if milli:
        return milli
    is_number = _NUMBER.fullmatch(price) if isinstance(price, str) else price is not None and price >= 0
    return 0 if is_number else UNREADABLE
