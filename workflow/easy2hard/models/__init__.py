"""Everything that touches torch: load, tokenise, score, encode, fit, train. Nothing else imports it."""
