"""What is printed, and who is asked: by the command line and by Python alike."""
