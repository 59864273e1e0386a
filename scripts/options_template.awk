# With options.awk, for what is made from a template.  A file of its own, since mawk
# demands that every function called exists.
#
# A line of @WORD@ alone is replaced by what fill_in(WORD) prints, @VERSION@
# anywhere by the version.

function print_template(    line) {
    while ((getline line < template) > 0)
        if (line ~ /^@[A-Z]+@$/)
            fill_in(substr(line, 2, length(line) - 2))
        else {
            gsub(/@VERSION@/, version, line)
            print line
        }
    close(template)
}
