package org.whylm.features;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.whylm.lm.Reading;
import org.whylm.lm.TokenBatches;

/**
 * The passes over a model that some features need, in the batches in which they are computed. A batch is padded to its longest text,
 * so that the last bits of a feature depend on its batch: whoever computes the same plan gets the same bits, in whatever order and
 * on however many machines.
 *
 * @param shards consecutive batches whose features are stored together
 */
public record ExtractionPlan(List<Shard> shards) {

    private static final int TEXTS_A_SHARD = 256;

    /**
     * One text on its way through the model.
     *
     * @param hash SHA-256 of the text
     * @param ids the tokens that the model reads
     * @param positions where the state is read
     * @param keys under which key the features at each position are stored
     */
    public record Pass(String hash, int[] ids, int[] positions, List<FeatureStore.Key> keys) implements Serializable {

        Reading reading() {
            return new Reading(ids, positions);
        }

        int length() {
            return ids.length;
        }
    }

    /** The unit of storing: batches of passes that go through the model together, the index of the unit from 0 in the order of the plan. */
    public record Shard(int index, List<List<Pass>> batches) implements Serializable {

        /** Tokens that the model reads, without padding. */
        public long tokens() {
            return batches.stream().mapToLong(ExtractionPlan::tokens).sum();
        }
    }

    /** Passes, shortest first, in batches of at most 512 padded tokens, and those in shards of 256 texts or a few more. */
    static ExtractionPlan of(List<Pass> passes) {
        var shards = new ArrayList<Shard>();
        int texts = TEXTS_A_SHARD;
        for (var batch : TokenBatches.of(passes, Pass::length, TokenBatches.TOKENS)) {
            if (texts >= TEXTS_A_SHARD) {
                shards.add(new Shard(shards.size(), new ArrayList<>()));
                texts = 0;
            }
            shards.get(shards.size() - 1).batches().add(batch);
            texts += batch.size();
        }
        return new ExtractionPlan(shards);
    }

    /** Tokens that the model reads, without padding. */
    public long tokens() {
        return shards.stream().mapToLong(Shard::tokens).sum();
    }

    static long tokens(List<Pass> batch) {
        return batch.stream().mapToLong(Pass::length).sum();
    }
}
