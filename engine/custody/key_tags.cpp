#include "engine/custody/key_tags.hpp"

#include <algorithm>
#include <iterator>
#include <stop_token>
#include <utility>

#include "engine/kms/call_scope.hpp"

namespace keydeck::custody {
namespace {

// A million entries by hundreds: an endpoint that goes on beyond that is not a KMS.
constexpr int kMostPages = 10'000;

/// Follows the markers of a list to its end. Errors: those of `fetch`; corrupt for a list without an end; cancelled.
template <class T, class Fetch>
Result<std::vector<T>> all_pages(int limit, Fetch fetch) {
    std::vector<T> all;
    kms::PageRequest request{.limit = limit, .marker = {}};
    const std::stop_token stop = kms::CallScope::current();
    for (int pages = 0; pages < kMostPages; ++pages) {
        if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "The list was not read to its end.");
        Result<kms::Page<T>> page = fetch(request);
        if (!page) return fail(page);
        all.insert(all.end(), std::make_move_iterator(page->items.begin()), std::make_move_iterator(page->items.end()));
        if (page->next_marker.empty()) return all;
        if (page->next_marker == request.marker) break;
        request.marker = std::move(page->next_marker);
    }
    return fail(ErrorCode::kCorrupt, "The KMS answers with a list that has no end.",
                "Is the endpoint a KMS? `keydeck config show` tells which it is.");
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
