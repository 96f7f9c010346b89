#include "ui/linear/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <utility>

namespace keydeck::ui {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kSigns{{
    {"(●) ", "chosen: "},
    {"( ) ", ""},
    {"[x]", "checked:"},
    {"[ ]", "not checked:"},
    {"▲ ", "warning: "},
    {"▲", "warning "},
    {"▼ ", ""},
    {"● ", ""},
    {"○ ", ""},
    {"× ", ""},
    {" ✓", ""},
    {"✓", ""},
    {" · ", ", "},
    {" › ", ", "},
    {" → ", " to "},
    {"← ", ""},
}};

// Lines and corners of boxes, and the blocks of curves, bars and QR codes.
bool is_drawing(char32_t c) { return c >= U'\u2500' && c <= U'\u259F'; }

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

struct Segment {
    std::string text;
    Role role = Role::kText;
    int col = 0;
};

// Whether a bracket only encloses a text field.
bool is_field_bracket(std::span<const Cell> cells, std::size_t at) {
    const char32_t c = cells[at].text[0];
    if (cells[at].style.role == Role::kInput) return false;
    const bool opens = c == U'[' && at + 1 < cells.size() && cells[at + 1].style.role == Role::kInput;
    const bool closes = c == U']' && at > 0 && cells[at - 1].style.role == Role::kInput;
    return opens || closes;
}

// What stands on a row, parted at two blanks and where a name in a column of its own ends.
std::vector<Segment> segments_of(std::span<const Cell> cells) {
    std::vector<Segment> out;
    int blanks = 2;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const Cell& cell = cells[i];
        if (cell.width == 0) continue;
        if (cell.text[0] == U' ' || is_drawing(cell.text[0]) || is_field_bracket(cells, i)) {
            blanks += cell.text[0] == U' ' ? 1 : 2;
            continue;
        }
        const bool name_ends = out.size() == 1 && blanks == 1 && out.front().role == Role::kMuted &&
                               cell.style.role != Role::kMuted && out.front().col <= 2;
        if (blanks >= 2 || name_ends) {
            out.push_back({"", cell.style.role, static_cast<int>(i)});
        } else if (blanks == 1) {
            out.back().text += ' ';
        }
        blanks = 0;
        for (std::size_t k = 0; k < cell.length; ++k) append_utf8(out.back().text, cell.text[k]);
    }
    return out;
}

// `[ Cancel ]` is the button with the focus.
std::string button_words(const std::string& text) {
    if (!text.starts_with("[ ") || !text.ends_with(" ]") || text.size() < 5) return plain_words(text);
    return plain_words(text.substr(2, text.size() - 4)) + " has the focus";
}

std::string line_of(std::span<const Cell> cells) {
    const std::vector<Segment> segments = segments_of(cells);
    if (segments.empty()) return "";
    const bool is_field = std::ranges::any_of(cells, [](const Cell& cell) { return cell.style.role == Role::kInput; });
    const bool has_name = segments.size() > 1 && segments.front().col <= 2 &&
                          ((segments.front().role == Role::kMuted && segments[1].role != Role::kMuted) || is_field);
    std::string out;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        if (i > 0) out += i == 1 && has_name ? ": " : ", ";
        out += button_words(segments[i].text);
    }
    if (is_field && segments.size() == 1 && segments.front().role != Role::kInput) out += ": empty";
    return out;
}

