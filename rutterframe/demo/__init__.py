"""A practice company: an API server in this process, with books that balance to the cent.

`rutterframe.demo.server.DemoServer` starts it, and `python -m rutterframe.demo` serves it to other clients.
It imports nothing else of the package, so that it checks independently what the package reads.
"""
