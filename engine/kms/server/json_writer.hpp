// An answer's JSON, as AWS writes it: blobs in base64, times as numbers of seconds.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/base/clock.hpp"
#include "engine/kms/server/wiping.hpp"

namespace keydeck::kms::server {

/// Writes one object, in the order of the calls.
class JsonWriter {
public:
    JsonWriter& text(std::string_view name, std::string_view value);
    JsonWriter& number(std::string_view name, std::int64_t value);
    JsonWriter& boolean(std::string_view name, bool value);
    JsonWriter& blob(std::string_view name, ByteView value);
    JsonWriter& time(std::string_view name, Timestamp value);

    JsonWriter& begin_object(std::string_view name);
    JsonWriter& end_object();
    JsonWriter& begin_list(std::string_view name);
    JsonWriter& begin_item();  ///< an object in a list
    JsonWriter& end_item() { return end_object(); }
    JsonWriter& item(std::string_view text);
    JsonWriter& end_list();

    /// The whole object. Nothing may be written afterwards.
    [[nodiscard]] WipingText finish();

private:
    void separate();
    void name(std::string_view name);
    void quoted(std::string_view text);
    WipingText out_{'{'};
};

}  // namespace keydeck::kms::server
