package org.whylm.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.whylm.data.Example;
import org.whylm.data.TextDataset;
import org.whylm.lm.Tokenizer;

class BagOfWordsTest {

    private static final Path TOKENIZER =
            Path.of("src", "test", "resources", "fixtures", "tiny-gpt2", "tokenizer.json");

    /** One character decides the class, wherever it stands. */
    @Test
    void findsTheWordThatDecides() {
        var train = new ArrayList<Example>();
        var test = new ArrayList<Example>();
        for (int i = 0; i < 40; i++) {
            train.add(new Example("Q " + i, 0));
            train.add(new Example(i + " X", 1));
        }
        for (int i = 40; i < 50; i++) {
            test.add(new Example(i + " Q", 0));
            test.add(new Example("X " + i, 1));
        }
        try (var tokenizer = Tokenizer.fromJson(TOKENIZER)) {
            var data = new TextDataset("made up", List.of("q", "x"), train, test);
            var correct = BagOfWords.result(data, tokenizer, CrossValidation.ofScript(80))
                    .correct();
            assertEquals(20, correct.length);
            for (boolean right : correct) {
                assertTrue(right);
            }
        }
    }

    @Test
    void nothingInCommonIsAnError() {
        var data = new TextDataset(
                "made up",
                List.of("a", "b"),
                List.of(new Example("x", 0), new Example("y", 1)),
                List.of(new Example("x", 0)));
        try (var tokenizer = Tokenizer.fromJson(TOKENIZER)) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> BagOfWords.result(data, tokenizer, CrossValidation.ofScript(2)));
        }
    }
}
