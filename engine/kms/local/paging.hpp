// Pages by keyset: a marker names the last item seen.
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

#include "engine/kms/kms.hpp"
#include "engine/kms/kms_error.hpp"
#include "engine/sqlite/database.hpp"

namespace keydeck::kms::local {

[[nodiscard]] inline std::unexpected<Error> invalid_marker() {
    return kms_fail("InvalidMarkerException", "The marker is not one that a list returned.");
}

/// A marker that is a row's number; 0 for the first page.
[[nodiscard]] inline Result<std::int64_t> parse_number_marker(std::string_view marker) {
    std::int64_t number = 0;
    if (marker.empty()) return number;
    const auto [end, error] = std::from_chars(marker.data(), marker.data() + marker.size(), number);
    if (error != std::errc() || end != marker.data() + marker.size() || number < 0) return invalid_marker();
    return number;
}

/// Steps through `select`, whose LIMIT is one more than `limit`, and makes each row an item. `marker_of` is asked for the
/// last item of a page that is not the last.
template <class Item, class Read, class MarkerOf>
[[nodiscard]] Result<Page<Item>> read_page(sqlite::Statement& select, int limit, Read read, MarkerOf marker_of) {
    Page<Item> page;
    std::string marker;
    for (;;) {
        const Result<bool> row = select.step();
        if (!row) return fail(row);
        if (!*row) return page;
        if (page.items.size() == static_cast<std::size_t>(limit)) {
            page.next_marker = std::move(marker);
            return page;
        }
        page.items.push_back(read(select));
        marker = marker_of(select);
    }
}

}  // namespace keydeck::kms::local
