#include "engine/net/curl_library.hpp"

#include <dlfcn.h>
#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "engine/base/secret.hpp"

namespace keydeck::net {
namespace {

constexpr const char* kName = "libcurl.so.4";

void wiping_free(void* block) {
    if (block == nullptr) return;
    wipe({static_cast<std::uint8_t*>(block), malloc_usable_size(block)});
    std::free(block);
}

void* wiping_realloc(void* block, std::size_t size) {
    if (block == nullptr) return std::malloc(size);
    void* larger = std::malloc(size);
    if (larger == nullptr) return nullptr;
    std::memcpy(larger, block, std::min(size, malloc_usable_size(block)));
    wiping_free(block);
    return larger;
}

template <class Function>
bool find(void* library, const char* name, Function& out) {
    out = reinterpret_cast<Function>(dlsym(library, name));
    return out != nullptr;
}

std::optional<CurlLibrary> load() {
    // It stays for good. Bound at once: a function looked up at its first call has the vector registers, which may hold a
    // piece of a body, put on the stack.
    void* library = dlopen(kName, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return std::nullopt;
    CurlLibrary out;
    const bool whole =
        find(library, "curl_global_init_mem", out.global_init_mem) && find(library, "curl_easy_init", out.easy_init) &&
        find(library, "curl_easy_cleanup", out.easy_cleanup) && find(library, "curl_easy_setopt", out.easy_setopt) &&
        find(library, "curl_easy_getinfo", out.easy_getinfo) && find(library, "curl_slist_append", out.slist_append) &&
        find(library, "curl_slist_free_all", out.slist_free_all) && find(library, "curl_share_init", out.share_init) &&
        find(library, "curl_share_setopt", out.share_setopt) && find(library, "curl_share_cleanup", out.share_cleanup) &&
        find(library, "curl_multi_init", out.multi_init) && find(library, "curl_multi_cleanup", out.multi_cleanup) &&
        find(library, "curl_multi_setopt", out.multi_setopt) &&
        find(library, "curl_multi_add_handle", out.multi_add_handle) &&
        find(library, "curl_multi_remove_handle", out.multi_remove_handle) &&
        find(library, "curl_multi_perform", out.multi_perform) && find(library, "curl_multi_poll", out.multi_poll) &&
        find(library, "curl_multi_wakeup", out.multi_wakeup) && find(library, "curl_multi_info_read", out.multi_info_read);
    if (!whole) return std::nullopt;
    const CURLcode made =
        out.global_init_mem(CURL_GLOBAL_DEFAULT, std::malloc, wiping_free, wiping_realloc, strdup, std::calloc);
    if (made != CURLE_OK) return std::nullopt;
    return out;
}

}  // namespace

const CurlLibrary* curl_library() {
    static const std::optional<CurlLibrary> library = load();
    return library ? &*library : nullptr;
}

}  // namespace keydeck::net
