# Reads and checks data/options.txt; print_part() of a second script then makes
# something from it:
#   awk -f options.awk -f options_c.awk -v part=...         ids, table or exits
#   awk -f options.awk -f options_man.awk -v template=...   the man page
#   awk -f options.awk -f options_bash.awk -v template=...  completions; also zsh and fish
# Run with LC_ALL=C.  POSIX awk; mawk suffices.

function fail(what) {
    printf "%s:%d: %s\n", FILENAME, FNR, what > "/dev/stderr"
    failed = 1
    exit 1
}
function symbol(prefix, word) {
    gsub(/-/, "_", word)
    return prefix toupper(word)
}
function quoted(text) {
    gsub(/\\/, "\\\\", text)
    gsub(/"/, "\\\"", text)
    return "\"" text "\""
}
function has(entry, key) {
    return (entry, key) in text_of
}
function value_of(entry, key) {
    return has(entry, key) ? text_of[entry, key] : ""
}

BEGIN {
    split("group option foreign exit", list, " ")
    for (i in list)
        is_kind[list[i]] = 1
    split("title aliases group argument metavar kind choices range flags prompt bare negated means off family " \
          "implies shown fields default summary text meaning name jobs", list, " ")
    for (i in list)
        is_key[list[i]] = 1
    split("text host port address list number duration stage choice file content secret provider topic", list, " ")
    for (i in list)
        is_value_kind[list[i]] = 1
    split("none optional required", list, " ")
    for (i in list)
        is_argument[list[i]] = 1
    split("from-file sensitive repeatable on names-field common", list, " ")
    for (i in list)
        is_flag[list[i]] = 1
    split("probe explain", job_names, " ")
    for (i in job_names)
        is_job[job_names[i]] = 1
    # Names as short as swaks' abbreviations that take two dashes all the same
    split("to cc bcc from helo ehlo lhlo port lport data body auth tls drop quit quiet json ipv4 ipv6 help color " \
          "stage host text list", list, " ")
    for (i in list)
        is_word[list[i]] = 1
}

# Reading

/^#/ { next }
/^[ \t]*$/ { entry = ""; key = ""; next }
/^[ \t]/ {
    if (key == "")
        fail("a continuation without a key above it")
    sub(/^[ \t]+/, "")
    if (opening)
        name[entry] = name[entry] " " $0
    else
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
    sub(/[ \t]+$/, "", value)
    opening = entry == ""
    if (opening) {
        if (!(key in is_kind))
            fail("unknown kind of entry: " key)
        count[key]++
        entry = key SUBSEP count[key]
        name[entry] = value
        next
    }
    if (!(key in is_key))
        fail("unknown key: " key)
    if (key == "text" && has(entry, key))
        text_of[entry, key] = text_of[entry, key] "\n" value
    else if (has(entry, key))
        fail("key given twice: " key)
    else
        text_of[entry, key] = value
}

# Checking

