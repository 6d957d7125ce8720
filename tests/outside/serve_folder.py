#!/usr/bin/env python3
"""Serves a folder on 127.0.0.1, on a port that the kernel chooses and the first line of the output names.

usage: serve_folder.py DIR
"""
import functools
import http.server
import sys


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=sys.argv[1]))
print(server.server_port, flush=True)
server.serve_forever()
