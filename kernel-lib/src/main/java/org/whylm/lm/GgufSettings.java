package org.whylm.lm;

import java.util.Optional;
import java.util.Set;
import org.whylm.lm.weights.Gguf;

/** The metadata of a GGUF file as settings of a model. */
final class GgufSettings extends Settings {

    private final Gguf file;

    GgufSettings(Gguf file) {
        this.file = file;
    }

    @Override
    Set<String> keys() {
        return file.metadata().keys();
    }

    @Override
    Optional<?> value(String key) {
        return file.metadata().has(key) ? Optional.of(file.metadata().value(key)) : Optional.empty();
    }

    @Override
    UnsupportedModelException unsupported(String problem) {
        return new UnsupportedModelException(file.source(), problem);
    }
}
