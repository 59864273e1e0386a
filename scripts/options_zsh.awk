# Fills the options into the completion of zsh, as specifications of _arguments.

function print_part() {
    print_template()
}
function fill_in(what,    i, e) {
    for (i = 1; i <= count["option"]; i++) {
        e = "option" SUBSEP i
        if (!((e, tolower(what)) in serves))
            continue
        print_option(e)
        if (has(e, "off"))
            print "    '(--" name[e] ")--no-" name[e] "[" in_brackets(text_of[e, "off"]) "]' \\"
    }
}
function in_quotes(text) {
    gsub(/'/, "'\\''", text)
    return text
}
function in_brackets(text) {
    gsub(/[][]/, "\\\\&", text)
    return in_quotes(text)
}
# A message of _arguments ends at the next colon.
function in_message(text) {
    gsub(/:/, "\\:", text)
    return in_quotes(text)
}
function print_option(e,    i, n, forms, all, equals, together, spec, repeatable) {
    n = spellings_of(e, forms)
    equals = text_of[e, "argument"] == "none" ? "" : "="
    for (i = 1; i <= n; i++) {
        if (forms[i] == "--no-" name[e])
            continue
        all = all (i > 1 ? " " : "") forms[i]
        together = together (i > 1 ? "," : "") forms[i] (forms[i] ~ /^--/ ? equals : "")
    }
    spec = "[" in_brackets(text_of[e, "summary"]) "]" argument_of(e) "' \\"
    repeatable = (e, "repeatable") in flag
    if (!index(all, " "))
        print "    '" (repeatable ? "*" : "") together spec
    else
        print "    " (repeatable ? "\\*" : "'(" all ")'") "{" together "}'" spec
}
function argument_of(e) {
    if (text_of[e, "argument"] == "none")
        return ""
    return (text_of[e, "argument"] == "optional" ? "::" : ":") in_message(text_of[e, "metavar"]) ":" action_of(e)
}
function action_of(e,    kind, choices) {
    kind = text_of[e, "kind"]
    choices = value_of(e, "choices")
    if (kind == "choice" || kind == "stage")
        return "(" choices ")"
    if (kind == "list" && choices != "")
        return choices ~ /=/ ? keys(choices) : "_values -s , " name[e] " " choices
    if (kind == "file")
        return "_files"
    if (kind == "content" || kind == "secret")
        return "_smtpprobe_content"
    if (kind == "host" || kind == "address")
        return "_hosts"
    if (kind == "provider" || kind == "topic")
        return "_smtpprobe_" kind "s"
    return kind == "port" ? "_smtpprobe_ports" : " "
}
function keys(choices) {
    gsub(/=/, "\\:value\\:", choices)
    return "_values -s , key " choices
}
