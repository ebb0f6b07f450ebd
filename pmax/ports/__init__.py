"""What the core needs from the outside, as protocols.

A read has three outcomes, never two: the value, absent (`find_…` returns None, because the service said so of that very
object), or an error that is raised. No read turns a failure into "absent", "empty" or zero. Every method may raise
`Unavailable`, `Busy`, `CredentialsRejected`, `ArrayRejected` and `MalformedReply`; only further errors are documented.
"""
