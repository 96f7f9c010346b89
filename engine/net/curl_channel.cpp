#include "engine/net/curl_channel.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "engine/base/text.hpp"

namespace keydeck::net {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kMaxHeaders = std::size_t{64} << 10;
/// A connection that has been idle for this long is not used again (AWS closes its own after about as long).
constexpr long kOldestIdleSeconds = 60;
/// libcurl takes a buffer of that size for each call, and it is wiped after each: most answers are shorter than this.
constexpr long kReadAtOnce = 4096;

/// Headers that libcurl would add of its own accord; a request has those it is given.
constexpr std::array kUnwanted = {"Accept:", "Expect:", "Content-Type:"};

CurlHeaders header_list(const CurlLibrary& library, const std::vector<Header>& headers) {
    curl_slist* list = nullptr;
    const auto add = [&](const char* line) {
        curl_slist* grown = library.slist_append(list, line);
        if (grown != nullptr) list = grown;
    };
    std::size_t longest = 0;
    for (const auto& [name, value] : headers) longest = std::max(longest, name.size() + 2 + value.size());
    std::string line;
    line.reserve(longest);  // a line that grew would leave pieces of a token behind it
    bool has_type = false;
    for (const auto& [name, value] : headers) {
        line.assign(name);
        line += value.empty() ? ";" : ": ";
        line += value;
        add(line.c_str());
        has_type = has_type || ascii_lower(name) == "content-type";
    }
    line.resize(line.capacity());  // the last line is not the longest
    wipe({reinterpret_cast<std::uint8_t*>(line.data()), line.size()});
    for (const char* name : kUnwanted) {
        if (!has_type || std::string_view(name) != "Content-Type:") add(name);
    }
    return CurlHeaders(list);
}

HttpFailureKind kind_of(CURLcode outcome, long system_error) {
    switch (outcome) {
        case CURLE_URL_MALFORMAT:
            return HttpFailureKind::kInvalidRequest;
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY:
            return HttpFailureKind::kNameNotResolved;
        case CURLE_COULDNT_CONNECT:
            return system_error == ECONNREFUSED ? HttpFailureKind::kRefused : HttpFailureKind::kNoRoute;
        case CURLE_OPERATION_TIMEDOUT:
            return HttpFailureKind::kTimeout;
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_SSL_ENGINE_INITFAILED:
            return HttpFailureKind::kTls;
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_UNSUPPORTED_PROTOCOL:  // the answer's; the request's was looked at before
        case CURLE_BAD_CONTENT_ENCODING:
            return HttpFailureKind::kMalformed;
        default:
            return HttpFailureKind::kDropped;
    }
}

}  // namespace

/// What has come so far.
struct CurlChannel::Answer {
    HttpResponse response;
    std::size_t header_bytes = 0;
    std::size_t max_body = 0;
    bool too_large = false;
};

CurlChannel::CurlChannel(const CurlLibrary& library, const CurlOptions& options, CURLSH* share)
    : library_(library), multi_(library.multi_init()), easy_(library.easy_init()) {
    if (!ok()) return;
    library_.multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, 2L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_BUFFERSIZE, kReadAtOnce);
    set(CURLOPT_TCP_NODELAY, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    set(CURLOPT_MAXAGE_CONN, kOldestIdleSeconds);
    set(CURLOPT_QUICK_EXIT, 1L);  // an end does not wait for a resolver that hangs
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(CURLOPT_HEADERFUNCTION, &CurlChannel::on_header);
    set(CURLOPT_WRITEFUNCTION, &CurlChannel::on_body);
    if (share != nullptr) set(CURLOPT_SHARE, share);
    if (!options.user_agent.empty()) set(CURLOPT_USERAGENT, options.user_agent.c_str());
    if (!options.ca_bundle.empty()) {
        set(CURLOPT_CAINFO, options.ca_bundle.c_str());
        set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
    }
}

void CurlChannel::prepare(const HttpRequest& request, const HttpLimits& limits) {
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(limits.connect_timeout, limits.timeout).count()));
    set(CURLOPT_FRESH_CONNECT, request.repeatable ? 0L : 1L);
    set(CURLOPT_PROXY, request.direct ? "" : static_cast<const char*>(nullptr));
    if (request.method == "GET") {
        set(CURLOPT_CUSTOMREQUEST, static_cast<char*>(nullptr));
        set(CURLOPT_HTTPGET, 1L);
        return;
    }
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, request.body.empty() ? "" : reinterpret_cast<const char*>(request.body.data()));
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_CUSTOMREQUEST, request.method == "POST" ? static_cast<const char*>(nullptr) : request.method.c_str());
}

