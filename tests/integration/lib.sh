# shellcheck shell=bash
# What the integration tests share: TAP, servers that are unpacked and never
# installed, and the certainty that nothing of them is left behind.
#
# Debian's mail servers conflict, so installing one removes another, a user's
# live one included.  Their packages are therefore only downloaded and unpacked
# below the build tree (tests/integration/cache, kept between runs; `make
# clean-integration' removes it).  Each server runs in a copy of its unpacked
# tree, as a chroot with users of its own, on loopback and high ports.
#
# That takes root.  An ordinary user gets a user namespace in which he is root;
# it needs a range in /etc/subuid and newuidmap (Debian: uidmap).  Where there
# is neither, the test is skipped, or fails if CI is set.
#
# One test by hand, in the build directory:
#
#     make -j2 && bash ../tests/integration/postfix.test
#     KEEP=1 bash ../tests/integration/postfix.test
#
# With KEEP=1 the servers stay up after the last check until Ctrl-C, and their
# ports, directories and logs are told on stderr.

set -Eeuo pipefail
PATH=$PATH:/usr/sbin:/sbin # chroot is there, and not every user looks there

: "${top_builddir:=$PWD}"
[[ -x $top_builddir/config.status ]] || {
    echo "Bail out! no build here: run this in the build directory, or set top_builddir"
    exit 1
}
top_builddir=$(cd "$top_builddir" && pwd)
cache=$top_builddir/tests/integration/cache
smtpprobe=$top_builddir/smtpprobe

test_file=$0
checks=0
failures=0
groups=()  # process groups of the servers
probes=0
newest=$$  # the server that was started last
mounts=()
kept=()    # what KEEP tells

# ---------------------------------------------------------------------------
# TAP

note() { printf '# %s\n' "${*//$'\n'/$'\n# '}"; }

die() {
    note "$*"
    echo "Bail out! ${*%%$'\n'*}"
    exit 1
}

skip_all() {
    [[ -z ${CI:-} ]] || die "$1 (skipping is not for CI)"
    echo "1..0 # SKIP $1"
    exit 0
}

# check DESCRIPTION COMMAND...: one test point; what the command said is shown if it failed
check() {
    local what=$1 said
    shift
    checks=$((checks + 1))
    if said=$("$@" 2>&1); then
        echo "ok $checks - $what"
    else
        failures=$((failures + 1))
        echo "not ok $checks - $what"
        note "failed: $*"
        note "$said"
    fi
}

equal() { [[ $1 == "$2" ]] || { printf 'is:     %s\nwanted: %s\n' "$1" "$2"; return 1; }; }

# finish: the plan, the logs if something failed, and a pause if KEEP is set
finish() {
    ((probes == 0)) || { find_validator && check 'every report is valid by its schema' schema_holds; }
    echo "1..$checks"
    ((failures == 0)) || show_logs
    if [[ -n ${KEEP:-} ]]; then
        printf '%s\n' "These run until Ctrl-C:" "${kept[@]}" "everything: $work" >&2
        sleep infinity &
        wait $! || true
    fi
    trap - ERR
    return $((failures > 0))
}

show_logs() {
    local log
    while IFS= read -r log; do
        note "--- end of ${log#"$work"/}"
        note "$(tail -n 25 "$log")"
    done < <(find "$work" -type f \( -name '*.log' -o -name '*log' -path '*/log/*' \) -size +0)
}

# ---------------------------------------------------------------------------
# Becoming root, starting, stopping

# need_root: chroot and several users are needed from here on; call it first
need_root() {
    ((EUID != 0)) || return 0
    # asked in two steps, since where namespaces are forbidden --map-auto leaves a process behind that never ends
    if unshare --user true 2>/dev/null && unshare --map-root-user --map-auto --mount true 2>/dev/null; then
        export top_builddir
        exec unshare --map-root-user --map-auto --mount bash "$test_file"
    fi
    skip_all "needs root, or user namespaces, newuidmap and a range for $(id -un) in /etc/subuid"
}

