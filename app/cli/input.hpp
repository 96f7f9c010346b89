// What a command reads: files, standard input, and the person at the terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/error.hpp"
#include "engine/types.hpp"

namespace keydeck::cli {

inline constexpr std::size_t kTextLimit = 256UL * 1024 * 1024;
inline constexpr std::size_t kSecretLimit = 64UL * 1024;

/// An open file, or standard input for `-`; closed when it goes.
class InputFile {
public:
    /// Errors: not_found, denied, invalid_input (a directory), unavailable.
    static Result<InputFile> open(const std::string& path);
    InputFile(InputFile&& other) noexcept;
    InputFile& operator=(InputFile&&) = delete;
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;
    ~InputFile();

    /// Reads up to `size` bytes; fewer only at the end. Error: unavailable.
    Result<std::size_t> read(std::uint8_t* out, std::size_t size);
    [[nodiscard]] const std::string& name() const { return name_; }

private:
    InputFile(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}
    int descriptor_ = -1;
    std::string name_;  ///< for error sentences
};

/// The whole file, or standard input for `-`. Errors: those of InputFile; invalid_input past `limit` bytes.
Result<std::string> read_text(const std::string& path, std::size_t limit = kTextLimit);

/// The same straight into locked memory.
Result<SecretBytes> read_secret(const std::string& path, std::size_t limit = kSecretLimit);

/// The secret without spaces, tabs and line ends at both ends.
[[nodiscard]] SecretBytes trimmed(const SecretBytes& secret);

/// A file's first line without its newline. Error: invalid_input where it is empty.
Result<SecretBytes> read_passphrase_file(const std::string& path);

/// Asks on standard error and reads one line from the terminal without echo. The terminal's modes come back whatever
/// happens, signals included. Errors: cancelled (end of input), unavailable (standard input is no terminal).
Result<SecretBytes> prompt_secret(std::string_view prompt);

/// Asks twice. Errors: those of prompt_secret; invalid_input where the two differ or are empty.
Result<SecretBytes> prompt_new_passphrase(std::string_view what);

/// Asks on standard error and reads one line from standard input, without its newline. Error: cancelled at end of input.
Result<std::string> ask(std::string_view prompt);

/// JSON values from a file that may be larger than memory should hold: pieces of some megabytes, each of whole values.
class JsonPieces {
public:
    explicit JsonPieces(InputFile file) : file_(std::move(file)) {}
    /// The next piece, or nothing at the end. Valid until the next call. Errors: those of InputFile; invalid_input for one
    /// value longer than kTextLimit.
    Result<std::optional<std::string_view>> next();
    /// Whether the last piece has been given.
    [[nodiscard]] bool at_end() const { return at_end_ && rest_.empty(); }

private:
    Status fill(std::size_t wanted);
    InputFile file_;
    std::string piece_;
    std::string rest_;
    bool at_end_ = false;
};

/// Creates a file (0600) with this text; an existing one is never touched. Errors: already_exists, denied, unavailable.
Status write_new_file(const std::string& path, std::string_view content);

}  // namespace keydeck::cli
