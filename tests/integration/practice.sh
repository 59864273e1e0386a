# shellcheck shell=bash
# Tests of the whole program against the practice server, which is told how to behave.

# shellcheck source=tests/integration/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"

command -v python3 >/dev/null || skip_all 'needs Python 3, to read JSON'

password='Open Sesame 9%' # not only what is easy to quote
# shellcheck disable=SC2034 # for the tests
login=(--auth-user jo --auth-password "$password")
format=json     # of the reports
use_tls_port='' # see on_tls_port
tries=0

# begin_practice: as begin, and the script that runs the probe below the practice server
begin_practice() {
    begin
    mkdir "$work/reports" "$work/store"
    export work smtpprobe format use_tls_port
    cat >"$work/probe.sh" <<'END'
export SMTPPROBE_OPT_dns_server=127.0.0.1:$PRACTICE_DNS_PORT
export SMTPPROBE_OPT_port=${use_tls_port:+$PRACTICE_TLS_PORT}
: "${SMTPPROBE_OPT_port:=$PRACTICE_PORT}"
export SMTPPROBE_OPT_to=user@example.com SMTPPROBE_OPT_from=sender@example.com SMTPPROBE_OPT_helo=client.example.com
export SMTPPROBE_OPT_timeout=2 SMTPPROBE_OPT_format=$format
exec $measure "$smtpprobe" "$@"
END
}

# try SERVER-OPTION... -- ARGUMENT...: a probe of a practice server of its own; leaves
# $status, $seconds, the report, and in $work/dialogue what the server heard and said
try() {
    local server=() begun=$SECONDS
    while [[ $1 != -- ]]; do
        server+=("$1")
        shift
    done
    shift
    : >"$work/dialogue"
    status=0
    timeout 60 "$top_builddir/practice-server" --user jo --password "$password" --ca-file "$work/ca.pem" \
        --log "$work/dialogue" "${server[@]}" --run bash "$work/probe.sh" "$@" \
        >"$work/report.json" 2>"$work/report.err" </dev/null || status=$?
    seconds=$((SECONDS - begun))
    tries=$((tries + 1))
    # all of them are judged together, see reports_are_valid
    [[ $format != json || ! -s $work/report.json ]] || cp "$work/report.json" "$work/reports/$tries.json"
}

# expect_from DESCRIPTION "EXIT OUTCOME STAGE CAUSE" SERVER-OPTION... -- ARGUMENT...
expect_from() {
    local what=$1 verdict=$2
    shift 2
    try "$@"
    check "$what" verdict "$verdict"
}

# on_tls_port COMMAND...: its probe goes to the port for implicit TLS
on_tls_port() {
    use_tls_port=1
    "$@"
    use_tls_port=''
}

# saw PATTERN: the server heard such a line; each begins with "clear C: " or "tls C: "
saw() { grep -qaE -- "$1" "$work/dialogue" || { cat "$work/dialogue"; return 1; }; }
saw_not() { ! grep -aE -- "$1" "$work/dialogue"; }
saw_times() { equal "$(grep -caE -- "$2" "$work/dialogue")" "$1"; }
saw_nobody() { [[ ! -s $work/dialogue ]] || { cat "$work/dialogue"; return 1; }; }

ended_with() { equal "$status" "$1" || { cat "$work/report.err"; return 1; }; }
failed() { ((status > 0)); }
within() { ((seconds <= $1)) || { echo "took $seconds s, more than $1 s"; return 1; }; }

# has_finding ID
has_finding() { [[ $(report "'$1' in [f['id'] for f in r['findings']]") == True ]]; }

# finish_practice: as finish; first all reports are judged
finish_practice() {
    check "11. each run gave one whole JSON document, with unique keys, that fits the schema" \
        python3 "${BASH_SOURCE[0]%/*}/valid_reports.py" "$top_builddir/data/schema/probe.json" "$work/reports"
    finish
}
