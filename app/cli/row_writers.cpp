#include "app/cli/row_writers.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <vector>

#include "app/cli/records.hpp"

namespace keydeck::cli {
namespace {

// What is no plain value stays JSON.
std::vector<ui::RowField> fields_of(std::string_view json) {
    std::vector<ui::RowField> out;
    const auto object = nlohmann::ordered_json::parse(json, nullptr, false);
    if (!object.is_object()) return out;
    for (const auto& [name, value] : object.items()) {
        out.push_back({name,
                       value.is_null()     ? ""
                       : value.is_string() ? value.get<std::string>()
                                           : value.dump(),
                       value.is_string()});
    }
    return out;
}

}  // namespace

std::shared_ptr<const ui::RowWriters> row_writers() {
    ui::RowWriters out;
    out.user = [](const User& row) { return to_json(row); };
    out.wallet = [](const Wallet& row) { return to_json(row); };
    out.key = [](const KeyInfo& row) { return to_json(row); };
    out.event = [](const AuditEvent& row) { return to_json(row); };
    out.fields = fields_of;
    return std::make_shared<const ui::RowWriters>(std::move(out));
}

}  // namespace keydeck::cli
