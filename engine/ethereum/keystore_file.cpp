#include "engine/ethereum/keystore_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <string>

#include "engine/base/hex.hpp"
#include "engine/base/json.hpp"
#include "engine/base/text.hpp"
#include "engine/ethereum/printable.hpp"

namespace keydeck::ethereum {
namespace {

constexpr std::size_t kMaxText = 1U << 20U;
constexpr std::size_t kMaxSalt = 1'024;
constexpr std::size_t kMaxCiphertext = 32;
constexpr std::uint64_t kMaxIterations = 10'000'000;
constexpr std::uint64_t kMaxScryptBlocks = 1U << 23U;  // n * r, of 128 bytes each: 1 GiB
constexpr std::uint64_t kMaxScryptWork = 1U << 25U;    // n * r * p; geth's standard is 2^21

// "The keystore field crypto.kdf is missing."
std::unexpected<Error> invalid(std::string_view field, std::string_view why) {
    return fail(ErrorCode::kInvalidInput, fmt::format("The keystore field {} {}", field, why));
}

// The member of that name in any case, absent when null. Twice in different case would leave open which counts.
// `where` is the object's place with a dot at its end, or empty at the top.
Result<const json::Value*> find_any_case(const json::Value& object, const std::string& where, std::string_view name) {
    const json::Value* found = nullptr;
    for (const auto& [key, value] : object.members) {
        if (ascii_lower(key) != name) continue;
        if (found != nullptr) return invalid(where + std::string(name), "is there twice, in different case.");
        found = &value;
    }
    if (found != nullptr && found->is(json::Kind::kNull)) found = nullptr;
    return found;
}

Result<const json::Value*> require(const json::Value& object, const std::string& where, std::string_view name,
                                   json::Kind kind) {
    const auto found = find_any_case(object, where, name);
    if (!found) return fail(found);
    if (*found == nullptr) return invalid(where + std::string(name), "is missing.");
    if (!(*found)->is(kind))
        return invalid(where + std::string(name),
                       fmt::format("is {}; it must be {}.", json::describe((*found)->kind), json::describe(kind)));
    return *found;
}

// A JSON integer or, as some programs write it, a string with one.
Result<std::uint64_t> require_number(const json::Value& object, const std::string& where, std::string_view name) {
    const auto found = find_any_case(object, where, name);
    if (!found) return fail(found);
    const auto* value = *found;
    if (value == nullptr) return invalid(where + std::string(name), "is missing.");
    std::uint64_t number = 0;
    const char* const end = value->text.data() + value->text.size();
    const auto parsed = std::from_chars(value->text.data(), end, number);
    if ((!value->is(json::Kind::kNumber) && !value->is(json::Kind::kString)) || value->text.empty() ||
        parsed.ec != std::errc{} || parsed.ptr != end)
        return invalid(where + std::string(name), "must be a whole number.");
    return number;
}

Result<Bytes> require_hex(const json::Value& object, const std::string& where, std::string_view name) {
    const auto value = require(object, where, name, json::Kind::kString);
    if (!value) return fail(value);
    return from_hex((*value)->text, fmt::format("keystore field {}{}", where, name));
}

template <std::size_t N>
Status require_hex_into(const json::Value& object, const std::string& where, std::string_view name, FixedBytes<N>& out) {
    const auto bytes = require_hex(object, where, name);
    if (!bytes) return fail(bytes);
    if (bytes->size() != N)
        return invalid(where + std::string(name), fmt::format("has {} bytes instead of {}.", bytes->size(), N));
    std::copy(bytes->begin(), bytes->end(), out.begin());
    return {};
}

Status read_version(const json::Value& root) {
    const auto version = require_number(root, "", "version");
    if (!version) return fail(version);
    if (*version != 3) return invalid("version", fmt::format("is {}; only 3 is supported.", *version));
    return {};
}

Status read_scrypt(const json::Value& parameters, KeystoreFile& file) {
    const std::string where = "crypto.kdfparams.";
    const auto n = require_number(parameters, where, "n");
    if (!n) return fail(n);
    const auto r = require_number(parameters, where, "r");
    if (!r) return fail(r);
    const auto p = require_number(parameters, where, "p");
    if (!p) return fail(p);
    if (*n < 2 || !std::has_single_bit(*n)) return invalid(where + "n", "must be a power of two, at least 2.");
    if (*r == 0) return invalid(where + "r", "must be at least 1.");
    if (*p == 0) return invalid(where + "p", "must be at least 1.");
    if (*n > kMaxScryptBlocks || *r > kMaxScryptBlocks / *n)
        return invalid(where + "n", "asks, with r, for more than 1 GiB of memory.");
    if (*p > kMaxScryptWork / (*n * *r))
        return invalid(where + "p", "asks, with n and r, for more than 16 times the usual work.");
    file.kdf = ScryptParameters{*n, *r, *p};
    return {};
}

Status read_pbkdf2(const json::Value& parameters, KeystoreFile& file) {
    const std::string where = "crypto.kdfparams.";
    const auto prf = require(parameters, where, "prf", json::Kind::kString);
    if (!prf) return fail(prf);
    if (ascii_lower((*prf)->text) != "hmac-sha256")
        return invalid(where + "prf", fmt::format("is {}; only hmac-sha256 is supported.", in_quotes((*prf)->text)));
    const auto iterations = require_number(parameters, where, "c");
    if (!iterations) return fail(iterations);
    if (*iterations == 0 || *iterations > kMaxIterations)
        return invalid(where + "c", fmt::format("must be 1 to {}.", kMaxIterations));
    file.kdf = Pbkdf2Parameters{static_cast<std::uint32_t>(*iterations)};
    return {};
}

Status read_kdf(const json::Value& crypto, KeystoreFile& file) {
    const auto kdf = require(crypto, "crypto.", "kdf", json::Kind::kString);
    if (!kdf) return fail(kdf);
    const auto parameters = require(crypto, "crypto.", "kdfparams", json::Kind::kObject);
    if (!parameters) return fail(parameters);
    const auto name = ascii_lower((*kdf)->text);
    if (name != "scrypt" && name != "pbkdf2")
        return invalid("crypto.kdf", fmt::format("is {}; only scrypt and pbkdf2 are supported.", in_quotes((*kdf)->text)));
    const auto read = name == "scrypt" ? read_scrypt(**parameters, file) : read_pbkdf2(**parameters, file);
    if (!read) return fail(read);
    const auto length = require_number(**parameters, "crypto.kdfparams.", "dklen");
    if (!length) return fail(length);
    if (*length != 32) return invalid("crypto.kdfparams.dklen", "must be 32.");
    auto salt = require_hex(**parameters, "crypto.kdfparams.", "salt");
    if (!salt) return fail(salt);
    if (salt->size() > kMaxSalt) return invalid("crypto.kdfparams.salt", fmt::format("is longer than {} bytes.", kMaxSalt));
    file.salt = std::move(*salt);
    return {};
}

Status read_cipher(const json::Value& crypto, KeystoreFile& file) {
    const auto cipher = require(crypto, "crypto.", "cipher", json::Kind::kString);
    if (!cipher) return fail(cipher);
    if (ascii_lower((*cipher)->text) != "aes-128-ctr")
        return invalid("crypto.cipher", fmt::format("is {}; only aes-128-ctr is supported.", in_quotes((*cipher)->text)));
    const auto parameters = require(crypto, "crypto.", "cipherparams", json::Kind::kObject);
    if (!parameters) return fail(parameters);
    if (const auto read = require_hex_into(**parameters, "crypto.cipherparams.", "iv", file.iv); !read) return fail(read);
    auto ciphertext = require_hex(crypto, "crypto.", "ciphertext");
    if (!ciphertext) return fail(ciphertext);
    if (ciphertext->empty() || ciphertext->size() > kMaxCiphertext)
        return invalid("crypto.ciphertext", fmt::format("has {} bytes; a private key has 1 to 32.", ciphertext->size()));
    file.ciphertext = std::move(*ciphertext);
    return require_hex_into(crypto, "crypto.", "mac", file.mac);
}

// Absent, null and empty mean that the file keeps its address to itself. Case is not a checksum here: ethers and geth ignore
// it too.
Status read_address(const json::Value& root, KeystoreFile& file) {
    const auto found = find_any_case(root, "", "address");
    if (!found) return fail(found);
    if (*found == nullptr || ((*found)->is(json::Kind::kString) && (*found)->text.empty())) return {};
    return require_hex_into(root, "", "address", file.address.emplace().bytes);
}

}  // namespace

Result<KeystoreFile> parse_keystore(std::string_view json) {
    if (json.size() > kMaxText) return fail(ErrorCode::kInvalidInput, "The keystore file is longer than 1 MiB.");
    const auto root = json::parse(json, "the keystore file");
    if (!root) return fail(root);
    if (!root->is(json::Kind::kObject))
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("The keystore file holds {} instead of an object.", json::describe(root->kind)));
    KeystoreFile file;
    if (const auto read = read_version(*root); !read) return fail(read);
    const auto crypto = require(*root, "", "crypto", json::Kind::kObject);
    if (!crypto) return fail(crypto);
    if (const auto read = read_kdf(**crypto, file); !read) return fail(read);
    if (const auto read = read_cipher(**crypto, file); !read) return fail(read);
    if (const auto read = read_address(*root, file); !read) return fail(read);
    return file;
}

}  // namespace keydeck::ethereum
