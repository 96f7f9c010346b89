#include "ui/nearest.hpp"

#include <algorithm>
#include <utility>

namespace keydeck::ui {
namespace {

constexpr std::size_t kMostNear = 3;
constexpr std::size_t kLongest = 64;  // the work grows with the product of both lengths
constexpr std::size_t kLeastBeginning = 2;

bool is_inside_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// Letters to add, take away, exchange or swap with the next until `from` is `to` (optimal string alignment).
std::size_t letters_apart(std::string_view from, std::string_view to) {
    std::vector<std::vector<std::size_t>> apart(from.size() + 1, std::vector<std::size_t>(to.size() + 1));
    for (std::size_t i = 0; i <= from.size(); ++i) {
        for (std::size_t k = 0; k <= to.size(); ++k) {
            if (i == 0 || k == 0) {
                apart[i][k] = i + k;
                continue;
            }
            const std::size_t exchanged = apart[i - 1][k - 1] + (from[i - 1] == to[k - 1] ? 0 : 1);
            apart[i][k] = std::min({exchanged, apart[i - 1][k] + 1, apart[i][k - 1] + 1});
            const bool swapped = i > 1 && k > 1 && from[i - 1] == to[k - 2] && from[i - 2] == to[k - 1];
            if (swapped) apart[i][k] = std::min(apart[i][k], apart[i - 2][k - 2] + 1);
        }
    }
    return apart[from.size()][to.size()];
}

void take_last_character(std::string& text) {
    while (!text.empty() && is_inside_character(text.back())) text.pop_back();
    if (!text.empty()) text.pop_back();
}

}  // namespace

std::vector<std::string> near_names(std::string_view word, const std::vector<std::string>& names) {
    const std::size_t most = std::min<std::size_t>(2, word.size() / 2);
    std::vector<std::pair<std::size_t, std::string>> found;
    if (word.empty() || word.size() > kLongest) return {};
    for (const std::string& name : names) {
        if (name.size() > kLongest) continue;
        const std::size_t apart = name.starts_with(word) ? 0 : letters_apart(word, name);
        if (apart <= most) found.emplace_back(apart, name);
    }
    std::ranges::stable_sort(found, {}, [](const auto& each) { return each.first; });
    std::vector<std::string> out;
    for (auto& [apart, name] : found) {
        if (out.size() < kMostNear) out.push_back(std::move(name));
    }
    return out;
}

std::string nearest_name(std::string_view word, const std::vector<std::string>& names) {
    std::vector<std::string> near = near_names(word, names);
    return near.empty() ? std::string() : std::move(near.front());
}

Result<std::vector<std::string>> find_near(std::string_view word, const ListNames& list) {
    const std::size_t least = kLeastBeginning + (word.starts_with("0x") ? 2 : 0);
    std::vector<std::string> alike;  // in their beginning only
    std::string beginning(word.substr(0, kLongest));
    while (true) {
        take_last_character(beginning);
        const auto characters = std::ranges::count_if(beginning, [](char c) { return !is_inside_character(c); });
        if (std::cmp_less(characters, least)) return alike;
        auto found = list(beginning);
        if (!found) return found;
        if (alike.empty())
            alike.assign(found->begin(), found->begin() + static_cast<std::ptrdiff_t>(std::min(found->size(), kMostNear)));
        if (auto near = near_names(word, *found); !near.empty()) {
            for (std::string& name : alike) {
                if (near.size() < kMostNear && std::ranges::find(near, name) == near.end()) near.push_back(std::move(name));
            }
            return near;
        }
    }
}

}  // namespace keydeck::ui
