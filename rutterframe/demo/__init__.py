"""A company to practise on: an API server in this process, with books that balance to the cent.

`rutterframe.demo.server.DemoServer` starts it, `python -m rutterframe.demo` serves it to a shell. Nothing here imports the rest
of the package, so that it is an independent witness of what the package reads.
"""
