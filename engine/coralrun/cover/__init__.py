"""Cover: what share of the reef each label and each group of labels has."""
