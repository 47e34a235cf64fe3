"""An embedded CoralNet: its rules, its pages, its errors, and real inference. It shares no code with the client."""