function check_option(e,    i, n, words) {
    if (!has(e, "argument"))
        text_of[e, "argument"] = "none"
    n = split(value_of(e, "flags"), words, " ")
    for (i = 1; i <= n; i++) {
        if (!(words[i] in is_flag))
            fail(name[e] ": unknown flag " words[i])
        flag[e, words[i]] = 1
    }
    if (name[e] !~ /^[a-z0-9][a-z0-9-]*$/)
        fail("not the name of an option: " name[e])
    if (!has(e, "jobs"))
        text_of[e, "jobs"] = "probe"
    n = split(text_of[e, "jobs"], words, " ")
    for (i = 1; i <= n; i++) {
        if (!(words[i] in is_job))
            fail(name[e] ": unknown job " words[i])
        serves[e, words[i]] = 1
    }
    if (!(value_of(e, "group") in group_number))
        fail(name[e] ": unknown group")
    if (!has(e, "summary") || length(text_of[e, "summary"]) > 55)
        fail(name[e] ": summary missing or longer than 55 characters")
    if (((e, "on") in flag || has(e, "negated")) != has(e, "off") || length(value_of(e, "off")) > 55)
        fail(name[e] ": `off' goes with on or negated, up to 55 characters")
    if (length(value_of(e, "default")) > 46)
        fail(name[e] ": default longer than 46 characters")
    if (!(text_of[e, "argument"] in is_argument))
        fail(name[e] ": argument is none, optional or required")
    if ((text_of[e, "argument"] == "none") == has(e, "metavar"))
        fail(name[e] ": a metavar goes with an argument")
    if (!has(e, "kind"))
        text_of[e, "kind"] = "text"
    if (!(text_of[e, "kind"] in is_value_kind))
        fail(name[e] ": unknown kind " text_of[e, "kind"])
    if (text_of[e, "kind"] ~ /^(choice|stage)$/ && !has(e, "choices"))
        fail(name[e] ": choices missing")
    if (text_of[e, "kind"] == "number" && value_of(e, "range") !~ /^[0-9]+-[0-9]+$/)
        fail(name[e] ": range missing")
    if (!has(e, "text"))
        text_of[e, "text"] = toupper(substr(text_of[e, "summary"], 1, 1)) substr(text_of[e, "summary"], 2) "."
    if (!has(e, "shown"))
        text_of[e, "shown"] = "--" name[e] metavar_suffix(e)
    add_name(name[e], e)
    n = split(value_of(e, "aliases"), words, " ")
    for (i = 1; i <= n; i++)
        add_name(words[i], e)
}
function metavar_suffix(e) {
    if (!has(e, "metavar"))
        return ""
    return text_of[e, "argument"] == "optional" ? " [" text_of[e, "metavar"] "]" : " " text_of[e, "metavar"]
}
function add_name(word, e) {
    if (word in entry_named)
        fail("two options have the name " word)
    entry_named[word] = e
    spelling[++spellings] = word
}
function check_exit(e,    word) {
    word = value_of(e, "name")
    if (word !~ /^[a-z][a-z-]*$/)
        fail("exit " name[e] ": no name")
    if (word in exit_named)
        fail("exit " name[e] ": the name of exit " exit_named[word])
    exit_named[word] = name[e]
}
function check_references(e,    i, n, words, target) {
    n = split(value_of(e, "implies"), words, " ")
    for (i = 1; i <= n; i++) {
        target = words[i]
        if (!(target in entry_named))
            sub(/^no-/, "", target)
        if (!(target in entry_named))
            fail(name[e] ": implies an unknown option, " words[i])
    }
    target = value_of(e, "means")
    sub(/=.*/, "", target)
    if (target != "" && !(target in entry_named))
        fail(name[e] ": means an unknown option, " target)
}
function sort_words(array, n,    i, j, word) {
    for (i = 2; i <= n; i++) {
        word = array[i]
        for (j = i - 1; j >= 1 && array[j] "" > word ""; j--)
            array[j + 1] = array[j]
        array[j + 1] = word
    }
}
END {
    if (failed)
        exit 1
    for (i = 1; i <= count["group"]; i++)
        group_number[name["group", i]] = i
    for (i = 1; i <= count["option"]; i++)
        check_option("option" SUBSEP i)
    for (i = 1; i <= count["option"]; i++)
        check_references("option" SUBSEP i)
    for (i = 1; i <= count["exit"]; i++)
        check_exit("exit" SUBSEP i)
    if (failed)
        exit 1
    sort_words(spelling, spellings)
    print_part()
}

# All spellings of an option with dashes, the canonical one first: two dashes
# for words, one for the short forms of swaks. --no-NAME is shown where it does
# more than to forget.
function spellings_of(e, result,    i, n, words) {
    n = split(name[e] " " value_of(e, "aliases"), words, " ")
    for (i = 1; i <= n; i++)
        result[i] = (is_short(words[i]) ? "-" : "--") words[i]
    if (has(e, "off"))
        result[++n] = "--no-" name[e]
    return n
}
function is_short(word) {
    return word !~ /-/ && length(word) <= 5 && !(word in is_word)
}
