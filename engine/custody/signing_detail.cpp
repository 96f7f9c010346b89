#include "engine/custody/signing_detail.hpp"

#include "engine/base/hex.hpp"
#include "engine/base/json.hpp"
#include "engine/base/text.hpp"
#include "engine/crypto/hash.hpp"
#include "engine/ethereum/address.hpp"
#include "engine/oversight/detail.hpp"

namespace keydeck::custody {
namespace {

using oversight::Detail;

constexpr std::size_t kKeptWhole = 4096;

void too_long(Detail& detail, ByteView bytes) {
    detail.number("length", static_cast<std::int64_t>(bytes.size())).text("keccak256", to_hex_0x(crypto::keccak256(bytes)));
}

}  // namespace

std::string message_detail(ByteView message) {
    Detail detail;
    if (message.size() > kKeptWhole) {
        too_long(detail, message);
    } else if (is_utf8(as_text(message))) {
        detail.text("message", as_text(message));
    } else {
        detail.text("message_hex", to_hex_0x(message));
    }
    return detail.done();
}

std::string typed_data_detail(const ethereum::TypedData& data, std::string_view json) {
    Detail detail;
    detail.text("primary_type", data.primary_type);
    if (data.chain_id) detail.text("chain_id", to_decimal(*data.chain_id));
    if (data.verifying_contract) detail.text("verifying_contract", ethereum::to_checksum(*data.verifying_contract));
    detail.text("domain_hash", to_hex_0x(data.domain_hash)).text("message_hash", to_hex_0x(data.message_hash));
    if (json.size() > kKeptWhole) {
        too_long(detail, as_bytes(json));
    } else {
        detail.text("typed_data", json);
    }
    return detail.done();
}

std::string transaction_detail(const ethereum::Transaction& transaction) {
    Detail detail;
    detail.number("type", static_cast<int>(transaction.type));
    if (transaction.chain_id) detail.text("chain_id", to_decimal(*transaction.chain_id));
    detail.raw("nonce", std::to_string(transaction.nonce));
    if (transaction.to) detail.text("to", ethereum::to_checksum(*transaction.to));
    detail.text("value", to_decimal(transaction.value));
    detail.raw("gas_limit", std::to_string(transaction.gas_limit));
    detail.text("highest_cost", to_decimal(ethereum::highest_cost(transaction)));
    if (transaction.data.size() > kKeptWhole / 2) {
        too_long(detail, transaction.data);
    } else if (!transaction.data.empty()) {
        detail.text("data", to_hex_0x(transaction.data));
    }
    return detail.done();
}

std::string authorization_detail(const Uint256& chain_id, const ethereum::Address& delegate, std::uint64_t nonce) {
    return Detail()
        .text("chain_id", to_decimal(chain_id))
        .text("delegate", ethereum::to_checksum(delegate))
        .raw("nonce", std::to_string(nonce))
        .done();
}

std::string shown_text(const SigningPreview& preview) {
    constexpr std::size_t kShownWhole = 16'384;
    std::string list = "[";
    const auto add = [&list](std::string_view text) {
        if (list.size() > 1) list += ',';
        json::append_quoted(list, text);
    };
    add(preview.sentence);
    for (const PreviewLine& line : preview.lines) add(line.name.empty() ? line.value : line.name + ": " + line.value);
    for (const std::string& warning : preview.warnings) add("Warning: " + warning);
    for (const PreviewLine& digest : preview.digests) add(digest.name + ": " + digest.value);
    list += ']';
    if (list.size() <= kShownWhole) return list;
    Detail detail;
    too_long(detail, as_bytes(list));
    return detail.done();
}

std::string with_shown(std::string detail, std::string_view shown) {
    if (shown.empty() || !detail.ends_with('}')) return detail;
    detail.pop_back();
    if (detail.size() > 1) detail += ',';
    detail.append("\"shown\":").append(shown);
    return detail += '}';
}

}  // namespace keydeck::custody
