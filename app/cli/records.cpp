#include "app/cli/records.hpp"

#include <fmt/format.h>

#include "app/cli/json_object.hpp"

namespace keydeck::cli {
namespace {

std::string short_address(const std::optional<AddressBytes>& address) { return address ? checksum_address(*address) : "-"; }

std::string count(std::int64_t n) { return std::to_string(n); }

std::string or_dash(std::string text) { return text.empty() ? "-" : std::move(text); }

/// The pool key or signing key of a wallet, as people know it.
std::string key_of(const Wallet& wallet) {
    std::string_view name = wallet.key_alias;
    if (name.starts_with("alias/")) name.remove_prefix(6);
    return name.empty() ? wallet.key_id : std::string(name);
}

}  // namespace

bool signed_by_nobody(const Verification& verification) { return verification.address == AddressBytes{}; }

std::string shown_time(Timestamp time) {
    std::string text = to_rfc3339(time).substr(0, 19);
    text[10] = ' ';
    return text;
}

std::string shown_time(const std::optional<Timestamp>& time) { return time ? shown_time(*time) : std::string(); }

std::string key_name(const KeyInfo& key) {
    return key.alias.starts_with("alias/") ? key.alias.substr(6) : key.alias.empty() ? key.id : key.alias;
}

void show(Output& out, const VaultInfo& vault) {
    if (out.json()) return out.line(to_json(vault));
    write_details(out, {{"Vault", vault.path},
                        {"Id", vault.id},
                        {"KMS", fmt::format("{}, {}, account {}", vault.kms, vault.region, vault.account)},
                        {"Unlocked by", vault.needs_passphrase ? "a passphrase" : vault.key_file},
                        {"Demo", vault.is_demo ? "yes" : ""}});
}

void show(Output& out, const User& user) {
    if (out.json()) return out.line(to_json(user));
    write_details(out, {{"User", user.name},
                        {"Status", user.locked ? "locked" : "active"},
                        {"Wallets", count(user.wallets)},
                        {"Address", user.default_address ? checksum_address(*user.default_address) : ""},
                        {"Created", shown_time(user.created_at)},
                        {"Last signed", shown_time(user.last_signed_at)}});
}

void show(Output& out, const Wallet& wallet) {
    if (out.json()) return out.line(to_json(wallet));
    write_details(out,
                  {{"Address", checksum_address(wallet.address)},
                   {"Label", wallet.label},
                   {"User", wallet.user},
                   {"Custody", std::string(to_string(wallet.custody))},
                   {"Key", wallet.key_alias.empty() ? wallet.key_id : fmt::format("{} ({})", key_of(wallet), wallet.key_id)},
                   {"Region", wallet.region},
                   {"Path", wallet.path},
                   {"State", std::string(to_string(wallet.state))},
                   {"Public key", hex_text(wallet.public_key)},
                   {"Created", shown_time(wallet.created_at)},
                   {"Last signed", shown_time(wallet.last_signed_at)},
                   {"Signatures", count(wallet.signatures)}});
}

void show(Output& out, const MessageSignature& signature) {
    if (out.json()) return out.line(to_json(signature));
    write_details(out, {{"Address", checksum_address(signature.address)},
                        {"Digest", hex_text(signature.digest)},
                        {"Signature", hex_text(signature.signature)}});
}

std::string state_of(const Alert& alert) {
    if (!alert.firing()) return "over";
    if (alert.silenced_until && *alert.silenced_until > SystemClock().now()) return "silenced";
    return alert.acknowledged_at ? "acknowledged" : "firing";
}

void show(Output& out, const Alert& alert) {
    if (out.json()) return out.line(to_json(alert));
    write_details(out, {{"Alert", std::to_string(alert.id)},
                        {"Rule", alert.rule},
                        {"State", state_of(alert)},
                        {"Subject", alert.subject},
                        {"What", alert.sentence},
                        {"Command", alert.command},
                        {"Since", shown_time(alert.raised_at)},
                        {"Over", shown_time(alert.cleared_at)},
                        {"Acknowledged", shown_time(alert.acknowledged_at)},
                        {"By", alert.acknowledged_by},
                        {"Silenced until", shown_time(alert.silenced_until)}});
}

void show(Output& out, const AuditArchive& archive) {
    if (out.json()) return out.line(to_json(archive));
    write_details(out, {{"File", archive.file},
                        {"Events", fmt::format("{} to {}", archive.first, archive.last)},
                        {"Head", hex_text(archive.head)}});
}

void show(Output& out, const TransactionSignature& signature) {
    if (out.json()) return out.line(to_json(signature));
    write_details(out, {{"Address", checksum_address(signature.address)},
                        {"Type", count(signature.type)},
                        {"Hash", hex_text(signature.hash)},
                        {"Raw", hex_text(signature.raw)}});
}

void show(Output& out, const AuthorizationSignature& signature) {
    if (out.json()) return out.line(to_json(signature));
    write_details(out, {{"Address", checksum_address(signature.address)},
                        {"Chain id", signature.chain_id},
                        {"Delegate", checksum_address(signature.delegate)},
                        {"Nonce", std::to_string(signature.nonce)},
                        {"yParity", count(signature.y_parity)},
                        {"r", hex_text(signature.r)},
                        {"s", hex_text(signature.s)},
                        {"Digest", hex_text(signature.digest)}});
}

template <>
List<User>::List(Output& out)
    : out_(out), table_(out, {{"ID", true}, {"USER"}, {"WALLETS", true}, {"ADDRESS"}, {"STATUS"}, {"LAST SIGNED"}}) {}

template <>
void List<User>::add(const User& user) {
    if (out_.json()) return out_.line(to_json(user));
    table_.row({count(user.id), user.name, count(user.wallets), short_address(user.default_address),
                user.locked ? "locked" : "active", or_dash(shown_time(user.last_signed_at))});
}

template <>
void List<User>::finish() {
    if (!out_.json()) table_.finish("No users.");
}

template <>
List<Wallet>::List(Output& out)
    : out_(out),
      table_(out, {{"ID", true}, {"ADDRESS"}, {"LABEL"}, {"USER"}, {"CUSTODY"}, {"KEY"}, {"STATE"}, {"CREATED"}}) {}

template <>
void List<Wallet>::add(const Wallet& wallet) {
    if (out_.json()) return out_.line(to_json(wallet));
    table_.row({count(wallet.id), checksum_address(wallet.address), or_dash(wallet.label), wallet.user,
                std::string(to_string(wallet.custody)), key_of(wallet), std::string(to_string(wallet.state)),
                shown_time(wallet.created_at)});
}

template <>
void List<Wallet>::finish() {
    if (!out_.json()) table_.finish("No wallets.");
}

template <>
List<AuditEvent>::List(Output& out)
    : out_(out), table_(out, {{"ID", true}, {"TIME"}, {"ACTOR"}, {"FROM"}, {"ACTION"}, {"TARGET"}, {"RESULT"}}) {}

template <>
void List<AuditEvent>::add(const AuditEvent& event) {
    if (out_.json()) return out_.line(to_json(event));
    table_.row({count(event.id), shown_time(event.time), event.actor, event.surface, event.action, or_dash(event.target),
                event.result});
}

template <>
void List<AuditEvent>::finish() {
    if (!out_.json()) table_.finish("No events.");
}

}  // namespace keydeck::cli
