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
function quoted(text) {
    gsub(/\\/, "\\\\", text)
    gsub(/"/, "\\\"", text)
    return "\"" text "\""
}
function put(key, text) {
    if (key == "advice")
        text_of[entry, key] = text_of[entry, key] (text_of[entry, key] == "" ? "" : "\\n") text
    else if ((entry, key) in text_of)
        fail("key given twice: " key)
    else
        text_of[entry, key] = text
}

BEGIN {
    kinds = split("stage outcome severity who retry scope cause", kind_name, " ")
    for (i = 1; i <= kinds; i++)
        is_kind[kind_name[i]] = 1
    keys = "aliases use severity evidence title meaning who retry advice tlsrpt exit"
    split(keys, list, " ")
    for (i in list)
        is_key[list[i]] = 1
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
    if (part == "sed") {
        print_schema_enums()
        exit
    }
    print "/* Made from data/vocabulary.txt by scripts/vocabulary.awk. */"
    for (k = 1; k <= kinds; k++)
        part == "ids" ? print_enum(kind_name[k]) : print_table(kind_name[k])
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
