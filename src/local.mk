# One static library a layer, in the order in which they may depend on each
# other; see CONTRIBUTING.md.

include src/base/local.mk
include src/smtp/local.mk
include src/dns/local.mk
include src/tls/local.mk
include src/sasl/local.mk
include src/net/local.mk
include src/probe/local.mk
include src/diagnose/local.mk
include src/explain/local.mk
include src/report/local.mk
include src/cli/local.mk
