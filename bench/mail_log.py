"""Writes a mail log such as a busy server has, as large as wanted, the same each time.

    mail_log.py MEBIBYTES CATALOG-FILE...

The replies are the examples of the catalog, so that every rule is met; about
three of five lines tell of a delivery, and two of three deliveries succeed.
"""
import random
import re
import sys

EXAMPLE = re.compile(r"example: (\S+) ([245]\d\d) (.*)")
HOSTS = ["gmail-smtp-in.l.google.com", "mx1.example.net", "example-com.mail.protection.outlook.com", "mx.example.org",
         "mta7.am0.yahoodns.net", "mx00.t-online.de", "mail.example.edu", "eu-smtp-inbound-1.mimecast.com",
         "mx01.mail.icloud.com", "smtp.example.co.uk"]
COMMANDS = {"RCPT": "RCPT TO", "MAIL": "MAIL FROM", "BODY": "end of DATA", "DATA": "DATA", "EHLO": "EHLO",
            "BANNER": "initial server greeting"}
choose = random.Random(1).choice
number = random.Random(2).randrange


def examples(names):
    found = []
    for name in names:
        with open(name, encoding="utf-8", errors="surrogateescape") as file:
            found += [match.groups() for match in map(EXAMPLE.match, file) if match]
    refusals = [example for example in found if example[1] >= "4"]
    if len(refusals) < 500:
        sys.exit("mail_log.py: too few examples; which catalog is this?")
    return refusals


def prefix(program):
    return "Nov 22 %02d:%02d:%02d mail postfix/%s[%d]: " % (
        number(24), number(60), number(60), program, number(1000, 32000))


def identity():
    return "%08X%03X" % (number(1 << 32), number(1 << 12))


def delivery(result, reply):
    host = choose(HOSTS)
    return "%s%s: to=<user%d@example.com>, relay=%s[192.0.2.%d]:25, delay=%d.%d, delays=0.1/0/0.4/0.6, dsn=%s\n" % (
        prefix("smtp"), identity(), number(99999), host, number(1, 254), number(60), number(100),
        result % (host, number(1, 254), reply) if result.count("%") == 3 else result % reply)


def sent():
    return delivery("2.0.0, status=sent (%s)", choose([
        "250 2.0.0 OK  17%08d %s-20020a05.%d - gsmtp" % (number(10 ** 8), identity().lower(), number(999)),
        "250 2.0.0 Ok: queued as %s" % identity(),
        "250 2.6.0 <%s@example.com> [InternalId=%d] 9211 bytes in 0.149, 60.3 KB/sec Queued mail for delivery"
        % (identity(), number(10 ** 9)),
        "250 ok dirdel"]))


def refused(refusals):
    stage, code, text = choose(refusals)
    kind = "bounced" if code[0] == "5" else "deferred"
    return delivery("%s.0.0, status=%s (host %%s[192.0.2.%%d] said: %%s (in reply to %s command))" % (
        code[0], kind, COMMANDS.get(stage, "RCPT TO")), code + " " + text)


def routine():
    return choose([
        "%sconnect from mx%d.example.net[192.0.2.%d]\n" % (prefix("smtpd"), number(99), number(1, 254)),
        "%sdisconnect from mx%d.example.net[192.0.2.%d] ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7\n"
        % (prefix("smtpd"), number(99), number(1, 254)),
        "%s%s: from=<sender%d@example.org>, size=%d, nrcpt=1 (queue active)\n"
        % (prefix("qmgr"), identity(), number(999), number(99999)),
        "%s%s: message-id=<%s@example.org>\n" % (prefix("cleanup"), identity(), identity().lower()),
        "%s%s: removed\n" % (prefix("qmgr"), identity())])


def main():
    wanted = int(sys.argv[1]) * 1024 * 1024
    refusals = examples(sys.argv[2:])
    block = []
    size = 0
    while size < min(wanted, 8 * 1024 * 1024):
        kind = number(10)
        line = sent() if kind < 4 else refused(refusals) if kind < 6 else routine()
        line = line.encode("utf-8", "surrogateescape")
        block.append(line)
        size += len(line)
    text = b"".join(block)
    for _ in range(max(1, wanted // len(text))):
        sys.stdout.buffer.write(text)


main()
