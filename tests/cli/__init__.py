"""The program as a person meets it: words in, words and an exit code out."""
