# The C tables: part=ids makes cli/options_ids.h, part=table cli/options_data.c, part=exits
# base/exit_status.h.

function print_part() {
    print "/* Made from data/options.txt by scripts/options_c.awk. */"
    if (part == "exits")
        print_exits()
    else
        part == "ids" ? print_ids() : print_table()
}
function print_exits(    i) {
    print "#ifndef BASE_EXIT_STATUS_H\n#define BASE_EXIT_STATUS_H\n"
    print "enum exit_status {"
    for (i = 1; i <= count["exit"]; i++)
        printf "    %s = %d, /* %s */\n", symbol("EXIT_", value_of("exit" SUBSEP i, "name")), name["exit", i],
            value_of("exit" SUBSEP i, "meaning")
    print "};\n\n#endif"
}
function print_ids(    i, family) {
    print "#ifndef CLI_OPTIONS_IDS_H\n#define CLI_OPTIONS_IDS_H\n"
    print "enum job {"
    for (i = 1; i in job_names; i++)
        printf "    %s,\n", symbol("JOB_", job_names[i])
    print "    JOB_COUNT\n};\n"
    print "enum option_group {"
    for (i = 1; i <= count["group"]; i++)
        printf "    %s,\n", symbol("OPTION_GROUP_", name["group", i])
    print "    OPTION_GROUP_COUNT\n};\n\nenum option_family {\n    OPTION_FAMILY_NONE,"
    for (i = 1; i <= count["option"]; i++) {
        family = value_of("option" SUBSEP i, "family")
        if (family != "" && !(family in family_seen))
            printf "    %s,\n", symbol("OPTION_FAMILY_", family)
        family_seen[family] = 1
    }
    print "};\n\nenum option_id {"
    for (i = 1; i <= count["option"]; i++)
        printf "    %s,\n", symbol("OPTION_", name["option", i])
    print "    OPTION_COUNT\n};\n\n#endif"
}
function c_text(e, key) {
    return has(e, key) ? quoted(text_of[e, key]) : "NULL"
}
function c_bool(e, word) {
    return (e, word) in flag ? "true" : "false"
}
function print_table(    i) {
    print "#include \"cli/option_table.h\"\n\n#include <stddef.h>"
    for (i = 1; i <= count["option"]; i++)
        if (has("option" SUBSEP i, "implies"))
            print_implied("option" SUBSEP i)
    print "\nconst struct option option_table[OPTION_COUNT] = {"
    for (i = 1; i <= count["option"]; i++)
        print_row("option" SUBSEP i)
    print "};"
    print_names()
    print_words()
}
function print_implied(e,    i, n, words, negated) {
    printf "\nstatic const struct option_implied %s[] = {\n", tolower(symbol("implied_by_", name[e]))
    n = split(text_of[e, "implies"], words, " ")
    for (i = 1; i <= n; i++) {
        negated = !(words[i] in entry_named)
        if (negated)
            sub(/^no-/, "", words[i])
        printf "    {%s, %s},\n", symbol("OPTION_", name[entry_named[words[i]]]), negated ? "true" : "false"
    }
    print "    {OPTION_COUNT, false},\n};"
}
function print_row(e,    range, means, equals) {
    printf "    [%s] = {%s, .aliases = %s,\n", symbol("OPTION_", name[e]), quoted(name[e]), quoted(value_of(e, "aliases"))
    printf "     .others = %s,\n", quoted(other_spellings(e))
    printf "     .shown = %s, .metavar = %s, .choices = %s,\n", c_text(e, "shown"), c_text(e, "metavar"), c_text(e, "choices")
    printf "     .prompt = %s, .bare_value = %s, .negated_value = %s, .default_text = %s,\n", c_text(e, "prompt"),
        c_text(e, "bare"), c_text(e, "negated"), c_text(e, "default")
    printf "     .summary = %s, .off = %s,\n", c_text(e, "summary"), c_text(e, "off")
    means = value_of(e, "means")
    equals = index(means, "=")
    printf "     .means = %s, .means_value = %s,\n", symbol("OPTION_", means == "" ? name[e] : \
        equals ? substr(means, 1, equals - 1) : means), equals ? quoted(substr(means, equals + 1)) : "NULL"
    printf "     .implied = %s,\n", has(e, "implies") ? tolower(symbol("implied_by_", name[e])) : "NULL"
    if (split(value_of(e, "range"), range, "-") == 2)
        printf "     .minimum = %d, .maximum = %d,\n", range[1], range[2]
    printf "     .jobs = %s,\n", jobs_of(e)
    printf "     .group = %s, .argument = %s, .kind = %s, .family = %s,\n", symbol("OPTION_GROUP_", text_of[e, "group"]),
        symbol("ARGUMENT_", text_of[e, "argument"]), symbol("KIND_", text_of[e, "kind"]),
        symbol("OPTION_FAMILY_", has(e, "family") ? text_of[e, "family"] : "none")
    printf "     .from_file = %s, .sensitive = %s, .repeatable = %s, .on = %s, .names_field = %s, .common = %s},\n", c_bool(e, "from-file"),
        c_bool(e, "sensitive"), c_bool(e, "repeatable"), c_bool(e, "on"), c_bool(e, "names-field"), c_bool(e, "common")
}
function jobs_of(e,    i, bits) {
    for (i = 1; i in job_names; i++)
        if ((e, job_names[i]) in serves)
            bits = bits (bits == "" ? "" : " | ") "1 << " symbol("JOB_", job_names[i])
    return bits
}
function other_spellings(e,    i, n, forms, list) {
    n = spellings_of(e, forms)
    for (i = 2; i <= n; i++)
        if (forms[i] != "--no-" name[e] && !index(text_of[e, "shown"] ",", forms[i] ","))
            list = list (list == "" ? "" : ", ") forms[i]
    return list
}
function print_names(    i, j, n, words, e) {
    print "\nconst struct option_name option_names[] = {"
    for (i = 1; i <= spellings; i++)
        printf "    {%s, %s},\n", quoted(spelling[i]), symbol("OPTION_", name[entry_named[spelling[i]]])
    print "};\nconst size_t option_name_count = sizeof option_names / sizeof *option_names;"
    print "\nconst struct option_name option_field_prefixes[] = {"
    for (i = 1; i <= count["option"]; i++) {
        e = "option" SUBSEP i
        n = split(value_of(e, "fields"), words, " ")
        for (j = 1; j <= n; j++)
            printf "    {%s, %s},\n", quoted(words[j] "-"), symbol("OPTION_", name[e])
    }
    print "};\nconst size_t option_field_prefix_count = sizeof option_field_prefixes / sizeof *option_field_prefixes;"
}
function print_words(    i, j, n, words, e) {
    print "\nconst struct option_foreign option_foreign[] = {"
    for (i = 1; i <= count["foreign"]; i++) {
        e = "foreign" SUBSEP i
        n = split(name[e], words, " ")
        for (j = 1; j <= n; j++)
            printf "    {%s, %s},\n", quoted(words[j]), c_text(e, "text")
    }
    print "};\nconst size_t option_foreign_count = sizeof option_foreign / sizeof *option_foreign;"
    print "\nconst struct option_group_words option_groups[OPTION_GROUP_COUNT] = {"
    for (i = 1; i <= count["group"]; i++)
        printf "    {%s, %s},\n", quoted(name["group", i]), c_text("group" SUBSEP i, "title")
    print "};\n\nconst char *const job_names[JOB_COUNT] = {"
    for (i = 1; i in job_names; i++)
        printf "    %s,\n", quoted(job_names[i])
    print "};\n\nconst struct exit_words exit_words[] = {"
    for (i = 1; i <= count["exit"]; i++)
        printf "    {%s, %s},\n", quoted(name["exit", i]), c_text("exit" SUBSEP i, "meaning")
    print "};\nconst size_t exit_words_count = sizeof exit_words / sizeof *exit_words;"
}
