"""What fixes are: for what a rule reports, a function that tells what to change in the file."""
