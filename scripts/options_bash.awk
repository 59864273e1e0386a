# Fills the options into the completion of bash.

function print_part() {
    print_template()
}
function fill_in(what,    i) {
    for (i = 1; i <= count["option"]; i++)
        what == "ALIASES" ? print_aliases("option" SUBSEP i) : print_option("option" SUBSEP i)
}
function in_quotes(text) {
    gsub(/'/, "'\\''", text)
    return text
}
function print_option(e) {
    print jobs_of(e) "|--" name[e] "|" text_of[e, "argument"] "|" text_of[e, "kind"] "|" value_of(e, "choices") "|" \
        in_quotes(text_of[e, "summary"])
    if (has(e, "off"))
        print jobs_of(e) "|--no-" name[e] "|none|||" in_quotes(text_of[e, "off"])
}
# The first letters of the jobs that it serves
function jobs_of(e,    i, letters) {
    for (i = 1; i in job_names; i++)
        if ((e, job_names[i]) in serves)
            letters = letters substr(job_names[i], 1, 1)
    return letters
}
function print_aliases(e,    i, n, words, pattern) {
    n = split(value_of(e, "aliases"), words, " ")
    for (i = 1; i <= n; i++)
        pattern = pattern (i > 1 ? " | " : "") words[i]
    if (n)
        print "    " pattern ") canonical=" name[e] " ;;"
}
