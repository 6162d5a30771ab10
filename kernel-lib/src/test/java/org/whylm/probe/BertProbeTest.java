package org.whylm.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.whylm.data.Example;
import org.whylm.data.TextDataset;
import org.whylm.lm.Bert;

/** The column BERT on a tiny BERT whose states are themselves held to transformers' (BertTest). */
class BertProbeTest {

    /** Texts that end in one of two words: trivial for any encoder of the text, at chance if labels and rows were mixed up. */
    private static List<Example> examples(int from, int count) {
        var examples = new ArrayList<Example>();
        for (int i = from; i < from + count; i++) {
            examples.add(new Example("number " + i + (i % 2 == 0 ? " charming" : " tepid"), i % 2));
        }
        return examples;
    }

    @Test
    void accuraciesStandInTheRowsOfTheTable() {
        var data = new TextDataset("toy", List.of("good", "bad"), examples(0, 40), examples(100, 20));
        try (var bert = Bert.load(Path.of("src/test/resources/fixtures/tiny-bert"))) {
            var results = BertProbe.results(bert, data, " This movie is", Scaling.STANDARDIZED);
            assertEquals(
                    List.of("toy", "toy*"), results.stream().map(Result::row).toList());
            assertEquals(20, results.get(0).correct().length);
            assertEquals(1, results.get(0).accuracy().value(), 0.1);
            assertEquals(
                    1, BertProbe.results(bert, data, "", Scaling.STANDARDIZED).size());
        }
    }
}
