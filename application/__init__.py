"""The verbs: what coordinates two ports or takes a decision, and the page of ports."""
