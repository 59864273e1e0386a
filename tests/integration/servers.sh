# shellcheck shell=bash
# The servers.  Each start_NAME unpacks, configures and starts one, waits until it
# answers, and leaves its ports in variables named NAME_...port.  All serve
# example.com with the mailboxes user@ and other@, maildirs below $NAME_mail, take
# auth_user and auth_password where they offer AUTH, and have the certificate $work/server.pem (make_certificates) for mx1.example.com.

# shellcheck source=tests/integration/lib.sh
source "${BASH_SOURCE[0]%/*}/lib.sh"
integration=$(cd "${BASH_SOURCE[0]%/*}" && pwd)

auth_user=jo
auth_password='open sesame 9%' # not only what is easy to quote
auth_foreign_user='jö'          # these two: only with Postfix
auth_foreign_password='sésame'

# What a test may add, before it starts the server
postfix_settings=()    # NAME=VALUE for main.cf
postfix_services=''   # of master.cf
opensmtpd_settings='' # rules in front of the others

# ---------------------------------------------------------------------------
# Dovecot: authentication for Postfix on dovecot_auth_port, LMTP on dovecot_lmtp_port.
# Version 2.4 (Debian 13) has another configuration language than 2.3 (Debian 12).

start_dovecot() {
    local root=$work/dovecot
    unpack dovecot dovecot-core dovecot-lmtpd dovecot-sieve # whose library Debian 13 wants in the core, too
    new_root dovecot dovecot:111 dovenull:112 vmail:1000
    dovecot_auth_port=$(free_port)
    dovecot_lmtp_port=$(free_port)
    dovecot_mail=$root/var/mail
    install -d -o 1000 -g 1000 "$dovecot_mail"
    mkdir -p "$root"/{run/dovecot,var/lib/dovecot}
    printf '%s:{PLAIN}%s\n' "$auth_user" "$auth_password" "$auth_foreign_user" "$auth_foreign_password" | put "$root/etc/dovecot/users"
    printf '%s::1000:1000::/var/mail/%s::\n' user user other other | put "$root/etc/dovecot/mailboxes"
    dovecot_configuration "$(chroot "$root" /usr/sbin/dovecot --version)" | put "$root/etc/dovecot/dovecot.conf"
    serve dovecot chroot "$root" /usr/sbin/dovecot -F
    wait_until "Dovecot authentication on port $dovecot_auth_port" listens "$dovecot_auth_port"
    wait_until "Dovecot LMTP on port $dovecot_lmtp_port" greets "$dovecot_lmtp_port"
    kept+=("Dovecot: LMTP $dovecot_lmtp_port, authentication $dovecot_auth_port; mail in $dovecot_mail")
}

# dovecot_configuration VERSION
dovecot_configuration() {
    case $1 in
    2.[0-3].*) dovecot_settings_of_2_3 ;;
    *) dovecot_settings_of_2_4 "${1%%-*}" ;; # the first line must be the version
    esac
    cat <<END
protocols = lmtp
base_dir = /run/dovecot
log_path = /var/log/dovecot.log
ssl = no
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
# not only ASCII
auth_username_chars =
# a client that failed is made to wait: right in life, dear in a test
auth_failure_delay = 0
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
END
}

dovecot_settings_of_2_3() {
    cat <<END
disable_plaintext_auth = no
passdb {
  driver = passwd-file
  args = username_format=%u /etc/dovecot/users
}
userdb {
  driver = passwd-file
  args = username_format=%n /etc/dovecot/mailboxes
}
mail_location = maildir:/var/mail/%n
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = $dovecot_lmtp_port
  }
}
service auth {
  inet_listener {
    address = 127.0.0.1
    port = $dovecot_auth_port
  }
}
END
}