std::string text_of(std::span<const Cell> cells) {
    std::string out;
    for (const Cell& cell : cells) {
        for (std::size_t k = 0; k < cell.length; ++k) append_utf8(out, cell.text[k]);
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out;
}

bool is_blank(const Cell& cell) { return cell.text[0] == U' ' && cell.style.role != Role::kInput; }

// The text in the run of input cells under the cursor, whose cell may be the one behind it.
std::optional<std::string> one_line_value(std::span<const Cell> cells, int col) {
    const auto is_input = [&](int at) {
        return at >= 0 && at < static_cast<int>(cells.size()) &&
               cells[static_cast<std::size_t>(at)].style.role == Role::kInput;
    };
    const int inside = is_input(col) ? col : col - 1;
    if (!is_input(inside)) return std::nullopt;
    int first = inside;
    int last = inside;
    while (is_input(first - 1)) --first;
    while (is_input(last + 1)) ++last;
    const auto begin = static_cast<std::size_t>(first);
    return text_of(cells.subspan(begin, static_cast<std::size_t>(last) + 1 - begin));
}

// A field of many lines stands to the right of a bar.
std::optional<std::size_t> bar_before(std::span<const Cell> cells, int col) {
    for (int at = std::min(col, static_cast<int>(cells.size())) - 1; at > 0; --at) {
        if (cells[static_cast<std::size_t>(at)].text[0] == U'│' || cells[static_cast<std::size_t>(at)].text[0] == U'|')
            return static_cast<std::size_t>(at);
    }
    return std::nullopt;
}

std::string many_lines_value(const Frame& frame, int row, std::size_t bar) {
    const char32_t sign = frame.row(row)[bar].text[0];
    const auto has_bar = [&](int at) { return at >= 0 && at < frame.size().rows && frame.row(at)[bar].text[0] == sign; };
    while (has_bar(row - 1)) --row;
    std::string out;
    for (; has_bar(row); ++row) out += text_of(frame.row(row).subspan(std::min(bar + 2, frame.row(row).size()))) + "\n";
    out.erase(out.find_last_not_of('\n') + 1);
    return out;
}

std::string lower_title(std::string_view title) {
    std::string out(title);
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

bool says_nothing(const std::string& text) { return text.empty() || text == "—" || text == "-"; }

}  // namespace

std::string plain_words(std::string_view text) {
    std::string out(text);
    if (out == "—") return "none";
    if (out.starts_with("← ") && out.ends_with(" →")) out = out.substr(4, out.size() - 8);
    if (out.starts_with("! ")) out.erase(0, 2);
    for (const auto& [from, to] : kSigns) replace_all(out, from, to);
    replace_all(out, "  ", " ");
    return out;
}

std::string spoken_key(std::string_view name) {
    static const std::map<std::string_view, std::string_view> kNames{{"?", "Question mark"},   {"!", "Exclamation mark"},
                                                                     {":", "Colon"},           {".", "Full stop"},
                                                                     {"/", "Slash"},           {"-", "Dash"},
                                                                     {",", "Comma"},           {";", "Semicolon"},
                                                                     {"\"", "Quotation mark"}, {"'", "Apostrophe"},
                                                                     {"PgDn", "Page down"},    {"PgUp", "Page up"},
                                                                     {"Esc", "Escape"}};
    if (name.starts_with("Ctrl-")) return fmt::format("Control {}", name.substr(5));
    const auto found = kNames.find(name);
    return std::string(found == kNames.end() ? name : found->second);
}

std::string sentence(std::string text) {
    const bool has_end = text.empty() || std::string_view(".?!:…").find(text.back()) != std::string_view::npos;
    if (!has_end && !text.ends_with("…")) text += '.';
    return text;
}

std::vector<SpokenLine> lines_of(const Frame& frame, Area area) {
    std::vector<SpokenLine> out;
    for (int row = area.row; row < std::min(area.row + area.rows, frame.size().rows); ++row) {
        const auto cells = frame.row(row).subspan(static_cast<std::size_t>(area.col), static_cast<std::size_t>(area.cols));
        if (std::string text = line_of(cells); !text.empty()) out.push_back({row, std::move(text)});
    }
    return out;
}

std::optional<int> focused_row(const Frame& frame) {
    if (!frame.cursor) return std::nullopt;
    int row = frame.cursor->row;
    while (row > 0 && is_blank(frame.row(row)[0]) && is_blank(frame.row(row)[1])) --row;  // its label stands above
    return row;
}

std::optional<SpokenInput> input_of(const Frame& frame) {
    if (!frame.cursor) return std::nullopt;
    const int row = frame.cursor->row;
    const auto segments = segments_of(frame.row(*focused_row(frame)));
    const std::string label = segments.empty() || segments.front().role == Role::kInput ? "" : segments.front().text;
    if (auto value = one_line_value(frame.row(row), frame.cursor->col)) return SpokenInput{label, std::move(*value)};
    if (const auto bar = bar_before(frame.row(row), frame.cursor->col))
        return SpokenInput{label, many_lines_value(frame, row, *bar)};
    return std::nullopt;
}

std::string row_words(std::span<const Column> columns, std::span<const TableCell> cells) {
    std::string out;
    for (std::size_t i = 0; i < std::min(columns.size(), cells.size()); ++i) {
        if (says_nothing(cells[i].text)) continue;
        std::string title = lower_title(columns[i].title);
        std::string words = plain_words(cells[i].text);
        if (columns[i].align == Align::kRight && !title.empty()) {
            const bool is_noun = std::ranges::all_of(title, [](unsigned char c) { return std::isalpha(c) != 0; });
            if (is_noun && words == "1" && title.ends_with('s')) title.pop_back();
            words = is_noun ? fmt::format("{} {}", words, title) : fmt::format("{} {}", title, words);
        }
        out.append(out.empty() ? "" : ", ").append(words);
    }
    return out;
}

std::string row_in_full(std::span<const Column> columns, std::span<const TableCell> cells) {
    std::string out;
    for (std::size_t i = 0; i < std::min(columns.size(), cells.size()); ++i) {
        std::string title = lower_title(columns[i].title);
        if (!title.empty()) title[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(title[0])));
        const std::string words = cells[i].text.empty() ? "none" : plain_words(cells[i].text);
        out += fmt::format("{}{}{}{}.", out.empty() ? "" : " ", title, title.empty() ? "" : ": ", words);
    }
    return out;
}

}  // namespace keydeck::ui
