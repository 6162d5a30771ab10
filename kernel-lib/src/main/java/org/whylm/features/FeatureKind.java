package org.whylm.features;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.whylm.data.CatalogTask;
import org.whylm.lm.Tokenizer;
import org.whylm.run.Engine;
import org.whylm.run.Matrices;

/** The features of one row of Table 1: what of a text the linear classifier sees. */
public sealed interface FeatureKind permits FeatureKind.Vectors, FeatureKind.Distribution {

    /** Features of so few dimensions that those of all texts can be held. */
    sealed interface Vectors extends FeatureKind permits HiddenState, ConditionalMean, Words, Directions, Projection {

        /** The classifier's inputs, {@code n×dimension}. */
        float[][] of(Features features);
    }

    /**
     * The kinds of Table 1: {@code f}, {@code Φp_f}, the probabilities {@code p_f} of the task's word lists {@code subset},
     * {@code classWords} (each word stands for a class) and {@code posNeg}, which the theory is about, and then the logits {@code φ·f}
     * of the same words, which the authors' script uses: as many linear directions of {@code f}. A list without a token is
     * {@linkplain #missingFromTable1 left out}.
     *
     * @throws IllegalArgumentException if the task lacks a list
     */
    static List<FeatureKind> ofTable1(CatalogTask task, Tokenizer tokenizer) {
        var kinds = new ArrayList<FeatureKind>(List.of(new HiddenState(), new ConditionalMean()));
        var lists = wordLists(task, tokenizer);
        lists.values().removeIf(WordList::isEmpty);
        lists.forEach((name, list) -> kinds.add(Words.probabilities("p_f " + name, list)));
        lists.forEach((name, list) -> kinds.add(Words.logits("φ·f " + name, list)));
        return List.copyOf(kinds);
    }

    /**
     * Why {@link #ofTable1} leaves kinds out, by their labels.
     *
     * @throws IllegalArgumentException if the task lacks a list
     */
    static Map<String, String> missingFromTable1(CatalogTask task, Tokenizer tokenizer) {
        var reasons = new LinkedHashMap<String, String>();
        wordLists(task, tokenizer).forEach((name, list) -> {
            if (list.isEmpty()) {
                var why = "of " + String.join(", ", list.words()) + " the vocabulary has "
                        + (WordList.of(tokenizer, list.words()).isEmpty()
                                ? "no word as a single token"
                                : "no form for every class as a single token");
                reasons.put("p_f " + name, why);
                reasons.put("φ·f " + name, why);
            }
        });
        return reasons;
    }

    private static Map<String, WordList> wordLists(CatalogTask task, Tokenizer tokenizer) {
        var lists = new LinkedHashMap<String, WordList>();
        lists.put("subset", WordList.of(tokenizer, task.words("subset")));
        lists.put(
                "class words",
                ClassWords.ofOneEach(tokenizer, task.words("classWords")).together());
        lists.put(
                "pos/neg", ClassWords.ofOneEach(tokenizer, task.words("posNeg")).together());
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

    /**
     * {@code p_f}, or the logits that it is the softmax of, restricted to a few words.
     *
     * @param words as single tokens; at least one
     * @param asLogits whether each word is measured by {@code φ_w·f(s)}, linear in {@code f}; else by {@code p_f(s)(w)}
     */
    record Words(String label, WordList words, boolean asLogits) implements Vectors {

        /** @throws IllegalArgumentException if none of the words is a single token */
        public Words {
            if (words.isEmpty()) {
                throw new IllegalArgumentException(
                        "None of the words " + words.words() + " is a single token of the vocabulary");
            }
        }

        /** The words' probabilities. */
        public static Words probabilities(String label, WordList words) {
            return new Words(label, words, false);
        }

        /** The words' logits. */
        public static Words logits(String label, WordList words) {
            return new Words(label, words, true);
        }

        @Override
        public float[][] of(Features features) {
            return asLogits ? features.wordLogits(words) : features.wordProbabilities(words);
        }
    }

    /**
     * {@code Gf}: random linear directions of {@code f}, a control for the logits of as many words.
     *
     * @param count how many
     * @param seed of {@code G}, {@code count×d} independent standard normal numbers
     */
    record Directions(int count, long seed) implements Vectors {
        @Override
        public String label() {
            return "φ·f random directions";
        }

        @Override
        public float[][] of(Features features) {
            int n = features.size();
            int d = features.outputEmbeddings().dimension();
            var g = RandomProjection.normals(new Random(seed), d * count);
            var f = Matrices.floats("f", row -> features.f()[row], 0, n, d);
            try (var manager = Engine.newManager()) {
                var values = manager.create(f, new Shape(n, d)).matMul(manager.create(g, new Shape(d, count)));
                return Matrices.rows(values.toFloatArray(), count);
            }
        }
    }

    /** {@code A p_f}: all probabilities, projected at random by {@code A}, {@code d×V} with orthonormal rows. */
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
