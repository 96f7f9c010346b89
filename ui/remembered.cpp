#include "ui/remembered.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

#include "ui/terminal/safe_text.hpp"

namespace keydeck::ui {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHeader = "keydeck-tui 1";
constexpr std::size_t kMostBytes = 4096;
constexpr std::size_t kMostFilter = 256;
constexpr std::size_t kMostName = 32;
constexpr std::size_t kMostSorts = 16;

std::unexpected<Error> malformed(std::string_view what) { return fail(ErrorCode::kInvalidInput, std::string(what)); }

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= kMostName &&
           std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

bool stands_as_it_is(char c) { return c >= '!' && c <= '~' && c != '%'; }

std::string encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (stands_as_it_is(c)) {
            out += c;
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const DecodedCharacter character = decode_character(text, at);
        if (!character.valid) return false;
        at += character.length;
    }
    return true;
}

std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            if (!stands_as_it_is(text[at])) return std::nullopt;
            out += text[at];
            continue;
        }
        unsigned value = 0;
        const char* digits = text.data() + at + 1;
        if (text.size() - at < 3) return std::nullopt;
        const auto read = std::from_chars(digits, digits + 2, value, 16);
        if (read.ec != std::errc{} || read.ptr != digits + 2) return std::nullopt;
        out += static_cast<char>(value);
        at += 2;
    }
    if (!is_utf8(out) || out.size() > kMostFilter) return std::nullopt;
    return out;
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> out;
    while (true) {
        const std::size_t blank = line.find(' ');
        out.push_back(line.substr(0, blank));
        if (blank == std::string_view::npos) return out;
        line.remove_prefix(blank + 1);
    }
}

Status take_scope(std::string_view what, std::string_view text, Remembered::Scope& scope) {
    std::string* part = what == "user"       ? &scope.user
                        : what == "key"      ? &scope.key_id
                        : what == "key-name" ? &scope.key_name
                        : what == "target"   ? &scope.target
                                             : nullptr;
    auto value = decoded(text);
    if (part == nullptr || !part->empty() || !value || value->empty())
        return malformed("whose rows were shown stands there twice or is nothing");
    *part = std::move(*value);
    return {};
}

Status take_line(std::string_view line, Remembered& out) {
    const std::vector<std::string_view> words = words_of(line);
    if (words[0] == "screen" && words.size() == 2) {
        if (!is_name(words[1]) || !out.screen.empty()) return malformed("a screen stands there twice or is none");
        out.screen = words[1];
        return {};
    }
    if (words[0] == "filter" && words.size() == 2) {
        auto filter = decoded(words[1]);
        if (!filter || filter->empty() || !out.filter.empty()) return malformed("a filter stands there twice or is none");
        out.filter = std::move(*filter);
        return {};
    }
    if (words[0] == "of" && words.size() == 3) return take_scope(words[1], words[2], out.scope);
    if (words[0] == "sort" && words.size() == 4) {
        const bool good = is_name(words[1]) && is_name(words[2]) && (words[3] == "up" || words[3] == "down");
        if (!good || out.sorts.size() >= kMostSorts || out.sorts.contains(std::string(words[1])))
            return malformed("an order stands there twice or is none");
        out.sorts[std::string(words[1])] = {std::string(words[2]), words[3] == "down"};
        return {};
    }
    return malformed("a line says what nobody knows");
}

Status failed(std::string_view what, const fs::path& path) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("{} {}: {}", what, path.string(), std::system_category().message(errno)));
}

class Descriptor {
public:
    explicit Descriptor(int value) : value_(value) {}
    ~Descriptor() {
        if (value_ >= 0) ::close(value_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const { return value_; }

private:
    int value_;
};

}  // namespace

std::string to_text(const Remembered& remembered) {
    std::string out = fmt::format("{}\nscreen {}\n", kHeader, remembered.screen);
    if (!remembered.filter.empty()) out += fmt::format("filter {}\n", encoded(remembered.filter));
    const Remembered::Scope& scope = remembered.scope;
    for (const auto& [what, value] : {std::pair("user", &scope.user), std::pair("key", &scope.key_id),
                                      std::pair("key-name", &scope.key_name), std::pair("target", &scope.target)}) {
        if (!value->empty()) out += fmt::format("of {} {}\n", what, encoded(*value));
    }
    for (const auto& [screen, order] : remembered.sorts)
        out += fmt::format("sort {} {} {}\n", screen, order.name, order.down ? "down" : "up");
    return out;
}

Result<Remembered> parse_remembered(std::string_view text) {
    if (text.size() > kMostBytes) return malformed("it is too long");
    Remembered out;
    bool first = true;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos) return malformed("its last line has no end");
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end + 1);
        if (first) {
            if (line != kHeader) return malformed("it does not begin as it should");
            first = false;
        } else if (const Status taken = take_line(line, out); !taken) {
            return fail(taken);
        }
    }
    if (first || out.screen.empty()) return malformed("it names no screen");
    return out;
}

fs::path remembered_path(std::string_view vault_id) {
    const char* state = std::getenv("XDG_STATE_HOME");  // NOLINT(concurrency-mt-unsafe): nothing here changes it
    const char* home = std::getenv("HOME");             // NOLINT(concurrency-mt-unsafe): the same
    fs::path base;
    if (state != nullptr && *state == '/') {  // a relative one is to be ignored: XDG Base Directory Specification
        base = state;
    } else if (home != nullptr && *home == '/') {
        base = fs::path(home) / ".local" / "state";
    } else {
        return {};
    }
    return base / "keydeck" / fmt::format("tui-{}", vault_id);
}

Result<std::optional<Remembered>> read_remembered(const fs::path& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (file.get() < 0 && errno == ENOENT) return std::optional<Remembered>();
    if (file.get() < 0) return fail(failed("cannot read", path));
    struct stat about{};
    if (::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode))
        return fail(ErrorCode::kUnavailable, path.string() + " is no regular file");
    std::array<char, kMostBytes + 1> buffer{};
    std::size_t size = 0;
    while (size < buffer.size()) {
        const ssize_t got = ::read(file.get(), buffer.data() + size, buffer.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(failed("cannot read", path));
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    auto remembered = parse_remembered({buffer.data(), size});
    if (!remembered) return fail(remembered);
    return std::optional(std::move(*remembered));
}

Status write_remembered(const fs::path& path, const Remembered& remembered) {
    std::error_code error;
    fs::create_directories(path.parent_path().parent_path(), error);
    if (::mkdir(path.parent_path().c_str(), 0700) != 0 && errno != EEXIST) return failed("cannot make", path.parent_path());
    std::string fresh = path.string() + ".XXXXXX";
    const Descriptor file(::mkostemp(fresh.data(), O_CLOEXEC));  // 0600, and never one that is there
    if (file.get() < 0) return failed("cannot write", fresh);
    const std::string text = to_text(remembered);
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    if (std::cmp_not_equal(written, text.size()) || ::rename(fresh.c_str(), path.c_str()) != 0) {
        Status out = failed("cannot write", path);
        ::unlink(fresh.c_str());
        return out;
    }
    return {};
}

}  // namespace keydeck::ui
