"""Policies of the product: pure values and functions.

What belongs here: the field's nouns as frozen values, the rules about them, names, plans, commands, events and errors.
What does not: input and output, time, randomness, threads, logging. Whatever a function here needs is an argument.
"""
