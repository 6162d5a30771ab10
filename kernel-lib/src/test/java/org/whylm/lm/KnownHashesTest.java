package org.whylm.lm;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.whylm.run.Sha256;

/** A fetched model is loaded as it was fetched, or not at all, by name and by path. */
class KnownHashesTest {

    @TempDir
    Path cache;

    @Test
    void aFileOfTheCacheThatChangedIsRefused() throws IOException {
        var model = Files.createDirectories(cache.resolve("models/org/tiny"));
        var lock = new StringBuilder("{\"repository\": \"org/tiny\", \"revision\": \"main\", \"files\": {");
        for (var name : List.of("config.json", "tokenizer.json", "model.safetensors")) {
            var file = Files.copy(Path.of("src/test/resources/fixtures/tiny-gpt2", name), model.resolve(name));
            lock.append(lock.charAt(lock.length() - 1) == '}' ? ", " : "")
                    .append("\"%s\": {\"path\": \"%s\", \"bytes\": %d, \"sha256\": \"%s\"}"
                            .formatted(name, name, Files.size(file), Sha256.of(file)));
        }
        Files.writeString(cache.resolve("models/org/tiny.lock.json"), lock + "}}");
        System.setProperty("whylm.cache", cache.toString());
        try {
            for (var name : List.of("hub:org/tiny", model.toString())) {
                LanguageModels.load(name).close();
            }
            var weights = Files.readAllBytes(model.resolve("model.safetensors"));
            weights[weights.length - 2] ^= 1;
            Files.write(model.resolve("model.safetensors"), weights);
            for (var name : List.of("hub:org/tiny", model.toString())) {
                var error = assertThrows(UnsupportedModelException.class, () -> LanguageModels.load(name));
                assertTrue(error.getMessage().contains("model.safetensors has SHA-256 "), error.getMessage());
            }
        } finally {
            System.clearProperty("whylm.cache");
        }
    }
}
