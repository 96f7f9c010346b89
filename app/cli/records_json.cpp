#include "app/cli/records.hpp"

#include "app/cli/json_object.hpp"

namespace keydeck::cli {
namespace {

/// An event's detail is a JSON object; in a log that was tampered with it may be anything, and is then given as text.
std::string detail_json(std::string_view detail) {
    if (detail.empty()) return "null";
    const bool one_line = detail.find_first_of("\r\n") == std::string_view::npos;
    if (one_line && detail.starts_with('{') && detail.ends_with('}')) return std::string(detail);
    std::string quoted;
    append_json_string(quoted, detail);
    return quoted;
}

}  // namespace

std::string to_json(const VaultInfo& vault) {
    return JsonObject()
        .text("id", vault.id)
        .text("path", vault.path)
        .text("kms", vault.kms)
        .text("region", vault.region)
        .text("account", vault.account)
        .text_or_null("key_file", vault.key_file)
        .boolean("needs_passphrase", vault.needs_passphrase)
        .boolean("is_demo", vault.is_demo)
        .finish();
}

std::string to_json(const User& user) {
    JsonObject json;
    json.number("id", user.id).text("name", user.name).boolean("locked", user.locked).time("created_at", user.created_at);
    json.number("wallets", user.wallets);
    user.default_address ? json.address("default_address", *user.default_address) : json.null("default_address");
    return json.time("last_signed_at", user.last_signed_at).finish();
}

std::string to_json(const Wallet& wallet) {
    return JsonObject()
        .number("id", wallet.id)
        .text("user", wallet.user)
        .text("label", wallet.label)
        .address("address", wallet.address)
        .text("custody", to_string(wallet.custody))
        .text("key_id", wallet.key_id)
        .number("key_version", wallet.key_version)
        .text_or_null("key_alias", wallet.key_alias)
        .text("region", wallet.region)
        .bytes("public_key", wallet.public_key)
        .text_or_null("path", wallet.path)
        .boolean("has_mnemonic", wallet.has_mnemonic)
        .boolean("imported", wallet.imported)
        .text("state", to_string(wallet.state))
        .time("created_at", wallet.created_at)
        .time("last_signed_at", wallet.last_signed_at)
        .number("signatures", wallet.signatures)
        .finish();
}

std::string to_json(const PoolStatus& pool) {
    std::string keys = "[";
    for (const KeyInfo& key : pool.keys) {
        if (keys.size() > 1) keys += ',';
        keys += to_json(key);
    }
    return JsonObject()
        .text("alias_prefix", pool.alias_prefix)
        .number("size", static_cast<std::int64_t>(pool.keys.size()))
        .number("wallets", pool.wallets)
        .raw("keys", keys + "]")
        .finish();
}

std::string to_json(const AuditEvent& event) {
    return JsonObject()
        .number("id", event.id)
        .time("time", event.time)
        .text("actor", event.actor)
        .text("surface", event.surface)
        .text("action", event.action)
        .text("target", event.target)
        .text_or_null("user", event.user)
        .text_or_null("key_id", event.key_id)
        .text("result", event.result)
        .text_or_null("digest", event.digest)
        .raw("detail", detail_json(event.detail))
        .bytes("previous", event.previous)
        .bytes("hash", event.hash)
        .finish();
}

std::string to_json(const DoctorFinding& finding) {
    return JsonObject()
        .text("check", finding.check)
        .text("severity", finding.severity)
        .text("sentence", finding.sentence)
        .text_or_null("command", finding.command)
        .text_or_null("key_id", finding.key_id)
        .finish();
}

std::string to_json(const Alert& alert) {
    return JsonObject()
        .number("id", alert.id)
        .text("rule", alert.rule)
        .text("state", state_of(alert))
        .text_or_null("subject", alert.subject)
        .text("sentence", alert.sentence)
        .text_or_null("command", alert.command)
        .time("raised_at", alert.raised_at)
        .time("cleared_at", alert.cleared_at)
        .time("acknowledged_at", alert.acknowledged_at)
        .text_or_null("acknowledged_by", alert.acknowledged_by)
        .time("silenced_until", alert.silenced_until)
        .finish();
}

std::string to_json(const AuditArchive& archive) {
    return JsonObject()
        .text("file", archive.file)
        .number("first", archive.first)
        .number("last", archive.last)
        .bytes("head", archive.head)
        .finish();
}

std::string to_json(const MessageSignature& signature) {
    const ByteView all = signature.signature;
    return JsonObject()
        .address("address", signature.address)
        .bytes("digest", signature.digest)
        .bytes("signature", all)
        .bytes("r", all.subspan(0, 32))
        .bytes("s", all.subspan(32, 32))
        .number("v", all[64])
        .finish();
}

std::string to_json(const TransactionSignature& signature) {
    return JsonObject()
        .address("address", signature.address)
        .number("type", signature.type)
        .bytes("raw", signature.raw)
        .bytes("hash", signature.hash)
        .finish();
}

std::string to_json(const AuthorizationSignature& signature) {
    // What stands in a transaction's authorizationList: numbers there are quantities, without leading zeros.
    const auto quantity = [](ByteView bytes) {
        const std::string digits = hex_text(bytes).substr(2);
        const std::size_t first = digits.find_first_not_of('0');
        return first == std::string::npos ? std::string("0x0") : "0x" + digits.substr(first);
    };
    return JsonObject()
        .address("address", signature.address)
        .text("chain_id", signature.chain_id)
        .address("delegate", signature.delegate)
        .number("nonce", static_cast<std::int64_t>(signature.nonce))
        .number("y_parity", signature.y_parity)
        .bytes("r", signature.r)
        .bytes("s", signature.s)
        .bytes("digest", signature.digest)
        .raw("authorization", JsonObject()
                                  .text("chainId", signature.chain_id)
                                  .address("address", signature.delegate)
                                  .text("nonce", std::to_string(signature.nonce))
                                  .text("yParity", signature.y_parity == 0 ? "0x0" : "0x1")
                                  .text("r", quantity(signature.r))
                                  .text("s", quantity(signature.s))
                                  .finish())
        .finish();
}

std::string to_json(const Verification& verification) {
    JsonObject json;
    json.boolean("valid", verification.valid);
    signed_by_nobody(verification) ? json.null("address") : json.address("address", verification.address);
    return json.finish();
}

}  // namespace keydeck::cli
