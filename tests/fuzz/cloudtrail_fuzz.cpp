// Whatever stands in an audit row, its export is one line of JSON whose event name is the row's.
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/base/json.hpp"
#include "engine/base/text.hpp"
#include "engine/oversight/cloudtrail.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const std::string detail = text.substr(0, size / 2);
    keydeck::AuditEvent event;
    event.detail = text;
    event.action = detail;
    event.actor = text.substr(size / 2);
    event.result = size % 2 == 0 ? "ok" : text;
    const std::string line = keydeck::oversight::to_cloudtrail_json(event, {});
    if (line.find('\n') != std::string::npos) std::abort();
    const auto record = keydeck::json::parse(line, "the record");
    // The detail's own depth adds to the record's: only then the whole may be too deep for our parser.
    if (!record) {
        if (!keydeck::json::parse(text, "the detail")) std::abort();
        return 0;
    }
    const auto* name = record->find("eventName");
    if (name == nullptr || (keydeck::is_utf8(detail) && name->text != detail)) std::abort();
    return 0;
}
