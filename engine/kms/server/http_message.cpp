#include "engine/kms/server/http_message.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <chrono>
#include <iterator>
#include <string>
#include <vector>

namespace keydeck::kms::server {
namespace {

namespace http = boost::beast::http;

std::string_view view_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

std::string_view reason_of(unsigned status) { return view_of(http::obsolete_reason(static_cast<http::status>(status))); }

/// RFC 9110, 5.6.7: `Mon, 23 Nov 2026 00:17:55 GMT`. Written once a second.
std::string_view http_date() {
    constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    using std::chrono::floor;
    thread_local std::chrono::sys_seconds written{};
    thread_local std::string text;
    const auto now = floor<std::chrono::seconds>(std::chrono::system_clock::now());
    if (now == written && !text.empty()) return text;
    const auto day = floor<std::chrono::days>(now);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(now - day);
    text =
        fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays.at(std::chrono::weekday(day).c_encoding()),
                    static_cast<unsigned>(date.day()), kMonths.at(static_cast<unsigned>(date.month()) - 1),
                    static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(), clock.seconds().count());
    written = now;
    return text;
}

}  // namespace

struct IncomingRequest::Impl {
    using Body = http::vector_body<char, WipingAllocator<char>>;
    http::request_parser<Body, WipingAllocator<char>> parser;
    std::vector<HeaderView> headers;
    bool told_to_continue = false;
};

IncomingRequest::IncomingRequest() : impl_(std::make_unique<Impl>()) {
    impl_->parser.eager(true);
    impl_->parser.body_limit(kMostBody);
    impl_->parser.header_limit(static_cast<std::uint32_t>(kMostHeader));
}

IncomingRequest::~IncomingRequest() = default;

bool IncomingRequest::keep_alive() const { return impl_->parser.get().keep_alive(); }

IncomingRequest::State IncomingRequest::put(std::string_view piece, std::size_t& used) {
    boost::beast::error_code error;
    used = impl_->parser.put(boost::asio::const_buffer(piece.data(), piece.size()), error);
    if (error == http::error::header_limit) return State::kHeaderTooLong;
    if (error == http::error::body_limit) return State::kBodyTooLong;
    if (error && error != http::error::need_more) return State::kMalformed;
    return impl_->parser.is_done() ? State::kDone : State::kNeedsMore;
}

bool IncomingRequest::wants_continue() {
    if (impl_->told_to_continue || !impl_->parser.is_header_done() || impl_->parser.is_done()) return false;
    impl_->told_to_continue = true;
    return http::token_list(impl_->parser.get()[http::field::expect]).exists("100-continue");
}

HttpRequest IncomingRequest::view() {
    const auto& message = impl_->parser.get();
    impl_->headers.clear();
    for (const auto& field : message) {
        impl_->headers.emplace_back(view_of(field.name_string()), view_of(field.value()));
    }
    const auto& body = message.body();
    return HttpRequest{.method = view_of(message.method_string()),
                       .target = view_of(message.target()),
                       .headers = impl_->headers,
                       .body = as_bytes({body.data(), body.size()})};
}

WipingText to_bytes(const Answer& answer, bool keep_alive, Random& random) {
    fmt::memory_buffer head;
    fmt::format_to(std::back_inserter(head),
                   "HTTP/1.1 {} {}\r\nx-amzn-RequestId: {}\r\nDate: {}\r\nContent-Type: application/x-amz-json-1.1\r\n"
                   "Content-Length: {}\r\n{}\r\n",
                   answer.status, reason_of(answer.status), random.uuid(), http_date(), answer.body.size(),
                   keep_alive ? "" : "Connection: close\r\n");
    WipingText out;
    out.reserve(head.size() + answer.body.size());
    append(out, {head.data(), head.size()});
    append(out, as_text(answer.body));
    return out;
}

}  // namespace keydeck::kms::server
