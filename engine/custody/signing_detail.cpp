#include "engine/custody/signing_detail.hpp"

#include <optional>
#include <vector>

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
// In bytes of JSON, but the line's, which is of its text.
constexpr std::size_t kShownWhole = 16'384;
constexpr std::size_t kShownLines = 10'240;
constexpr std::size_t kShownWarnings = 4'096;
constexpr std::size_t kShownLine = 1'024;

void too_long(Detail& detail, ByteView bytes) {
    detail.number("length", static_cast<std::int64_t>(bytes.size())).text("keccak256", to_hex_0x(crypto::keccak256(bytes)));
}

/// The beginning of a long line, whole characters of it, and how much is missing.
std::string cut_line(const std::string& text) {
    if (text.size() <= kShownLine) return text;
    std::size_t end = kShownLine;
    while (end > 0 && (static_cast<std::uint8_t>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end) + "… (cut: " + std::to_string(text.size() - end) + " bytes more)";
}

/// A JSON array of texts.
class ShownList {
public:
    void add(std::string_view text) {
        if (list_.size() > 1) list_ += ',';
        json::append_quoted(list_, text);
    }
    /// The first of them that take no more than `room`, long ones cut, and how many are missing.
    void add_what_fits(const std::vector<std::string>& texts, std::size_t room, const std::string& what) {
        const std::size_t end = list_.size() + room;
        for (std::size_t i = 0; i < texts.size(); ++i) {
            const std::size_t before = list_.size();
            add(cut_line(texts[i]));
            if (list_.size() <= end) continue;
            list_.resize(before);
            return add("… (cut: " + std::to_string(texts.size() - i) + " " + what + " more)");
        }
    }
    [[nodiscard]] std::string done() const { return list_ + ']'; }

private:
    std::string list_ = "[";
};

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

namespace {

/// Whose account runs whose code from then on, as JSON objects.
std::string authorizations(const ethereum::Transaction& transaction) {
    std::string list = "[";
    for (const ethereum::Authorization& each : transaction.authorization_list) {
        if (list.size() > 1) list += ',';
        const std::optional<ethereum::Address> authority = ethereum::authority_of(each);
        list += Detail()
                    .text("authority", authority ? ethereum::to_checksum(*authority) : "")
                    .text("delegate", ethereum::to_checksum(each.address))
                    .text("chain_id", to_decimal(each.chain_id))
                    .raw("nonce", std::to_string(each.nonce))
                    .done();
    }
    return list + ']';
}

}  // namespace

std::string transaction_detail(const ethereum::Transaction& transaction) {
    Detail detail;
    detail.number("type", static_cast<int>(transaction.type));
    if (transaction.chain_id) detail.text("chain_id", to_decimal(*transaction.chain_id));
    detail.raw("nonce", std::to_string(transaction.nonce));
    if (transaction.to) detail.text("to", ethereum::to_checksum(*transaction.to));
    detail.text("value", to_decimal(transaction.value));
    detail.raw("gas_limit", std::to_string(transaction.gas_limit));
    detail.text("highest_cost", to_decimal(ethereum::highest_cost(transaction)));
    if (!transaction.access_list.empty()) detail.raw("access_list_items", std::to_string(transaction.access_list.size()));
    if (!transaction.blob_versioned_hashes.empty())
        detail.raw("blobs", std::to_string(transaction.blob_versioned_hashes.size()));
    if (!transaction.authorization_list.empty()) detail.raw("authorizations", authorizations(transaction));
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
    std::vector<std::string> lines{preview.sentence};
    lines.reserve(preview.lines.size() + 1);
    // Indented where it has no name, so that no line of a message passes for a warning or a digest.
    for (const PreviewLine& line : preview.lines)
        lines.push_back(line.name.empty() ? "  " + line.value : line.name + ": " + line.value);
    std::vector<std::string> warnings;
    warnings.reserve(preview.warnings.size());
    for (const std::string& warning : preview.warnings) warnings.push_back("Warning: " + warning);
    std::vector<std::string> digests;
    digests.reserve(preview.digests.size());
    for (const PreviewLine& digest : preview.digests) digests.push_back(digest.name + ": " + digest.value);
    ShownList whole;
    for (const auto* part : {&lines, &warnings, &digests}) {
        for (const std::string& text : *part) whole.add(text);
    }
    std::string all = whole.done();
    if (all.size() <= kShownWhole) return all;
    ShownList kept;
    kept.add_what_fits(lines, kShownLines, "lines");
    kept.add_what_fits(warnings, kShownWarnings, "warnings");
    for (const std::string& digest : digests) kept.add(digest);
    Detail detail;
    detail.boolean("cut", true).number("lines", static_cast<std::int64_t>(lines.size() + warnings.size() + digests.size()));
    too_long(detail, as_bytes(all));
    return detail.raw("kept", kept.done()).done();
}

std::string with_shown(std::string detail, std::string_view shown) {
    if (shown.empty() || !detail.ends_with('}')) return detail;
    detail.pop_back();
    if (detail.size() > 1) detail += ',';
    detail.append("\"shown\":").append(shown);
    return detail += '}';
}

}  // namespace keydeck::custody
