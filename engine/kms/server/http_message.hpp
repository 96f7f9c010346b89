// One HTTP/1.1 request being read, and the bytes of an answer.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/base/random.hpp"
#include "engine/kms/server/request.hpp"
#include "engine/kms/server/server.hpp"
#include "engine/kms/server/wiping.hpp"

namespace keydeck::kms::server {

/// Reads one request out of pieces. All it holds is wiped with it.
class IncomingRequest {
public:
    enum class State : std::uint8_t { kNeedsMore, kDone, kMalformed, kHeaderTooLong, kBodyTooLong };

    IncomingRequest();
    ~IncomingRequest();
    IncomingRequest(const IncomingRequest&) = delete;
    IncomingRequest& operator=(const IncomingRequest&) = delete;

    /// Takes what it can of `piece`, `used` bytes; the rest belongs to the next request, or has to come again with more.
    State put(std::string_view piece, std::size_t& used);
    /// The client waits for a word before it sends the body. True once.
    [[nodiscard]] bool wants_continue();
    [[nodiscard]] bool keep_alive() const;
    /// Views into this.
    [[nodiscard]] HttpRequest view();

private:
    struct Impl;  // Boost.Beast's parser
    std::unique_ptr<Impl> impl_;
};

/// Status line, headers and body.
[[nodiscard]] WipingText to_bytes(const Answer& answer, bool keep_alive, Random& random);

inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace keydeck::kms::server
