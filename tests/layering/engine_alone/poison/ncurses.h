#error "the engine reached for a terminal"
