"""Unisphere's REST service as the driven side of pmax: readers of arrays, and the one port that changes them.

From the wire upwards, each module knowing only those before it:

    messages                     a call and a reply, as values
    connections, transport       one call to one server; what exactly broke when no reply came
    retry, endpoints, gate       may it be sent again, to which server, and when is it its turn
    status                       refusals in the array's words become errors
    paths, dialects, converter   where things are, what versions do differently, JSON to values
    client                       all of that together: a call goes in, a reply or an error comes out
    pages, jobs, cache           long lists, long work, what need not be asked again
    arrays, volumes, ...         the reading ports
    ..._calls, ..._steps         what each step sends; how it is carried out and how its fate is found out
    commands, unisphere          every step in one table; everything wired together
"""
