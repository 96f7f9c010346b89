#include "engine/ethereum/mnemonic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "engine/crypto/hash.hpp"
#include "engine/crypto/kdf.hpp"
#include "engine/ethereum/bip39_english.hpp"
#include "engine/ethereum/normalize.hpp"

namespace keydeck::ethereum {
namespace {

constexpr std::size_t kBitsPerWord = 11;
constexpr std::uint32_t kSeedIterations = 2'048;
constexpr std::string_view kSaltPrefix = "mnemonic";

// The lengths BIP-39 has: 12, 15, 18, 21, 24 words for 16, 20, 24, 28, 32 bytes.
bool is_word_count(std::size_t words) { return words >= 12 && words <= 24 && words % 3 == 0; }
bool is_entropy_size(std::size_t bytes) { return bytes >= 16 && bytes <= 32 && bytes % 4 == 0; }
std::size_t entropy_size_of(std::size_t words) { return words / 3 * 4; }
std::size_t word_count_of(std::size_t entropy_size) { return entropy_size / 4 * 3; }

constexpr std::string_view kWordCounts = "A mnemonic has 12, 15, 18, 21 or 24 words";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Takes the next word off the front: a view into the caller's secret memory. Empty at the end.
std::string_view take_word(std::string_view& rest) {
    while (!rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
    std::size_t length = 0;
    while (length < rest.size() && !is_space(rest[length])) ++length;
    const auto word = rest.substr(0, length);
    rest.remove_prefix(length);
    return word;
}

std::size_t count_words(std::string_view mnemonic) {
    std::size_t count = 0;
    while (!take_word(mnemonic).empty()) ++count;
    return count;
}

// -1, 0, 1 as the typed word, in lower case, stands before, at or after the listed one.
int compare_forgiving(std::string_view typed, std::string_view listed) {
    const auto common = std::min(typed.size(), listed.size());
    for (std::size_t i = 0; i < common; ++i) {
        const char c = lower(typed[i]);
        if (c != listed[i]) return c < listed[i] ? -1 : 1;
    }
    if (typed.size() == listed.size()) return 0;
    return typed.size() < listed.size() ? -1 : 1;
}

// Binary search that reads the word where it lies.
std::optional<std::size_t> index_of(std::string_view typed) {
    std::size_t low = 0;
    std::size_t high = kWordCount;
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        const int order = compare_forgiving(typed, kEnglishWords[middle]);
        if (order == 0) return middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return std::nullopt;
}

void put_index(SecretBytes& bits, std::size_t position, std::size_t index) {
    for (std::size_t i = 0; i < kBitsPerWord; ++i) {
        const auto at = position * kBitsPerWord + i;
        const auto bit = (index >> (kBitsPerWord - 1 - i)) & 1U;
        bits.span()[at / 8] = static_cast<std::uint8_t>(bits.span()[at / 8] | (bit << (7 - at % 8)));
    }
}

std::size_t get_index(const SecretBytes& bits, std::size_t position) {
    std::size_t index = 0;
    for (std::size_t i = 0; i < kBitsPerWord; ++i) {
        const auto at = position * kBitsPerWord + i;
        index = (index << 1U) | ((bits.view()[at / 8] >> (7 - at % 8)) & 1U);
    }
    return index;
}

// The checksum in the top bits of a byte: one bit for every four bytes of entropy, the rest zero.
std::uint8_t checksum_of(ByteView entropy) {
    auto hash = crypto::sha256(entropy);
    const WipeOnExit guard(hash);
    return static_cast<std::uint8_t>(hash[0] & (0xFF00U >> (entropy.size() / 4)));
}

// The one form that all spellings of a mnemonic share: lower case, single spaces.
SecretBytes normalized(std::string_view mnemonic) {
    SecretBytes out(mnemonic.size());
    std::size_t size = 0;
    for (auto word = take_word(mnemonic); !word.empty(); word = take_word(mnemonic)) {
        if (size > 0) out.span()[size++] = ' ';
        for (const char c : word) out.span()[size++] = static_cast<std::uint8_t>(lower(c));
    }
    out.truncate(size);
    return out;
}

}  // namespace

Result<SecretBytes> generate_entropy(unsigned words, Random& random) {
    if (!is_word_count(words)) return fail(ErrorCode::kInvalidInput, fmt::format("{}, not {}.", kWordCounts, words));
    SecretBytes entropy(entropy_size_of(words));
    random.fill(entropy.span());
    return entropy;
}

Result<SecretBytes> mnemonic_from_entropy(ByteView entropy) {
    if (!is_entropy_size(entropy.size()))
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("The entropy of a mnemonic has 16, 20, 24, 28 or 32 bytes, not {}.", entropy.size()));
    SecretBytes bits(entropy.size() + 1);
    std::ranges::copy(entropy, bits.span().begin());
    bits.span().back() = checksum_of(entropy);
    const auto words = word_count_of(entropy.size());
    SecretBytes mnemonic(words * (kLongestWord + 1));
    std::size_t size = 0;
    for (std::size_t i = 0; i < words; ++i) {
        if (i > 0) mnemonic.span()[size++] = ' ';
        for (const char* c = kEnglishWords[get_index(bits, i)]; *c != '\0'; ++c)
            mnemonic.span()[size++] = static_cast<std::uint8_t>(*c);
    }
    mnemonic.truncate(size);
    return mnemonic;
}

Result<SecretBytes> entropy_from_mnemonic(std::string_view mnemonic) {
    const auto words = count_words(mnemonic);
    if (!is_word_count(words))
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("{}; this one has {} {}.", kWordCounts, words, words == 1 ? "word" : "words"));
    const auto entropy_size = entropy_size_of(words);
    SecretBytes bits(entropy_size + 1);
    for (std::size_t i = 0; i < words; ++i) {
        const auto index = index_of(take_word(mnemonic));
        if (!index)
            return fail(ErrorCode::kInvalidInput,
                        fmt::format("Word {} of the mnemonic is not in the English BIP-39 word list.", i + 1),
                        "Look for a misspelling; the words are English and have 3 to 8 letters.");
        put_index(bits, i, *index);
    }
    if (bits.view().back() != checksum_of(bits.view().first(entropy_size)))
        return fail(ErrorCode::kInvalidInput,
                    "The mnemonic's checksum does not fit: one of the words is mistaken, or their order is.",
                    "All words are in the list, so compare each with what was written down.");
    bits.truncate(entropy_size);
    return bits;
}

SecretBytes seed_from_mnemonic(std::string_view mnemonic, std::string_view passphrase) {
    auto salt = SecretBytes::copy_of(kSaltPrefix);
    salt.append(nfkd(passphrase).view());
    return crypto::pbkdf2_hmac_sha512(normalized(nfkd(mnemonic).text()).view(), salt.view(), kSeedIterations);
}

std::vector<SecretBytes> seeds_from_mnemonics(std::span<const SecretBytes> mnemonics) {
    constexpr std::size_t kSeedSize = 64;
    std::vector<SecretBytes> passwords;
    std::vector<SecretBytes> seeds;
    std::vector<crypto::Pbkdf2Job> jobs;
    passwords.reserve(mnemonics.size());
    seeds.reserve(mnemonics.size());
    jobs.reserve(mnemonics.size());
    for (const auto& mnemonic : mnemonics) {
        passwords.push_back(normalized(mnemonic.text()));
        seeds.emplace_back(kSeedSize);
        jobs.push_back({passwords.back().view(), as_bytes(kSaltPrefix), seeds.back().span()});
    }
    crypto::pbkdf2_hmac_sha512_many(jobs, kSeedIterations);
    return seeds;
}

}  // namespace keydeck::ethereum
