package org.whylm.train;

import java.util.Arrays;
import java.util.List;
import org.whylm.run.Sha256;

/**
 * Documents as the states that the frozen blocks of a pretrained model make of them: example {@code i} is document {@code i}, and
 * each position but the last has a next word.
 *
 * @param states of each document, {@code L×d}, from {@link org.whylm.lm.LanguageModel#statesAfter}
 * @param documents token ids of each document, {@code L}
 */
public record CachedStates(List<float[][]> states, List<int[]> documents) implements TrainingData {

    /** @throws IllegalArgumentException if a document has fewer than two tokens, or not as many states as tokens */
    public CachedStates {
        if (states.size() != documents.size()) {
            throw new IllegalArgumentException(states.size() + " states and " + documents.size() + " documents");
        }
        for (int example = 0; example < states.size(); example++) {
            int length = documents.get(example).length;
            if (length < 2 || states.get(example).length != length) {
                throw new IllegalArgumentException("Document " + example + " has " + length + " tokens and "
                        + states.get(example).length + " states: give one state a token, and at least two");
            }
        }
    }

    @Override
    public int size() {
        return documents.size();
    }

    @Override
    public int length(int example) {
        return documents.get(example).length;
    }

    @Override
    public int[] targets(int example) {
        return Arrays.copyOfRange(documents.get(example), 1, length(example));
    }

    /** Of the token ids: states that are made again by another process may differ in the last bit. */
    @Override
    public String sha256() {
        var ids = documents.stream().map(Arrays::toString).toList();
        return Sha256.of(String.join("\n", ids));
    }
}
