#include "engine/custody/verification.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <string>
#include <utility>

#include "engine/base/hex.hpp"
#include "engine/base/json.hpp"
#include "engine/base/text.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/custody/preview.hpp"
#include "engine/custody/risk.hpp"
#include "engine/ethereum/message.hpp"
#include "engine/ethereum/transaction.hpp"
#include "engine/ethereum/typed_data.hpp"

namespace keydeck::custody {
namespace {

using ethereum::SignedTransaction;
using ethereum::Transaction;
using ethereum::TransactionType;

Result<Verification> verify_digest(const Hash32& digest, std::string_view signature_hex,
                                   const std::optional<AddressBytes>& expected) {
    const Result<Bytes> bytes = from_hex(trimmed(signature_hex), "signature");
    if (!bytes) return fail(bytes);
    const Result<crypto::RecoverableSignature> signature = ethereum::parse_signature_bytes(*bytes);
    if (!signature) return fail(signature);
    const Result<crypto::PublicKey> signer = crypto::recover(digest, *signature);
    // Numbers that no key can have made are a signature that is not valid, not a failure to look.
    if (!signer) return Verification{};
    const AddressBytes address = ethereum::address_of(*signer).bytes;
    return Verification{!expected || *expected == address, address};
}

/// Builds the JSON object: names as in JSON-RPC; wei as decimal strings, small integers as numbers, bytes as 0x hex.
class Object {
public:
    void text(std::string_view name, std::string_view value) {
        begin(name);
        json::append_quoted(out_, value);
    }
    void raw(std::string_view name, std::string_view value) {
        begin(name);
        out_ += value;
    }
    void number(std::string_view name, std::uint64_t value) { raw(name, std::to_string(value)); }
    /// A number where every reader can hold it, else a decimal string.
    void integer(std::string_view name, const Uint256& value) {
        constexpr std::uint64_t kSafeInJson = (1ULL << 53U) - 1;
        if (value <= kSafeInJson) return raw(name, to_decimal(value));
        text(name, to_decimal(value));
    }
    void wei(std::string_view name, const Uint256& value) { text(name, to_decimal(value)); }
    [[nodiscard]] std::string done() { return out_ + '}'; }

private:
    void begin(std::string_view name) {
        if (out_.size() > 1) out_ += ',';
        json::append_quoted(out_, name);
        out_ += ':';
    }
    std::string out_ = "{";
};

template <class Items, class Render>
std::string json_array(const Items& items, Render render) {
    std::string out = "[";
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) out += ',';
        out += render(i);
    }
    return out + ']';
}

std::string quoted_hex(ByteView bytes) { return '"' + to_hex_0x(bytes) + '"'; }

std::string access_list_json(const Transaction& transaction) {
    return json_array(transaction.access_list, [&](std::size_t i) {
        const ethereum::AccessListItem& item = transaction.access_list[i];
        Object object;
        object.text("address", ethereum::to_checksum(item.address));
        object.raw("storageKeys",
                   json_array(item.storage_keys, [&](std::size_t k) { return quoted_hex(item.storage_keys[k]); }));
        return object.done();
    });
}

std::string authorizations_json(const SignedTransaction& decoded) {
    const auto& list = decoded.transaction.authorization_list;
    return json_array(list, [&](std::size_t i) {
        Object object;
        object.integer("chainId", list[i].chain_id);
        object.text("address", ethereum::to_checksum(list[i].address));
        object.number("nonce", list[i].nonce);
        object.text("r", to_hex_0x(list[i].signature.r));
        object.text("s", to_hex_0x(list[i].signature.s));
        object.number("yParity", list[i].signature.recovery_id);
        const bool recovered = i < decoded.authorities.size() && decoded.authorities[i].has_value();
        if (recovered) object.text("authority", ethereum::to_checksum(*decoded.authorities[i]));
        if (!recovered) object.raw("authority", "null");
        return object.done();
    });
}

void add_fees(const Transaction& transaction, Object& object) {
    if (transaction.type == TransactionType::kLegacy || transaction.type == TransactionType::kAccessList) {
        object.wei("gasPrice", transaction.gas_price);
        return;
    }
    object.wei("maxPriorityFeePerGas", transaction.max_priority_fee_per_gas);
    object.wei("maxFeePerGas", transaction.max_fee_per_gas);
    if (transaction.type == TransactionType::kBlob) object.wei("maxFeePerBlobGas", transaction.max_fee_per_blob_gas);
}

