"""Invoice to pay: from an invoice in the inbox to a payment in the bank."""
