"""Whether a data product can be handed to others: a scorecard of questions with answers."""