# begin: the working directory $work and the traps that clear up
begin() {
    mkdir -p "$cache"
    work=$(mktemp -d "$top_builddir/tests/integration/run-$(basename "$test_file" .test).XXXXXX")
    chmod 755 "$work"
    claim_ports
    trap clear_up EXIT
    trap 'note "${BASH_SOURCE[0]##*/}:$LINENO: $BASH_COMMAND: status $?" >&2' ERR
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    # nothing of the user's own settings may change what is tested
    export HOME=$work
    unset XDG_CONFIG_HOME NETRC "${!SMTPPROBE_OPT_@}"
}

clear_up() {
    local status=$? index
    trap '' HUP INT TERM
    trap - EXIT ERR
    set +e
    for index in "${groups[@]}"; do kill -TERM -- "-$index" 2>/dev/null; done
    for index in "${groups[@]}"; do await_end "$index"; done
    if [[ -n $(leftovers) ]]; then
        note "left behind and killed: $(leftovers | xargs -r ps -o pid=,args= -p)"
        leftovers | xargs -r kill -KILL
        status=1
    fi
    for index in "${mounts[@]}"; do umount "$index"; done
    rm -rf "$work"
    exit "$status"
}

# serve NAME COMMAND...: starts a server in the foreground of a session of its own,
# so that its whole group can be stopped; it dies with this shell, too, unless it
# becomes another user.  It runs in $work, where leftovers() would find it.  Some
# servers close every descriptor that they might have, and a container may allow them
# a million.
serve() {
    local name=$1
    shift
    (cd "$work" && ulimit -n 1024 && exec setsid setpriv --pdeathsig TERM -- "$@") >"$work/$name.log" 2>&1 </dev/null &
    newest=$!
    groups+=("$newest")
}

# await_end GROUP: a server gets three seconds to end in order
await_end() {
    local tries=0
    while kill -0 -- "-$1" 2>/dev/null; do
        ((++tries < 60)) || kill -KILL -- "-$1" 2>/dev/null
        ((tries < 100)) || break
        sleep 0.05
    done
    wait "$1" 2>/dev/null
}

# leftovers: ids of processes that still live in $work
leftovers() {
    find /proc -maxdepth 2 \( -name root -o -name cwd -o -name exe \) -lname "$work*" 2>/dev/null |
        cut -d/ -f3 | sort -u
}

# wait_until WHAT COMMAND...: asks again until the command succeeds, for at most
# 15 s, or until the server that was started last is gone
wait_until() {
    local what=$1 deadline=$((SECONDS + 15))
    shift
    until "$@" >/dev/null 2>&1; do
        if ((SECONDS >= deadline)) || ! kill -0 "$newest" 2>/dev/null; then
            show_logs
            die "waited in vain: $what"
        fi
        sleep 0.05
    done
}

# greets PORT [ADDRESS]: whether an SMTP server greets there with 220
greets() {
    local line
    exec 4<>"/dev/tcp/${2:-127.0.0.1}/$1" || return 1
    IFS= read -r -t 5 line <&4
    exec 4>&-
    [[ $line == 220* ]]
} 2>/dev/null

# listens PORT [ADDRESS]
listens() { (exec 4<>"/dev/tcp/${2:-127.0.0.1}/$1") 2>/dev/null; }

# claim_ports: a hundred for this test alone, below those that the kernel gives to clients,
# since tests run side by side, and a server takes its port some time after free_port.
# The lock ends with this shell and its servers.
claim_ports() {
    local lock
    mkdir -p "$cache/ports"
    while :; do
        first_port=$((10000 + RANDOM % 220 * 100))
        exec {lock}>"$cache/ports/$first_port"
        ! flock --nonblock "$lock" || break
        exec {lock}>&-
    done
    echo "$first_port" >"$work/next-port"
}

# free_port: one that was not given before, and which nobody uses on any address,
# neither for TCP nor for UDP
free_port() {
    local port
    read -r port <"$work/next-port"
    while grep -qsi "^ *[0-9]*: [0-9A-F]*:$(printf %04X "$port") " /proc/net/{tcp,tcp6,udp,udp6}; do
        port=$((port + 1))
    done
    ((port < first_port + 100)) || die "no port is free of $first_port to $((port - 1))" >&2
    echo $((port + 1)) >"$work/next-port"
    echo "$port"
}

# ---------------------------------------------------------------------------
# Packages

# download PACKAGE...: into the current directory; one at a time, since apt-get update locks
download() {
    (flock 8 && fetch "$@") 8>"$cache/apt.lock" || exit 1
}

