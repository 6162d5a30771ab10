package org.whylm.probe;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.whylm.data.Example;
import org.whylm.data.TextDataset;
import org.whylm.lm.Bert;

/** Table 1's column BERT: linear classification from the transformed {@code [CLS]} state, for comparison. */
public final class BertProbe {

    private BertProbe() {}

    /**
     * Test accuracies by the rows of Table 1: the task's name for the texts alone, and with {@code *} for texts and prompt.
     *
     * @param prompt follows each text in the second row; empty for the first row only
     * @throws IllegalArgumentException if a split is empty or a text has no tokens
     */
    public static Map<String, Accuracy> accuracies(Bert bert, TextDataset data, String prompt, Scaling scaling) {
        var accuracies = new LinkedHashMap<String, Accuracy>();
        accuracies.put(data.name(), accuracy(bert, data, "", scaling));
        if (!prompt.isEmpty()) {
            accuracies.put(data.name() + "*", accuracy(bert, data, prompt, scaling));
        }
        return accuracies;
    }

    private static Accuracy accuracy(Bert bert, TextDataset data, String prompt, Scaling scaling) {
        var texts = Stream.concat(data.train().stream(), data.test().stream())
                .map(example -> example.text() + prompt)
                .toList();
        var f = bert.f(texts);
        int split = data.train().size();
        return LinearClassification.evaluate(
                        Arrays.copyOf(f, split),
                        labels(data.train()),
                        Arrays.copyOfRange(f, split, f.length),
                        labels(data.test()),
                        data.classes().size(),
                        scaling)
                .test();
    }

    private static int[] labels(List<Example> examples) {
        return examples.stream().mapToInt(Example::label).toArray();
    }
}
