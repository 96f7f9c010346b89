#include "engine/custody/audit_trail.hpp"

#include <algorithm>
#include <cctype>
#include <span>

#include "engine/oversight/detail.hpp"

namespace keydeck::custody {
namespace {

constexpr std::string_view kWithheld = "(withheld)";

/// A name has neither 64 hex digits nor twelve words: somebody has pasted a private key or a mnemonic in its place, and the
/// log is for ever.
bool may_be_secret(std::string_view name) {
    constexpr std::size_t kKeyDigits = 64;
    constexpr std::ptrdiff_t kGaps = 11;
    const auto digits =
        std::ranges::count_if(name, [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; });
    const bool is_key = static_cast<std::size_t>(digits) >= kKeyDigits;
    return is_key || std::ranges::count(name, ' ') >= kGaps;
}

}  // namespace

AuditEvent event_of(const OpenVault& vault, const Session& session, std::string_view action, std::string_view target) {
    AuditEvent event;
    event.time = vault.now();
    event.actor = session.actor();
    event.surface = session.surface();
    event.action = action;
    event.target = may_be_secret(target) ? kWithheld : target;
    event.user = session.user().value_or("");
    event.result = "ok";
    event.detail = "{}";
    return event;
}

void about(AuditEvent& event, const Wallet& wallet) {
    event.target = checksum_address(wallet.address);
    event.user = wallet.user;
    event.key_id = wallet.key_id;
}

void mark_failed(AuditEvent& event, const Error& error) {
    event.result = to_string(error.code);
    oversight::Detail detail;
    detail.text("error", event.target == kWithheld ? kWithheld : std::string_view(error.message));
    if (!error.kms_error.empty()) detail.text("kms_error", error.kms_error);
    if (event.detail.size() > 2) detail.raw("request", event.detail);
    event.detail = detail.done();
}

void record_failure(OpenVault& vault, AuditEvent event, const Error& error) {
    mark_failed(event, error);
    // A vault that cannot write its log (locked, read-only, a full disk) still answers with the first failure.
    const Status written = vault.write({}, std::span(&event, 1));
    (void)written;
}

}  // namespace keydeck::custody
