package org.whylm.features;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.whylm.data.Task;
import org.whylm.lm.Tokenizer;

/** The features of one row of Table 1: what of a text the linear classifier sees. */
public sealed interface FeatureKind permits FeatureKind.Vectors, FeatureKind.Distribution {

    /** Features of so few dimensions that those of all texts can be held. */
    sealed interface Vectors extends FeatureKind permits HiddenState, ConditionalMean, Words, Projection {

        /** The classifier's inputs, {@code n×dimension}. */
        float[][] of(Features features);
    }

    /**
     * The kinds of Table 1 in its order: {@code f}, {@code Φp_f}, and the logits of the task's word lists {@code subset},
     * {@code classWords} and {@code posNeg}. A list of which no word is a single token is left out.
     *
     * @throws IllegalArgumentException if the task lacks a list
     */
    static List<FeatureKind> ofTable1(Task task, Tokenizer tokenizer) {
        var kinds = new ArrayList<FeatureKind>(List.of(new HiddenState(), new ConditionalMean()));
        wordLists(task, tokenizer).forEach((label, list) -> {
            if (!list.isEmpty()) {
                kinds.add(Words.logits(label, list));
            }
        });
        return List.copyOf(kinds);
    }

    /**
     * The labels of the kinds that {@link #ofTable1} leaves out.
     *
     * @throws IllegalArgumentException if the task lacks a list
     */
    static List<String> missingFromTable1(Task task, Tokenizer tokenizer) {
        return wordLists(task, tokenizer).entrySet().stream()
                .filter(list -> list.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .toList();
    }

    private static Map<String, WordList> wordLists(Task task, Tokenizer tokenizer) {
        var lists = new LinkedHashMap<String, WordList>();
        lists.put("p_f subset", WordList.of(tokenizer, task.words("subset")));
        lists.put("p_f class words", WordList.of(tokenizer, task.words("classWords")));
        lists.put("p_f pos/neg", WordList.of(tokenizer, task.words("posNeg")));
        return lists;
    }

    /** How it is written in a table. */
    String label();

    /** {@code f}: the hidden state, {@code d}-dimensional. */
    record HiddenState() implements Vectors {
        @Override
        public String label() {
            return "f";
        }

        @Override
        public float[][] of(Features features) {
            return features.f();
        }
    }

    /** {@code Φp_f}: the conditional mean, {@code d}-dimensional. */
    record ConditionalMean() implements Vectors {
        @Override
        public String label() {
            return "Φp_f";
        }

        @Override
        public float[][] of(Features features) {
            return features.conditionalMean();
        }
    }

    /** How a word of a list is measured. */
    enum Measure {
        /** {@code φ_w·f(s)}, what the authors' script uses. */
        LOGIT,
        /** {@code p_f(s)(w)}. */
        PROBABILITY,
        /** {@code log p_f(s)(w)}. */
        LOG_PROBABILITY
    }

    /**
     * {@code p_f} restricted to a few words.
     *
     * @param label name of the word list
     * @param words the words, as single tokens; at least one
     * @param measure how each is measured
     */
    record Words(String label, WordList words, Measure measure) implements Vectors {

        /** @throws IllegalArgumentException if none of the words is a single token */
        public Words {
            if (words.isEmpty()) {
                throw new IllegalArgumentException(
                        "None of the words " + words.words() + " is a single token of the vocabulary");
            }
        }

        /** The words' logits, what the authors' script uses. */
        public static Words logits(String label, WordList words) {
            return new Words(label, words, Measure.LOGIT);
        }

        @Override
        public float[][] of(Features features) {
            return switch (measure) {
                case LOGIT -> features.wordLogits(words);
                case PROBABILITY -> features.wordProbabilities(words);
                case LOG_PROBABILITY -> features.wordLogProbabilities(words);
            };
        }
    }

    /**
     * {@code A p_f}: all probabilities, projected at random.
     *
     * @param projection {@code A}, {@code d×V} with orthonormal rows
     */
    record Projection(RandomProjection projection) implements Vectors {
        @Override
        public String label() {
            return "A p_f";
        }

        @Override
        public float[][] of(Features features) {
            return projection.of(features);
        }
    }

    /**
     * All of {@code p_f}, {@code V}-dimensional: never held, classifiers see inner products of its texts
     * ({@code org.whylm.probe.DistributionGram}).
     */
    record Distribution() implements FeatureKind {
        @Override
        public String label() {
            return "p_f";
        }
    }
}
