# Turns data/vocabulary.txt into C.
#   awk -v part=ids    prints the enums (smtp/vocabulary_ids.h)
#   awk -v part=names  prints the tables (smtp/vocabulary_data.c)
#   awk -v part=sed    prints a sed script that fills the enums of a JSON Schema

function symbol(kind, name) {
    gsub(/-/, "_", name)
    return toupper(kind) "_" toupper(name)
}
function fail(what) {
    printf "%s:%d: %s\n", FILENAME, FNR, what > "/dev/stderr"
    failed = 1
    exit 1
}
# Letter by letter, since awks disagree about backslashes in the replacement of gsub.
function quoted(text,    i, letter, out) {
    for (i = 1; i <= length(text); i++) {
        letter = substr(text, i, 1)
        if (letter == "\n")
            letter = "\\n"
        else if (letter == "\\" || letter == "\"")
            letter = "\\" letter
        out = out letter
    }
    return "\"" out "\""
}
function put(key, text) {
    if (key == "advice")
        text_of[entry, key] = text_of[entry, key] (steps[entry]++ ? "\n" : "") text
    else if ((entry, key) in text_of)
        fail("key given twice: " key)
    else
        text_of[entry, key] = text
}

function set_of(set, words,    list, i) {
    split(words, list, " ")
    for (i in list)
        set[list[i]] = 1
}

