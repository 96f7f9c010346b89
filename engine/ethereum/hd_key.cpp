#include "engine/ethereum/hd_key.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "engine/crypto/hash.hpp"
#include "engine/ethereum/base58.hpp"

namespace keydeck::ethereum {
namespace {

constexpr std::size_t kMaxSteps = 16;
constexpr std::string_view kMasterKey = "Bitcoin seed";
constexpr std::uint32_t kPrivateVersion = 0x0488ADE4;  // xprv
constexpr std::uint32_t kPublicVersion = 0x0488B21E;   // xpub

FixedBytes<4> to_be32_bytes(std::uint32_t value) {
    return {static_cast<std::uint8_t>(value >> 24U), static_cast<std::uint8_t>(value >> 16U),
            static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)};
}

FixedBytes<4> fingerprint_of(const crypto::PublicKey& key) {
    const auto identifier = crypto::ripemd160_of_sha256(crypto::compress(key));
    return {identifier[0], identifier[1], identifier[2], identifier[3]};
}

// One step's text without its slash: digits, and the mark of a hardened step.
Result<std::uint32_t> parse_step(std::string_view text, std::size_t number) {
    const std::string where = fmt::format("Step {} of the derivation path", number);
    const bool hardened = !text.empty() && std::string_view("'hH").find(text.back()) != std::string_view::npos;
    if (hardened) text.remove_suffix(1);
    if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos)
        return fail(ErrorCode::kInvalidInput, where + " is not a number.", "A path looks like m/44'/60'/0'/0/0.");
    if (text.size() > 1 && text[0] == '0') return fail(ErrorCode::kInvalidInput, where + " has a leading zero.");
    std::uint32_t index = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), index);
    if (parsed.ec != std::errc{} || index >= kHardened)
        return fail(ErrorCode::kInvalidInput, where + " is over 2147483647.");
    return hardened ? index | kHardened : index;
}

}  // namespace

Result<std::vector<std::uint32_t>> parse_path(std::string_view path) {
    if (path != "m" && !path.starts_with("m/"))
        return fail(ErrorCode::kInvalidInput, "A derivation path begins with m/.", "The usual one is m/44'/60'/0'/0/0.");
    path.remove_prefix(1);
    std::vector<std::uint32_t> steps;
    while (!path.empty()) {
        if (steps.size() == kMaxSteps) return fail(ErrorCode::kInvalidInput, "A derivation path has at most 16 steps.");
        path.remove_prefix(1);
        const auto text = path.substr(0, path.find('/'));
        const auto step = parse_step(text, steps.size() + 1);
        if (!step) return fail(step);
        steps.push_back(*step);
        path.remove_prefix(text.size());
    }
    return steps;
}

std::string to_path(const std::vector<std::uint32_t>& steps) {
    std::string path = "m";
    for (const auto step : steps) {
        path += fmt::format("/{}{}", step & ~kHardened, step >= kHardened ? "'" : "");
    }
    return path;
}

Result<HdKey> HdKey::from_seed(ByteView seed) {
    if (seed.size() < 16 || seed.size() > 64)
        return fail(ErrorCode::kInvalidInput, fmt::format("A seed has 16 to 64 bytes, not {}.", seed.size()));
    const auto mac = crypto::hmac_sha512(as_bytes(kMasterKey), seed);
    if (!crypto::is_private_key(mac.view().first(32)))
        return fail(ErrorCode::kInvalidInput, "This seed has no master key; use another.");
    HdKey key;
    key.private_key_ = SecretBytes::copy_of(mac.view().first(32));
    key.chain_code_ = SecretBytes::copy_of(mac.view().last(32));
    return key;
}

const crypto::PublicKey& HdKey::public_key() const {
    // A private key that was checked when it was made always has one.
    if (!public_key_) public_key_ = crypto::public_key_of(private_key_.view()).value_or(crypto::PublicKey{});
    return *public_key_;
}

Result<HdKey> HdKey::step(std::uint32_t index, bool with_fingerprint) const {
    if (depth_ == std::numeric_limits<std::uint8_t>::max())
        return fail(ErrorCode::kInvalidInput, "A key cannot be derived below depth 255.");
    // A zero byte and the private key, or the compressed public key; then the index.
    SecretBytes data(37);
    if (index >= kHardened) {
        std::ranges::copy(private_key_.view(), data.span().subspan(1).begin());
    } else {
        std::ranges::copy(crypto::compress(public_key()), data.span().begin());
    }
    std::ranges::copy(to_be32_bytes(index), data.span().last(4).begin());
    const auto mac = crypto::hmac_sha512(chain_code_.view(), data.view());
    auto private_key = crypto::add_to_private_key(private_key_.view(), mac.view().first(32));
    if (!private_key) return fail(private_key);
    HdKey key;
    key.private_key_ = std::move(*private_key);
    key.chain_code_ = SecretBytes::copy_of(mac.view().last(32));
    key.depth_ = static_cast<std::uint8_t>(depth_ + 1);
    key.index_ = index;
    if (with_fingerprint) key.parent_fingerprint_ = fingerprint_of(public_key());
    return key;
}

Result<HdKey> HdKey::child(std::uint32_t index) const { return step(index, true); }

Result<HdKey> HdKey::derive(const std::vector<std::uint32_t>& path) const {
    HdKey key = clone();
    for (std::size_t i = 0; i < path.size(); ++i) {
        // Only the last key is seen from outside, so only it needs to know its parent's fingerprint.
        auto next = key.step(path[i], i + 1 == path.size());
        if (!next) return fail(next);
        key = std::move(*next);
    }
    return key;
}

HdKey HdKey::clone() const {
    HdKey copy;
    copy.private_key_ = private_key_.clone();
    copy.chain_code_ = chain_code_.clone();
    copy.public_key_ = public_key_;
    copy.depth_ = depth_;
    copy.parent_fingerprint_ = parent_fingerprint_;
    copy.index_ = index_;
    return copy;
}

SecretBytes HdKey::serialized(std::uint32_t version, ByteView key_data) const {
    auto out = SecretBytes::copy_of(to_be32_bytes(version));
    out.append(FixedBytes<1>{depth_});
    out.append(parent_fingerprint_);
    out.append(to_be32_bytes(index_));
    out.append(chain_code_.view());
    out.append(key_data);
    return to_base58_check(out.view());
}

SecretBytes HdKey::extended_private_key() const {
    SecretBytes key_data(1);
    key_data.append(private_key_.view());
    return serialized(kPrivateVersion, key_data.view());
}

std::string HdKey::extended_public_key() const {
    return std::string(serialized(kPublicVersion, crypto::compress(public_key())).text());
}

}  // namespace keydeck::ethereum
