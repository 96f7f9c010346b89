#include "engine/kms/aws/sigv4.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "engine/base/hex.hpp"
#include "engine/crypto/hash.hpp"

namespace keydeck::kms::aws {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kTerminator = "aws4_request";
constexpr std::string_view kContentHash = "x-amz-content-sha256";
constexpr std::size_t kSignatureLength = 64;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_unreserved(char c) {  // RFC 3986, section 2.3
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '-' || c == '_' || c == '.' || c == '~';
}

int compare_names(std::string_view a, std::string_view b) {
    const std::size_t shared = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < shared; ++i) {
        const auto x = static_cast<unsigned char>(lower(a[i]));
        const auto y = static_cast<unsigned char>(lower(b[i]));
        if (x != y) return x < y ? -1 : 1;
    }
    if (a.size() == b.size()) return 0;
    return a.size() < b.size() ? -1 : 1;
}

void append_escaped(std::string& out, std::string_view segment) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    for (const char c : segment) {
        if (is_unreserved(c)) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += kDigits[byte >> 4];
            out += kDigits[byte & 15];
        }
    }
}

/// The path without empty and dot segments (RFC 3986, 5.2.4), each segment escaped once more than it stands on the
/// request line: so all services but S3 want it.
void append_path(std::string& out, std::string_view path) {
    if (path.empty() || path == "/") {
        out += '/';
        return;
    }
    std::vector<std::string_view> segments;
    for (std::size_t start = 0; start <= path.size();) {
        const std::size_t end = std::min(path.find('/', start), path.size());
        const std::string_view segment = path.substr(start, end - start);
        if (segment == "..") {
            if (!segments.empty()) segments.pop_back();
        } else if (!segment.empty() && segment != ".") {
            segments.push_back(segment);
        }
        start = end + 1;
    }
    if (path.front() == '/') out += '/';
    for (std::size_t i = 0; i < segments.size(); ++i) {
        if (i > 0) out += '/';
        append_escaped(out, segments[i]);
    }
    if (path.back() == '/' && !segments.empty()) out += '/';
}

void append_query(std::string& out, std::string_view query) {
    if (query.empty()) return;
    std::vector<std::pair<std::string_view, std::string_view>> pairs;
    for (std::size_t start = 0; start <= query.size();) {
        const std::size_t end = std::min(query.find('&', start), query.size());
        const std::string_view pair = query.substr(start, end - start);
        const std::size_t equals = std::min(pair.find('='), pair.size());
        pairs.emplace_back(pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())));
        start = end + 1;
    }
    std::ranges::sort(pairs);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        if (i > 0) out += '&';
        out += pairs[i].first;
        out += '=';
        out += pairs[i].second;
    }
}

/// Without blanks at both ends, and each run of them inside one space.
void append_value(std::string& out, std::string_view value) {
    bool pending = false;
    const std::size_t start = out.size();
    for (const char c : value) {
        if (is_blank(c)) {
            pending = true;
            continue;
        }
        if (pending && out.size() > start) out += ' ';
        pending = false;
        out += c;
    }
}

void append_lower(std::string& out, std::string_view name) {
    for (const char c : name) out += lower(c);
}

/// The headers by name; those of one name keep their order.
std::vector<const Header*> sorted_headers(std::span<const Header> headers) {
    std::vector<const Header*> sorted;
    sorted.reserve(headers.size());
    for (const Header& header : headers) sorted.push_back(&header);
    const auto before = [](const Header* a, const Header* b) { return compare_names(a->first, b->first) < 0; };
    // Few, and mostly in order already: insertion sort is stable and asks for no memory.
    for (std::size_t i = 1; i < sorted.size(); ++i) {
        for (std::size_t j = i; j > 0 && before(sorted[j], sorted[j - 1]); --j) std::swap(sorted[j], sorted[j - 1]);
    }
    return sorted;
}

void append_headers(std::string& out, const std::vector<const Header*>& sorted) {
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        if (i > 0 && compare_names(sorted[i]->first, sorted[i - 1]->first) == 0) {
            out.back() = ',';  // over the line's end
        } else {
            append_lower(out, sorted[i]->first);
            out += ':';
        }
        append_value(out, sorted[i]->second);
        out += '\n';
    }
}

void append_names(std::string& out, const std::vector<const Header*>& sorted) {
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        if (i > 0 && compare_names(sorted[i]->first, sorted[i - 1]->first) == 0) continue;
        if (i > 0) out += ';';
        append_lower(out, sorted[i]->first);
    }
}

