#!/usr/bin/env python3
"""A Postfix policy server (SMTPD_POLICY_README) that puts off the first contact
of each client, sender and recipient, in the words of postgrey."""
import socketserver
import sys


class Policy(socketserver.StreamRequestHandler):
    def handle(self):
        request = {}
        for line in self.rfile:
            name, separator, value = line.decode(errors="replace").rstrip("\n").partition("=")
            if separator:
                request[name] = value
                continue
            self.wfile.write(f"action={self.decide(request)}\n\n".encode())
            request = {}

    def decide(self, request):
        contact = tuple(request.get(key) for key in ("client_address", "sender", "recipient"))
        if contact in self.server.known:
            return "DUNNO"
        self.server.known.add(contact)
        return "DEFER_IF_PERMIT Greylisted, see http://postgrey.schweikert.ch/help/example.com.html"


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    known = set()


with Server(("127.0.0.1", int(sys.argv[1])), Policy) as server:
    server.serve_forever()