bool CurlChannel::run(const HttpLimits& limits, CURLcode& outcome) {
    const SteadyClock::time_point end = SteadyClock::now() + limits.timeout;
    const std::stop_callback wake(limits.stop, [this] { library_.multi_wakeup(multi_.get()); });
    for (;;) {
        int running = 0;
        if (library_.multi_perform(multi_.get(), &running) != CURLM_OK) return true;
        if (running == 0) break;
        if (limits.stop.stop_requested()) return false;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - SteadyClock::now());
        if (left.count() <= 0) {
            outcome = CURLE_OPERATION_TIMEDOUT;
            return true;
        }
        library_.multi_poll(multi_.get(), nullptr, 0, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)),
                            nullptr);
    }
    int waiting = 0;
    while (const CURLMsg* message = library_.multi_info_read(multi_.get(), &waiting)) {
        if (message->msg == CURLMSG_DONE) outcome = message->data.result;
    }
    return true;
}

bool CurlChannel::anything_sent() const {
    long bytes = 0;
    library_.easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &bytes);
    return bytes > 0;
}

HttpFailure CurlChannel::failure(CURLcode outcome, const Answer& answer, const Url& url) const {
    if (answer.too_large) return make_failure(HttpFailureKind::kTooLarge, true, url.authority());
    long system_error = 0;
    library_.easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &system_error);
    return make_failure(kind_of(outcome, system_error), anything_sent(), url.authority());
}

HttpOutcome CurlChannel::send(const HttpRequest& request, const Url& url, const HttpLimits& limits) {
    const CurlHeaders headers = header_list(library_, request.headers);
    Answer answer;
    answer.max_body = limits.max_body;
    answer.response.headers.reserve(8);
    prepare(request, limits);
    set(CURLOPT_HTTPHEADER, headers.get());
    set(CURLOPT_HEADERDATA, static_cast<void*>(&answer));
    set(CURLOPT_WRITEDATA, static_cast<void*>(&answer));
    if (library_.multi_add_handle(multi_.get(), easy_.get()) != CURLM_OK)
        return std::unexpected(make_failure(HttpFailureKind::kInvalidRequest, false, url.authority()));
    CURLcode outcome = CURLE_SEND_ERROR;
    const bool ended = run(limits, outcome);
    library_.multi_remove_handle(multi_.get(), easy_.get());
    set(CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));
    set(CURLOPT_POSTFIELDS, static_cast<char*>(nullptr));
    if (!ended) return std::unexpected(make_failure(HttpFailureKind::kCancelled, anything_sent(), url.authority()));
    if (outcome != CURLE_OK) return std::unexpected(failure(outcome, answer, url));
    return std::move(answer.response);
}

std::size_t CurlChannel::on_header(char* data, std::size_t size, std::size_t count, void* into) {
    auto& answer = *static_cast<Answer*>(into);
    const std::string_view line(data, size * count);
    answer.header_bytes += line.size();
    if (answer.header_bytes > kMaxHeaders) {
        answer.too_large = true;
        return 0;
    }
    if (line.starts_with("HTTP/")) {  // of an interim response first, perhaps
        answer.response.headers.clear();
        const std::size_t space = std::min(line.find(' '), line.size());
        answer.response.status = 0;
        for (const char c : line.substr(std::min(space + 1, line.size()), 3)) {
            if (c < '0' || c > '9') break;
            answer.response.status = 10 * answer.response.status + (c - '0');
        }
        return line.size();
    }
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos)
        answer.response.headers.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
    return line.size();
}

std::size_t CurlChannel::on_body(char* data, std::size_t size, std::size_t count, void* into) {
    auto& answer = *static_cast<Answer*>(into);
    const std::size_t length = size * count;
    if (length > answer.max_body - answer.response.body.size()) {
        answer.too_large = true;
        return 0;
    }
    answer.response.body.append({reinterpret_cast<const std::uint8_t*>(data), length});
    return length;
}

}  // namespace keydeck::net