const Header* find_header(std::span<const Header> headers, std::string_view name) {
    const auto found = std::ranges::find_if(headers, [&](const Header& h) { return compare_names(h.first, name) == 0; });
    return found == headers.end() ? nullptr : &*found;
}

void append_canonical(std::string& out, const SignedRequest& request) {
    out += request.method;
    out += '\n';
    append_path(out, request.path);
    out += '\n';
    append_query(out, request.query);
    out += '\n';
    const std::vector<const Header*> sorted = sorted_headers(request.headers);
    append_headers(out, sorted);
    out += '\n';
    append_names(out, sorted);
    out += '\n';
    if (const Header* given = find_header(request.headers, kContentHash)) {
        out += given->second;
    } else {
        out += to_hex(crypto::sha256(request.body));
    }
}

/// No less than what append_canonical() writes: a text that grew would leave pieces of the session token behind it.
std::size_t canonical_size(const SignedRequest& request) {
    constexpr std::size_t kRest = 512;  // line ends, a hash, the text that is signed in the end
    std::size_t size = kRest + request.method.size() + 3 * request.path.size() + request.query.size() +
                       static_cast<std::size_t>(std::ranges::count(request.query, '&'));
    for (const auto& [name, value] : request.headers) size += 2 * name.size() + value.size() + 3;
    return size;
}

std::unexpected<Error> incomplete(std::string message) {
    return fail(ErrorCode::kInvalidInput, std::move(message), {}, "IncompleteSignatureException");
}

/// Cuts `text` at each separator; an empty text is one empty piece.
std::vector<std::string_view> pieces_of(std::string_view text, char separator) {
    std::vector<std::string_view> pieces;
    for (std::size_t start = 0; start <= text.size();) {
        const std::size_t end = std::min(text.find(separator, start), text.size());
        pieces.push_back(text.substr(start, end - start));
        start = end + 1;
    }
    return pieces;
}

std::string_view without_blanks(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

Status read_credential(std::string_view text, ParsedAuthorization& out) {
    const std::vector<std::string_view> parts = pieces_of(text, '/');
    const bool whole = parts.size() == 5 && parts[4] == kTerminator && parts[1].size() == 8 &&
                       std::ranges::all_of(parts[1], is_digit) &&
                       std::ranges::none_of(parts, [](std::string_view part) { return part.empty(); });
    if (!whole)
        return incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.");
    out.access_key_id = parts[0];
    out.scope = {.region = parts[2], .service = parts[3], .date = parts[1]};
    return {};
}

Status read_signed_headers(std::string_view text, ParsedAuthorization& out) {
    out.signed_header_list = text;
    out.signed_headers = pieces_of(text, ';');
    for (std::size_t i = 0; i < out.signed_headers.size(); ++i) {
        const std::string_view name = out.signed_headers[i];
        const bool plain = !name.empty() && std::ranges::none_of(name, [](char c) { return is_blank(c) || lower(c) != c; });
        if (!plain) return incomplete("SignedHeaders must be lower-case names of headers, separated by semicolons.");
        if (i > 0 && compare_names(out.signed_headers[i - 1], name) >= 0)
            return incomplete("SignedHeaders must be in order, each name once.");
    }
    return {};
}

Status read_signature(std::string_view text, ParsedAuthorization& out) {
    const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); };
    if (text.size() != kSignatureLength || !std::ranges::all_of(text, is_hex))
        return incomplete("Signature must be 64 lower-case hexadecimal digits.");
    out.signature = text;
    return {};
}

struct Part {
    std::string_view name;
    Status (*read)(std::string_view, ParsedAuthorization&);
};

constexpr std::array kParts = {
    Part{"Credential", read_credential},
    Part{"SignedHeaders", read_signed_headers},
    Part{"Signature", read_signature},
};

}  // namespace

SecretBytes signing_key(ByteView secret_access_key, const Scope& scope) {
    constexpr std::string_view kPrefix = "AWS4";
    SecretBytes key(kPrefix.size() + secret_access_key.size());
    std::ranges::copy(kPrefix, key.span().begin());
    std::ranges::copy(secret_access_key, key.span().begin() + kPrefix.size());
    Hash32 link = crypto::hmac_sha256(key.view(), as_bytes(scope.date));
    const WipeOnExit guard(link);
    for (const std::string_view text : {scope.region, scope.service, kTerminator})
        link = crypto::hmac_sha256(link, as_bytes(text));
    return SecretBytes::copy_of(link);
}

