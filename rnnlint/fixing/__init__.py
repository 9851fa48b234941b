"""Edits of a file that mend what was found in it: from the changes a rule asks for to characters of the text."""
