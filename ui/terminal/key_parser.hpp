// Bytes from the terminal to keys and pastes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ui/terminal/key.hpp"

namespace keydeck::ui {

/// Reads what ECMA-48 terminals send (xterm, tmux, screen, the Linux console, vt100, rxvt), UTF-8 and bracketed paste.
/// Whatever it does not know it swallows whole, so that the tail of an unknown sequence is never taken for keys. Bytes may
/// come in any pieces.
class KeyParser {
public:
    /// An Esc that nothing follows within this time is the key.
    static constexpr std::chrono::milliseconds kEscapeDelay{25};
    /// A paste that nothing follows within this time has lost its end.
    static constexpr std::chrono::milliseconds kPasteSilence{5000};
    static constexpr std::size_t kMaximumPaste = std::size_t{1} << 20U;

    /// Takes bytes and appends the inputs they complete.
    void feed(ByteView bytes, std::vector<Input>& out);
    /// Says that nothing came for as long as wait() asked: an unfinished sequence is given up, a lone Esc becomes the key.
    void time_out(std::vector<Input>& out);
    /// How long to wait for more before time_out(); none while nothing is unfinished.
    [[nodiscard]] std::optional<std::chrono::milliseconds> wait() const;
    /// Forgets what is unfinished.
    void reset();

private:
    enum class State : std::uint8_t {
        kGround,
        kUtf8,
        kEscape,
        kCsi,
        kLinuxFunction,
        kSs3,
        kString,
        kStringEscape,
        kMouse,
        kPaste
    };

    void take(std::uint8_t byte, std::vector<Input>& out);
    void take_ground(std::uint8_t byte, std::vector<Input>& out);
    void take_utf8(std::uint8_t byte, std::vector<Input>& out);
    void take_escape(std::uint8_t byte, std::vector<Input>& out);
    void take_csi(std::uint8_t byte, std::vector<Input>& out);
    void take_string(std::uint8_t byte, std::vector<Input>& out);
    void take_paste(std::uint8_t byte, std::vector<Input>& out);
    void finish_csi(char final, std::vector<Input>& out);
    void finish_paste(std::vector<Input>& out);
    void flush_paste_buffer();

    State state_ = State::kGround;
    std::string sequence_;  ///< parameters of a CSI, or the bytes of an unfinished character; no secret
    std::size_t awaited_ = 0;
    SecretBytes paste_;
    SecretBytes paste_buffer_;  ///< gathers bytes so that paste_ grows in steps
    std::size_t paste_buffered_ = 0;
    std::size_t paste_matched_ = 0;  ///< how much of the end marker has been seen
    bool paste_too_long_ = false;
    bool paste_after_return_ = false;
};

}  // namespace keydeck::ui