# dovecot_settings_of_2_4 VERSION
dovecot_settings_of_2_4() {
    cat <<END
dovecot_config_version = $1
dovecot_storage_version = $1
auth_allow_cleartext = yes
passdb passwd-file {
  passwd_file_path = /etc/dovecot/users
  auth_username_format = %{user}
}
userdb passwd-file {
  passwd_file_path = /etc/dovecot/mailboxes
  auth_username_format = %{user | username}
}
mail_driver = maildir
mail_path = /var/mail/%{user | username}
service lmtp {
  inet_listener lmtp {
    listen = 127.0.0.1
    port = $dovecot_lmtp_port
  }
}
service auth {
  inet_listener auth {
    listen = 127.0.0.1
    port = $dovecot_auth_port
  }
}
END
}

# ---------------------------------------------------------------------------
# Postfix

# start_postfix: ports postfix_mx_port (STARTTLS offered, no AUTH, greylists grey@),
# postfix_nosize_port (the same, but its limit is not announced), postfix_client_port
# (client certificate demanded), postfix_submission_port (STARTTLS, AUTH after it) and
# postfix_submissions_port (TLS from the start).
start_postfix() {
    local root=$work/postfix
    start_dovecot
    unpack postfix postfix
    new_root postfix postfix:101 postdrop:102 vmail:105
    postfix_mx_port=$(free_port)
    postfix_nosize_port=$(free_port)
    postfix_client_port=$(free_port)
    postfix_submission_port=$(free_port)
    postfix_submissions_port=$(free_port)
    postfix_mail=$root/var/mail/vhosts
    postfix_message_limit=20000
    start_greylist
    postfix_directories "$root"
    postfix_main_cf | put "$root/etc/postfix/main.cf"
    postfix_master_cf | put "$root/etc/postfix/master.cf"
    ((${#postfix_settings[@]} == 0)) || chroot "$root" /usr/sbin/postconf -c /etc/postfix "${postfix_settings[@]}"
    printf '%s@example.com %s/\n' user user other other grey grey jö user | put "$root/etc/postfix/mailboxes"
    cp "$work"/{ca.pem,server.pem,server.key} "$root/etc/postfix/"
    # it waits for files that have just been written, since they might not be complete
    touch -d '1 minute ago' "$root"/etc/postfix/{main.cf,master.cf,mailboxes}
    serve postfix chroot "$root" /usr/lib/postfix/sbin/master -d -c /etc/postfix
    wait_until "Postfix on port $postfix_mx_port" greets "$postfix_mx_port"
    kept+=("Postfix: MX $postfix_mx_port, without SIZE $postfix_nosize_port,"
        "submission $postfix_submission_port, submissions $postfix_submissions_port; mail in $postfix_mail")
}

start_greylist() {
    greylist_port=$(free_port)
    serve greylist python3 "$integration/greylist.py" "$greylist_port"
    wait_until "policy server on port $greylist_port" listens "$greylist_port"
}

postfix_directories() {
    local spool=$1/var/spool/postfix
    mkdir -p "$spool"/{active,bounce,corrupt,defer,deferred,flush,hold,incoming,maildrop,pid,private,public,saved,trace} \
        "$1/var/lib/postfix" "$1/var/mail/vhosts"
    chown 101:0 "$spool"/[!p]* "$spool"/p[ru]* "$1/var/lib/postfix"
    chmod 700 "$spool"/[!p]* "$spool/private"
    chgrp 102 "$spool/maildrop" "$spool/public"
    chown 105:105 "$1/var/mail/vhosts"
}

postfix_main_cf() {
    cat <<END
compatibility_level = 3.6
myhostname = mx1.example.com
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = /var/log/postfix.log
alias_maps =
smtpd_peername_lookup = no
# whatever is accepted stays here
default_transport = error:no mail leaves this test
virtual_mailbox_domains = example.com
virtual_mailbox_maps = texthash:/etc/postfix/mailboxes
virtual_mailbox_base = /var/mail/vhosts
virtual_uid_maps = static:105
virtual_gid_maps = static:105
message_size_limit = $postfix_message_limit
virtual_mailbox_limit = 0
# nothing is added to what comes from this machine
local_header_rewrite_clients =
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_recipient_restrictions = reject_unlisted_recipient, check_recipient_access inline:{grey@example.com=greylist}
smtpd_restriction_classes = greylist
greylist = check_policy_service inet:127.0.0.1:$greylist_port
# refusals come at once, however many errors there were
smtpd_error_sleep_time = 0
smtpd_tls_security_level = may
smtpd_tls_cert_file = /etc/postfix/server.pem
smtpd_tls_key_file = /etc/postfix/server.key
smtpd_tls_CAfile = /etc/postfix/ca.pem
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:$dovecot_auth_port
END
}

postfix_master_cf() {
    local submission='-o smtpd_sasl_auth_enable=yes -o smtpd_relay_restrictions=permit_sasl_authenticated,reject'
    cat <<END
127.0.0.1:$postfix_mx_port inet n - n - - smtpd
127.0.0.1:$postfix_nosize_port inet n - n - - smtpd -o smtpd_discard_ehlo_keywords=size
127.0.0.1:$postfix_client_port inet n - n - - smtpd -o smtpd_tls_security_level=encrypt -o smtpd_tls_req_ccert=yes
127.0.0.1:$postfix_submission_port inet n - n - - smtpd $submission -o smtpd_tls_security_level=encrypt
127.0.0.1:$postfix_submissions_port inet n - n - - smtpd $submission -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
$postfix_services
END
}

# ---------------------------------------------------------------------------
# smtp-sink, which takes everything: for benchmarks, and where only a server is needed

# start_smtp_sink [OPTION...] ADDRESS:PORT BACKLOG
start_smtp_sink() {
    local place=${*: -2:1}
    unpack postfix postfix
    # as root it wants to be told whom to become
    ((EUID != 0)) || set -- -u nobody "$@"
    serve_unpacked "smtp-sink-$place" "$cache/postfix" /usr/sbin/smtp-sink "$@"
    wait_until "smtp-sink on $place" greets "${place##*:}" "${place%:*}"
}

# ---------------------------------------------------------------------------
# Exim

# start_exim: exim_port, STARTTLS offered, AUTH PLAIN and LOGIN after it
start_exim() {
    local root=$work/exim
    unpack exim exim4-daemon-light exim4-base
    new_root exim Debian-exim:106
    exim_port=$(free_port)
    exim_mail=$root/var/mail
    mkdir -p "$root"/{etc/exim4,run/exim4,var/log/exim4,var/spool/exim4,var/mail}
    cp "$work/server.pem" "$work/server.key" "$root/etc/exim4/"
    chown -R 106:106 "$root"/{run/exim4,var/log/exim4,var/spool/exim4,var/mail} "$root/etc/exim4/server.key"
    exim_configuration | put "$root/etc/exim4/exim4.conf"
    serve exim chroot "$root" /usr/sbin/exim4 -bdf
    wait_until "Exim on port $exim_port" greets "$exim_port"
    kept+=("Exim: $exim_port; mail in $exim_mail")
}

exim_configuration() {
    cat <<END
primary_hostname = mx1.example.com
daemon_smtp_ports = $exim_port
local_interfaces = 127.0.0.1
domainlist local_domains = example.com
# the program is not set-user-ID here: deliver as who we are
deliver_drop_privilege = true
log_file_path = /var/log/exim4/%slog
host_lookup =
rfc1413_hosts =
message_size_limit = 20000
tls_advertise_hosts = *
tls_certificate = /etc/exim4/server.pem
tls_privatekey = /etc/exim4/server.key
auth_advertise_hosts = \${if eq{\$tls_in_cipher}{}{}{*}}
acl_smtp_rcpt = check_recipient
acl_smtp_data = accept
begin acl
check_recipient:
  accept authenticated = *
  require message = relay not permitted
          domains = +local_domains
  require message = Unrouteable address
          verify = recipient
  defer   message = Greylisting in action, please try again later
          local_parts = grey
  accept
begin routers
local:
  driver = accept
  domains = +local_domains
  local_parts = user : other : grey
  transport = maildir
  no_more
begin transports
maildir:
  driver = appendfile
  directory = /var/mail/\$local_part_data
  maildir_format
  delivery_date_add = false
  envelope_to_add = false
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{\$auth2}{$auth_user}}{eq{\$auth3}{$auth_password}}}}
  server_set_id = \$auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = \${if and{{eq{\$auth1}{$auth_user}}{eq{\$auth2}{$auth_password}}}}
  server_set_id = \$auth1
END
}

