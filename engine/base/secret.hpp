// Memory for secrets.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "engine/base/bytes.hpp"

namespace keydeck {

/// Bytes that must not leak: move-only, in locked memory that is left out of core dumps (OPENSSL_secure_malloc, or
/// pages of its own when that heap is full), wiped when freed, never printed. May be empty.
/// Thread rule: like a std::vector; one owner at a time.
class SecretBytes {
public:
    SecretBytes() = default;
    /// `size` zero bytes.
    explicit SecretBytes(std::size_t size);
    /// A copy; the caller still has to wipe the original.
    [[nodiscard]] static SecretBytes copy_of(ByteView bytes);
    [[nodiscard]] static SecretBytes copy_of(std::string_view text) { return copy_of(as_bytes(text)); }

    SecretBytes(SecretBytes&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)),
          size_(std::exchange(other.size_, 0)),
          capacity_(std::exchange(other.capacity_, 0)) {}
    SecretBytes& operator=(SecretBytes&& other) noexcept;
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;
    ~SecretBytes() { reset(); }

    [[nodiscard]] std::uint8_t* data() { return data_; }
    [[nodiscard]] const std::uint8_t* data() const { return data_; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] std::span<std::uint8_t> span() { return {data_, size_}; }
    [[nodiscard]] ByteView view() const { return {data_, size_}; }
    /// The bytes as text; valid while this object lives. Never build a std::string from it.
    [[nodiscard]] std::string_view text() const { return as_text(view()); }
    [[nodiscard]] SecretBytes clone() const { return copy_of(view()); }

    /// Appends, moving to a larger locked buffer when needed (the old one is wiped).
    void append(ByteView more);
    /// Keeps the first `size` bytes and wipes the rest. `size` must not exceed size().
    void truncate(std::size_t size);
    /// Wipes and frees.
    void reset() noexcept;

private:
    std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

/// Overwrites memory in a way the compiler cannot drop.
void wipe(std::span<std::uint8_t> bytes) noexcept;

/// Wipes a fixed stack buffer when the scope ends: `FixedBytes<64> seed; const WipeOnExit guard(seed);`
class WipeOnExit {
public:
    explicit WipeOnExit(std::span<std::uint8_t> bytes) : bytes_(bytes) {}
    ~WipeOnExit() { wipe(bytes_); }
    WipeOnExit(const WipeOnExit&) = delete;
    WipeOnExit& operator=(const WipeOnExit&) = delete;

private:
    std::span<std::uint8_t> bytes_;
};

/// Turns core dumps and ptrace attach off for this process (RLIMIT_CORE 0, PR_SET_DUMPABLE 0) and sets the secure heap up.
/// Called when a vault is opened; calling it again does nothing.
void harden_process();

/// Whether the secret heap really is locked into memory (RLIMIT_MEMLOCK may forbid it); shown by `doctor`.
[[nodiscard]] bool secrets_are_locked();

}  // namespace keydeck
