#include "ui/format.hpp"

#include <fmt/format.h>

#include <chrono>

namespace keydeck::ui {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

bool is_hex_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

unsigned hex_value(char c) {
    if (c <= '9') return static_cast<unsigned>(c - '0');
    return static_cast<unsigned>((c | 0x20) - 'a' + 10);
}

bool is_address_text(std::string_view text) {
    if (text.size() != 42 || !text.starts_with("0x")) return false;
    for (const char c : text.substr(2)) {
        if (!is_hex_digit(c)) return false;
    }
    return true;
}

}  // namespace

std::string short_address(const AddressBytes& address) { return short_target(checksum_address(address)); }

std::string short_target(std::string_view text) {
    if (!is_address_text(text)) return std::string(text);
    return fmt::format("{}…{}", text.substr(0, 8), text.substr(36));
}

std::string grouped(std::int64_t number) {
    std::string digits = std::to_string(number);
    const std::size_t first = number < 0 ? 1 : 0;
    for (std::size_t at = digits.size(); at > first + 3;) digits.insert(at -= 3, ",");
    return digits;
}

std::string counted(std::int64_t number, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", grouped(number), number == 1 ? one : many);
}

std::string time_ago(const std::optional<Timestamp>& then, Timestamp now) {
    if (!then) return "never";
    const auto past = now - *then;
    if (past < minutes(1)) return "just now";
    if (past < hours(1)) return fmt::format("{} m ago", std::chrono::floor<minutes>(past).count());
    if (past < days(1)) return fmt::format("{} h ago", std::chrono::floor<hours>(past).count());
    if (past < days(30)) return fmt::format("{} d ago", std::chrono::floor<days>(past).count());
    return date_of(*then);
}

std::string time_until(Timestamp then, Timestamp now) {
    const auto left = then - now;
    if (left <= minutes(0)) return "now";
    const auto whole_days = std::chrono::floor<days>(left);
    const auto whole_hours = std::chrono::floor<hours>(left - whole_days);
    const auto whole_minutes = std::chrono::floor<minutes>(left - whole_days - whole_hours);
    if (whole_days.count() > 0) return fmt::format("in {} d {} h", whole_days.count(), whole_hours.count());
    if (whole_hours.count() > 0) return fmt::format("in {} h {} m", whole_hours.count(), whole_minutes.count());
    return fmt::format("in {} m", whole_minutes.count());
}

std::string date_of(Timestamp time) { return to_rfc3339(time).substr(0, 10); }

std::string minute_of(Timestamp time) {
    const std::string text = to_rfc3339(time);
    return fmt::format("{} {} UTC", text.substr(0, 10), text.substr(11, 5));
}

std::string clock_of(Timestamp time) { return to_rfc3339(time).substr(11, 5); }

std::string time_in_list(Timestamp time, Timestamp now) {
    const std::string text = to_rfc3339(time);
    return text.substr(0, 10) == to_rfc3339(now).substr(0, 10) ? text.substr(11, 8) : text.substr(0, 10);
}

std::string hex_of(ByteView bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out = "0x";
    out.reserve(2 + bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        out.push_back(kDigits[byte >> 4U]);
        out.push_back(kDigits[byte & 0xFU]);
    }
    return out;
}

std::string key_name(std::string_view alias, std::string_view id) {
    if (alias.starts_with("alias/")) alias.remove_prefix(6);
    if (!alias.empty()) return std::string(alias);
    return id.size() > 13 ? fmt::format("{}…", id.substr(0, 13)) : std::string(id);
}

std::string plain_names(std::string_view text) {
    constexpr std::string_view kPrefix = "alias/";
    std::string out(text);
    for (std::size_t at = out.find(kPrefix); at != std::string::npos; at = out.find(kPrefix, at))
        out.erase(at, kPrefix.size());
    return out;
}

HexText read_hex(std::string_view text) {
    text = without_margins(text);
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    HexText out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_hex_digit(text[i])) continue;
        out.problem = fmt::format("digit {} is no hex digit", i + 1);
        return out;
    }
    if (text.size() % 2 != 0) {
        out.problem = fmt::format("{} digits: a byte needs two", text.size());
        return out;
    }
    for (std::size_t i = 0; i < text.size(); i += 2) {
        out.bytes.push_back(static_cast<std::uint8_t>(hex_value(text[i]) << 4U | hex_value(text[i + 1])));
    }
    return out;
}

std::string_view without_margins(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::vector<std::string> indented_json(std::string_view json) {
    std::vector<std::string> out{""};
    std::size_t depth = 0;
    bool in_string = false;
    const auto new_line = [&] { out.emplace_back(2 * depth, ' '); };
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        const bool opens = !in_string && (c == '{' || c == '[');
        const bool closes = !in_string && (c == '}' || c == ']');
        const bool is_empty = opens && i + 1 < json.size() && (json[i + 1] == '}' || json[i + 1] == ']');
        const bool was_opened = closes && i > 0 && (json[i - 1] == '{' || json[i - 1] == '[');
        if (closes && !was_opened) {
            depth -= depth > 0 ? 1 : 0;
            new_line();
        }
        out.back().push_back(c);
        if (in_string && c == '\\' && i + 1 < json.size()) {
            out.back().push_back(json[++i]);
        } else if (c == '"') {
            in_string = !in_string;
        } else if (opens && !is_empty) {
            ++depth;
            new_line();
        } else if (!in_string && c == ',') {
            new_line();
        }
    }
    return out;
}

std::string json_string(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += {'\\', c};
        } else if (byte < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(byte));
        } else {
            out.push_back(c);
        }
    }
    return out + '"';
}

}  // namespace keydeck::ui
