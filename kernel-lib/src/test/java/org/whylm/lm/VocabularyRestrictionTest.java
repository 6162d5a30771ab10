package org.whylm.lm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VocabularyRestrictionTest {

    private static final Path TOKENIZER =
            Path.of("src", "test", "resources", "fixtures", "tiny-gpt2", "tokenizer.json");

    @Test
    void frequentTokensAreKeptInOrder() {
        var kept = VocabularyRestriction.of(List.of(new int[] {5, 1, 5, 9}, new int[] {9, 2, 1}), 10, 2, 0);
        assertArrayEquals(new int[] {0, 1, 5, 9}, kept.kept());
        assertEquals(5, kept.size());
        assertEquals(4, kept.unknown());
        assertArrayEquals(new int[] {2, 4, 3, 4, 0}, kept.restrict(new int[] {5, 2, 9, 8, 0}));
        assertThrows(IllegalArgumentException.class, () -> kept.restrict(new int[] {10}));
    }

    @Test
    void unsoundVocabulariesAreRefused(@TempDir Path folder) throws IOException {
        assertThrows(IllegalArgumentException.class, () -> new VocabularyRestriction(3, new int[] {1, 1}));
        assertThrows(IllegalArgumentException.class, () -> new VocabularyRestriction(3, new int[] {3}));
        for (var json : List.of("", "[", "{}", "{\"originalSize\": 3, \"kept\": [2, 1]}")) {
            Files.writeString(folder.resolve("vocabulary.json"), json);
            var failure = assertThrows(UnsupportedModelException.class, () -> VocabularyRestriction.read(folder), json);
            assertTrue(failure.getMessage().contains("vocabulary.json"));
        }
    }

    @Test
    void tokenizerMapsAndIsWritten(@TempDir Path folder) {
        try (var whole = Tokenizer.fromJson(TOKENIZER)) {
            var text = "A gorgeous movie.";
            var kept = VocabularyRestriction.of(List.of(whole.encode(text)), whole.size(), 1);
            var restricted = whole.restrictedTo(kept);
            assertEquals(kept.size(), restricted.size());
            assertEquals(text, restricted.decode(restricted.encode(text)));
            var ids = restricted.encode("A gorgeous Q movie.");
            assertTrue(java.util.Arrays.stream(ids).anyMatch(id -> id == kept.unknown()));
            assertTrue(restricted.decode(ids).contains("\uFFFD"));
            assertThrows(IndexOutOfBoundsException.class, () -> restricted.token(kept.size()));
            assertThrows(IllegalArgumentException.class, () -> restricted.restrictedTo(kept));

            restricted.write(folder);
            assertArrayEquals(kept.kept(), VocabularyRestriction.read(folder).kept());
            try (var read = Tokenizer.fromJson(folder.resolve("tokenizer.json"))) {
                assertArrayEquals(whole.encode(text), read.encode(text));
            }
        }
    }
}
