#include "ui/widgets/text_edit.hpp"

#include <algorithm>
#include <array>

namespace keydeck::ui {

void TextEdit::set(std::string text) {
    text_ = std::move(text);
    cursor_ = text_.size();
}

// Glyph borders are found from the start of the line: what stands before decides where a combining mark belongs.
std::size_t TextEdit::before(std::size_t position) const {
    if (position == 0) return 0;
    const std::size_t start = text_.rfind('\n', position - 1);
    if (start == position - 1) return position - 1;
    const std::size_t line = start == std::string::npos ? 0 : start + 1;
    std::size_t last = 0;
    for (const Glyph& glyph : glyphs_of(std::string_view(text_).substr(line, position - line), Charset::kUnicode)) {
        if (line + glyph.end < position) last = glyph.end;
    }
    return line + last;
}

std::size_t TextEdit::after(std::size_t position) const {
    if (position >= text_.size()) return text_.size();
    if (text_[position] == '\n') return position + 1;
    const std::string_view rest = std::string_view(text_).substr(position, 64);
    const auto glyphs = glyphs_of(rest, Charset::kUnicode);
    return position + glyphs.front().end;
}

std::size_t TextEdit::line_start() const {
    if (cursor_ == 0) return 0;
    const std::size_t found = text_.rfind('\n', cursor_ - 1);
    return found == std::string::npos ? 0 : found + 1;
}

std::size_t TextEdit::line_end() const { return std::min(text_.find('\n', cursor_), text_.size()); }

void TextEdit::move_line(int direction) {
    const std::size_t start = line_start();
    const int column = display_width(std::string_view(text_).substr(start, cursor_ - start));
    if (direction < 0) {
        if (start == 0) return;
        cursor_ = start - 1;
        cursor_ = line_start();
    } else {
        if (line_end() == text_.size()) return;
        cursor_ = line_end() + 1;
    }
    const std::size_t from = cursor_;
    while (cursor_ < line_end() && display_width(std::string_view(text_).substr(from, cursor_ - from)) < column)
        cursor_ = after(cursor_);
}

bool TextEdit::on_key(const Key& key) {
    switch (key.code) {
        case KeyCode::kChar: {
            std::string typed;
            append_utf8(typed, key.character);
            insert(typed);
            return true;
        }
        case KeyCode::kEnter:
            if (lines_ == Lines::kOne) return false;
            insert("\n");
            return true;
        case KeyCode::kBackspace: {
            const std::size_t start = before(cursor_);
            text_.erase(start, cursor_ - start);
            cursor_ = start;
            return true;
        }
        case KeyCode::kDelete:
            text_.erase(cursor_, after(cursor_) - cursor_);
            return true;
        case KeyCode::kLeft:
            cursor_ = before(cursor_);
            return true;
        case KeyCode::kRight:
            cursor_ = after(cursor_);
            return true;
        case KeyCode::kHome:
            cursor_ = line_start();
            return true;
        case KeyCode::kEnd:
            cursor_ = line_end();
            return true;
        case KeyCode::kUp:
        case KeyCode::kDown:
            if (lines_ == Lines::kOne) return false;
            move_line(key.code == KeyCode::kUp ? -1 : 1);
            return true;
        case KeyCode::kCtrl:
            if (key.character != U'u') return false;
            text_.erase(line_start(), cursor_ - line_start());
            cursor_ = line_start();
            return true;
        default:
            return false;
    }
}

bool TextEdit::insert(std::string_view more) {
    if (lines_ == Lines::kOne) more = more.substr(0, more.find('\n'));
    if (text_.size() + more.size() > most_bytes_) return false;
    text_.insert(cursor_, more);
    cursor_ += more.size();
    return true;
}

std::vector<TextEdit::Range> TextEdit::layout(int cols, Charset charset) const {
    std::vector<Range> out;
    const std::string_view text = text_;
    std::size_t start = 0;
    while (true) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        std::size_t line = start;
        int used = 0;
        std::size_t last = start;  // behind the glyph before
        for (const Glyph& glyph : glyphs_of(text.substr(start, end - start), charset)) {
            if (used + glyph.width > cols && last > line) {
                out.emplace_back(line, last);
                line = last;
                used = 0;
            }
            used += glyph.width;
            last = start + glyph.end;
        }
        out.emplace_back(line, end);
        if (used >= cols && end == text.size()) out.emplace_back(end, end);  // room for the cursor
        if (end == text.size()) return out;
        start = end + 1;
    }
}