# ---------------------------------------------------------------------------
# OpenSMTPD

# start_opensmtpd: opensmtpd_port, STARTTLS offered
start_opensmtpd() {
    local root=$work/opensmtpd
    unpack opensmtpd opensmtpd dash
    new_root opensmtpd opensmtpd:107 opensmtpq:108 user:109 other:110
    opensmtpd_port=$(free_port)
    opensmtpd_mail=$root/var/mail
    mkdir -p "$root"/{var/lib/opensmtpd/empty,var/mail,var/spool/smtpd}
    chmod 711 "$root/var/spool/smtpd" "$root/var/lib/opensmtpd/empty"
    install -d -o 109 -g 109 "$root/home/user" "$root/var/mail/user"
    install -d -o 110 -g 110 "$root/home/other" "$root/var/mail/other"
    cp "$work/server.pem" "$work/server.key" "$root/etc/"
    chmod 600 "$root/etc/server.key"
    put "$root/etc/ssl/certs/ca-certificates.crt" <"$work/ca.pem" # version 7.6 does not start without
    put "$root/etc/smtpd.conf" <<END
pki mx1.example.com cert "/etc/server.pem"
pki mx1.example.com key "/etc/server.key"
smtp max-message-size 20000
listen on 127.0.0.1 port $opensmtpd_port tls pki mx1.example.com hostname mx1.example.com
action "local" maildir "/var/mail/%{dest.user:lowercase}"
$opensmtpd_settings
match from any for domain "example.com" action "local"
END
    serve opensmtpd chroot "$root" /usr/sbin/smtpd -d
    wait_until "OpenSMTPD on port $opensmtpd_port" greets "$opensmtpd_port"
    kept+=("OpenSMTPD: $opensmtpd_port; mail in $opensmtpd_mail")
}

