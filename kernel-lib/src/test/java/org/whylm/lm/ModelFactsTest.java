package org.whylm.lm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** What a model tells of itself; the number of a GPT-2's parameters is that of its published layout, counted by hand. */
class ModelFactsTest {

    private static final Path FIXTURES = Path.of("src", "test", "resources", "fixtures");

    @Test
    void aDirectory() {
        var folder = FIXTURES.resolve("tiny-gpt2");
        var model = LanguageModels.load(folder.toString());
        try (model) {
            var facts = model.facts();
            long d = model.dimension();
            long parameters = model.vocabularySize() * d
                    + model.maximumLength() * d
                    + model.blocks() * (12 * d * d + 13 * d)
                    + 2 * d;
            assertEquals(String.format(Locale.ROOT, "%,d", parameters), facts.get("parameters"));
            assertEquals("F32", facts.get("stored as"));
            assertTrue(Path.of(facts.get("from")).endsWith("tiny-gpt2"), facts.get("from"));
            assertEquals("open", facts.get("state"));
        }
        assertEquals("closed", model.facts().get("state"));
    }

    @Test
    void aQuantisedFile() {
        try (var model = LanguageModels.load(
                FIXTURES.resolve("tiny-llama-gguf/q4_1.gguf").toString())) {
            assertTrue(model.facts().get("stored as").startsWith("Q4_1, "), model.toString());
            assertEquals("q4_1.gguf", model.facts().get("name"));
        }
    }
}
