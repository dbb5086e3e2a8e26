"""A company to practise on: an API server in this process, with books that balance to the cent.

`rutterframe.demo.server.DemoServer` starts it, and `python -m rutterframe.demo` serves it to a shell. Nothing
in it imports the rest of the package: it is an independent witness of what the package reads.
"""
