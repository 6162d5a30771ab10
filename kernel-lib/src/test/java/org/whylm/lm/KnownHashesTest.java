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

/** A model of the hub's cache is loaded as the hub announced it, or not at all, by name and by path; without Python, by whatever program it came. */
class KnownHashesTest {

    @TempDir
    Path cache;

    @Test
    void aFileOfTheCacheThatChangedIsRefused() throws IOException {
        var folder = cache.resolve("models--org--tiny");
        var model = Files.createDirectories(folder.resolve("snapshots/0123"));
        var blobs = Files.createDirectories(folder.resolve("blobs"));
        for (var name : List.of("config.json", "tokenizer.json", "model.safetensors")) {
            var file = Path.of("src/test/resources/fixtures/tiny-gpt2", name);
            var blob = Files.copy(file, blobs.resolve(Sha256.of(file)));
            Files.createSymbolicLink(model.resolve(name), model.relativize(blob));
        }
        Files.writeString(Files.createDirectories(folder.resolve("refs")).resolve("main"), "0123");
        System.setProperty("whylm.hub.cache", cache.toString());
        System.setProperty("whylm.python", cache.resolve("none").toString());
        try {
            for (var name : List.of("hub:org/tiny", "hub:org/tiny@0123", model.toString())) {
                LanguageModels.load(name).close();
            }
            var weights = Files.readAllBytes(model.resolve("model.safetensors"));
            weights[weights.length - 2] ^= 1;
            Files.write(model.resolve("model.safetensors"), weights);
            var link = Files.createSymbolicLink(cache.resolve("link"), model);
            for (var name : List.of("hub:org/tiny", model.toString(), link.toString())) {
                var error = assertThrows(UnsupportedModelException.class, () -> LanguageModels.load(name));
                assertTrue(error.getMessage().contains("model.safetensors has SHA-256 "), error.getMessage());
            }
            Files.writeString(model.resolve("tokenizer.json"), "{}"); // no tokenizer, but that is not what is told
            var error = assertThrows(UnsupportedModelException.class, () -> LanguageModels.load(model.toString()));
            assertTrue(error.getMessage().contains(" has SHA-256 "), error.getMessage());
        } finally {
            System.clearProperty("whylm.hub.cache");
            System.clearProperty("whylm.python");
        }
    }
}