std::string signature(const SignedRequest& request, const Scope& scope, std::string_view amz_date, ByteView signing_key) {
    std::string text;
    text.reserve(canonical_size(request));
    append_canonical(text, request);
    const Hash32 hash = crypto::sha256(as_bytes(text));
    wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});  // a session token stands in it
    text.clear();
    text += kAlgorithm;
    text += '\n';
    text += amz_date;
    text += '\n';
    for (const std::string_view part : {scope.date, scope.region, scope.service}) {
        text += part;
        text += '/';
    }
    text += kTerminator;
    text += '\n';
    text += to_hex(hash);
    return to_hex(crypto::hmac_sha256(signing_key, as_bytes(text)));
}

std::string canonical_request(const SignedRequest& request) {
    std::string text;
    append_canonical(text, request);
    return text;
}

std::string signed_headers(const SignedRequest& request) {
    std::string text;
    append_names(text, sorted_headers(request.headers));
    return text;
}

bool content_hash_holds(const SignedRequest& request) {
    const Header* given = find_header(request.headers, kContentHash);
    return given == nullptr || given->second == to_hex(crypto::sha256(request.body));
}

std::string authorization_header(std::string_view access_key_id, const Scope& scope, std::string_view signed_headers,
                                 std::string_view signature) {
    std::string text;
    text.reserve(256);
    text += kAlgorithm;
    text += " Credential=";
    for (const std::string_view part : {access_key_id, scope.date, scope.region, scope.service}) {
        text += part;
        text += '/';
    }
    text += kTerminator;
    text += ", SignedHeaders=";
    text += signed_headers;
    text += ", Signature=";
    text += signature;
    return text;
}

Result<ParsedAuthorization> parse_authorization(std::string_view header) {
    if (!header.starts_with(kAlgorithm) || header.size() == kAlgorithm.size() || header[kAlgorithm.size()] != ' ')
        return incomplete("Authorization header must begin with 'AWS4-HMAC-SHA256'.");
    header.remove_prefix(kAlgorithm.size());
    ParsedAuthorization out;
    std::array<bool, kParts.size()> seen{};
    for (std::string_view piece : pieces_of(header, ',')) {
        piece = without_blanks(piece);
        const std::size_t equals = std::min(piece.find('='), piece.size());
        const auto* part = std::ranges::find(kParts, piece.substr(0, equals), &Part::name);
        if (equals == piece.size() || part == kParts.end())
            return incomplete("Authorization header has a part that is none of 'Credential', 'SignedHeaders', 'Signature'.");
        bool& again = seen[static_cast<std::size_t>(part - kParts.begin())];
        if (again) return incomplete(fmt::format("Authorization header has '{}' twice.", part->name));
        again = true;
        if (const Status read = part->read(piece.substr(equals + 1), out); !read) return fail(read);
    }
    for (std::size_t i = 0; i < kParts.size(); ++i) {
        if (!seen[i]) return incomplete(fmt::format("Authorization header requires '{}' parameter.", kParts[i].name));
    }
    return out;
}

std::string to_amz_date(Timestamp time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto day = std::chrono::floor<std::chrono::days>(seconds);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(seconds - day);
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count());
}

Result<Timestamp> parse_amz_date(std::string_view text) {
    constexpr std::string_view kForm = "00000000T000000Z";
    bool formed = text.size() == kForm.size();
    for (std::size_t i = 0; formed && i < kForm.size(); ++i)
        formed = kForm[i] == '0' ? is_digit(text[i]) : text[i] == kForm[i];
    const auto number = [text](std::size_t at, std::size_t length) {
        int value = 0;
        for (const char c : text.substr(at, length)) value = 10 * value + (c - '0');
        return value;
    };
    if (formed) {
        const std::chrono::year_month_day date(std::chrono::year(number(0, 4)),
                                               std::chrono::month(static_cast<unsigned>(number(4, 2))),
                                               std::chrono::day(static_cast<unsigned>(number(6, 2))));
        const int hour = number(9, 2);
        const int minute = number(11, 2);
        const int second = number(13, 2);
        if (date.ok() && hour < 24 && minute < 60 && second < 60) {
            return Timestamp(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                   std::chrono::seconds(second);
        }
    }
    return fail(ErrorCode::kInvalidInput, "The date of a signed request must have the form 20260928T120428Z.");
}

}  // namespace keydeck::kms::aws
