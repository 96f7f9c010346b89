#include "ui/terminal/key_parser.hpp"

#include <array>
#include <charconv>
#include <string_view>

#include "engine/hidden_characters.hpp"
#include "ui/terminal/safe_text.hpp"

namespace keydeck::ui {
namespace {

constexpr std::uint8_t kEsc = 0x1B;
constexpr std::size_t kLongestSequence = 64;
constexpr std::string_view kPasteEnd = "\x1b[201~";
constexpr std::size_t kPasteStep = 4096;

Key control_key(std::uint8_t byte) {
    switch (byte) {
        case 0x00:
            return ctrl(U' ');
        case 0x08:
        case 0x7F:
            return key(KeyCode::kBackspace);
        case 0x09:
            return key(KeyCode::kTab);
        case 0x0A:
        case 0x0D:
            return key(KeyCode::kEnter);
        default:
            break;
    }
    if (byte <= 0x1A) return ctrl(static_cast<char32_t>(U'a' + byte - 1));
    return {};  // Ctrl-\ ] ^ _
}

Key cursor_key(char final) {
    switch (final) {
        case 'A':
            return key(KeyCode::kUp);
        case 'B':
            return key(KeyCode::kDown);
        case 'C':
            return key(KeyCode::kRight);
        case 'D':
            return key(KeyCode::kLeft);
        case 'F':
            return key(KeyCode::kEnd);
        case 'H':
            return key(KeyCode::kHome);
        case 'P':
            return function_key(1);
        case 'Q':
            return function_key(2);
        case 'R':
            return function_key(3);
        case 'S':
            return function_key(4);
        case 'Z':
            return key(KeyCode::kBackTab);
        default:
            return {};
    }
}

Key tilde_key(int number) {
    switch (number) {
        case 1:
        case 7:
            return key(KeyCode::kHome);
        case 2:
            return key(KeyCode::kInsert);
        case 3:
            return key(KeyCode::kDelete);
        case 4:
        case 8:
            return key(KeyCode::kEnd);
        case 5:
            return key(KeyCode::kPageUp);
        case 6:
            return key(KeyCode::kPageDown);
        default:
            break;
    }
    constexpr std::array<int, 12> kFunctionNumbers{11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24};
    for (std::size_t i = 0; i < kFunctionNumbers.size(); ++i) {
        if (kFunctionNumbers[i] == number) return function_key(static_cast<char32_t>(i + 1));
    }
    return {};
}

// The keypad of a vt100 in application mode, beside the cursor keys.
Key ss3_key(char final) {
    if (final == 'M') return key(KeyCode::kEnter);
    if (final >= 'j' && final <= 'y') return key(static_cast<char32_t>(final - 0x40));
    return cursor_key(final);
}

// `CSI code ; modifiers u`, which some terminals send for keys that have no byte of their own.
Key unicode_key(int code, int modifiers) {
    const unsigned bits = modifiers > 0 ? static_cast<unsigned>(modifiers - 1) : 0U;
    const bool with_alt = (bits & 2U) != 0;
    const bool with_ctrl = (bits & 4U) != 0;
    if (code == 27) return key(KeyCode::kEscape);
    if (code == 9 && (bits & 1U) != 0) return key(KeyCode::kBackTab);
    if (code >= 0 && code < 0x20) return control_key(static_cast<std::uint8_t>(code));
    if (code == 127) return key(KeyCode::kBackspace);
    if (with_alt) return {KeyCode::kAlt, static_cast<char32_t>(code)};
    if (with_ctrl) return code >= 'a' && code <= 'z' ? ctrl(static_cast<char32_t>(code)) : Key{};
    if (code > 0x10FFFF || is_hidden_character(static_cast<char32_t>(code))) return {};
    return key(static_cast<char32_t>(code));
}

// The first two parameters of a CSI; -1 where there is none or no number.
std::array<int, 2> parameters_of(std::string_view sequence) {
    std::array<int, 2> out{-1, -1};
    for (int& each : out) {
        const std::size_t end = sequence.find(';');
        const std::string_view part = sequence.substr(0, end);
        const auto [stop, error] = std::from_chars(part.data(), part.data() + part.size(), each);
        if (error != std::errc{} || stop != part.data() + part.size()) each = -1;
        if (end == std::string_view::npos) break;
        sequence.remove_prefix(end + 1);
    }
    return out;
}

void emit(std::vector<Input>& out, const Key& pressed) {
    if (pressed.code != KeyCode::kNone) out.emplace_back(pressed);
}

}  // namespace

void KeyParser::feed(ByteView bytes, std::vector<Input>& out) {
    for (const std::uint8_t byte : bytes) take(byte, out);
}

void KeyParser::take(std::uint8_t byte, std::vector<Input>& out) {
    switch (state_) {
        case State::kGround:
            return take_ground(byte, out);
        case State::kUtf8:
            return take_utf8(byte, out);
        case State::kEscape:
            return take_escape(byte, out);
        case State::kCsi:
            return take_csi(byte, out);
        case State::kPaste:
            return take_paste(byte, out);
        case State::kString:
        case State::kStringEscape:
            return take_string(byte, out);
        case State::kLinuxFunction:
            state_ = State::kGround;
            if (byte >= 'A' && byte <= 'E') emit(out, function_key(static_cast<char32_t>(byte - 'A' + 1)));
            return;
        case State::kSs3:
            state_ = State::kGround;
            if (byte < 0x20) return take_ground(byte, out);
            return emit(out, ss3_key(static_cast<char>(byte)));
        case State::kMouse:
            if (--awaited_ == 0) state_ = State::kGround;
            return;
    }
}

void KeyParser::take_ground(std::uint8_t byte, std::vector<Input>& out) {
    sequence_.clear();
    if (byte == kEsc) {
        state_ = State::kEscape;
    } else if (byte < 0x20 || byte == 0x7F) {
        emit(out, control_key(byte));
    } else if (byte < 0x80) {
        emit(out, key(static_cast<char32_t>(byte)));
    } else if (byte >= 0xC2 && byte <= 0xF4) {
        sequence_.push_back(static_cast<char>(byte));
        awaited_ = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : 1;
        state_ = State::kUtf8;
    }
}

void KeyParser::take_utf8(std::uint8_t byte, std::vector<Input>& out) {
    if ((byte & 0xC0U) != 0x80) {  // broken off: what stands here begins something new
        state_ = State::kGround;
        return take_ground(byte, out);
    }
    sequence_.push_back(static_cast<char>(byte));
    if (--awaited_ > 0) return;
    state_ = State::kGround;
    const DecodedCharacter decoded = decode_character(sequence_, 0);
    if (decoded.valid && decoded.length == sequence_.size()) emit(out, key(decoded.code));
    sequence_.clear();
}

void KeyParser::take_escape(std::uint8_t byte, std::vector<Input>& out) {
    state_ = State::kGround;
    switch (byte) {
        case kEsc:  // the first one was the key
            emit(out, key(KeyCode::kEscape));
            state_ = State::kEscape;
            return;
        case '[':
            state_ = State::kCsi;
            return;
        case 'O':
            state_ = State::kSs3;
            return;
        case ']':
        case 'P':
        case 'X':
        case '^':
        case '_':
            state_ = State::kString;
            return;
        default:
            break;
    }
    if (byte < 0x20 || byte == 0x7F) {
        emit(out, key(KeyCode::kEscape));
        return take_ground(byte, out);
    }
    if (byte < 0x80) return emit(out, {KeyCode::kAlt, static_cast<char32_t>(byte)});
    take_ground(byte, out);
}

void KeyParser::take_csi(std::uint8_t byte, std::vector<Input>& out) {
    if (byte == kEsc) {
        state_ = State::kEscape;
        sequence_.clear();
        return;
    }
    if (byte < 0x20 || byte > 0x7E) {  // no part of a sequence: give it up
        state_ = State::kGround;
        return;
    }
    if (byte < 0x40) {
        if (sequence_.size() < kLongestSequence) sequence_.push_back(static_cast<char>(byte));
        return;
    }
    if (byte == '[' && sequence_.empty()) {
        state_ = State::kLinuxFunction;
        return;
    }
    state_ = State::kGround;
    if (sequence_.size() < kLongestSequence) finish_csi(static_cast<char>(byte), out);
    sequence_.clear();
}

void KeyParser::finish_csi(char final, std::vector<Input>& out) {
    if (final == 'M' && sequence_.empty()) {  // an old mouse report: three bytes follow
        awaited_ = 3;
        state_ = State::kMouse;
        return;
    }
    for (const char c : sequence_) {
        if ((c < '0' || c > '9') && c != ';') return;  // private and intermediate bytes: replies and reports
    }
    const auto [first, second] = parameters_of(sequence_);
    if (final == 'u') return emit(out, unicode_key(first, second));
    if (final != '~') {
        const bool is_cursor_report = final == 'R' && first > 1;
        if (!is_cursor_report) emit(out, cursor_key(final));
        return;
    }
    if (first == 200) {
        state_ = State::kPaste;
        paste_buffer_ = SecretBytes(kPasteStep);
        paste_buffered_ = 0;
        paste_matched_ = 0;
        paste_too_long_ = false;
        paste_after_return_ = false;
        return;
    }
    emit(out, tilde_key(first));
}

// OSC, DCS and their like: replies of the terminal, up to BEL or ESC backslash.
void KeyParser::take_string(std::uint8_t byte, std::vector<Input>& out) {
    if (state_ == State::kStringEscape && byte != '\\') {
        state_ = State::kEscape;
        return take_escape(byte, out);
    }
    if (byte == 0x07 || (state_ == State::kStringEscape && byte == '\\')) {
        state_ = State::kGround;
    } else if (byte == kEsc) {
        state_ = State::kStringEscape;
    }
}

void KeyParser::flush_paste_buffer() {
    if (!paste_too_long_ && paste_.size() + paste_buffered_ > kMaximumPaste) {
        paste_too_long_ = true;
        paste_.reset();
    }
    if (!paste_too_long_) paste_.append(paste_buffer_.view().first(paste_buffered_));
    paste_buffered_ = 0;
}

void KeyParser::take_paste(std::uint8_t byte, std::vector<Input>& out) {
    const auto add = [this](std::uint8_t each) {
        if (paste_buffered_ == kPasteStep) flush_paste_buffer();
        paste_buffer_.data()[paste_buffered_++] = each;
    };
    if (byte == static_cast<std::uint8_t>(kPasteEnd[paste_matched_])) {
        if (++paste_matched_ == kPasteEnd.size()) finish_paste(out);
        return;
    }
    for (std::size_t i = 0; i < paste_matched_; ++i) add(static_cast<std::uint8_t>(kPasteEnd[i]));
    paste_matched_ = 0;
    if (byte == static_cast<std::uint8_t>(kPasteEnd[0])) {
        paste_matched_ = 1;
        return;
    }
    const bool second_half = byte == '\n' && paste_after_return_;  // terminals send \r, \n or both for a line end
    paste_after_return_ = byte == '\r';
    if (!second_half) add(byte == '\r' ? '\n' : byte);
}

void KeyParser::finish_paste(std::vector<Input>& out) {
    flush_paste_buffer();
    out.emplace_back(Paste{std::move(paste_), paste_too_long_});
    paste_ = SecretBytes();
    paste_buffer_.reset();
    paste_matched_ = 0;
    state_ = State::kGround;
}

void KeyParser::time_out(std::vector<Input>& out) {
    const State was = state_;
    if (was == State::kPaste) return finish_paste(out);
    reset();
    if (was == State::kEscape) emit(out, key(KeyCode::kEscape));
    if (was == State::kCsi || was == State::kLinuxFunction) emit(out, {KeyCode::kAlt, U'['});
    if (was == State::kSs3) emit(out, {KeyCode::kAlt, U'O'});
}

std::optional<std::chrono::milliseconds> KeyParser::wait() const {
    if (state_ == State::kGround) return std::nullopt;
    return state_ == State::kPaste ? kPasteSilence : kEscapeDelay;
}

void KeyParser::reset() {
    state_ = State::kGround;
    sequence_.clear();
    awaited_ = 0;
    paste_.reset();
    paste_buffer_.reset();
    paste_buffered_ = 0;
    paste_matched_ = 0;
}

}  // namespace keydeck::ui
