package org.whylm.theory;

import java.util.Arrays;

/**
 * A task with {@code k} classes: one row {@code v_j} a class, and {@code B = max_{j,k} ‖v_j - v_k‖_∞} in T1 and T2. The arrays
 * are copied in and must not be written to afterwards.
 *
 * @param pT {@code S}: the weight {@code p_T(s)} of each context
 * @param labels {@code S}: the class of each context, from 0
 */
public record MulticlassTask(double[] pT, int[] labels, Loss loss) {

    /** A loss of {@code k} scores that changes by at most the largest change of a difference of two of them. */
    public enum Loss {
        /** {@code log Σ_j exp(score_j - score_y)}. */
        SOFTMAX {
            @Override
            public double of(double[] scores, int label) {
                return Embeddings.logSumExp(scores) - scores[label];
            }
        },
        /** {@code max_j (score_j - score_y + [j ≠ y])}. */
        CRAMMER_SINGER {
            @Override
            public double of(double[] scores, int label) {
                var largest = 0.0;
                for (var j = 0; j < scores.length; j++) {
                    if (j != label) {
                        largest = Math.max(largest, 1 + scores[j] - scores[label]);
                    }
                }
                return largest;
            }
        };

        /** The loss of the scores, {@code label} being the class, from 0. */
        public abstract double of(double[] scores, int label);
    }

    /** @throws IllegalArgumentException if {@code pT} is no distribution, or a label is negative */
    public MulticlassTask {
        pT = pT.clone();
        labels = labels.clone();
        Distributions.require("pT", pT);
        if (labels.length != pT.length) {
            throw new IllegalArgumentException(labels.length + " labels for " + pT.length + " contexts");
        }
        for (var s = 0; s < labels.length; s++) {
            if (labels[s] < 0) {
                throw new IllegalArgumentException("labels[" + s + "] = " + labels[s] + " is negative");
            }
        }
    }

    /** {@code ℓ_T(g, v)} of {@code S×n} features and a {@code k×n} classifier. */
    public double loss(double[][] features, double[][] v) {
        Vectors.requireShape("features", features, pT.length, v[0].length);
        for (var s = 0; s < labels.length; s++) {
            if (labels[s] >= v.length) {
                throw new IllegalArgumentException(
                        "labels[" + s + "] = " + labels[s] + ", but v has " + v.length + " classes");
            }
        }
        return Distributions.mean(pT, s -> {
            var scores = Arrays.stream(v)
                    .mapToDouble(vj -> Vectors.dot(vj, features[s]))
                    .toArray();
            return loss.of(scores, labels[s]);
        });
    }

    /** {@code max_{j,k} ‖v_j - v_k‖_∞} of a {@code k×V} classifier. */
    public static double spread(double[][] v) {
        var largest = 0.0;
        for (var j = 1; j < v.length; j++) {
            for (var k = 0; k < j; k++) {
                largest = Math.max(largest, Vectors.normInfinity(Vectors.minus(v[j], v[k])));
            }
        }
        return largest;
    }
}
