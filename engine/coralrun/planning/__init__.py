"""Planning: a survey and an inventory compiled into a plan, an immutable record of what will be done."""
