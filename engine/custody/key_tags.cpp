#include "engine/custody/key_tags.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace keydeck::custody {
namespace {

/// Follows the markers of a list to its end.
template <class T, class Fetch>
Result<std::vector<T>> all_pages(int limit, Fetch fetch) {
    std::vector<T> all;
    kms::PageRequest request{.limit = limit, .marker = {}};
    do {
        Result<kms::Page<T>> page = fetch(request);
        if (!page) return fail(page);
        all.insert(all.end(), std::make_move_iterator(page->items.begin()), std::make_move_iterator(page->items.end()));
        request.marker = std::move(page->next_marker);
    } while (!request.marker.empty());
    return all;
}

constexpr int kTagsPage = 50;
constexpr int kAliasPage = 100;
constexpr int kKeyPage = 1000;

}  // namespace

std::string_view tag_value(const kms::Tags& tags, std::string_view name) {
    const auto found = std::ranges::find(tags, name, [](const auto& tag) { return std::string_view(tag.first); });
    return found == tags.end() ? std::string_view() : std::string_view(found->second);
}

Result<kms::Tags> all_tags(kms::Kms& kms, std::string_view key_id) {
    return all_pages<std::pair<std::string, std::string>>(
        kTagsPage, [&](const kms::PageRequest& page) { return kms.list_resource_tags(key_id, page); });
}

Result<std::vector<kms::Alias>> all_aliases(kms::Kms& kms, std::string_view key_id) {
    return all_pages<kms::Alias>(kAliasPage, [&](const kms::PageRequest& page) { return kms.list_aliases(key_id, page); });
}

Result<std::vector<kms::KeyListEntry>> all_keys(kms::Kms& kms) {
    return all_pages<kms::KeyListEntry>(kKeyPage, [&](const kms::PageRequest& page) { return kms.list_keys(page); });
}

}  // namespace keydeck::custody
