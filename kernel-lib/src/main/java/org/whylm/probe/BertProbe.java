package org.whylm.probe;

import java.util.ArrayList;
import java.util.List;
import org.whylm.data.TextDataset;
import org.whylm.lm.Bert;

/** Table 1's column BERT: linear classification from the transformed {@code [CLS]} state, for comparison. */
public final class BertProbe {

    private BertProbe() {}

    /**
     * The results of Table 1's column: on the texts alone and, if there is a prompt, on texts and prompt.
     *
     * @param prompt follows each text in the second row; empty for the first row only
     * @throws IllegalArgumentException if a split is empty or a text has no tokens
     */
    public static List<Result> results(Bert bert, TextDataset data, String prompt, Scaling scaling) {
        var results = new ArrayList<Result>();
        results.add(result(bert, data, "", scaling));
        if (!prompt.isEmpty()) {
            results.add(result(bert, data, prompt, scaling));
        }
        return results;
    }

    private static Result result(Bert bert, TextDataset data, String prompt, Scaling scaling) {
        var texts =
                data.examples().stream().map(example -> example.text() + prompt).toList();
        var validation = CrossValidation.ofScript(data.train().size());
        var classification = LinearClassification.evaluate(data, bert.f(texts), scaling, validation);
        return Result.of(data.name(), "BERT f", !prompt.isEmpty(), classification);
    }
}
