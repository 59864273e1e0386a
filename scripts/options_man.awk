# Fills the options and the exit statuses into the man page.

function print_part() {
    print_template()
}
function fill_in(what) {
    if (what == "OPTIONS")
        print_options()
    else if (what == "EXITS")
        print_exits()
    else
        fail(template ": no such place: " what)
}
function escaped(text) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    gsub(/~/, "\\(ti", text)
    gsub(/\^/, "\\(ha", text)
    gsub(/`/, "\\(ga", text)
    gsub(/'/, "\\(aq", text)
    return text
}
function bold(text) {
    return "\\fB" escaped(text) "\\fR"
}
function italic(text) {
    return "\\fI" escaped(text) "\\fR"
}
# Options in bold, the option's own metavar in italics; punctuation stays outside.
function dressed(word, metavar,    head, tail) {
    head = tail = ""
    while (word ~ /^[("]/) {
        head = head substr(word, 1, 1)
        word = substr(word, 2)
    }
    while (word ~ /[.,:;)"]$/) {
        tail = substr(word, length(word)) tail
        word = substr(word, 1, length(word) - 1)
    }
    if (word ~ /^--?[A-Za-z0-9]/)
        word = bold(word)
    else if (metavar != "" && word == metavar)
        word = italic(word)
    else
        word = escaped(word)
    return head word tail
}
# A new line for each sentence, as man pages have it, and none of them too long.
function print_paragraph(text, metavar,    i, n, words, line, word, ends) {
    n = split(text, words, " ")
    line = ""
    for (i = 1; i <= n; i++) {
        word = dressed(words[i], metavar)
        if (line != "" && (length(line) + 1 + length(word) > 78 || ends)) {
            print_line(line)
            line = ""
        }
        line = line (line == "" ? "" : " ") word
        ends = words[i] ~ /[.?!]"?$/
    }
    print_line(line)
}
function print_line(line) {
    print (line ~ /^[.']/ ? "\\&" : "") line
}
function print_tag(e,    i, n, forms, tag) {
    n = spellings_of(e, forms)
    for (i = 1; i <= n; i++)
        tag = tag (i > 1 ? ", " : "") bold(forms[i])
    if (has(e, "metavar"))
        tag = tag (text_of[e, "argument"] == "optional" ? " [" italic(text_of[e, "metavar"]) "]" : \
                   " " italic(text_of[e, "metavar"]))
    print ".TP\n" tag
}
function print_option(e,    i, n, paragraphs, choices) {
    print_tag(e)
    n = split(text_of[e, "text"], paragraphs, "\n")
    for (i = 1; i <= n; i++) {
        if (i > 1)
            print ".IP"
        print_paragraph(paragraphs[i], value_of(e, "metavar"))
    }
    if ((e, "repeatable") in flag)
        print_paragraph("May be repeated.")
    if (has(e, "choices") && text_of[e, "kind"] != "choice" && text_of[e, "choices"] !~ /=/) {
        choices = text_of[e, "choices"]
        gsub(/ /, ", ", choices)
        print_paragraph("Values: " choices ".")
    }
    if (has(e, "default"))
        print_paragraph("Default: " text_of[e, "default"] ".")
}
function print_options(    g, i, e) {
    for (g = 1; g <= count["group"]; g++) {
        print ".SS " text_of["group" SUBSEP g, "title"]
        for (i = 1; i <= count["option"]; i++) {
            e = "option" SUBSEP i
            if (text_of[e, "group"] == name["group", g])
                print_option(e)
        }
    }
}
function print_exits(    i, meaning) {
    for (i = 1; i <= count["exit"]; i++) {
        meaning = text_of["exit" SUBSEP i, "meaning"]
        print ".TP\n" bold(name["exit", i])
        print_paragraph(toupper(substr(meaning, 1, 1)) substr(meaning, 2) ".")
    }
}
