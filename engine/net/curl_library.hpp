// libcurl, loaded when the first request is made. Internal to the room.
//
// Linked in, it and the thirty libraries it needs would cost every start 3 to 7 ms, of a vault with the embedded KMS too.
#pragma once

#include <curl/curl.h>

namespace keydeck::net {

/// The functions that are used.
struct CurlLibrary {
    decltype(&::curl_global_init_mem) global_init_mem = nullptr;
    decltype(&::curl_easy_init) easy_init = nullptr;
    decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
    decltype(&::curl_easy_setopt) easy_setopt = nullptr;
    decltype(&::curl_easy_getinfo) easy_getinfo = nullptr;
    decltype(&::curl_slist_append) slist_append = nullptr;
    decltype(&::curl_slist_free_all) slist_free_all = nullptr;
    decltype(&::curl_share_init) share_init = nullptr;
    decltype(&::curl_share_setopt) share_setopt = nullptr;
    decltype(&::curl_share_cleanup) share_cleanup = nullptr;
    decltype(&::curl_multi_init) multi_init = nullptr;
    decltype(&::curl_multi_cleanup) multi_cleanup = nullptr;
    decltype(&::curl_multi_setopt) multi_setopt = nullptr;
    decltype(&::curl_multi_add_handle) multi_add_handle = nullptr;
    decltype(&::curl_multi_remove_handle) multi_remove_handle = nullptr;
    decltype(&::curl_multi_perform) multi_perform = nullptr;
    decltype(&::curl_multi_poll) multi_poll = nullptr;
    decltype(&::curl_multi_wakeup) multi_wakeup = nullptr;
    decltype(&::curl_multi_info_read) multi_info_read = nullptr;
};

/// The library, ready to be used; nullptr where it is not installed. What it frees is wiped first: bodies pass through its
/// buffers.
[[nodiscard]] const CurlLibrary* curl_library();

}  // namespace keydeck::net
