// One HTTP/1.1 request being read, and the bytes of an answer. Boost.Beast parses; nothing of it leaves this room.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <string_view>
#include <vector>

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
    /// Takes what it can of `piece`, `used` bytes; the rest belongs to the next request, or has to come again with more.
    State put(std::string_view piece, std::size_t& used);
    /// The client waits for a word before it sends the body. True once.
    [[nodiscard]] bool wants_continue();
    [[nodiscard]] bool keep_alive() const { return parser_.get().keep_alive(); }
    /// Views into this.
    [[nodiscard]] HttpRequest view();

private:
    using Body = boost::beast::http::vector_body<char, WipingAllocator<char>>;
    boost::beast::http::request_parser<Body, WipingAllocator<char>> parser_;
    std::vector<HeaderView> headers_;
    bool told_to_continue_ = false;
};

/// Status line, headers and body.
[[nodiscard]] WipingText to_bytes(const Answer& answer, bool keep_alive, Random& random);

inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace keydeck::kms::server
