"""Whether an answer claims that an order was carried out, and whether the home shows it."""