fetch() {
    apt-get -qq -o APT::Sandbox::User=root download "$@" >apt.log 2>&1 && return
    # without lists there is nothing to download from; only root can get them
    [[ -w /var/lib/apt/lists ]] && apt-get -qq update >>apt.log 2>&1 &&
        apt-get -qq -o APT::Sandbox::User=root download "$@" >>apt.log 2>&1 && return
    die "cannot download $*: $(tail -n 3 apt.log)"
}

# libraries_wanted DEB...: names of library packages that these depend on directly
libraries_wanted() {
    local deb
    for deb in "$@"; do dpkg-deb -f "$deb" Pre-Depends Depends; done |
        sed 's/^[A-Za-z-]*: //' | tr ',' '\n' | sed 's/^ *//; s/[ :(|].*//' | grep '^lib' | sort -u
}

installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# programs TREE: its ELF files
programs() { find "$1" -type f -size +0 -exec grep -lz -m 1 $'^\x7fELF' {} +; }

# library_path TREE: its directories with shared libraries, for LD_LIBRARY_PATH
library_path() { find "$1" -name '*.so*' -printf '%h\n' | sort -u | paste -sd:; }

# library_map TREE: what the loader makes of the needs of all its programs
library_map() {
    programs "$1" | LD_LIBRARY_PATH=$(library_path "$1") xargs -r -d '\n' ldd 2>/dev/null || true
}

missing_libraries() { library_map "$1" | grep 'not found' | sort -u || true; }

# serve_unpacked NAME TREE PROGRAM ARGUMENT...: as serve, for a program that needs no
# chroot and so no root; it runs with the loader and libraries of its tree
serve_unpacked() {
    local name=$1 tree=$2 program=$3
    shift 3
    serve "$name" "$tree"/lib*/ld-linux*.so.* --library-path "$(library_path "$tree")" "$tree$program" "$@"
}

# unpack NAME PACKAGE...: makes $cache/NAME, a tree that is complete as a chroot:
# the packages, the libraries that this machine lacks from their packages, and
# copies of those that it has.  Done once; no package is installed or configured.
unpack() {
    local name=$1 tree=$cache/$1
    shift
    (
        flock 9
        [[ -f $tree/.packages && $(<"$tree/.packages") == "$*" ]] || make_tree "$tree" "$@"
    ) 9>"$cache/$name.lock" || exit 1
}

make_tree() {
    local tree=$1
    shift
    rm -rf "$tree" "$tree.debs"
    mkdir -p "$tree" "$tree.debs"
    cd "$tree.debs"
    unpack_into "$tree" "$@"
    add_missing_libraries "$tree"
    add_present_libraries "$tree"
    # as unpacked by root these would be real doors into the system
    find "$tree" -type f -perm /6000 -exec chmod a-s {} +
    cd /
    rm -r "$tree.debs"
    echo "$*" >"$tree/.packages"
}

