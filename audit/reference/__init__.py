"""Rules 1 to 21 once more, slowly and obviously: what the fast path is checked against.

A `Teacher` (history.py) takes the entries of one teacher's log in the order of their arrival;
`figures` (credit.py) says what they are worth. No code is shared with the rules of the live
path, only the programmes' dataclasses: a mistake would have to be made twice, in two ways.

Arithmetic is exact, in whole milliseconds. Nothing is ever forgotten, which is the one thing
that the live path cannot do. So the two may differ, and only in logs that no collector writes:

- the live path forgets a play session that it has not heard of for two days. An event of it
  that is received, under a number that was used before, only then is new there and a repeat
  here. Tokens expire within a day, so none is let in;
- it keeps the newest 2,000 stretches behind an open quiz, and those of the last day, in case an
  earlier pass is still on its way. One that arrives after more than that finds all of them here.

What else is bounded (too old, too scattered) is decided here as well, in its own words.
"""