# ---------------------------------------------------------------------------
# Knot DNS

# dns_zone NAME: standard input is the rest of the zone, after SOA and NS
dns_zone() {
    # shellcheck disable=SC2016 # $ORIGIN is the zone's word
    { printf '$ORIGIN %s.\n$TTL 300\n@ SOA ns.invalid. root.invalid. 1 3600 600 86400 60\n@ NS ns.invalid.\n' "$1"
        cat; } | put "$work/zones/$1.zone"
}

# dns_failing_zone NAME: one that is configured and cannot be loaded, so SERVFAIL
dns_failing_zone() { failing_zones+=("$1"); }
failing_zones=()

declare -A knot_zone_options=() # a line of its configuration for a zone

# start_knot [ADDRESS]: serves all these zones on dns_port of 127.0.0.1, UDP and TCP, and on
# port 53 of the address, for which it must be root; names outside of them are REFUSED.
start_knot() {
    local zone
    unpack knot knot
    dns_port=$(free_port)
    mkdir -p "$work/knot" "$work/zones"
    {
        printf 'server:\n  listen: [127.0.0.1@%s%s]\n  rundir: "."\n' "$dns_port" "${1:+, $1@53}"
        printf 'database:\n  storage: "%s"\ncontrol:\n  listen: "knot.sock"\n' "$work/knot"
        printf 'log:\n  - target: stderr\n    any: info\n'
        printf 'template:\n  - id: default\n    storage: "%s"\n    file: "%%s.zone"\nzone:\n' "$work/zones"
        for zone in "$work"/zones/*.zone; do
            zone=$(basename "$zone" .zone)
            printf '  - domain: %s\n    %s\n' "$zone" "${knot_zone_options[$zone]:-}"
        done
        ((${#failing_zones[@]} == 0)) || printf '  - domain: %s\n' "${failing_zones[@]}"
    } | put "$work/knot/knot.conf"
    # the name of a socket has at most 107 octets, which a build tree may exceed
    serve_unpacked knot "$cache/knot" /usr/sbin/knotd -c "$work/knot/knot.conf"
    wait_until "Knot on port $dns_port" listens "$dns_port"
    kept+=("Knot: port $dns_port; zones in $work/zones")
}
