package org.whylm.lm;

import ai.djl.ndarray.NDManager;
import java.util.function.Supplier;
import org.whylm.run.Engine;

/** Output embeddings without a model, for benchmarks. */
public final class MadeUpEmbeddings implements Supplier<OutputEmbeddings>, AutoCloseable {

    private final NDManager manager = Engine.newManager();
    private final OutputEmbeddings embeddings;

    private MadeUpEmbeddings(float[][] phi) {
        embeddings = new OutputEmbeddings("made up", manager, Rows.array(manager, phi, 0, phi.length, phi[0].length));
    }

    /** @param phi {@code Φᵀ}, {@code V×d} */
    public static MadeUpEmbeddings of(float[][] phi) {
        return new MadeUpEmbeddings(phi);
    }

    @Override
    public OutputEmbeddings get() {
        return embeddings;
    }

    @Override
    public void close() {
        manager.close();
    }
}
