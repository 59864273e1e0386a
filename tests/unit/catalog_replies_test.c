/* Replies as servers really word them, with the cause that a postmaster would
 * name. */

#include "diagnose/catalog.h"

#include "replies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static const struct {
    const char *stage;
    const char *text;
    enum cause cause;
} replies[] = {
    /* mailboxes */
    {"rcpt", "550-5.1.1 The email account that you tried to reach does not exist. Please try\n550-5.1.1 double-checking the "
             "recipient's email address for typos or\n550-5.1.1 unnecessary spaces. For more information, go to\n550 5.1.1  "
             "https://support.google.com/mail/?p=NoSuchUser a1-20020a0568si123abc.4 - gsmtp", CAUSE_MAILBOX_UNKNOWN},
    {"rcpt", "550 5.5.0 Requested action not taken: mailbox unavailable", CAUSE_SYNTAX},
    {"rcpt", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient nobody@example.com not found by SMTP address lookup",
     CAUSE_MAILBOX_UNKNOWN},
    {"body", "554 delivery error: dd This user doesn't have a yahoo.com account (nobody@yahoo.com) [0] - mta1001.mail.yahoo.com",
     CAUSE_MAILBOX_UNKNOWN},
    {"rcpt", "550 #5.1.0 Address rejected.", CAUSE_MAILBOX_UNKNOWN},
    {"rcpt", "553 sorry, no mailbox here by that name (#5.7.17)", CAUSE_MAILBOX_UNKNOWN},
    {"rcpt", "511 sorry, no mailbox here by that name (#5.1.1 - chkuser)", CAUSE_MAILBOX_UNKNOWN},
    {"rcpt", "550 5.1.1 <nobody@comcast.net>: Not our Customer", CAUSE_MAILBOX_UNKNOWN},
    {"rcpt", "550 unknown user nobody@free.fr", CAUSE_MAILBOX_UNKNOWN},
    {"rcpt", "550 5.1.1 User unknown; rejecting", CAUSE_MAILBOX_UNKNOWN},
    {"rcpt", "550-Requested action not taken: mailbox unavailable\n550 invalid DNS MX or A/AAAA resource record", CAUSE_SENDER_REJECTED},
    {"rcpt", "550 5.1.1 Mailbox <nobody@example.com> does not exist", CAUSE_MAILBOX_UNKNOWN},
    {"rcpt", "550 5.1.1 Recipient address rejected: User email address is marked as invalid.", CAUSE_MAILBOX_UNKNOWN},
    {"rcpt", "550 non-local recipient verification failed", CAUSE_MAILBOX_UNKNOWN},
    {"rcpt", "550 Mailbox not found. http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022&&no=1000728", CAUSE_MAILBOX_UNKNOWN},
    {"rcpt", "452 4.2.2 The email account that you tried to reach is over quota. Please direct the recipient to "
             "https://support.google.com/mail/?p=OverQuotaTemp x1si1 - gsmtp", CAUSE_MAILBOX_FULL},
    {"body", "552 5.2.2 user is over quota", CAUSE_MAILBOX_FULL},
    {"rcpt", "552 Requested mail action aborted: exceeded storage allocation", CAUSE_MAILBOX_FULL},
    {"rcpt", "550 5.2.2 <jo@example.com>: User has exceeded its disk space limit.", CAUSE_MAILBOX_FULL},
    {"rcpt", "422 The recipient's mailbox is over its storage limit", CAUSE_MAILBOX_FULL},
    {"rcpt", "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException", CAUSE_MAILBOX_FULL},
    {"body", "550 5.7.1 ... The user's mailbox is over the allowed quota", CAUSE_MAILBOX_FULL},
    {"rcpt", "550 5.2.1 The email account that you tried to reach is inactive. For more information, go to "
             "https://support.google.com/mail/?p=DisabledUser", CAUSE_MAILBOX_DISABLED},
    {"body", "554 30 Sorry, your message to jo@yahoo.com cannot be delivered. This mailbox is disabled (554.30).", CAUSE_MAILBOX_DISABLED},
    {"rcpt", "550 5.2.1 Mailbox unavailable: the account has been suspended since it was not used",
     CAUSE_MAILBOX_DISABLED},
    {"rcpt", "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed "
             "because the sender was not authenticated when sending to this group", CAUSE_RECIPIENT_RESTRICTED},
    {"rcpt", "550 You are not allowed to post to this mailing list", CAUSE_RECIPIENT_RESTRICTED},
    /* domains, relaying, login */
    {"rcpt", "550 5.4.1 Recipient address rejected: Access denied. [AM6EUR05FT034.eop-eur05.prod.protection.outlook.com]",
     CAUSE_POLICY},
    {"rcpt", "550 5.7.1 <nobody@example.net>... Relaying denied", CAUSE_RELAY_DENIED},
    {"rcpt", "550 5.7.1 <nobody@example.net>... Relaying denied. IP name lookup failed [192.0.2.1]", CAUSE_RELAY_DENIED},
    {"rcpt", "554 5.7.1 <nobody@example.net>: Relay access denied", CAUSE_RELAY_DENIED},
    {"rcpt", "550 relay not permitted", CAUSE_RELAY_DENIED},
    {"rcpt", "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", CAUSE_RELAY_DENIED},
    {"rcpt", "550 5.7.64 TenantAttribution; Relay Access Denied SMTP", CAUSE_RELAY_DENIED},
    {"rcpt", "553 we do not relay, see http://example.net/relay.html", CAUSE_RELAY_DENIED},
    {"rcpt", "553 5.3.0 <nobody@example.net>... Not allowed to relay", CAUSE_RELAY_DENIED},
    {"rcpt", "553 Sorry, that domain isn't in my list of allowed rcpthosts; no valid cert for gatewaying (#5.7.1)", CAUSE_RELAY_DENIED},
    {"mail", "530 5.7.57 Client not authenticated to send mail. Error: 535 5.7.139 Authentication unsuccessful", CAUSE_AUTH_REQUIRED},
    {"mail", "530-5.7.0 Authentication Required. For more information, go to\n530 5.7.0  "
             "https://support.google.com/mail/?p=WantAuthError d9443c01a7336 - gsmtp", CAUSE_AUTH_REQUIRED},
    {"mail", "530 Authentication required (SMTP_AUTH)", CAUSE_AUTH_REQUIRED},
    {"mail", "550 5.7.60 SMTP; Client does not have permissions to send as this sender", CAUSE_SENDER_REJECTED},
    {"mail", "550 SMTP AUTH is required for message submission on port 587", CAUSE_AUTH_REQUIRED},
    {"mail", "503 5.5.4 Error: send AUTH command first", CAUSE_AUTH_REQUIRED},
    {"auth", "535-5.7.8 Username and Password not accepted. For more information, go to\n535 5.7.8  "
             "https://support.google.com/mail/?p=BadCredentials a640c23a62f3a - gsmtp", CAUSE_AUTH_FAILED},
    {"auth", "535 5.7.3 Authentication unsuccessful [AM0PR02CA0001.eurprd02.prod.outlook.com]", CAUSE_AUTH_FAILED},
    {"auth", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit "
             "https://aka.ms/smtp_auth_disabled for more information.", CAUSE_AUTH_FAILED},
    {"auth", "535 Authentication Credentials Invalid", CAUSE_AUTH_FAILED},
    {"auth", "535 5.7.8 Error: authentication failed: authentication failure", CAUSE_AUTH_FAILED},
    {"auth", "534-5.7.9 Application-specific password required. For more information, go to\n534 5.7.9  "
             "https://support.google.com/mail/?p=InvalidSecondFactor - gsmtp", CAUSE_AUTH_FAILED},
    {"auth", "504 5.7.4 Unrecognized Authentication Type", CAUSE_AUTH_MECHANISM},
    {"auth", "535 5.7.8 Error: authentication failed: no mechanism available", CAUSE_AUTH_MECHANISM},
    {"auth", "454 4.7.0 Too many login attempts, please try again later.", CAUSE_RATE_LIMITED},
    {"auth", "454 4.7.0 Temporary authentication failure", CAUSE_SERVER_ERROR},
    {"auth", "538 Encryption required for requested authentication mechanism", CAUSE_TLS_REQUIRED},
    /* TLS */
    {"mail", "530 5.7.0 Must issue a STARTTLS command first. d9443c01a7336 - gsmtp", CAUSE_TLS_REQUIRED},
    {"mail", "530 5.7.1 TLS encryption required", CAUSE_TLS_REQUIRED},
    {"rcpt", "554 5.7.1 <jo@example.com>: Sender address rejected: TLS required", CAUSE_TLS_REQUIRED},
    {"starttls", "454 TLS not available due to temporary reason", CAUSE_TLS_FAILED},
    {"starttls", "454 4.3.3 TLS not available after start", CAUSE_TLS_FAILED},
    {"body", "451 4.7.321 starttls-not-supported: Destination mail server must support TLS to receive mail.", CAUSE_TLS_FAILED},
    /* senders */
    {"mail", "553 5.1.8 <jo@nowhere.invalid>... Domain of sender address jo@nowhere.invalid does not exist", CAUSE_SENDER_REJECTED},
    {"mail", "451 4.1.8 Domain of sender address jo@nowhere.invalid does not resolve", CAUSE_SENDER_REJECTED},
    {"mail", "553 sorry, your envelope sender domain must exist (#5.7.1)", CAUSE_SENDER_REJECTED},
    {"rcpt", "550-Verification failed for <jo@example.org>\n550-No Such User Here\n550 Sender verify failed", CAUSE_SENDER_REJECTED},
    {"rcpt", "550 5.7.1 <jo@example.org>: Sender address rejected: SPF fail", CAUSE_SPF_FAIL},
    {"body", "554 Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1: "
             "jo@example.org", CAUSE_SENDER_REJECTED},
    {"mail", "550 The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.",
     CAUSE_SENDER_REJECTED},
    {"rcpt", "550 Envelope blocked - User Entry - https://community.mimecast.com/docs/DOC-1369#550", CAUSE_SENDER_REJECTED},
    {"mail", "501 5.1.7 Invalid address", CAUSE_SENDER_REJECTED},
    {"mail", "553 5.7.1 <jo@example.org>: Sender address rejected: not owned by user mary@example.org", CAUSE_SENDER_REJECTED},
    /* authentication of the message */
    {"body", "550-5.7.26 Unauthenticated email from example.org is not accepted due to domain's\n550-5.7.26 DMARC policy. Please "
             "contact the administrator of example.org domain if\n550 5.7.26 this was a legitimate mail.", CAUSE_DMARC_FAIL},
    {"body", "550 5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate "
             "with either SPF or DKIM. 550-5.7.26  Authentication results: 550-5.7.26  DKIM = did not pass 550 5.7.26  SPF "
             "[example.org] with ip: [192.0.2.1] = did not pass", CAUSE_UNAUTHENTICATED},
    {"body", "550 5.7.509 Access denied, sending domain example.org does not pass DMARC verification and has a DMARC policy of reject.",
     CAUSE_DMARC_FAIL},
    {"body", "554 5.7.9 Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes", CAUSE_POLICY},
    {"body", "550 5.7.515 Access denied, sending domain example.org doesn't meet the required authentication level.", CAUSE_UNAUTHENTICATED},
    {"mail", "550 5.7.1 The sending IP is not authorized: SPF check failed", CAUSE_SPF_FAIL},
    {"rcpt", "550 5.7.23 The message was rejected because of Sender Policy Framework violation", CAUSE_SPF_FAIL},
    {"rcpt", "550 Rejected by SPF: 192.0.2.1 is not a designated mailserver for jo@example.org", CAUSE_SPF_FAIL},
    {"body", "550 5.7.20 No passing DKIM signature found", CAUSE_DKIM_FAIL},
    {"body", "554 5.7.5 Permanent Error Evaluating DMARC Policy", CAUSE_DMARC_FAIL},
    {"body", "550 rejected due to DMARC policy (in reply to end of DATA command)", CAUSE_DMARC_FAIL},
    /* the client */
    {"banner", "554 resimta-c1p-00.sys.comcast.net comcast 192.0.2.1 Comcast requires that all mail servers must have a PTR record with a "
               "valid Reverse DNS entry. Currently your mail server does not fill that requirement.", CAUSE_RDNS_MISSING},
    {"body", "550 5.7.25 [192.0.2.1] The IP address sending this message does not have a PTR record setup, or the corresponding forward "
             "DNS entry does not match the sending IP.", CAUSE_RDNS_MISSING},
    {"mail", "550 5.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.1]", CAUSE_RDNS_MISSING},
    {"banner", "554 bad DNS PTR resource record. 554 For explanation visit https://postmaster.gmx.net/en/case?c=r0103", CAUSE_RDNS_MISSING},
    {"rcpt", "451 4.7.1 Reverse DNS lookup for 192.0.2.1 failed (see RFC 1912 section 2.1)", CAUSE_RDNS_MISSING},
    {"rcpt", "550 5.7.1 <localhost>: Helo command rejected: Don't use localhost as HELO", CAUSE_HELO_REJECTED},
    {"ehlo", "501 5.0.0 Invalid domain name", CAUSE_HELO_REJECTED},
    {"rcpt", "550 HELO is not an FQDN (see RFC 2821 2.3.5)", CAUSE_HELO_REJECTED},
    {"rcpt", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; "
             "https://www.spamhaus.org/query/ip/192.0.2.1", CAUSE_IP_BLOCKLISTED},
    {"banner", "554 5.7.1 - Connection refused. IP 192.0.2.1 is blacklisted by our reputation system", CAUSE_IP_BLOCKLISTED},
    {"mail", "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of "
             "their network is on our block list (S3150).", CAUSE_IP_BLOCKLISTED},
    {"rcpt", "550 5.7.606 Access denied, banned sending IP [192.0.2.1]. To request removal from this list please visit "
             "https://sender.office.com/", CAUSE_IP_BLOCKLISTED},
    {"rcpt", "550 5.7.511 Access denied, banned sender[192.0.2.1]. To request removal from this list please forward this message to "
             "delist@microsoft.com", CAUSE_IP_BLOCKLISTED},
    {"rcpt", "550 JunkMail rejected - mail.example.org [192.0.2.1]:4321 is in an RBL on bl.example.net", CAUSE_IP_BLOCKLISTED},
    {"rcpt", "550 Mail from 192.0.2.1 refused, see http://www.barracudacentral.org/reputation?pr=1&ip=192.0.2.1", CAUSE_IP_BLOCKLISTED},
    {"rcpt", "554 Your IP (192.0.2.1) is dynamic IP address, use your ISP's SMTP server instead", CAUSE_IP_BLOCKLISTED},
    {"banner", "554 ironport.example.com 554 Your access to this mail system has been rejected due to the sending MTA's poor reputation. If you "
               "believe that this failure is in error, please contact the intended recipient via alternate means.", CAUSE_REPUTATION_LOW},
    {"body", "421 4.7.0 This message is suspicious due to the very low reputation of the sending IP address.", CAUSE_REPUTATION_LOW},
    {"rcpt", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; Error: open resolver; "
             "https://check.spamhaus.org/returnc/pub/172.70.1.1/", CAUSE_SERVER_ERROR},
    /* limits */
    {"banner", "421 4.7.0 mx.example.com Error: too many connections from 192.0.2.1", CAUSE_RATE_LIMITED},
    {"body", "421 4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP address. To protect our users "
             "from spam, mail sent from your IP address has been temporarily rate limited.", CAUSE_RATE_LIMITED},
    {"rcpt", "450 4.2.1 The user you are trying to contact is receiving mail too quickly. Please resend your message at a later time.",
     CAUSE_RATE_LIMITED},
    {"mail", "450 too frequent connects from 192.0.2.1, please try again later.", CAUSE_RATE_LIMITED},
    {"banner", "421 Too many concurrent SMTP connections; please try again later.", CAUSE_RATE_LIMITED},
    {"mail", "451 4.7.652 The mail server [192.0.2.1] has exceeded the maximum number of connections.", CAUSE_RATE_LIMITED},
    {"mail", "454 Throttling failure: Maximum sending rate exceeded.", CAUSE_RATE_LIMITED},
    {"rcpt", "550 5.4.5 Daily user sending limit exceeded.", CAUSE_RATE_LIMITED},
    {"rcpt", "550 Domain example.org has exceeded the max emails per hour (500/500 (100%)) allowed. Message discarded.", CAUSE_RATE_LIMITED},
    {"rcpt", "450 4.2.0 <jo@example.com>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/example.com.html",
     CAUSE_GREYLISTED},
    {"rcpt", "451 4.7.1 Greylisting in action, please come back in 00:05:00", CAUSE_GREYLISTED},
    {"rcpt", "450 4.7.1 Client host rejected: greylisted; come back later", CAUSE_GREYLISTED},
    {"rcpt", "451 You have been graylisted, try again in 5 minutes", CAUSE_GREYLISTED},
    {"rcpt", "452 4.5.3 Your message has too many recipients. For more information regarding Google's sending limits, please visit: "
             "https://support.google.com/mail/?p=TooManyRecipients", CAUSE_TOO_MANY_RECIPIENTS},
    {"rcpt", "452 too many recipients", CAUSE_TOO_MANY_RECIPIENTS},
    {"body", "552 5.3.4 Your message exceeded Google's message size limits.", CAUSE_MESSAGE_TOO_BIG},
    {"mail", "552 Message size exceeds maximum permitted", CAUSE_MESSAGE_TOO_BIG},
    {"body", "554 5.2.3 The message exceeds the maximum supported size", CAUSE_MESSAGE_TOO_BIG},
    /* content */
    {"body", "550 5.7.1 Our system has detected that this message is likely unsolicited mail.", CAUSE_CONTENT_SPAM},
    {"body", "554 5.7.1 Spam message rejected", CAUSE_CONTENT_SPAM},
    {"body", "554 5.7.1 [2] Message rejected under suspicion of SPAM; https://ya.cc/1IrBc", CAUSE_CONTENT_SPAM},
    {"body", "550 This message was classified as SPAM and may not be delivered", CAUSE_CONTENT_SPAM},
    {"body", "554 5.7.1 Message blocked: contains URL listed in multi.surbl.org", CAUSE_CONTENT_SPAM},
    {"body", "550 This message contains a virus (Win.Trojan.Agent-123).", CAUSE_CONTENT_VIRUS},
    {"body", "552 5.7.0 This message was blocked because its content presents a potential security issue. Please visit 552-5.7.0 "
             "https://support.google.com/mail/?p=BlockedMessage to review our 552 5.7.0 message content and attachment content guidelines.",
     CAUSE_CONTENT_BLOCKED},
    {"body", "550 rejecting banned content", CAUSE_CONTENT_BLOCKED},
    {"body", "550 5.7.1 Messages missing a valid address in From: header, or having no From: header, are not accepted.", CAUSE_CONTENT_MALFORMED},
    {"body", "550 5.6.11 SMTPSEND.BareLinefeedsAreIllegal; message contains bare linefeeds, which cannot be sent via DATA",
     CAUSE_CONTENT_MALFORMED},
    {"body", "451 See http://pobox.com/~djb/docs/smtplf.html.", CAUSE_SERVER_ERROR},
    /* protocol and trouble */
    {"mail", "503 5.5.2 Send hello first", CAUSE_SEQUENCE},
    {"data", "503 5.5.2 Need rcpt command", CAUSE_SEQUENCE},
    {"ehlo", "500 5.3.3 Unrecognized command", CAUSE_NOT_IMPLEMENTED},
    {"mail", "555 5.5.2 Syntax error, cannot decode response. a640c23a62f3a - gsmtp", CAUSE_SYNTAX},
    {"mail", "501 5.5.4 Unsupported option: SMTPUTF8", CAUSE_NOT_IMPLEMENTED},
    {"mail", "452 4.3.1 Insufficient system resources", CAUSE_STORAGE_FULL},
    {"banner", "421 4.3.2 Service not active", CAUSE_SERVER_BUSY},
    {"body", "451 4.3.0 Mail server temporarily rejected message.", CAUSE_SERVER_ERROR},
    {"rcpt", "451 4.3.5 Server configuration problem", CAUSE_SERVER_ERROR},
    {"body", "451 4.3.2 Please try again later", CAUSE_SERVER_BUSY},
    {"rcpt", "450 4.1.2 <jo@example.com>: Recipient address rejected: Domain not found", CAUSE_DOMAIN_UNKNOWN},
    {"body", "554 5.4.14 Hop count exceeded - possible mail loop ATTR34", CAUSE_LOOP},
    {"rcpt", "554 5.4.6 Too many hops", CAUSE_LOOP},
    {"body", "421 4.4.2 Connection dropped due to SocketError", CAUSE_NETWORK},
    {"body", "451 4.4.2 Timeout - closing connection. a640c23a62f3a - gsmtp", CAUSE_NETWORK},
    {"rcpt", "550 5.7.1 Message rejected due to local policy", CAUSE_POLICY},
    {"rcpt", "556 5.1.10 Recipient address has null MX", CAUSE_DOMAIN_NO_MAIL},
    /* a second harvest */
    {"rcpt", "550 5.1.1 sid=abc Address does not exist [ADDR]", CAUSE_MAILBOX_UNKNOWN},
    {"rcpt", "550 5.1.1 <nobody@mail.ru>: no such user! https://help.mail.ru/notspam-support", CAUSE_MAILBOX_UNKNOWN},
    {"rcpt", "550 Recipient not in route list.", CAUSE_RELAY_DENIED},
    {"rcpt", "550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550", CAUSE_MAILBOX_UNKNOWN},
    {"rcpt", "550 5.1.1 User not found: nobody@icloud.com", CAUSE_MAILBOX_UNKNOWN},
    {"rcpt", "550 No such user (nobody@qq.com)", CAUSE_MAILBOX_UNKNOWN},
    {"rcpt", "554 5.1.1 <nobody@libero.it>: recipient rejected, user unknown", CAUSE_MAILBOX_UNKNOWN},
    {"rcpt", "550 sorry, user over quota [#5.2.2]", CAUSE_MAILBOX_FULL},
    {"rcpt", "452 4.2.2 Over quota", CAUSE_MAILBOX_FULL},
    {"rcpt", "452 4.2.2 Mailbox full", CAUSE_MAILBOX_FULL},
    {"rcpt", "550 5.2.2 Mailbox quota exceeded. Recipient over quota.", CAUSE_MAILBOX_FULL},
    {"rcpt", "450 4.2.2 <jo@example.com>: user is overquota", CAUSE_MAILBOX_FULL},
    {"rcpt", "552 RCPT TO:<jo@t-online.de> Mailbox disk quota exceeded", CAUSE_MAILBOX_FULL},
    {"rcpt", "550 5.2.1 <jo@example.com>: Mailbox disabled for this recipient", CAUSE_MAILBOX_DISABLED},
    {"rcpt", "554 5.7.1 The account jo@example.com is inactive and not accepting mail", CAUSE_MAILBOX_DISABLED},
    {"rcpt", "551 5.1.6 The recipient no longer works here; he has moved to newco.example", CAUSE_MAILBOX_MOVED},
    {"rcpt", "550 5.7.1 RESOLVER.RST.AuthRequired; authentication required [Stage: CreateMessage]", CAUSE_RECIPIENT_RESTRICTED},
    {"rcpt", "550 5.2.0 This group only accepts messages from people in its organization", CAUSE_RECIPIENT_RESTRICTED},
    {"rcpt", "550 5.1.2 <jo@exmaple.invalid>... Host unknown (Name server: exmaple.invalid: host not found)", CAUSE_DOMAIN_UNKNOWN},
    {"rcpt", "550 Unknown domain exmaple.invalid", CAUSE_DOMAIN_UNKNOWN},
    {"rcpt", "550 5.7.1 Relaying not allowed: jo@example.net", CAUSE_RELAY_DENIED},
    {"rcpt", "551 Relaying not permitted, this is not an open relay", CAUSE_RELAY_DENIED},
    {"rcpt", "530 5.7.1 Relaying not allowed without authentication", CAUSE_RELAY_DENIED},
    {"rcpt", "550 Relay not permitted!", CAUSE_RELAY_DENIED},
    {"rcpt", "550-Please turn on SMTP Authentication in your mail client.\n550-mail.example.org [192.0.2.1]:4242 is not permitted to relay through this server without authentication.\n550 host=", CAUSE_RELAY_DENIED},
    {"mail", "530 SMTP authentication is required.", CAUSE_AUTH_REQUIRED},
    {"mail", "550 5.7.1 Client was not authenticated", CAUSE_AUTH_REQUIRED},
    {"mail", "535 5.7.1 Authentication required", CAUSE_AUTH_REQUIRED},
    {"rcpt", "503 This mail server requires authentication when attempting to send to a non-local e-mail address. Please check your mail client settings or contact your administrator to verify that the domain or address is defined for this server.", CAUSE_AUTH_REQUIRED},
    {"auth", "535 authorization failed (#5.7.0)", CAUSE_AUTH_FAILED},
    {"auth", "535 5.0.0 Authentication Failed", CAUSE_AUTH_FAILED},
    {"auth", "535 #5.7.8 Bad username or password", CAUSE_AUTH_FAILED},
    {"auth", "535 Error: authentication failed, system busy", CAUSE_AUTH_FAILED},
    {"auth", "535 5.7.8 Invalid login or password", CAUSE_AUTH_FAILED},
    {"auth", "535 5.7.8 Error: authentication failed: Invalid user or password!", CAUSE_AUTH_FAILED},
    {"auth", "535-5.7.8 Username and Password not accepted: the account has two-step login\n535 5.7.8 use an app password", CAUSE_AUTH_FAILED},
    {"auth", "504 Unknown authentication method or not implemented", CAUSE_AUTH_MECHANISM},
    {"auth", "503 5.5.1 Already authenticated", CAUSE_SEQUENCE},
    {"auth", "421 4.7.0 Too many failed authentication attempts, closing connection", CAUSE_RATE_LIMITED},
    {"auth", "454 4.7.0 Temporary authentication failure: generic failure", CAUSE_SERVER_ERROR},
    {"auth", "525 5.7.13 Account disabled, please contact support", CAUSE_ACCOUNT_BLOCKED},
    {"auth", "535 5.7.0 Mailbox is blocked for sending, suspected of spam", CAUSE_ACCOUNT_BLOCKED},
    {"mail", "550 5.1.8 Access denied, bad outbound sender", CAUSE_ACCOUNT_BLOCKED},
    {"mail", "550 5.7.0 Email sending has been suspended for this account due to abuse", CAUSE_ACCOUNT_BLOCKED},
    {"mail", "451 5.7.3 STARTTLS is required to send mail", CAUSE_TLS_REQUIRED},
    {"mail", "530 5.7.0 Encryption needed; use STARTTLS", CAUSE_TLS_REQUIRED},
    {"rcpt", "553 Route requires TLS - https://community.mimecast.com", CAUSE_TLS_REQUIRED},
    {"mail", "451 5.7.1 Server does not accept plaintext connections: TLS only", CAUSE_TLS_REQUIRED},
    {"starttls", "454 4.7.0 TLS currently not available", CAUSE_TLS_FAILED},
    {"mail", "550 Verify your sender address jo@example.org: no MX or A record for domain", CAUSE_SENDER_REJECTED},
    {"mail", "451 Sender domain's DNS does not resolve", CAUSE_SENDER_REJECTED},
    {"mail", "553 5.1.7 [R1] Sender address must be a valid address", CAUSE_SENDER_REJECTED},
    {"mail", "550 5.7.1 Sender ID (PRA) Not Permitted", CAUSE_SENDER_REJECTED},
    {"mail", "550 5.1.0 <jo@example.org> sender rejected : sender blocked by admin", CAUSE_SENDER_REJECTED},
    {"mail", "550 5.7.1 SPF unauthorized mail is prohibited.", CAUSE_SPF_FAIL},
    {"mail", "550 5.7.0 SPF: 192.0.2.1 is not allowed to send for example.org", CAUSE_SPF_FAIL},
    {"rcpt", "554 5.7.1 <jo@example.org>: Recipient address rejected: Please see http://www.openspf.net/Why?s=mfrom;id=jo%40example.org;ip=192.0.2.1", CAUSE_SPF_FAIL},
    {"body", "550 5.7.1 DKIM verification failed", CAUSE_DKIM_FAIL},
    {"body", "550 message fails DMARC check: domain example.org p=reject", CAUSE_DMARC_FAIL},
    {"body", "550 5.7.1 (DMARC) The message has been rejected, sender domain requires alignment", CAUSE_DMARC_FAIL},
    {"body", "554 5.7.1 [HME1] This message was blocked because both SPF and DKIM failed for example.org", CAUSE_UNAUTHENTICATED},
    {"ehlo", "550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)", CAUSE_HELO_REJECTED},
    {"ehlo", "504 5.5.2 <foo>: need fully-qualified hostname as HELO", CAUSE_HELO_REJECTED},
    {"rcpt", "550 5.7.1 Your HELO name does not resolve to your IP address", CAUSE_HELO_REJECTED},
    {"rcpt", "450 4.7.1 <mail.local>: Helo command rejected: Host not found", CAUSE_HELO_REJECTED},
    {"mail", "550 Your IP has no reverse DNS configured", CAUSE_RDNS_MISSING},
    {"banner", "554 Rejected - no rDNS record for 192.0.2.1", CAUSE_RDNS_MISSING},
    {"banner", "550 5.7.1 Client host [192.0.2.1] has no PTR", CAUSE_RDNS_MISSING},
    {"banner", "554 mx.t-online.de IP=192.0.2.1 - A problem occurred. (Ask your postmaster for help or to contact tosa@rx.t-online.de to clarify.) (BL)", CAUSE_IP_BLOCKLISTED},
    {"banner", "554 5.7.1 Service refused, 192.0.2.1 listed by Spamhaus XBL", CAUSE_IP_BLOCKLISTED},
    {"rcpt", "550 5.7.1 This email was rejected because it violates our security policy: your address is listed on bl.spamcop.net", CAUSE_IP_BLOCKLISTED},
    {"rcpt", "550 mail.example.org [192.0.2.1] is blacklisted at truncate.gbudb.net", CAUSE_IP_BLOCKLISTED},
    {"banner", "553 5.3.0 flpd: DNSBL:ATTRBL 521< 192.0.2.1 >_is_blocked.__For_information_see_http://att.net/blocks", CAUSE_IP_BLOCKLISTED},
    {"mail", "550 IP 192.0.2.1 is banned, too much spam received", CAUSE_IP_BLOCKLISTED},
    {"banner", "554 5.7.1 You have been blocked by our firewall. IP 192.0.2.1", CAUSE_IP_BLOCKLISTED},
    {"banner", "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes", CAUSE_RATE_LIMITED},
    {"mail", "550 5.7.1 sender reputation too low", CAUSE_REPUTATION_LOW},
    {"mail", "421 too many messages from 192.0.2.1", CAUSE_RATE_LIMITED},
    {"mail", "450 4.7.1 You've exceeded your sending limit to this domain.", CAUSE_RATE_LIMITED},
    {"rcpt", "451 4.4.4 Mail rate exceeded, slow down please", CAUSE_RATE_LIMITED},
    {"banner", "421 Service unavailable: connection rate limit exceeded for 192.0.2.1", CAUSE_RATE_LIMITED},
    {"mail", "421 4.7.1 Intrusion prevention active for [192.0.2.1]", CAUSE_POLICY},
    {"rcpt", "450 4.7.1 Please try again later; Greylisting in action (see RFC 6647)", CAUSE_GREYLISTED},
    {"rcpt", "451 Temporary local problem - greylisted - please try later", CAUSE_GREYLISTED},
    {"rcpt", "451-The recipient cannot accept your email at this time.\n451 First-time sender is greylisted for 300 seconds.", CAUSE_GREYLISTED},
    {"rcpt", "452 4.5.3 Recipients belong to multiple regions ATTR38", CAUSE_TOO_MANY_RECIPIENTS},
    {"rcpt", "550 5.5.3 Too many recipients for this sender", CAUSE_RATE_LIMITED},
    {"mail", "552 5.3.4 Message too large for this server: limit is 20 MB", CAUSE_MESSAGE_TOO_BIG},
    {"body", "523 the message size 40000000 exceeds the size limit of 35000000", CAUSE_MESSAGE_TOO_BIG},
    {"body", "550 5.7.1 Rejected: message looks like unsolicited bulk mail (score 17.2)", CAUSE_CONTENT_SPAM},
    {"body", "554 5.7.1 Rejected by SpamAssassin", CAUSE_CONTENT_SPAM},
    {"body", "550 5.7.1 Message contained a link on a URI blocklist (SURBL)", CAUSE_CONTENT_SPAM},
    {"body", "571 Message Refused: spam", CAUSE_CONTENT_SPAM},
    {"body", "554 Transaction failed: message contains malware (Doc.Downloader.Emotet)", CAUSE_CONTENT_VIRUS},
    {"body", "550 Attachments with extension .js are not permitted", CAUSE_CONTENT_BLOCKED},
    {"body", "554 5.7.1 The file invoice.exe has been blocked by attachment rules", CAUSE_CONTENT_BLOCKED},
    {"body", "550 Header syntax: unmatched quotes in From:", CAUSE_CONTENT_MALFORMED},
    {"body", "550 5.6.0 Lone CR or LF in body (see RFC2822 section 2.3)", CAUSE_CONTENT_MALFORMED},
    {"body", "554 5.6.0 Message with invalid header rejected", CAUSE_CONTENT_MALFORMED},
    {"mail", "503 5.5.1 EHLO/HELO first", CAUSE_SEQUENCE},
    {"rcpt", "503 RCPT without MAIL", CAUSE_SEQUENCE},
    {"mail", "501 5.5.2 Syntax error in parameters or arguments", CAUSE_SYNTAX},
    {"rcpt", "501 5.1.3 Invalid address: missing closing bracket", CAUSE_SYNTAX},
    {"rcpt", "502 5.5.1 Unrecognized command", CAUSE_SYNTAX},
    {"data", "502 5.5.1 DATA: command not implemented", CAUSE_NOT_IMPLEMENTED},
    {"mail", "452 4.3.1 Out of memory, disk space low", CAUSE_STORAGE_FULL},
    {"body", "452 Requested action not taken: insufficient system storage", CAUSE_STORAGE_FULL},
    {"banner", "421 mx.example.com Service not available, closing transmission channel", CAUSE_SERVER_BUSY},
    {"mail", "421 Server is undergoing maintenance, try later", CAUSE_SERVER_BUSY},
    {"body", "451 4.6.0 Unable to contact content filter, try again later", CAUSE_SERVER_ERROR},
    {"rcpt", "451 qq trouble making network connection (#4.3.0)", CAUSE_SERVER_ERROR},
    {"body", "451 4.5.1 Error in processing, internal server failure", CAUSE_SERVER_ERROR},
    {"rcpt", "451 4.3.0 LDAP lookup error", CAUSE_SERVER_ERROR},
    {"body", "550 5.4.6 Mail loop detected: message passed this server before", CAUSE_LOOP},
    {"body", "554 too many Received headers, possible forwarding loop", CAUSE_LOOP},
    {"rcpt", "451 4.4.3 DNS lookup of recipient domain timed out", CAUSE_DNS_FAILURE},
    {"rcpt", "451 Unable to complete DNS MX lookup for example.com, SERVFAIL", CAUSE_DNS_FAILURE},
    {"body", "421 4.4.1 Connection timed out", CAUSE_NETWORK},
    {"rcpt", "450 4.4.1 Unable to connect to the destination mail server", CAUSE_NETWORK},
    {"rcpt", "550 Domain example.com does not accept mail (nullMX)", CAUSE_DOMAIN_NO_MAIL},
    {"body", "554 5.7.1 Your message was refused for policy reasons", CAUSE_POLICY},
};

static void the_cause_is_what_a_postmaster_would_name(void **state)
{
    (void)state;
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        struct arena arena = ARENA_EMPTY;
        struct explain_context context = EXPLAIN_CONTEXT_NONE;
        context.stage = vocabulary_find(stage_words, STAGE_COUNT, span_of_string(replies[i].stage));
        const struct explanation *explanation = catalog_explain(reply_from(replies[i].text, &arena), &context, &arena);
        if (explanation->cause != replies[i].cause) {
            print_message("%s: %s\n    %s by %s, expected %s\n", replies[i].stage, replies[i].text,
                          cause_name(explanation->cause), explanation->rule, cause_name(replies[i].cause));
            wrong++;
        }
        arena_clear(&arena);
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cause_is_what_a_postmaster_would_name),
    };
    return cmocka_run_group_tests_name("catalog replies", tests, NULL, NULL);
}