# unpack_into TREE PACKAGE...
unpack_into() {
    local tree=$1 deb
    shift
    download "$@"
    for deb in ./*.deb; do
        dpkg-deb -x "$deb" "$tree"
        mv "$deb" "$deb.done"
    done
}

# add_missing_libraries TREE: goes down the dependencies until nothing is missing
add_missing_libraries() {
    local tree=$1 package wanted
    while [[ -n $(missing_libraries "$tree") ]]; do
        wanted=()
        for package in $(libraries_wanted ./*.done); do
            installed "$package" || compgen -G "./${package}_*.done" >/dev/null || wanted+=("$package")
        done
        ((${#wanted[@]})) || die "libraries missing: $(missing_libraries "$tree")"
        unpack_into "$tree" "${wanted[@]}"
    done
}

# add_present_libraries TREE: copies what the loader took from this machine, the loader among it
add_present_libraries() {
    local tree=$1 library
    library_map "$tree" | grep -o '/[^ ]*' | sort -u | while read -r library; do
        [[ $library == "$tree"* || $library == *: || -e $tree$library ]] || install -D "$library" "$tree$library"
    done
}

name_server='' # for servers in a chroot: an address, port 53

# new_root NAME USER:ID...: a copy of the unpacked tree for this test, as $work/NAME, with
# these users (and groups of the same name and number) and the devices that servers want
new_root() {
    local root=$work/$1 user
    cp -al "$cache/$1" "$root"
    shift
    mkdir -p "$root"/{dev,etc,tmp,run,var/log,var/tmp}
    chmod 1777 "$root/tmp" "$root/var/tmp"
    [[ -e $root/var/run ]] || ln -s ../run "$root/var/run"
    [[ -e $root/bin ]] || ln -s usr/bin "$root/bin" # the shell of Debian 13 is in /usr/bin alone
    printf 'root:x:0:0::/:/bin/sh\n' | put "$root/etc/passwd"
    printf 'root:x:0:\n' | put "$root/etc/group"
    for user in "$@" nobody:65534; do
        printf '%s:x:%d:%d::/home/%s:/bin/sh\n' "${user%:*}" "${user#*:}" "${user#*:}" "${user%:*}" >>"$root/etc/passwd"
        printf '%s:x:%d:\n' "${user%:*}" "${user#*:}" >>"$root/etc/group"
    done
    echo '127.0.0.1 localhost mx1.example.com' | put "$root/etc/hosts"
    echo "hosts: files${name_server:+ dns}" | put "$root/etc/nsswitch.conf"
    echo "${name_server:+nameserver $name_server}" | put "$root/etc/resolv.conf"
    new_device "$root" null 3
    new_device "$root" random 8
    new_device "$root" urandom 9
}

# In a user namespace nobody may make a device, but the system's can be shown there.
new_device() {
    mknod -m 666 "$1/dev/$2" c 1 "$3" 2>/dev/null && return
    : >"$1/dev/$2"
    mount --bind "/dev/$2" "$1/dev/$2"
    mounts+=("$1/dev/$2")
}

# put FILE: standard input as a new file; never written through a hard link into the cache
put() {
    mkdir -p "$(dirname "$1")"
    rm -f "$1"
    cat >"$1"
}

# ---------------------------------------------------------------------------
# Mail that was delivered

# make_message FILE: complete, so that no server has a reason to add a field, and
# with what a careless client would spoil: dots, blanks at line ends, long lines
make_message() {
    printf '%s\n' 'Date: Sat, 01 Feb 2025 10:00:00 +0000' 'From: a@b.example' 'To: user@example.com' \
        'Subject: integration' 'Message-Id: <integration@b.example>' '' \
        . .dot ..dots 'From here' 'blanks at the end  ' "$(head -c 900 /dev/zero | tr '\0' x)" '' end >"$1"
}

# delivered MAILDIR: whether there is a new message
delivered() { compgen -G "$1/new/*" >/dev/null; }

# same_message MAILDIR FILE: takes the one new message out, and compares it byte for
# byte with the file, but for the trace fields that the server put before it
same_message() {
    local stored trace
    stored=("$1"/new/*)
    equal "${#stored[@]} message" '1 message'
    mv "${stored[0]}" "$work/stored"
    trace=$(($(stat -c %s "$work/stored") - $(stat -c %s "$2")))
    ((trace > 0)) || { diff "$2" "$work/stored"; return 1; }
    tail -c +$((trace + 1)) "$work/stored" | cmp - "$2"
    ! head -c "$trace" "$work/stored" |
        grep -viE '^(return-path|received|delivered-to|x-original-to|envelope-to|delivery-date):|^[[:blank:]]'
}

# ---------------------------------------------------------------------------
# Certificates

# make_authority: $work/ca.pem, a test CA with all that strict clients ask for (Python 3.13 is one)
make_authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 30 -subj '/CN=Test CA' \
        -addext keyUsage=critical,keyCertSign,cRLSign \
        -keyout "$work/ca.key" -out "$work/ca.pem" 2>"$work/openssl.log"
}

# make_certificate NAME ISSUER DAYS EXTENSION...: $work/NAME.pem and .key, signed by
# $work/ISSUER.key; with a key of the type in key_type, P-256 if it is not set; expired
# yesterday if DAYS is -1
make_certificate() {
    local name=$1 file=$work/$1 issuer=$work/$2 validity=(-days "$3")
    # OpenSSL 3.4 and later take no negative number of days, and earlier ones no dates
    if [[ $3 == -1 && $(openssl x509 -help 2>&1) == *-not_after* ]]; then
        validity=(-not_before "$(date -ud '-2 days' +%Y%m%d%H%M%SZ)" -not_after "$(date -ud '-1 day' +%Y%m%d%H%M%SZ)")
    fi
    shift 3
    # shellcheck disable=SC2086 # several words
    openssl req -new -newkey ${key_type:-ec -pkeyopt ec_paramgen_curve:P-256} -noenc -subj "/CN=$name" \
        -keyout "$file.key" -out "$file.csr" 2>>"$work/openssl.log"
    openssl x509 -req -in "$file.csr" -CA "$issuer.pem" -CAkey "$issuer.key" "${validity[@]}" -out "$file.pem" \
        -extfile <(printf '%s\n' "$@") 2>>"$work/openssl.log"
}

# make_certificates: the CA and the certificate `server' of all test servers
make_certificates() {
    make_authority
    make_certificate server ca 30 extendedKeyUsage=serverAuth authorityKeyIdentifier=keyid \
        subjectAltName=DNS:localhost,DNS:mx1.example.com,IP:127.0.0.1
}

# ---------------------------------------------------------------------------
# The program under test

# probe ARGUMENT...: runs smtpprobe; leaves $status, $work/report.json and $work/report.err
probe() {
    status=0
    probes=$((probes + 1))
    timeout 30 "$smtpprobe" --json "$@" >"$work/report.json" 2>"$work/report.err" </dev/null || status=$?
    cp "$work/report.json" "$work/report-$probes.json"
}

# schema_holds: all reports of this test are what the schema promises
schema_holds() {
    "$validator" -c '
import json, sys
import jsonschema
with open(sys.argv[1]) as file:
    validator = jsonschema.Draft202012Validator(json.load(file))
faults = 0
for name in sys.argv[2:]:
    with open(name, encoding="utf-8") as file:
        for error in validator.iter_errors(json.load(file)):
            print(name, error.json_path, error.message[:300])
            faults += 1
sys.exit(faults != 0)' "$top_builddir/data/schema/probe.json" "$work"/report-*.json
}

# find_validator: a Python that has jsonschema (Debian: python3-jsonschema), which need not be the first
find_validator() {
    for validator in python3 /usr/bin/python3; do
        ! "$validator" -c 'import jsonschema' 2>/dev/null || return 0
    done
    die 'no jsonschema for Python here: apt-get install python3-jsonschema'
}

# report EXPRESSION: the value of a Python expression over the report, which is `r'
report() {
    python3 -c '
import json, sys
with open(sys.argv[1]) as file:
    r = json.load(file)
print(eval(sys.argv[2]))' "$work/report.json" "$1"
}

verdict() {
    local said
    said=$(report '" ".join(str(r["verdict"][key]) for key in ("exit_status", "outcome", "stage", "cause"))') ||
        said="no report"
    equal "$status $said" "${1%% *} $1" || { dialogue; return 1; }
}

# dialogue: what was said, for those who look why a check failed
dialogue() {
    cat "$work/report.err"
    report '"\n".join("%s: %s -> %s" % (e["stage"], e["command"], e["reply"]) for e in r["exchanges"])'
    report '"findings: %s" % [(f["id"], f["severity"], f["evidence"]) for f in r["findings"]]'
}

# arrives MAILDIR ARGUMENT...: the message in $work/message, sent by the program, is
# the one that arrives
arrives() {
    local maildir=$1
    shift
    probe --data "@$work/message" "$@"
    verdict '0 accepted body ok' || return 1
    wait_until "delivery to $maildir" delivered "$maildir"
    same_message "$maildir" "$work/message"
}

# no_secret SECRET: it stands nowhere in the output, neither as it is nor in Base64 at any alignment
no_secret() {
    local lead
    ! grep -qF -- "$1" "$work/report.json" "$work/report.err" || return 1
    for lead in '' x xx; do
        # the characters at both ends depend on what is beside the secret
        lead=$(printf '%s%s' "$lead" "$1" | base64 -w 0 | sed 's/^....//; s/....$//')
        ! grep -qF -- "$lead" "$work/report.json" "$work/report.err" || return 1
    done
}

# expect DESCRIPTION "EXIT OUTCOME STAGE CAUSE" ARGUMENT...: probes, and compares exit status and verdict
expect() {
    local what=$1 verdict=$2
    shift 2
    probe "$@"
    check "$what" verdict "$verdict"
}
