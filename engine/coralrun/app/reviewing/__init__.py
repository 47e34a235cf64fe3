"""Reviews by people: drawn and handed out, and what was said taken back."""
