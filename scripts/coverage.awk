# Sums what `gcov -n -b' says of the files in src/: lines run and branches taken, by layer.
# Headers are left out, since each includer counts them anew.

/^File / {
    layer = ""
    if (match($0, /src\/[a-z]+\/[a-z0-9_]+\.c'/)) {
        split(substr($0, RSTART, RLENGTH), part, "/")
        layer = part[2]
    }
}
layer != "" && /^Lines executed:/ { add("lines") }
layer != "" && /^Taken at least once:/ { add("branches") }

# "Lines executed:97.50% of 120"
function add(what,    field) {
    split($0, field, /[:%]| of /)
    for (where = 1; where <= 2; where++) {
        name = where == 1 ? layer : "all"
        all[name, what] += field[4]
        reached[name, what] += field[2] * field[4] / 100
    }
}

function figures(name, what,    total) {
    total = all[name, what]
    return total ? sprintf("%5.1f %% of %5d", 100 * reached[name, what] / total, total) : "-"
}

END {
    count = split("base smtp dns tls sasl net probe diagnose report cli all", names, " ")
    printf "%-10s %-17s %-17s\n", "", "lines", "branches"
    for (i = 1; i <= count; i++)
        printf "%-10s %-17s %-17s\n", names[i], figures(names[i], "lines"), figures(names[i], "branches")
    exit !all["all", "lines"]
}
