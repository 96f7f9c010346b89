// Rows of wallets as benchmarks need them: many, all different, made without a KMS. What they hold instead of sealed keys
// opens to nothing.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "engine/store/wallets.hpp"

namespace keydeck::bench {

inline constexpr Timestamp kNow = Timestamp(std::chrono::microseconds(1'790'000'000'000'000));

[[noreturn]] inline void give_up(const Error& error) {
    std::fprintf(stderr, "%s\n", error.message.c_str());
    std::exit(1);  // NOLINT(concurrency-mt-unsafe): one thread
}
template <class T>
void must(const Result<T>& result) {
    if (!result) give_up(result.error());
}

inline AddressBytes address_of(std::int64_t n) {
    AddressBytes address{};
    auto state = static_cast<std::uint64_t>(n) * 0x9E3779B97F4A7C15ULL + 0x1234567ULL;
    for (auto& byte : address) {
        state ^= state >> 29;
        state *= 0xBF58476D1CE4E5B9ULL;
        byte = static_cast<std::uint8_t>(state >> 56);
    }
    return address;
}

/// `u0000042`
inline std::string numbered(const char* prefix, std::int64_t n) {
    const std::string digits = std::to_string(n);
    return prefix + std::string(7 - std::min<std::size_t>(7, digits.size()), '0') + digits;
}

/// The n-th wallet; every third has a label.
inline store::NewWallet wallet_of(std::int64_t id, std::int64_t n, std::int64_t user_id, std::string key_id) {
    store::NewWallet wallet;
    wallet.id = id;
    wallet.user_id = user_id;
    wallet.address = address_of(n);
    wallet.key_id = std::move(key_id);
    wallet.region = "us-east-1";
    wallet.label = n % 3 == 0 ? numbered("label-", n) : std::string();
    wallet.path = "m/44'/60'/0'/0/0";
    wallet.public_key = Bytes(65, 4);
    wallet.sealed_data_key = Bytes(180, 1);
    wallet.sealed_secret = Bytes(92, 2);
    wallet.created_at = kNow;
    return wallet;
}

}  // namespace keydeck::bench
