// The JSON object of an event's detail.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/json.hpp"

namespace keydeck::oversight {

/// Builds AuditEvent::detail: `Detail().text("custody", "envelope").number("count", 3).done()`. Members stand in the order
/// given; a name must not be given twice. Never give it a secret.
class Detail {
public:
    Detail& text(std::string_view name, std::string_view value) {
        begin(name);
        json::append_quoted(json_, value);
        return *this;
    }
    Detail& number(std::string_view name, std::int64_t value) { return raw(name, std::to_string(value)); }
    Detail& boolean(std::string_view name, bool value) { return raw(name, value ? "true" : "false"); }
    /// `json` is one well-formed JSON value.
    Detail& raw(std::string_view name, std::string_view json) {
        begin(name);
        json_.append(json);
        return *this;
    }
    [[nodiscard]] std::string done() const { return json_ + '}'; }

private:
    void begin(std::string_view name) {
        if (json_.size() > 1) json_ += ',';
        json::append_quoted(json_, name);
        json_ += ':';
    }
    std::string json_ = "{";
};

}  // namespace keydeck::oversight
