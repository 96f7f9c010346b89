// How rows are written for other programs. The program brings it along, so that it is what the command line prints.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/types.hpp"

namespace keydeck::ui {

/// A field of a row, as text; null is empty.
struct RowField {
    std::string name;
    std::string value;
    bool is_text = true;  ///< what people and programs write; false: a figure, a truth value, or JSON
};

struct RowWriters {
    std::function<std::string(const User&)> user{};  ///< one JSON object on one line
    std::function<std::string(const Wallet&)> wallet{};
    std::function<std::string(const KeyInfo&)> key{};
    std::function<std::string(const AuditEvent&)> event{};
    /// The fields of such a line in their order.
    std::function<std::vector<RowField>(std::string_view json)> fields{};

    [[nodiscard]] std::string json(const User& row) const { return user(row); }
    [[nodiscard]] std::string json(const Wallet& row) const { return wallet(row); }
    [[nodiscard]] std::string json(const KeyInfo& row) const { return key(row); }
    [[nodiscard]] std::string json(const AuditEvent& row) const { return event(row); }
};

}  // namespace keydeck::ui
