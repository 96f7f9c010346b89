// The engine's signing verbs, and those that need no vault.
#include "engine/base/json.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/custody/preview.hpp"
#include "engine/custody/signing.hpp"
#include "engine/custody/verification.hpp"
#include "engine/engine.hpp"

namespace keydeck {

Result<SigningPreview> Engine::preview_message(const Session& session, std::string_view wallet, ByteView message) {
    return custody::preview_message(*vault_, session, wallet, message);
}
Result<SigningPreview> Engine::preview_typed_data(const Session& session, std::string_view wallet, std::string_view json) {
    return custody::preview_typed_data(*vault_, session, wallet, json);
}
Result<SigningPreview> Engine::preview_transaction(const Session& session, std::string_view wallet, std::string_view json) {
    return custody::preview_transaction(*vault_, session, wallet, json);
}
Result<SigningPreview> Engine::preview_authorization(const Session& session, std::string_view wallet,
                                                     std::string_view chain_id, std::string_view delegate,
                                                     std::uint64_t nonce) {
    return custody::preview_authorization(*vault_, session, wallet, chain_id, delegate, nonce);
}

Result<MessageSignature> Engine::sign_message(const Session& session, std::string_view wallet, ByteView message) {
    return custody::sign_message(*vault_, session, wallet, message);
}
Result<MessageSignature> Engine::sign_typed_data(const Session& session, std::string_view wallet, std::string_view json) {
    return custody::sign_typed_data(*vault_, session, wallet, json);
}
Result<TransactionSignature> Engine::sign_transaction(const Session& session, std::string_view wallet,
                                                      std::string_view json) {
    return custody::sign_transaction(*vault_, session, wallet, json);
}
Result<AuthorizationSignature> Engine::sign_authorization(const Session& session, std::string_view wallet,
                                                          std::string_view chain_id, std::string_view delegate,
                                                          std::uint64_t nonce, bool any_chain) {
    return custody::sign_authorization(*vault_, session, wallet, chain_id, delegate, nonce, any_chain);
}

Status Engine::sign_messages(const Session& session, std::string_view wallet, std::span<const std::string_view> messages,
                             const BatchSink<MessageSignature>& sink) {
    return custody::sign_messages(*vault_, session, wallet, messages, sink);
}
Status Engine::sign_typed_data_batch(const Session& session, std::string_view wallet, std::string_view json_values,
                                     bool allow_risky, const BatchSink<MessageSignature>& sink) {
    return custody::sign_typed_data_batch(*vault_, session, wallet, json_values, allow_risky, sink);
}
Status Engine::sign_transactions(const Session& session, std::string_view wallet, std::string_view json_values,
                                 bool allow_risky, const BatchSink<TransactionSignature>& sink) {
    return custody::sign_transactions(*vault_, session, wallet, json_values, allow_risky, sink);
}

std::vector<std::string_view> Engine::split_json_values(std::string_view text) { return json::split(text); }

Result<Verification> Engine::verify_message(ByteView message, std::string_view signature_hex,
                                            const std::optional<AddressBytes>& expected) {
    return custody::verify_message(message, signature_hex, expected);
}
Result<Verification> Engine::verify_typed_data(std::string_view json, std::string_view signature_hex,
                                               const std::optional<AddressBytes>& expected) {
    return custody::verify_typed_data(json, signature_hex, expected);
}
Result<DecodedTransaction> Engine::decode_transaction(std::string_view raw_hex) {
    return custody::decode_transaction(raw_hex);
}

}  // namespace keydeck
