// Text being typed: one line or many.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ui/terminal/frame.hpp"
#include "ui/terminal/key.hpp"

namespace keydeck::ui {

enum class Lines : std::uint8_t { kOne, kMany };

/// Holds the bytes exactly as they were typed or pasted; hidden characters show as tokens and stay in the text.
/// With Lines::kOne a paste ends at its first line break.
class TextEdit {
public:
    explicit TextEdit(std::size_t most_bytes, Lines lines = Lines::kOne) : most_bytes_(most_bytes), lines_(lines) {}

    [[nodiscard]] const std::string& text() const { return text_; }
    void set(std::string text);
    /// Whether the key was one for editing.
    bool on_key(const Key& key);
    /// Inserts at the cursor. False, and nothing inserted, when the text would become too long.
    bool insert(std::string_view more);
    /// Rows that the whole text takes in `cols` columns.
    [[nodiscard]] int rows(int cols, Charset charset) const;
    /// Draws the part around the cursor; sets the frame's cursor when focused.
    void draw(Frame& frame, Area area, bool focused) const;

private:
    using Range = std::pair<std::size_t, std::size_t>;
    [[nodiscard]] std::vector<Range> layout(int cols, Charset charset) const;
    [[nodiscard]] std::size_t before(std::size_t position) const;
    [[nodiscard]] std::size_t after(std::size_t position) const;
    [[nodiscard]] std::size_t line_start() const;
    [[nodiscard]] std::size_t line_end() const;
    void draw_one_line(Frame& frame, Area area, bool focused) const;
    void move_line(int direction);

    std::size_t most_bytes_;
    Lines lines_;
    std::string text_;
    std::size_t cursor_ = 0;  ///< byte offset, always between two glyphs
};

/// A passphrase being typed: in locked memory, never shown, not even its length.
class SecretEdit {
public:
    static constexpr std::size_t kMostBytes = 1024;

    [[nodiscard]] const SecretBytes& secret() const { return secret_; }
    [[nodiscard]] SecretBytes take() { return std::move(secret_); }
    bool on_key(const Key& key);
    /// Takes the paste's first line. False when it is too long.
    bool paste(const SecretBytes& pasted);

private:
    SecretBytes secret_;
};

}  // namespace keydeck::ui
