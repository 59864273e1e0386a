# Fills in the manual of the catalog format: smtpprobe-catalog(5).
#
#     awk -f catalog_man.awk -v version=V -v sysconfdir=D -v template=T -v example=E vocabulary.txt
#
# @STAGES@, @WHO@, @RETRY@, @SCOPE@ and @CAUSES@ come from the vocabulary; of the
# causes those that replies have, which are its first.

function roff(text)
{
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    return text ~ /^[.']/ ? "\\&" text : text
}

function list(kind,    i, text)
{
    for (i = 1; i <= count[kind]; i++)
        text = text (i == 1 ? "" : ",\n") "\\fB" roff(names[kind, i]) "\\fR"
    return text
}

function print_causes(    i, name)
{
    for (i = 1; i <= count["cause"]; i++) {
        name = names["cause", i]
        printf "\\fB%s\\fR%*s%s\n", roff(name), 24 - length(name), "", roff(titles["cause", i])
        if (name == last_cause)
            return
    }
}

function print_example(    line)
{
    while ((getline line < example) > 0)
        print roff(line)
}

BEGIN { last_cause = "network" }

# The first line of a stanza says what it declares.
!inside && /^[a-z]+: / {
    kind = substr($1, 1, length($1) - 1)
    names[kind, ++count[kind]] = $2
}

{ inside = $0 != "" && $0 !~ /^#/ }

/^title: / { titles[kind, count[kind]] = substr($0, 8) }

END {
    while ((getline line < template) > 0) {
        if (line == "@CAUSES@")
            print_causes()
        else if (line == "@EXAMPLE@")
            print_example()
        else {
            gsub(/@VERSION@/, version, line)
            gsub(/@SYSCONFDIR@/, sysconfdir, line)
            while (match(line, /@[A-Z]+@/)) {
                kind = tolower(substr(line, RSTART + 1, RLENGTH - 2))
                sub(/s$/, "", kind)
                line = substr(line, 1, RSTART - 1) list(kind) substr(line, RSTART + RLENGTH)
            }
            print line
        }
    }
}
