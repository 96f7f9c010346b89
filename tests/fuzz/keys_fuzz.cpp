// Bytes from a terminal: whatever comes, in whatever pieces, the parser returns to the ground state and reads the next key.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "ui/terminal/key_parser.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace keydeck;
    const ByteView bytes(data, size);
    ui::KeyParser whole;
    ui::KeyParser pieces;
    std::vector<ui::Input> from_whole;
    std::vector<ui::Input> from_pieces;
    whole.feed(bytes, from_whole);
    for (const std::uint8_t& byte : bytes) pieces.feed(ByteView(&byte, 1), from_pieces);
    if (from_whole.size() != from_pieces.size()) std::abort();
    for (const ui::Input& input : from_whole) {
        if (const auto* key = std::get_if<ui::Key>(&input)) static_cast<void>(ui::name_of(*key));
    }
    if (whole.wait()) whole.time_out(from_whole);
    if (whole.wait()) std::abort();
    from_whole.clear();
    const std::uint8_t letter = 'j';
    whole.feed(ByteView(&letter, 1), from_whole);
    if (from_whole.size() != 1 || std::get<ui::Key>(from_whole.front()) != ui::key(U'j')) std::abort();
    return 0;
}