int TextEdit::rows(int cols, Charset charset) const { return static_cast<int>(layout(std::max(cols, 1), charset).size()); }

void TextEdit::draw(Frame& frame, Area area, bool focused) const {
    if (lines_ == Lines::kOne) return draw_one_line(frame, area, focused);
    const std::vector<Range> lines = layout(std::max(area.cols, 1), frame.charset());
    std::size_t at = 0;
    while (at + 1 < lines.size() && lines[at + 1].first <= cursor_) ++at;
    const auto height = static_cast<std::size_t>(std::max(area.rows, 1));
    const std::size_t top = at < height ? 0 : at - height + 1;
    const std::string_view text = text_;
    for (std::size_t i = top; i < lines.size() && i < top + height; ++i) {
        const auto [start, end] = lines[i];
        frame.put_fitted(area.row + static_cast<int>(i - top), area.col, area.cols, text.substr(start, end - start),
                         {Role::kText});
    }
    const int column = display_width(text.substr(lines[at].first, cursor_ - lines[at].first), frame.charset());
    if (focused) frame.cursor = Point{area.row + static_cast<int>(at - top), area.col + std::min(column, area.cols - 1)};
}

void TextEdit::draw_one_line(Frame& frame, Area area, bool focused) const {
    std::size_t first = 0;
    const std::string_view text = text_;
    while (first < cursor_ && display_width(text.substr(first, cursor_ - first), frame.charset()) >= area.cols)
        first = after(first);
    frame.put_fitted(area.row, area.col, area.cols, text.substr(first), {Role::kInput});
    const int column = display_width(text.substr(first, cursor_ - first), frame.charset());
    if (focused) frame.cursor = Point{area.row, area.col + column};
}

bool SecretEdit::on_key(const Key& key) {
    if (key.code == KeyCode::kBackspace) {
        std::size_t size = secret_.size();
        while (size > 0 && (secret_.data()[size - 1] & 0xC0U) == 0x80) --size;
        if (size > 0) secret_.truncate(size - 1);
        return true;
    }
    if (key == ctrl(U'u')) {
        secret_.reset();
        return true;
    }
    if (key.code != KeyCode::kChar) return false;
    std::array<std::uint8_t, 4> typed{};
    const WipeOnExit guard(typed);
    std::size_t length = 0;
    if (key.character < 0x80) {
        typed[length++] = static_cast<std::uint8_t>(key.character);
    } else {
        if (key.character >= 0x10000) {
            typed[length++] = static_cast<std::uint8_t>(0xF0 | (key.character >> 18U));
            typed[length++] = static_cast<std::uint8_t>(0x80 | ((key.character >> 12U) & 0x3FU));
        } else if (key.character >= 0x800) {
            typed[length++] = static_cast<std::uint8_t>(0xE0 | (key.character >> 12U));
        }
        const bool is_two_bytes = length == 0;
        typed[length++] = static_cast<std::uint8_t>((is_two_bytes ? 0xC0 : 0x80) |
                                                    ((key.character >> 6U) & (is_two_bytes ? 0x1FU : 0x3FU)));
        typed[length++] = static_cast<std::uint8_t>(0x80 | (key.character & 0x3FU));
    }
    if (secret_.size() + length <= kMostBytes) secret_.append(ByteView(typed).first(length));
    return true;
}

bool SecretEdit::paste(const SecretBytes& pasted) {
    const ByteView bytes = pasted.view();
    const auto end = std::ranges::find(bytes, static_cast<std::uint8_t>('\n'));
    const auto length = static_cast<std::size_t>(end - bytes.begin());
    if (secret_.size() + length > kMostBytes) return false;
    secret_.append(bytes.first(length));
    return true;
}

}  // namespace keydeck::ui
