"""What is found with a whole project in view, and what no longer is: on repositories of other people."""
