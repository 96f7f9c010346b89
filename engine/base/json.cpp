#include "engine/base/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/base/text.hpp"

namespace keydeck::json {
namespace {

constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kFewMembers = 16;

/// The name that stands twice, or nullptr. A long object is sorted, so that a hostile one costs no quadratic time.
const std::string* repeated_name(const std::vector<Member>& members) {
    if (members.size() <= kFewMembers) {
        for (std::size_t i = 1; i < members.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                if (members[i].first == members[j].first) return &members[i].first;
            }
        }
        return nullptr;
    }
    std::vector<const std::string*> names;
    names.reserve(members.size());
    for (const auto& [name, value] : members) names.push_back(&name);
    std::ranges::sort(names, [](const std::string* a, const std::string* b) { return *a < *b; });
    const auto twin = std::ranges::adjacent_find(names, [](const std::string* a, const std::string* b) { return *a == *b; });
    return twin == names.end() ? nullptr : *twin;
}

Value value_of(Kind kind, std::string text = {}) {
    Value out;
    out.kind = kind;
    out.text = std::move(text);
    return out;
}

/// Builds a Value from the parser's events; answers false to stop it.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
public:
    bool null() override { return add({}); }
    bool boolean(bool value) override {
        Value out = value_of(Kind::kBool);
        out.boolean = value;
        return add(std::move(out));
    }
    bool number_integer(number_integer_t value) override { return add_text(Kind::kNumber, std::to_string(value)); }
    bool number_unsigned(number_unsigned_t value) override { return add_text(Kind::kNumber, std::to_string(value)); }
    bool number_float(number_float_t /*value*/, const string_t& written) override {
        std::string text = written;
        // The parser has put the locale's decimal point in; what was written is a full stop.
        for (char& c : text) {
            const bool ours = (c >= '0' && c <= '9') || c == '-' || c == '+' || c == 'e' || c == 'E';
            if (!ours) c = '.';
        }
        return add_text(Kind::kNumber, std::move(text));
    }
    bool string(string_t& value) override { return add_text(Kind::kString, std::move(value)); }
    bool binary(binary_t& /*value*/) override { return false; }
    bool start_object(std::size_t /*size*/) override { return open(Kind::kObject); }
    bool start_array(std::size_t /*size*/) override { return open(Kind::kArray); }
    bool key(string_t& name) override {
        stack_.back().members.push_back({std::move(name), {}});
        return true;
    }
    bool end_object() override {
        if (const std::string* name = repeated_name(stack_.back().members)) {
            repeated_ = *name;
            has_repeated_ = true;
            return false;
        }
        return close();
    }
    bool end_array() override { return close(); }
    bool parse_error(std::size_t position, const std::string& /*token*/, const nlohmann::json::exception& /*why*/) override {
        position_ = position;
        return false;
    }

    [[nodiscard]] Value take() { return std::move(result_); }

    /// Says why the parser was stopped. Never quotes a value: it may be a secret.
    [[nodiscard]] std::unexpected<Error> failure(std::string_view what, std::size_t size) const {
        if (too_deep_) {
            return fail(ErrorCode::kInvalidInput, fmt::format("{} is nested more than {} levels deep.", what, kMaxDepth));
        }
        if (has_repeated_) {
            std::string name;
            append_quoted(name, repeated_.size() > 64 ? "..." : std::string_view(repeated_));
            return fail(ErrorCode::kInvalidInput, fmt::format("{} has the name {} twice in one object.", what, name));
        }
        if (position_ > size) return fail(ErrorCode::kInvalidInput, fmt::format("{} is not JSON: it ends too early.", what));
        return fail(ErrorCode::kInvalidInput, fmt::format("{} is not JSON: it goes wrong at byte {}.", what, position_));
    }

private:
    bool open(Kind kind) {
        if (stack_.size() == kMaxDepth) {
            too_deep_ = true;
            return false;
        }
        stack_.push_back(value_of(kind));
        return true;
    }
    bool close() {
        Value done = std::move(stack_.back());
        stack_.pop_back();
        return add(std::move(done));
    }
    bool add_text(Kind kind, std::string text) { return add(value_of(kind, std::move(text))); }
    bool add(Value value) {
        if (stack_.empty()) {
            result_ = std::move(value);
        } else if (stack_.back().kind == Kind::kArray) {
            stack_.back().items.push_back(std::move(value));
        } else {
            stack_.back().members.back().second = std::move(value);
        }
        return true;
    }

    std::vector<Value> stack_;
    Value result_;
    std::string repeated_;
    bool has_repeated_ = false;
    bool too_deep_ = false;
    std::size_t position_ = 0;
};

std::string capitalised(std::string_view what) {
    std::string out(what);
    if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 'a' + 'A');
    return out;
}

}  // namespace

const Value* Value::find(std::string_view name) const {
    for (const auto& [key, value] : members) {
        if (key == name) return &value;
    }
    return nullptr;
}

std::string_view describe(Kind kind) {
    switch (kind) {
        case Kind::kNull:
            return "null";
        case Kind::kBool:
            return "a boolean";
        case Kind::kNumber:
            return "a number";
        case Kind::kString:
            return "a string";
        case Kind::kArray:
            return "an array";
        case Kind::kObject:
            return "an object";
    }
    return "a value";
}

Result<Value> parse(std::string_view text, std::string_view what) {
    // The parser takes a zero byte for the end of the text, and would let anything follow it.
    if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("{} is not JSON: it goes wrong at byte {}.", capitalised(what), zero + 1));
    }
    Builder builder;
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder))
        return builder.failure(capitalised(what), text.size());
    return builder.take();
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const std::size_t length = utf8_sequence_length(text);
        const char c = text.front();
        if (length == 0) {
            out += "\xef\xbf\xbd";  // U+FFFD
        } else if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    out += '"';
}

}  // namespace keydeck::json
