#include "ui/terminal/ansi.hpp"

#include <fmt/format.h>

#include "ui/theme.hpp"

namespace keydeck::ui {
namespace {

constexpr int kBaseColours = 8;

std::string rendition(const Style& style, const Look& look) {
    std::string out;
    if (look.bold) out += ";1";
    if (look.dim || style.dimmed) out += ";2";
    if (look.underline) out += ";4";
    if (look.reverse != style.selected) out += ";7";
    const auto colour = [&out](char plane, int number) {
        if (number == kDefaultColour) return;
        out += number < kBaseColours ? fmt::format(";{}{}", plane, number) : fmt::format(";{}8;5;{}", plane, number);
    };
    colour('3', look.colour);
    colour('4', look.background);
    return out;
}

bool is_blank(const Cell& cell, const Look& look) {
    return cell.length == 1 && cell.text[0] == U' ' && !cell.style.selected && !look.underline && !look.reverse &&
           look.background == kDefaultColour;
}

}  // namespace

std::string ansi_text(const Frame& frame, const Theme& theme) {
    std::string out;
    for (int row = 0; row < frame.size().rows; ++row) {
        auto cells = frame.row(row);
        while (!cells.empty() && is_blank(cells.back(), theme.look(cells.back().style.role)))
            cells = cells.first(cells.size() - 1);
        std::string in_force;
        for (const Cell& cell : cells) {
            if (const std::string wanted = rendition(cell.style, theme.look(cell.style.role)); wanted != in_force) {
                out += "\x1b[0" + wanted + "m";
                in_force = wanted;
            }
            for (std::size_t i = 0; i < cell.length; ++i) append_utf8(out, cell.text[i]);
        }
        if (!in_force.empty()) out += "\x1b[0m";
        out += "\n";
    }
    return out;
}

}  // namespace keydeck::ui
