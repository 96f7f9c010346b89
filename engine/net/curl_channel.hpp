// One exchange at a time over libcurl, and the connection it leaves for the next. Internal to the room.
#pragma once

#include <memory>

#include "engine/net/curl_library.hpp"
#include "engine/net/curl_transport.hpp"
#include "engine/net/url.hpp"

namespace keydeck::net {

/// What libcurl's handles are freed with.
template <auto Free>
struct CurlDeleter {
    template <class Handle>
    void operator()(Handle* handle) const {
        (curl_library()->*Free)(handle);
    }
};
using CurlEasy = std::unique_ptr<CURL, CurlDeleter<&CurlLibrary::easy_cleanup>>;
using CurlMulti = std::unique_ptr<CURLM, CurlDeleter<&CurlLibrary::multi_cleanup>>;
using CurlShare = std::unique_ptr<CURLSH, CurlDeleter<&CurlLibrary::share_cleanup>>;
using CurlHeaders = std::unique_ptr<curl_slist, CurlDeleter<&CurlLibrary::slist_free_all>>;

/// Used by one thread at a time.
class CurlChannel {
public:
    /// `share` may be null; otherwise it outlives the channel.
    CurlChannel(const CurlLibrary& library, const CurlOptions& options, CURLSH* share);
    CurlChannel(const CurlChannel&) = delete;
    CurlChannel& operator=(const CurlChannel&) = delete;

    [[nodiscard]] bool ok() const { return easy_ && multi_; }
    HttpOutcome send(const HttpRequest& request, const Url& url, const HttpLimits& limits);

private:
    struct Answer;
    template <class T>
    void set(CURLoption option, T value) {
        library_.easy_setopt(easy_.get(), option, value);
    }
    void prepare(const HttpRequest& request, const HttpLimits& limits);
    /// Runs the exchange to its end; nothing when it was cut short by time or by the stop token.
    bool run(const HttpLimits& limits, CURLcode& outcome);
    [[nodiscard]] HttpFailure failure(CURLcode outcome, const Answer& answer, const Url& url) const;
    [[nodiscard]] bool anything_sent() const;

    static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* answer);
    static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* answer);

    const CurlLibrary& library_;
    CurlMulti multi_;  // outlives the handle in it
    CurlEasy easy_;
};

}  // namespace keydeck::net
