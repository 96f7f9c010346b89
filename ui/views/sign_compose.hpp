// The first half of signing: text, hex or JSON as the person gives it, turned into the bytes that will be signed.
#pragma once

#include <string>

#include "engine/types.hpp"
#include "ui/widgets/form.hpp"

namespace keydeck::ui {

/// What will be signed, independent of how it was typed.
struct SignInput {
    SigningKind kind = SigningKind::kMessage;
    std::string data;       ///< the message's bytes, or JSON
    std::string path;       ///< to be read into `data` first; empty: it is there
    std::string described;  ///< "text", or the file and its size
};

/// The fields for one kind. Text or hex, typed or from a file: the person says which, nothing is guessed.
class SignFields {
public:
    SignFields(Form& form, SigningKind kind);
    [[nodiscard]] SignInput input(const Scene& scene) const;
    /// The other reading of the same characters (messages only).
    void toggle_hex() { source_->choose(1 - source_->chosen()); }
    [[nodiscard]] bool reads_hex() const { return kind_ == SigningKind::kMessage && source_->chosen() == 1; }
    /// Whether the characters can be read in the other way too.
    [[nodiscard]] std::string toggle_problem() const;

private:
    void add_message(Form& form);
    void add_json(Form& form);

    SigningKind kind_;
    ChoiceField* source_ = nullptr;
    TextField* text_ = nullptr;
    TextField* path_ = nullptr;
};

/// The path with the home directory in place of `~/`.
[[nodiscard]] std::string expanded_path(const std::string& path);
/// Reads a file of at most 1 MiB; `~/` stands for the home directory. For a worker thread.
[[nodiscard]] Result<std::string> read_small_file(const std::string& path);

}  // namespace keydeck::ui
