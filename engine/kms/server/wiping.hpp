// Ordinary memory that is wiped when it is given back: what a connection holds may be a plaintext. (Locked memory is too
// scarce for the buffers of hundreds of connections; core dumps are off.)
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/base/secret.hpp"

namespace keydeck::kms::server {

template <class T>
struct WipingAllocator {
    using value_type = T;
    WipingAllocator() = default;
    template <class U>
    WipingAllocator(const WipingAllocator<U>& /*other*/) noexcept {
    }  // NOLINT(google-explicit-constructor): allocators convert
    T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
    void deallocate(T* at, std::size_t count) noexcept {
        wipe({reinterpret_cast<std::uint8_t*>(at), count * sizeof(T)});
        std::allocator<T>().deallocate(at, count);
    }
    friend bool operator==(const WipingAllocator&, const WipingAllocator&) { return true; }
};

/// Text that may be a secret.
using WipingText = std::vector<char, WipingAllocator<char>>;

using keydeck::append;
using keydeck::as_text;
inline void append(WipingText& out, std::string_view text) { out.insert(out.end(), text.begin(), text.end()); }
[[nodiscard]] inline std::string_view as_text(const WipingText& text) { return {text.data(), text.size()}; }

}  // namespace keydeck::kms::server
