#include "ui/views/deep_link.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "ui/nearest.hpp"
#include "ui/views/screens.hpp"

namespace keydeck::ui {
namespace {

Result<const ScreenEntry*> screen_named(const std::string& name) {
    std::vector<std::string> names;
    for (const ScreenEntry& entry : screens()) {
        names.push_back(screen_word(entry));
        if (names.back() == name) return &entry;
    }
    const std::string nearest = nearest_name(name, names);
    return fail(
        ErrorCode::kInvalidInput, fmt::format("There is no screen \"{}\".", name),
        nearest.empty() ? fmt::format("Screens: {}.", fmt::join(names, ", ")) : fmt::format("Did you mean {}?", nearest));
}

}  // namespace

// `users` for the action `screen.users`.
std::string screen_word(const ScreenEntry& entry) { return std::string(entry.action.substr(entry.action.find('.') + 1)); }

Result<Place> place_named(const std::string& screen, const std::string& filter, ScreenId otherwise) {
    std::vector<std::string> with_filter;
    for (const ScreenEntry& entry : screens()) {
        if (entry.filter_problem != nullptr) with_filter.push_back(screen_word(entry));
    }
    const std::string hint = fmt::format("Screens with a filter: {}.", fmt::join(with_filter, ", "));
    Place place;
    place.screen = otherwise;
    if (screen.empty()) {
        if (!filter.empty()) return fail(ErrorCode::kInvalidInput, "A filter needs the screen that it is for.", hint);
        return place;
    }
    const auto entry = screen_named(screen);
    if (!entry) return fail(entry);
    place.screen = (*entry)->id;
    place.filter = filter;
    if (filter.empty()) return place;
    if ((*entry)->filter_problem == nullptr)
        return fail(ErrorCode::kInvalidInput, fmt::format("The screen {} has no filter.", screen), hint);
    if (const std::string problem = (*entry)->filter_problem(filter); !problem.empty())
        return fail(ErrorCode::kInvalidInput,
                    fmt::format("The filter of the screen {} is not understood: {}.", screen, problem),
                    "In the screens: / and the filter; what is wrong with it stands beside it while it is typed.");
    return place;
}

}  // namespace keydeck::ui
