package org.whylm.lm;

import java.util.Optional;
import java.util.Set;
import org.whylm.lm.weights.Gguf;

/** The metadata of a GGUF file as settings of a model. */
final class GgufSettings extends Settings {

    private static final String EMBEDDINGS = "token_embd.weight";

    private final Gguf file;

    GgufSettings(Gguf file) {
        this.file = file;
    }

    /**
     * {@code V}.
     *
     * @param at prefix of the architecture's keys
     * @throws UnsupportedModelException if there is not one row of the embeddings a token
     */
    int vocabulary(String at) {
        if (!file.names().contains(EMBEDDINGS) || file.shape(EMBEDDINGS).length != 2) {
            throw unsupported("no matrix '" + EMBEDDINGS + "'");
        }
        long rows = file.shape(EMBEDDINGS)[0];
        require(at + "vocab_size", rows);
        int tokens = file.metadata().strings("tokenizer.ggml.tokens").size();
        if (rows != tokens) {
            throw unsupported("'" + EMBEDDINGS + "' has " + rows + " rows for " + tokens + " tokens");
        }
        return tokens;
    }

    @Override
    Set<String> keys() {
        return file.metadata().keys();
    }

    @Override
    Optional<?> stored(String key) {
        return file.metadata().has(key) ? Optional.of(file.metadata().value(key)) : Optional.empty();
    }

    @Override
    UnsupportedModelException unsupported(String problem) {
        return new UnsupportedModelException(file.source(), problem);
    }
}
