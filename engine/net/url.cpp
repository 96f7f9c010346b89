#include "engine/net/url.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "engine/base/text.hpp"

namespace keydeck::net {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

bool is_ipv6(const std::string& text) {
    in6_addr address{};
    return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

std::optional<std::uint16_t> port_of(std::string_view text) {
    unsigned port = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (problem != std::errc() || end != text.data() + text.size() || port == 0 || port > 65'535) return std::nullopt;
    return static_cast<std::uint16_t>(port);
}

/// Host and port; false where either is malformed.
bool read_authority(std::string_view text, Url& out) {
    std::string_view host = text;
    std::string_view rest;
    const bool bracketed = text.starts_with('[');
    if (bracketed) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return false;
        host = text.substr(1, end - 1);
        rest = text.substr(end + 1);
    } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
        host = text.substr(0, colon);
        rest = text.substr(colon);
    }
    out.host = ascii_lower(host);
    out.port = out.tls ? kHttpsPort : kHttpPort;
    if (bracketed ? !is_ipv6(out.host) : host.empty() || !std::ranges::all_of(host, is_name_character)) return false;
    if (rest.empty()) return true;
    const std::optional<std::uint16_t> port = rest.front() == ':' ? port_of(rest.substr(1)) : std::nullopt;
    if (!port) return false;
    out.port = *port;
    return true;
}

}  // namespace

std::string Url::authority() const {
    const bool brackets = host.find(':') != std::string::npos;
    std::string out = brackets ? fmt::format("[{}]", host) : host;
    if (port != (tls ? kHttpsPort : kHttpPort)) out += fmt::format(":{}", port);
    return out;
}

std::string Url::text() const {
    return fmt::format("{}://{}{}{}{}", tls ? "https" : "http", authority(), path, query.empty() ? "" : "?", query);
}

Result<Url> parse_url(std::string_view text, std::string_view what) {
    const auto refuse = [&](std::string_view why) {
        return fail(ErrorCode::kInvalidInput, fmt::format("{} is no http or https address: {}.", as_subject(what), why));
    };
    Url out;
    const std::size_t scheme_end = std::min(text.find("://"), text.size());
    const std::string scheme = ascii_lower(text.substr(0, scheme_end));
    if (scheme_end == text.size() || (scheme != "http" && scheme != "https"))
        return refuse("it must begin http:// or https://");
    if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; }))
        return refuse("it has a blank or a strange character");
    out.tls = scheme == "https";
    text.remove_prefix(scheme_end + 3);
    const std::size_t authority_end = std::min(text.find_first_of("/?#"), text.size());
    const std::string_view authority = text.substr(0, authority_end);
    // Never repeated in the sentence: a password may stand there.
    if (authority.find('@') != std::string_view::npos) return refuse("it must not hold a user or a password");
    if (!read_authority(authority, out)) return refuse("its host or port is malformed");
    text.remove_prefix(authority_end);
    if (text.find('#') != std::string_view::npos) return refuse("it must not hold a #");
    const std::size_t query = std::min(text.find('?'), text.size());
    out.path = query == 0 ? "/" : text.substr(0, query);
    out.query = text.substr(std::min(query + 1, text.size()));
    return out;
}

bool is_loopback(std::string_view host) {
    if (host == "localhost" || host == "::1") return true;
    in_addr address{};
    return inet_pton(AF_INET, std::string(host).c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

}  // namespace keydeck::net
