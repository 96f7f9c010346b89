#include "engine/net/curl_transport.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>
#include <vector>

#include "engine/net/curl_channel.hpp"

namespace keydeck::net {
namespace {

/// More channels than this are not kept for later.
constexpr std::size_t kMostIdle = 64;

bool is_sendable(const HttpRequest& request) {
    const auto whole = [](std::string_view text) {
        return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
    };
    const auto whole_header = [&](const Header& header) {
        return !header.first.empty() && whole(header.first) && whole(header.second) &&
               header.first.find_first_of(": ") == std::string::npos;
    };
    return whole(request.method) && std::ranges::all_of(request.headers, whole_header);
}

}  // namespace

/// Idle channels, the one used last on top, so that few connections stay warm; and what they share: TLS sessions.
class CurlTransport::Channels {
public:
    explicit Channels(const CurlOptions& options) : options_(options) {}
    Channels(const Channels&) = delete;
    Channels& operator=(const Channels&) = delete;
    ~Channels() {
        idle_.clear();  // before what they share
    }

    std::unique_ptr<CurlChannel> take(const CurlLibrary& library) {
        CURLSH* share = nullptr;
        {
            const std::scoped_lock lock(mutex_);
            if (!idle_.empty()) {
                std::unique_ptr<CurlChannel> channel = std::move(idle_.back());
                idle_.pop_back();
                return channel;
            }
            if (!share_) make_share(library);
            share = share_.get();
        }
        return std::make_unique<CurlChannel>(library, options_, share);
    }

    void put_back(std::unique_ptr<CurlChannel> channel) {
        const std::scoped_lock lock(mutex_);
        if (idle_.size() < kMostIdle) idle_.push_back(std::move(channel));
    }

private:
    void make_share(const CurlLibrary& library) {
        share_.reset(library.share_init());
        if (!share_) return;
        library.share_setopt(share_.get(), CURLSHOPT_LOCKFUNC, &Channels::on_lock);
        library.share_setopt(share_.get(), CURLSHOPT_UNLOCKFUNC, &Channels::on_unlock);
        library.share_setopt(share_.get(), CURLSHOPT_USERDATA, static_cast<void*>(this));
        library.share_setopt(share_.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
        library.share_setopt(share_.get(), CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
    }
    static void on_lock(CURL* /*handle*/, curl_lock_data data, curl_lock_access /*access*/, void* channels) {
        static_cast<Channels*>(channels)->shared_[data].lock();
    }
    static void on_unlock(CURL* /*handle*/, curl_lock_data data, void* channels) {
        static_cast<Channels*>(channels)->shared_[data].unlock();
    }

    const CurlOptions& options_;
    std::array<std::mutex, CURL_LOCK_DATA_LAST> shared_;
    CurlShare share_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<CurlChannel>> idle_;
};

CurlTransport::CurlTransport(CurlOptions options)
    : options_(std::move(options)), channels_(std::make_unique<Channels>(options_)) {}

CurlTransport::~CurlTransport() = default;

HttpOutcome CurlTransport::send(const HttpRequest& request, const HttpLimits& limits) {
    const Result<Url> url = parse_url(request.url, "the address");
    if (!url || !is_sendable(request))
        return std::unexpected(make_failure(HttpFailureKind::kInvalidRequest, false, "the service"));
    if (limits.stop.stop_requested())
        return std::unexpected(make_failure(HttpFailureKind::kCancelled, false, url->authority()));
    const auto no_library = [&] { return make_failure(HttpFailureKind::kNoLibrary, false, url->authority()); };
    const CurlLibrary* library = curl_library();
    if (library == nullptr) return std::unexpected(no_library());
    std::unique_ptr<CurlChannel> channel = channels_->take(*library);
    if (!channel->ok()) return std::unexpected(no_library());
    HttpOutcome outcome = channel->send(request, *url, limits);
    if (outcome) channels_->put_back(std::move(channel));  // what failed is not used again
    return outcome;
}

}  // namespace keydeck::net
