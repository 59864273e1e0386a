#!/usr/bin/env python3
"""Sends a message with Python's own SMTP client, so that the test servers are
proven by something else than the program under test.

client.py PORT plain|starttls|tls CA FROM TO FILE [MECHANISM USER PASSWORD]

Prints the reply that decided, as "STEP CODE TEXT"; exits 0 if the message was taken."""
import smtplib
import ssl
import sys


def connect(port, security, authority):
    context = ssl.create_default_context(cafile=authority)
    if security == "tls":
        return smtplib.SMTP_SSL("127.0.0.1", port, timeout=10, context=context)
    client = smtplib.SMTP("127.0.0.1", port, timeout=10)
    if security == "starttls":
        client.starttls(context=context)
    return client


def log_in(client, mechanism, user, password):
    client.ehlo_or_helo_if_needed()
    if mechanism not in client.esmtp_features.get("auth", "").split():
        return 0, b"not offered: " + client.esmtp_features.get("auth", "none").encode()
    client.user, client.password = user, password
    step = getattr(client, "auth_" + mechanism.lower().replace("-", "_"))
    try:
        return client.auth(mechanism, step, initial_response_ok=mechanism != "LOGIN")
    except smtplib.SMTPAuthenticationError as error:
        return error.smtp_code, error.smtp_error


def deliver(client, sender, recipient, message, login):
    if login:
        code, text = log_in(client, *login)
        if code != 235:
            return "auth", code, text
    client.ehlo_or_helo_if_needed()
    for step, command in (("mail", lambda: client.mail(sender)), ("rcpt", lambda: client.rcpt(recipient))):
        code, text = command()
        if code != 250:
            return step, code, text
    try:
        return "body", *client.data(message)
    except smtplib.SMTPDataError as error:
        return "data", error.smtp_code, error.smtp_error


port, security, authority, sender, recipient, file = sys.argv[1:7]
with open(file, "rb") as source:
    content = source.read().replace(b"\n", b"\r\n")
with connect(int(port), security, authority) as connection:
    step, code, text = deliver(connection, sender, recipient, content, sys.argv[7:])
print(step, code, text.decode(errors="replace"))
sys.exit(code // 100 != 2)
