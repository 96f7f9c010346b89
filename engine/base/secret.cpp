#include "engine/base/secret.hpp"

#include <openssl/crypto.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>

namespace keydeck {
namespace {

constexpr std::size_t kHeapSize = std::size_t{4} << 20;
constexpr std::size_t kSmallestHeap = std::size_t{32} << 10;
constexpr std::size_t kSmallestBlock = 32;
/// Larger secrets get pages of their own, so that one long input cannot use the heap up.
constexpr std::size_t kLargestInHeap = std::size_t{64} << 10;

// LeakSanitizer attaches to the process at its end.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kMayForbidPtrace = false;
#elif defined(__clang__)
constexpr bool kMayForbidPtrace = __has_feature(address_sanitizer) == 0;
#else
constexpr bool kMayForbidPtrace = true;
#endif

/// Whether every page of secrets so far could be locked.
std::atomic<bool> all_locked{true};

/// Sets OpenSSL's secure heap up; when RLIMIT_MEMLOCK is too small for it, a smaller one that can be locked.
bool set_heap_up() {
    if (CRYPTO_secure_malloc_initialized() != 0) return true;
    for (std::size_t size = kHeapSize;; size /= 2) {
        const int outcome = CRYPTO_secure_malloc_init(size, kSmallestBlock);
        if (outcome == 1) return true;
        if (size == kSmallestHeap) {
            all_locked = false;
            return outcome == 2;  // usable, guarded and left out of dumps, but not locked
        }
        if (outcome == 2) CRYPTO_secure_malloc_done();
    }
}

/// One block that is never freed. It keeps the heap, which halves blocks to serve a small one and joins them again when that
/// is freed, from doing so for every single secret: a small one then costs 0.06 µs instead of 0.9.
void keep_heap_divided() { static_cast<void>(OPENSSL_secure_malloc(kSmallestBlock)); }

bool heap_is_up() {
    static const bool up = [] {
        const bool made = set_heap_up();
        if (made) keep_heap_divided();
        return made;
    }();
    return up;
}

std::size_t whole_pages(std::size_t size) {
    static const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    return (size + page - 1) / page * page;
}

struct Block {
    std::uint8_t* data;
    std::size_t capacity;
};

Block allocate_pages(std::size_t size) {
    const std::size_t capacity = whole_pages(size);
    void* pages = mmap(nullptr, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) throw std::bad_alloc();  // what a std::vector does when memory is out
    if (mlock(pages, capacity) != 0) all_locked = false;
    madvise(pages, capacity, MADV_DONTDUMP);
    return {static_cast<std::uint8_t*>(pages), capacity};
}

Block allocate(std::size_t size) {
    if (heap_is_up() && size <= kLargestInHeap) {
        if (void* block = OPENSSL_secure_malloc(size)) return {static_cast<std::uint8_t*>(block), size};
    }
    return allocate_pages(size);
}

void release(std::uint8_t* data, std::size_t capacity) noexcept {
    if (CRYPTO_secure_allocated(data) != 0) {
        OPENSSL_secure_clear_free(data, capacity);
        return;
    }
    OPENSSL_cleanse(data, capacity);
    munmap(data, capacity);
}

}  // namespace

SecretBytes::SecretBytes(std::size_t size) {
    if (size == 0) return;
    const Block block = allocate(size);
    data_ = block.data;
    size_ = size;
    capacity_ = block.capacity;
    std::memset(data_, 0, size_);
}

SecretBytes SecretBytes::copy_of(ByteView bytes) {
    SecretBytes copy(bytes.size());
    std::ranges::copy(bytes, copy.data_);
    return copy;
}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
        reset();
        data_ = std::exchange(other.data_, nullptr);
        size_ = std::exchange(other.size_, 0);
        capacity_ = std::exchange(other.capacity_, 0);
    }
    return *this;
}

void SecretBytes::append(ByteView more) {
    if (more.empty()) return;
    if (more.size() > capacity_ - size_) {
        const Block block = allocate(std::max(size_ + more.size(), 2 * capacity_));
        if (size_ > 0) std::memcpy(block.data, data_, size_);
        std::memcpy(block.data + size_, more.data(), more.size());  // before the old block goes: `more` may lie in it
        const std::size_t size = size_ + more.size();
        reset();
        data_ = block.data;
        size_ = size;
        capacity_ = block.capacity;
        return;
    }
    std::memcpy(data_ + size_, more.data(), more.size());
    size_ += more.size();
}

void SecretBytes::truncate(std::size_t size) {
    if (size >= size_) return;
    wipe({data_ + size, size_ - size});
    size_ = size;
}

void SecretBytes::reset() noexcept {
    if (data_ != nullptr) release(data_, capacity_);
    data_ = nullptr;
    size_ = 0;
    capacity_ = 0;
}

void wipe(std::span<std::uint8_t> bytes) noexcept {
    if (!bytes.empty()) OPENSSL_cleanse(bytes.data(), bytes.size());
}

void harden_process() {
    static const bool done = [] {
        const rlimit none{0, 0};
        setrlimit(RLIMIT_CORE, &none);
        // With it libcurl writes down what decrypts our traffic: data keys travel in it. Nobody reads the environment yet.
        ::unsetenv("SSLKEYLOGFILE");  // NOLINT(concurrency-mt-unsafe)
        if (kMayForbidPtrace) prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
        return heap_is_up();
    }();
    static_cast<void>(done);
}

bool secrets_are_locked() { return heap_is_up() && all_locked; }

}  // namespace keydeck