void add_signature(const SignedTransaction& decoded, Object& object) {
    object.text("r", to_hex_0x(decoded.signature.r));
    object.text("s", to_hex_0x(decoded.signature.s));
    const std::uint8_t parity = decoded.signature.recovery_id;
    if (decoded.transaction.type != TransactionType::kLegacy) return object.number("yParity", parity);
    // EIP-155, or 27/28 from before it.
    const std::optional<Uint256>& chain = decoded.transaction.chain_id;
    object.integer("v", chain ? Uint256(*chain * 2 + 35 + parity) : Uint256(27 + parity));
}

std::string to_json(const SignedTransaction& decoded) {
    const Transaction& transaction = decoded.transaction;
    Object object;
    object.number("type", static_cast<std::uint64_t>(transaction.type));
    if (transaction.chain_id) object.integer("chainId", *transaction.chain_id);
    object.number("nonce", transaction.nonce);
    if (transaction.to) object.text("to", ethereum::to_checksum(*transaction.to));
    if (!transaction.to) object.raw("to", "null");
    object.wei("value", transaction.value);
    object.number("gas", transaction.gas_limit);
    add_fees(transaction, object);
    object.text("data", to_hex_0x(transaction.data));
    if (transaction.type != TransactionType::kLegacy) object.raw("accessList", access_list_json(transaction));
    if (transaction.type == TransactionType::kBlob) {
        const auto& hashes = transaction.blob_versioned_hashes;
        object.raw("blobVersionedHashes", json_array(hashes, [&](std::size_t i) { return quoted_hex(hashes[i]); }));
    }
    if (transaction.type == TransactionType::kSetCode) object.raw("authorizationList", authorizations_json(decoded));
    add_signature(decoded, object);
    object.text("hash", to_hex_0x(decoded.hash));
    object.text("from", ethereum::to_checksum(decoded.sender));
    return object.done();
}

}  // namespace

Result<Verification> verify_message(ByteView message, std::string_view signature_hex,
                                    const std::optional<AddressBytes>& expected) {
    return verify_digest(ethereum::message_hash(message), signature_hex, expected);
}

Result<Verification> verify_typed_data(std::string_view json, std::string_view signature_hex,
                                       const std::optional<AddressBytes>& expected) {
    const Result<ethereum::TypedData> data = ethereum::parse_typed_data(json);
    if (!data) return fail(data);
    return verify_digest(data->digest, signature_hex, expected);
}

Result<DecodedTransaction> decode_transaction(std::string_view raw_hex) {
    const Result<Bytes> raw = from_hex(trimmed(raw_hex), "transaction");
    if (!raw) return fail(raw);
    const Result<SignedTransaction> decoded = ethereum::decode_transaction(*raw);
    if (!decoded) return fail(decoded);
    DecodedTransaction out;
    out.from = decoded->sender.bytes;
    out.hash = decoded->hash;
    out.json = to_json(*decoded);
    out.lines.push_back({"From", ethereum::to_checksum(decoded->sender)});
    std::ranges::move(transaction_lines(decoded->transaction, call_of(decoded->transaction), {}),
                      std::back_inserter(out.lines));
    if (const Bytes& data = decoded->transaction.data; !data.empty())
        out.lines.push_back({"Calldata digest", to_hex_0x(ethereum::calldata_digest(data))});
    if (!decoded->transaction.to) {
        out.lines.push_back({"New contract", ethereum::to_checksum(
                                                 ethereum::contract_address(decoded->sender, decoded->transaction.nonce))});
    }
    for (std::size_t i = 0; i < decoded->authorities.size(); ++i) {
        const auto& authority = decoded->authorities[i];
        out.lines.push_back({"Authorized by",
                             authority ? ethereum::to_checksum(*authority) : "nobody: the signature does not recover",
                             !authority});
    }
    out.lines.push_back({"Hash", to_hex_0x(decoded->hash)});
    return out;
}

}  // namespace keydeck::custody
