#include "ui/nearest.hpp"

#include <algorithm>

namespace keydeck::ui {
namespace {

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

}  // namespace

std::string_view nearest_name(std::string_view word, const std::vector<std::string>& names) {
    std::string_view nearest;
    std::size_t least = std::min<std::size_t>(3, (word.size() + 1) / 2);  // further off is another word
    for (const std::string& name : names) {
        const bool begun = word.size() >= 3 && name.starts_with(word);
        const std::size_t apart = begun ? 0 : letters_apart(word, name);
        if (apart >= least) continue;
        least = apart;
        nearest = name;
    }
    return nearest;
}

}  // namespace keydeck::ui
