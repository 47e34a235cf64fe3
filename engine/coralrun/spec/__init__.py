"""The survey: YAML with line numbers in, problems or a frozen `Survey` out."""
