package org.whylm.features;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.whylm.lm.Reading;

/**
 * The passes over a model that some features need, in the batches in which they are computed. A batch is padded to its longest text,
 * so that the last bits of a feature depend on its batch: whoever computes the same plan gets the same bits, in whatever order and
 * on however many machines.
 *
 * @param shards consecutive batches whose features are stored together
 */
public record ExtractionPlan(List<Shard> shards) {

    private static final int TOKENS_A_BATCH = 1024;
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

    /**
     * The unit of storing.
     *
     * @param index from 0, in the order of the plan
     * @param batches passes that go through the model together
     */
    public record Shard(int index, List<List<Pass>> batches) implements Serializable {

        /** Tokens that the model reads, without padding. */
        public long tokens() {
            return batches.stream().mapToLong(ExtractionPlan::tokens).sum();
        }
    }

    /** Passes, shortest first, in batches of at most 1,024 padded tokens, and those in shards of 256 texts or a few more. */
    static ExtractionPlan of(Collection<Pass> passes) {
        var shards = new ArrayList<Shard>();
        var batches = new ArrayList<List<Pass>>();
        int texts = 0;
        for (var batch : TokenBatches.of(List.copyOf(passes), Pass::length, TOKENS_A_BATCH)) {
            batches.add(batch);
            texts += batch.size();
            if (texts >= TEXTS_A_SHARD) {
                shards.add(new Shard(shards.size(), List.copyOf(batches)));
                batches.clear();
                texts = 0;
            }
        }
        if (!batches.isEmpty()) {
            shards.add(new Shard(shards.size(), List.copyOf(batches)));
        }
        return new ExtractionPlan(List.copyOf(shards));
    }

    /** Tokens that the model reads, without padding. */
    public long tokens() {
        return shards.stream().mapToLong(Shard::tokens).sum();
    }

    static long tokens(List<Pass> batch) {
        return batch.stream().mapToLong(Pass::length).sum();
    }
}
