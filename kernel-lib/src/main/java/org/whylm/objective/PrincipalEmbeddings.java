package org.whylm.objective;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/** Output embeddings of fewer dimensions, for a model smaller than the one that they come from. */
public final class PrincipalEmbeddings {

    private PrincipalEmbeddings() {}

    /**
     * The coordinates of {@code Φ} along its leading left singular vectors, with no mean taken off: of all maps to {@code d}
     * dimensions the one whose row span holds most of {@code ‖Φ‖²} (Eckart and Young, 1936). Inner products of words are kept as
     * well as {@code d} dimensions can.
     *
     * @param phi {@code Φᵀ}, {@code V×m}
     * @param d at most {@code m}
     * @return {@code V×d}, the directions in falling order of their share
     * @throws IllegalArgumentException if {@code d} is not between 1 and {@code m}
     */
    public static float[][] of(float[][] phi, int d) {
        int m = phi[0].length;
        if (d < 1 || d > m) {
            throw new IllegalArgumentException("Embeddings of " + m + " dimensions have no " + d + " leading ones");
        }
        var spectrum = Spectrum.of(Moments.sum(phi.length, w -> phi[w], w -> phi[w]));
        var leading = IntStream.range(0, m)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -spectrum.values()[i]))
                .limit(d)
                .mapToInt(Integer::intValue)
                .toArray();
        var directions = new DMatrixRMaj(m, d);
        CommonOps_DDRM.extract(spectrum.vectors(), IntStream.range(0, m).toArray(), m, leading, d, directions);
        return Moments.products(phi, directions);
    }
}
