# Fills the options into the completion of fish.

function print_part() {
    print_template()
}
function fill_in(what,    i, e) {
    for (i = 1; i <= count["option"]; i++) {
        e = "option" SUBSEP i
        print_option(e)
        if (has(e, "off"))
            print complete_for(e) " -l no-" name[e] " -d " in_quotes(text_of[e, "off"])
    }
}
function in_quotes(text) {
    gsub(/\\/, "\\\\", text)
    gsub(/'/, "\\'", text)
    return "'" text "'"
}
function complete_for(e,    in_probe, in_explain) {
    in_probe = (e, "probe") in serves
    in_explain = (e, "explain") in serves
    return "complete -c smtpprobe" (in_probe && in_explain ? "" : \
        in_explain ? " -n __smtpprobe_explains" : " -n 'not __smtpprobe_explains'")
}
# fish has three kinds of names: -l for --word, -o for -word, -s for -w.
function print_option(e,    i, n, words, command, names, argument, action) {
    n = split(name[e] " " value_of(e, "aliases"), words, " ")
    for (i = 1; i <= n; i++) {
        command = command (length(words[i]) == 1 ? " -s " : is_short(words[i]) ? " -o " : " -l ") words[i]
        names = names (i > 1 ? " " : "") words[i]
    }
    argument = text_of[e, "argument"]
    action = action_of(e)
    if (argument == "required")
        command = command (action == " -F" ? " -r" : " -x")
    print complete_for(e) command " -d " in_quotes(text_of[e, "summary"])
    if (action == "")
        return
    print complete_for(e) command action
    if (argument == "optional")
        print "complete -c smtpprobe -n '" ((e, "probe") in serves ? "" : "__smtpprobe_explains; and ") \
            "__smtpprobe_behind " names "'" action
}
function action_of(e,    kind, choices) {
    if (text_of[e, "argument"] == "none")
        return ""
    kind = text_of[e, "kind"]
    choices = value_of(e, "choices")
    if (kind == "choice" || kind == "stage")
        return " -a " in_quotes(choices)
    if (kind == "list" && choices != "")
        return " -a " in_quotes("(__smtpprobe_list " choices ")")
    if (kind == "file")
        return " -F"
    if (kind == "content" || kind == "secret")
        return " -a '(__smtpprobe_content)'"
    if (kind == "host" || kind == "address")
        return " -a '(__fish_print_hostnames)'"
    if (kind == "provider" || kind == "topic")
        return " -a '(__smtpprobe_known " (kind == "topic" ? "topics" : "providers") ")'"
    return kind == "port" ? " -a '25 465 587'" : ""
}