BEGIN {
    kinds = split("stage outcome severity who retry scope cause", kind_name, " ")
    for (i = 1; i <= kinds; i++)
        is_kind[kind_name[i]] = 1
    set_of(is_key, "aliases use severity evidence title meaning who retry advice tlsrpt")
    # RFC 8460 4.3
    set_of(is_tlsrpt, "starttls-not-supported certificate-host-mismatch certificate-expired certificate-not-trusted " \
        "validation-failure tlsa-invalid dnssec-invalid dane-required sts-policy-fetch-error sts-policy-invalid " \
        "sts-webpki-invalid")
}
/^#/ { next }
/^[ \t]*$/ { entry = ""; key = ""; next }
/^[ \t]/ {
    if (key == "")
        fail("a continuation without a key above it")
    sub(/^[ \t]+/, "")
    text_of[entry, key] = text_of[entry, key] " " $0
    next
}
{
    colon = index($0, ":")
    if (!colon)
        fail("neither `key: value' nor a comment")
    key = substr($0, 1, colon - 1)
    value = substr($0, colon + 1)
    sub(/^[ \t]+/, "", value)
    if (entry == "") {
        if (!(key in is_kind))
            fail("unknown kind of entry: " key)
        if ((key, value) in seen)
            fail("given twice: " key " " value)
        seen[key, value] = 1
        entry = key SUBSEP value
        count[key]++
        name[key, count[key]] = value
        next
    }
    if (!(key in is_key))
        fail("unknown key: " key)
    put(key, value)
}
END {
    if (failed)
        exit 1
    if (check_all())
        exit 1
    if (part == "sed") {
        print_schema_enums()
        exit
    }
    print "/* Made from data/vocabulary.txt by scripts/vocabulary.awk. */"
    for (k = 1; k <= kinds; k++)
        part == "ids" ? print_enum(kind_name[k]) : print_table(kind_name[k])
}
# What every report relies on: no word without its texts, and none too long for its place.
function check_all(    k, i) {
    for (k = 1; k <= kinds; k++)
        for (i = 1; i <= count[kind_name[k]]; i++)
            kind_name[k] == "cause" ? check_cause(name["cause", i]) : check_word(kind_name[k], name[kind_name[k], i])
    return faults
}
function complain(kind, id, what) {
    printf "%s: %s %s: %s\n", FILENAME, kind, id, what > "/dev/stderr"
    faults++
}
function check_word(kind, id) {
    if (kind ~ /^(stage|outcome|severity|who)$/ && value_of(kind, id, "title") == "")
        complain(kind, id, "has no title")
}
function value_of(kind, id, key) {
    return ((kind SUBSEP id) SUBSEP key) in text_of ? text_of[kind SUBSEP id, key] : ""
}
function check_cause(id,    severity, use, least) {
    use = value_of("cause", id, "use")
    severity = value_of("cause", id, "severity")
    if (use !~ /^[CFB]$/)
        complain("cause", id, "use is neither C, F nor B")
    check_reference(id, "severity")
    check_reference(id, "who")
    check_reference(id, "retry")
    check_length(id, "title", 60)
    check_length(id, "meaning", 300)
    if (value_of("cause", id, "tlsrpt") != "" && !(value_of("cause", id, "tlsrpt") in is_tlsrpt))
        complain("cause", id, "tlsrpt is no result type of RFC 8460")
    # The catalog advises about replies; who finds a fault himself says what to do about it.
    least = use == "C" ? 0 : severity == "info" ? 1 : 2
    if (steps["cause" SUBSEP id] < least || steps["cause" SUBSEP id] > 5)
        complain("cause", id, "wants " least " to 5 steps of advice, has " steps["cause" SUBSEP id] + 0)
}
function check_reference(id, key) {
    if (!((key, value_of("cause", id, key)) in seen))
        complain("cause", id, "names no known " key ": `" value_of("cause", id, key) "'")
}
function check_length(id, key, limit,    text) {
    text = value_of("cause", id, key)
    if (text == "")
        complain("cause", id, "has no " key)
    if (length(text) > limit)
        complain("cause", id, key " has " length(text) " characters, " limit " at most")
    if (text ~ /[^ -~]/)
        complain("cause", id, key " is not ASCII")
}
function print_enum(kind,    i) {
    printf "\nenum %s {\n", kind
    for (i = 1; i <= count[kind]; i++)
        printf "    %s,\n", symbol(kind, name[kind, i])
    printf "};\n#define %s_COUNT %d\n", toupper(kind), count[kind]
}
# Causes of replies stand in explanations, ids of findings among the findings: two enums.
function print_schema_enums(    k, kind, i, use, all, causes, findings) {
    for (k = 1; k <= kinds; k++) {
        kind = kind_name[k]
        all = causes = findings = ""
        for (i = 1; i <= count[kind]; i++) {
            all = joined(all, name[kind, i])
            use = text_of[kind SUBSEP name[kind, i], "use"]
            if (use != "F")
                causes = joined(causes, name[kind, i])
            if (use != "C")
                findings = joined(findings, name[kind, i])
        }
        if (kind == "cause") {
            printf "s/\"@CAUSES@\"/%s/\ns/\"@FINDINGS@\"/%s/\n", causes, findings
        } else {
            printf "s/\"@%s@\"/%s/\n", toupper(plural(kind)), all
        }
    }
}
function joined(list, word) {
    return list (list == "" ? "" : ", ") "\"" word "\""
}
function plural(word) {
    if (word ~ /y$/)
        return substr(word, 1, length(word) - 1) "ies"
    return word "s"
}
function field(kind, id, key) {
    return ((kind SUBSEP id) SUBSEP key) in text_of ? quoted(text_of[kind SUBSEP id, key]) : "NULL"
}
function reference(kind, id, key, otherwise) {
    return ((kind SUBSEP id) SUBSEP key) in text_of ? symbol(key, text_of[kind SUBSEP id, key]) : otherwise
}
function print_table(kind,    i, id) {
    printf "\nconst struct vocabulary_word %s_words[] = {\n", kind
    for (i = 1; i <= count[kind]; i++) {
        id = name[kind, i]
        printf "    {%s, .aliases = %s, .title = %s},\n", quoted(id), field(kind, id, "aliases"), field(kind, id, "title")
    }
    print "};"
    if (kind != "cause")
        return
    print "\nconst struct cause_facts cause_facts[] = {"
    for (i = 1; i <= count[kind]; i++) {
        id = name[kind, i]
        printf "    {%s, .evidence = %s,\n     .meaning = %s,\n     .advice = %s,\n     .who = %s, .retry = %s, .use = '%s', .tlsrpt = %s},\n",
            reference(kind, id, "severity", "SEVERITY_ERROR"), field(kind, id, "evidence"),
            field(kind, id, "meaning"), field(kind, id, "advice"),
            reference(kind, id, "who", "WHO_NOBODY"), reference(kind, id, "retry", "RETRY_AFTER_CHANGE"),
            text_of[kind SUBSEP id, "use"], field(kind, id, "tlsrpt")
    }
    print "};"
}
